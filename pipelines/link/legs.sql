-- Grain: one in-house leg that was passed on to this vendor.
-- Inputs: inhouse_calls. Parameters: vendor.
-- Output: file_id, row, call_id, caller_key, day, at_us (passed on, client's clock), audit_month.
SELECT
  file_id,
  row,
  call_id,
  caller_key,
  day,
  transferred_us AS at_us,
  audit_month
FROM inhouse_calls
WHERE vendor_id = $vendor AND transferred_us IS NOT NULL
