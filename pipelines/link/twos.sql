-- Grain: one record and one leg that are alone with each other: nobody else of that caller within the tolerance of
--        either. Nearly all pairs are of this kind.
-- Inputs: clusters.
-- Output: call_ref, leg_ref.
SELECT
  CASE WHEN side = 0 THEN ref ELSE next_ref END AS call_ref,
  CASE WHEN side = 0 THEN next_ref ELSE ref END AS leg_ref
FROM clusters
WHERE is_two
