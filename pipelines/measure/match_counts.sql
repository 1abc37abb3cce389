-- Grain: the audited month's links of one vendor; one row.
-- Inputs: links. Parameters: none.
-- Output: pairs: legs with a record; lone: legs without one that could have one; unsure: of these, legs that a record
--         without a number might belong to.
SELECT
  COALESCE(SUM(CASE WHEN side = 'pair' THEN 1 ELSE 0 END), 0) AS pairs,
  COALESCE(SUM(CASE WHEN side = 'inhouse' AND NOT is_absent THEN 1 ELSE 0 END), 0) AS lone,
  COALESCE(
    SUM(CASE WHEN side = 'inhouse' AND NOT is_absent AND match_class = 'no_number' THEN 1 ELSE 0 END), 0
  ) AS unsure
FROM links
WHERE in_month
