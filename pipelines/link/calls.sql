-- Grain: one vendor record that could have an in-house leg of its own.
-- Inputs: whole_calls.
-- Output: vendor_id, file_id, row, call_id, caller_key, caller_kind, day, at_us (offered, vendor's clock),
--         audit_month.
SELECT
  vendor_id,
  file_id,
  row,
  call_id,
  caller_key,
  caller_kind,
  day,
  offered_us AS at_us,
  audit_month
FROM whole_calls
