-- Grain: one record and one leg of what is still open, each the only one that comes into question for the other.
-- Inputs: edges, by_mask.
-- Output: call_ref, leg_ref, delta_us, is_mask.
WITH still_open AS (
  SELECT edges.*
  FROM edges
  LEFT JOIN by_mask AS record ON edges.call_ref = record.call_ref
  LEFT JOIN by_mask AS leg ON edges.leg_ref = leg.leg_ref
  WHERE record.call_ref IS NULL AND leg.leg_ref IS NULL
), counted AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY call_ref) AS options,
    COUNT(*) OVER (PARTITION BY leg_ref) AS rivals
  FROM still_open
)
SELECT call_ref, leg_ref, delta_us, is_mask FROM counted WHERE options = 1 AND rivals = 1
