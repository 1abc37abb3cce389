-- Grain: one record or leg of a caller that has others within the tolerance, on the client's clock: the first of two of
--        different sides that are alone with each other, or one of a crowd of three or more that follow each other.
-- Inputs: sides (side: 0 record, 1 leg; ref, caller_key, t_us). Parameters: tolerance_us.
-- Output: side, ref, caller_key, t_us, next_ref, is_two, is_first (of its cluster, in order of t_us, side, ref).
WITH neighbours AS (
  SELECT
    side,
    ref,
    caller_key,
    t_us,
    t_us - LAG(t_us) OVER in_time AS before_us,
    (LAG(t_us) OVER in_time) - LAG(t_us, 2) OVER in_time AS before2_us,
    (LEAD(t_us) OVER in_time) - t_us AS after_us,
    (LEAD(t_us, 2) OVER in_time) - LEAD(t_us) OVER in_time AS after2_us,
    LEAD(side) OVER in_time AS next_side,
    LEAD(ref) OVER in_time AS next_ref
  FROM sides
  WINDOW in_time AS (PARTITION BY caller_key ORDER BY t_us, side, ref)
), placed AS (
  SELECT
    *,
    COALESCE(before_us > $tolerance_us, TRUE) AS is_first,
    COALESCE(after_us <= $tolerance_us, FALSE) AS goes_on,
    COALESCE(after2_us <= $tolerance_us, FALSE) AS goes_on_twice,
    COALESCE(before2_us <= $tolerance_us, FALSE) AS went_on_before
  FROM neighbours
)
SELECT
  side,
  ref,
  caller_key,
  t_us,
  next_ref,
  is_first AND NOT goes_on_twice AS is_two,
  is_first
FROM placed
WHERE
  (is_first AND goes_on AND (goes_on_twice OR side <> next_side))
  OR (NOT is_first AND (goes_on OR went_on_before))
