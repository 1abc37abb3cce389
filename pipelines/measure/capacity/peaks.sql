-- Grain: one half hour of the month, of one series.
-- Inputs: spans; bins.
-- Output: series; half_hour; at_us: the first moment at which most were there; most: how many.
-- A span is there from its first moment up to, not including, its last: one that ends when another begins is never there
-- together with it. Only bins that could hold the most are looked at moment by moment: those in which all that begin
-- would, if none ended, come to what some bin of the half hour surely ends with.
WITH reached AS (
  SELECT series, half_hour, MAX(before + starts - ends) AS surely
  FROM bins
  WHERE half_hour IS NOT NULL
  GROUP BY series, half_hour
), looked_at AS (
  SELECT bins.series, bins.bin, bins.half_hour, bins.before
  FROM bins
  INNER JOIN reached ON bins.series = reached.series AND bins.half_hour = reached.half_hour
  WHERE bins.before + bins.starts >= reached.surely
), changes AS (
  SELECT looked_at.series, looked_at.bin, spans.from_us AS at_us, 1 AS more
  FROM spans
  INNER JOIN looked_at
    ON spans.series = looked_at.series AND looked_at.bin = CAST(FLOOR(spans.from_us / 5000000.0) AS BIGINT)
  UNION ALL
  SELECT looked_at.series, looked_at.bin, spans.to_us AS at_us, -1 AS more
  FROM spans
  INNER JOIN looked_at
    ON spans.series = looked_at.series AND looked_at.bin = CAST(FLOOR(spans.to_us / 5000000.0) AS BIGINT)
  UNION ALL
  SELECT series, bin, bin * 5000000 AS at_us, 0 AS more FROM looked_at
), moments AS (
  SELECT series, bin, at_us, CAST(SUM(more) AS BIGINT) AS more FROM changes GROUP BY series, bin, at_us
), running AS (
  SELECT
    series,
    bin,
    at_us,
    SUM(more) OVER (PARTITION BY series, bin ORDER BY at_us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS risen
  FROM moments
)
SELECT looked_at.series, looked_at.half_hour, running.at_us, looked_at.before + running.risen AS most
FROM running
INNER JOIN looked_at ON running.series = looked_at.series AND running.bin = looked_at.bin
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY looked_at.series, looked_at.half_hour ORDER BY looked_at.before + running.risen DESC, running.at_us
) = 1
