-- Grain: one record whose caller has a number that stands for one call alone.
-- Inputs: vendor_calls, single_kinds (kind: first digits of such numbers).
-- Output: file_id, row.
SELECT
  vendor_calls.file_id,
  vendor_calls.row
FROM vendor_calls
INNER JOIN single_kinds ON SUBSTR(vendor_calls.caller_mask, 1, 3) = single_kinds.kind
