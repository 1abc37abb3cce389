-- Grain: one side and reason of a caller with more contacts than caller_kinds.sql can tell apart.
-- Inputs: compared_calls, heavy (caller_key: those callers). Parameters: none.
-- Output: caller_key, is_inhouse, slot, contacts, resolved.
SELECT
  compared_calls.caller_key,
  compared_calls.is_inhouse,
  compared_calls.slot,
  COUNT(*) AS contacts,
  SUM(CASE WHEN compared_calls.is_resolved THEN 1 ELSE 0 END) AS resolved
FROM compared_calls
INNER JOIN heavy ON compared_calls.caller_key = heavy.caller_key
GROUP BY compared_calls.caller_key, compared_calls.is_inhouse, compared_calls.slot
