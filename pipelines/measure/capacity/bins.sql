-- Grain: five seconds of one series in which something began or ended, or with which a quarter of an hour of the month
--        begins.
-- Inputs: spans (series, from_us, to_us); quarters (series; quarter: whole quarters of an hour since 1970; half_hour:
--         the number of the half hour that holds it).
-- Output: series; bin (whole five seconds since 1970); half_hour (null outside the month); starts, ends: how many spans
--         begin and end in it; before: how many are there just before it.
WITH changes AS (
  SELECT series, CAST(FLOOR(from_us / 5000000.0) AS BIGINT) AS bin, COUNT(*) AS starts, 0 AS ends
  FROM spans
  GROUP BY series, CAST(FLOOR(from_us / 5000000.0) AS BIGINT)
  UNION ALL
  SELECT series, CAST(FLOOR(to_us / 5000000.0) AS BIGINT) AS bin, 0 AS starts, COUNT(*) AS ends
  FROM spans
  GROUP BY series, CAST(FLOOR(to_us / 5000000.0) AS BIGINT)
  UNION ALL
  SELECT series, quarter * 180 AS bin, 0 AS starts, 0 AS ends FROM quarters
), filled AS (
  SELECT series, bin, CAST(SUM(starts) AS BIGINT) AS starts, CAST(SUM(ends) AS BIGINT) AS ends
  FROM changes
  GROUP BY series, bin
), carried AS (
  SELECT
    series,
    bin,
    starts,
    ends,
    COALESCE(
      SUM(starts - ends) OVER (PARTITION BY series ORDER BY bin ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0
    ) AS before
  FROM filled
)
SELECT carried.series, carried.bin, quarters.half_hour, carried.starts, carried.ends, carried.before
FROM carried
LEFT JOIN quarters
  ON carried.series = quarters.series AND quarters.quarter = CAST(FLOOR(carried.bin / 180.0) AS BIGINT)
