-- Grain: one record and one leg whose digits show and agree, each the only one that comes into question for the other.
-- Inputs: edges.
-- Output: call_ref, leg_ref, delta_us.
WITH counted AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY call_ref) AS options,
    COUNT(*) OVER (PARTITION BY leg_ref) AS rivals
  FROM edges
  WHERE is_mask
)
SELECT call_ref, leg_ref, delta_us FROM counted WHERE options = 1 AND rivals = 1
