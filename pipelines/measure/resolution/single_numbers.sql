-- Grain: one row: the vendor's base contacts with a number, those of single numbers apart.
-- Inputs: followed, vendor_calls, single_kinds (kind: first digits of numbers that never ring twice).
--         Parameters: vendor, length_us, data_end_us.
-- Output: calls; singles: of these, with a single number; closed: of the others, the window of length_us is over;
--         resolved: of these, not handed back, and without a further contact within it.
WITH kinds AS (
  SELECT
    vendor_calls.file_id,
    vendor_calls.row,
    single_kinds.kind IS NOT NULL AS is_single
  FROM vendor_calls
  LEFT JOIN single_kinds ON SUBSTR(vendor_calls.caller_mask, 1, 3) = single_kinds.kind
), told AS (
  SELECT
    kinds.is_single,
    NOT kinds.is_single AND followed.ends_us + $length_us <= $data_end_us AS is_closed,
    NOT followed.is_handed_back
    AND (followed.next_us IS NULL OR followed.next_us > followed.ends_us + $length_us) AS is_resolved
  FROM followed
  INNER JOIN kinds ON followed.file_id = kinds.file_id AND followed.row = kinds.row
  WHERE followed.side = $vendor AND NOT followed.caller_key IS NULL
)
SELECT
  COUNT(*) AS calls,
  SUM(CASE WHEN is_single THEN 1 ELSE 0 END) AS singles,
  SUM(CASE WHEN is_closed THEN 1 ELSE 0 END) AS closed,
  SUM(CASE WHEN is_closed AND is_resolved THEN 1 ELSE 0 END) AS resolved
FROM told
