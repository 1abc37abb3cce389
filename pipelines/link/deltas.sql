-- Grain: one pair of a vendor record and a leg of the same caller within 14 hours and a quarter, for callers seen few
--        times a day.
-- Inputs: calls, legs (one part). Parameters: highest (keys above are left out: fewer callers are enough), seen (calls a day).
-- Output: day, at_us (of the record, vendor's clock), delta_us (that less in-house time).
WITH rare_calls AS (
  SELECT *, COUNT(*) OVER (PARTITION BY caller_key, day) AS seen FROM calls WHERE caller_key <= $highest
), rare_legs AS (
  SELECT *, COUNT(*) OVER (PARTITION BY caller_key, day) AS seen FROM legs WHERE caller_key <= $highest
)
SELECT
  rare_calls.day,
  rare_calls.at_us,
  rare_calls.at_us - rare_legs.at_us AS delta_us
FROM rare_calls
INNER JOIN rare_legs
  ON rare_calls.caller_key = rare_legs.caller_key
  AND rare_calls.at_us - rare_legs.at_us BETWEEN -51300000000 AND 51300000000
WHERE rare_calls.seen <= $seen AND rare_legs.seen <= $seen
