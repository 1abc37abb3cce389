-- Grain: one kind of number that never rings this vendor twice (single_kinds), and all others (kind is null): the
--        vendor's base contacts with a number.
-- Inputs: followed, vendor_calls, single_kinds (kind: first digits of numbers that never ring twice).
--         Parameters: vendor, length_us, data_end_us, month_end_us.
-- Output: kind; calls; came_again: of these, with a further contact anywhere before the month's end (a system may give
--         its numbers anew from then on); still_open, closed: of these with an end,
--         the window of length_us is not over, or is; resolved: of the closed, not handed back, and without a further
--         contact within it.
WITH kinds AS (
  SELECT
    vendor_calls.file_id,
    vendor_calls.row,
    single_kinds.kind
  FROM vendor_calls
  LEFT JOIN single_kinds ON SUBSTR(vendor_calls.caller_mask, 1, 3) = single_kinds.kind
), told AS (
  SELECT
    kinds.kind,
    followed.next_us < $month_end_us AS has_come_again,
    followed.ends_us + $length_us > $data_end_us AS is_open,
    followed.ends_us + $length_us <= $data_end_us AS is_closed,
    NOT followed.is_handed_back
    AND (followed.next_us IS NULL OR followed.next_us > followed.ends_us + $length_us) AS is_resolved
  FROM followed
  INNER JOIN kinds ON followed.file_id = kinds.file_id AND followed.row = kinds.row
  WHERE followed.side = $vendor AND NOT followed.caller_key IS NULL
)
SELECT
  kind,
  COUNT(*) AS calls,
  SUM(CASE WHEN has_come_again THEN 1 ELSE 0 END) AS came_again,
  SUM(CASE WHEN is_open THEN 1 ELSE 0 END) AS still_open,
  SUM(CASE WHEN is_closed THEN 1 ELSE 0 END) AS closed,
  SUM(CASE WHEN is_closed AND is_resolved THEN 1 ELSE 0 END) AS resolved
FROM told
GROUP BY kind
