-- Grain: one kind of number: the first three digits that a caller's mask shows.
-- Inputs: vendor_calls. Parameters: month.
-- Output: kind; calls: records of the audited month with a whole number of that kind; callers: different numbers.
SELECT
  SUBSTR(caller_mask, 1, 3) AS kind,
  COUNT(*) AS calls,
  COUNT(DISTINCT caller_key) AS callers
FROM vendor_calls
WHERE audit_month = $month AND caller_kind = 'number' AND NOT caller_key IS NULL
GROUP BY SUBSTR(caller_mask, 1, 3)
