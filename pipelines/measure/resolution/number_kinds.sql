-- Grain: one kind of number: the first three digits that a caller's mask shows.
-- Inputs: vendor_calls. Parameters: month.
-- Output: kind; calls: records of the audited month with a whole number of that kind; callers: different numbers;
--         again: of these, numbers with more than one record.
WITH numbers AS (
  SELECT
    SUBSTR(caller_mask, 1, 3) AS kind,
    caller_key,
    COUNT(*) AS calls
  FROM vendor_calls
  WHERE audit_month = $month AND caller_kind = 'number' AND NOT caller_key IS NULL
  GROUP BY SUBSTR(caller_mask, 1, 3), caller_key
)
SELECT
  kind,
  SUM(calls) AS calls,
  COUNT(*) AS callers,
  SUM(CASE WHEN calls > 1 THEN 1 ELSE 0 END) AS again
FROM numbers
GROUP BY kind
