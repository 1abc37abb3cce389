-- Grain: one day of the vendor's calls. True pairs pile up at one difference; chance pairs spread over 28 hours.
-- Inputs: deltas, calls. Parameters: fewest (pairs that a day needs to speak for itself).
-- Output: day, offset_us (median difference around the fullest thirty seconds), pairs, basis (day, month or none).
WITH bins AS (
  SELECT scope, bin, COUNT(*) AS pairs FROM deltas GROUP BY scope, bin
), beside AS (
  SELECT
    scope,
    bin,
    pairs,
    LAG(bin) OVER (PARTITION BY scope ORDER BY bin) AS bin_before,
    LAG(pairs) OVER (PARTITION BY scope ORDER BY bin) AS pairs_before,
    LEAD(bin) OVER (PARTITION BY scope ORDER BY bin) AS bin_after,
    LEAD(pairs) OVER (PARTITION BY scope ORDER BY bin) AS pairs_after
  FROM bins
), thirty AS (
  SELECT
    scope,
    bin,
    pairs
    + CASE WHEN bin_before = bin - 1 THEN pairs_before ELSE 0 END
    + CASE WHEN bin_after = bin + 1 THEN pairs_after ELSE 0 END AS pairs
  FROM beside
), ranked AS (
  SELECT scope, bin, ROW_NUMBER() OVER (PARTITION BY scope ORDER BY pairs DESC, ABS(bin), bin) AS place FROM thirty
), medians AS (
  SELECT
    deltas.scope,
    PERCENTILE_DISC(0.5) WITHIN GROUP (ORDER BY deltas.delta_us) AS offset_us,
    COUNT(*) AS pairs
  FROM deltas
  INNER JOIN ranked ON deltas.scope = ranked.scope AND deltas.bin BETWEEN ranked.bin - 1 AND ranked.bin + 1
  WHERE ranked.place = 1
  GROUP BY deltas.scope
), days AS (
  SELECT DISTINCT day FROM calls
)
SELECT
  days.day,
  CASE WHEN own.pairs >= $fewest THEN own.offset_us ELSE COALESCE(month.offset_us, 0) END AS offset_us,
  CASE WHEN own.pairs >= $fewest THEN own.pairs ELSE COALESCE(month.pairs, 0) END AS pairs,
  CASE WHEN own.pairs >= $fewest THEN 'day' WHEN month.pairs >= $fewest THEN 'month' ELSE 'none' END AS basis
FROM days
LEFT JOIN medians AS own ON CAST(days.day AS VARCHAR) = own.scope
LEFT JOIN medians AS month ON month.scope = 'month'
