-- Grain: one group of callers on one side and with one reason.
-- Inputs: compared_calls. Parameters: none.
-- Output: part: the group, the remainder of the caller's key by 256 (a literal: a parameter would turn keys into wider
--         numbers, ten times as slow); is_inhouse; slot; contacts, resolved, called_inhouse.
SELECT
  caller_key % 256 AS part,
  is_inhouse,
  slot,
  COUNT(*) AS contacts,
  SUM(CASE WHEN is_resolved THEN 1 ELSE 0 END) AS resolved,
  SUM(CASE WHEN is_called THEN 1 ELSE 0 END) AS called_inhouse
FROM compared_calls
GROUP BY caller_key % 256, is_inhouse, slot
