-- Grain: one pair of a vendor record and a leg of the same caller within 14 hours, for callers seen few times a day;
--        each pair stands twice, once for its day and once for the month.
-- Inputs: calls, legs.
-- Output: scope (the day as text, or month), delta_us (vendor's time less in-house time), bin (its ten seconds).
WITH rare_calls AS (
  SELECT *, COUNT(*) OVER (PARTITION BY caller_key, day) AS seen FROM calls WHERE caller_key IS NOT NULL
), rare_legs AS (
  SELECT *, COUNT(*) OVER (PARTITION BY caller_key, day) AS seen FROM legs WHERE caller_key IS NOT NULL
), pairs AS (
  SELECT
    rare_calls.day,
    rare_calls.at_us - rare_legs.at_us AS delta_us
  FROM rare_calls
  INNER JOIN rare_legs ON rare_calls.caller_key = rare_legs.caller_key
  WHERE
    rare_calls.seen <= 3
    AND rare_legs.seen <= 3
    AND rare_calls.at_us - rare_legs.at_us BETWEEN -50400000000 AND 50400000000
)
SELECT CAST(day AS VARCHAR) AS scope, delta_us, CAST(FLOOR(delta_us / 10000000.0) AS BIGINT) AS bin FROM pairs
UNION ALL
SELECT 'month' AS scope, delta_us, CAST(FLOOR(delta_us / 10000000.0) AS BIGINT) AS bin FROM pairs
