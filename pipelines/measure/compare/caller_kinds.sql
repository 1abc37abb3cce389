-- Grain: one kind of caller: the same numbers of contacts and outcomes by side and reason.
-- Inputs: compared_calls. Parameters: most: contacts of one caller that the sums can tell apart.
-- Output: heavy_key: the caller, where it has more contacts than that, and its sums mean nothing; callers; and sums of
--         weights, whose digits to the base of 32 are the numbers by reason: own_contacts, own_resolved,
--         inhouse_contacts, inhouse_resolved.
WITH of_callers AS (
  SELECT
    caller_key,
    COUNT(*) AS contacts,
    SUM(CASE WHEN is_inhouse THEN 0 ELSE weight END) AS own_contacts,
    SUM(CASE WHEN NOT is_inhouse AND is_resolved THEN weight ELSE 0 END) AS own_resolved,
    SUM(CASE WHEN is_inhouse THEN weight ELSE 0 END) AS inhouse_contacts,
    SUM(CASE WHEN is_inhouse AND is_resolved THEN weight ELSE 0 END) AS inhouse_resolved
  FROM compared_calls
  GROUP BY caller_key
)
SELECT
  CASE WHEN contacts > $most THEN caller_key END AS heavy_key,
  own_contacts,
  own_resolved,
  inhouse_contacts,
  inhouse_resolved,
  COUNT(*) AS callers
FROM of_callers
GROUP BY
  CASE WHEN contacts > $most THEN caller_key END,
  own_contacts,
  own_resolved,
  inhouse_contacts,
  inhouse_resolved
