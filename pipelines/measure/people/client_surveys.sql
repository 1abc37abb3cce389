-- Grain: one survey that the client delivers about a call of this vendor.
-- Inputs: asked (rows of surveys of the client), links. Parameters: none.
-- Output: columns of asked.
SELECT asked.*
FROM asked
WHERE EXISTS (
  SELECT 1 FROM links WHERE links.side = 'pair' AND links.inhouse_call_id = asked.call_id
)
