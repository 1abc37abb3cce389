-- Grain: one vendor record that could have an in-house leg of its own: inbound (or not said), first leg of its call.
-- Inputs: vendor_calls.
-- Output: vendor_id, file_id, row, call_id, caller_key, caller_kind, day, at_us (offered, vendor's clock),
--         audit_month.
WITH legs AS (
  SELECT
    *,
    FIRST_VALUE(leg) OVER (PARTITION BY file_id, call_id ORDER BY offered_us, row) AS first_leg
  FROM vendor_calls
  WHERE direction IS NULL OR direction = 'inbound'
)
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
FROM legs
WHERE leg IS NULL OR leg = first_leg
