-- Grain: the month; one row.
-- Inputs: inhouse_calls. Parameters: vendor, month.
-- Output: legs: legs of the month that the client passed on to this vendor; busy: those that the client's log calls
--         blocked; untold: those of whose outcome it says nothing.
SELECT
  COUNT(*) AS legs,
  COUNT(CASE WHEN outcome = 'blocked' THEN 1 END) AS busy,
  COUNT(CASE WHEN outcome IS NULL OR outcome = 'unknown' THEN 1 END) AS untold
FROM inhouse_calls
WHERE vendor_id = $vendor AND audit_month = $month AND transferred_us IS NOT NULL
