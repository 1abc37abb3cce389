-- Grain: one scope: the month (all), or one day that the vendor's clock books calls to (day:YYYY-MM-DD).
-- Inputs: calls.
-- Output: scope; answered, abandoned, overflowed, blocked, unknown: records by class; lone: legs without a record;
--         maybe: legs that a record without number might belong to, or that lie in an uncovered hour; in_t, abandoned_in_t,
--         abandoned_short; open_*: the same, of records that no leg confirms; waited, wait_s; talked, talk_s;
--         handled, handle_s: answered calls with the times that a mean needs, and their sums;
--         unwaited_answered, unwaited_abandoned: calls whose wait was not delivered.
WITH scoped AS (
  SELECT 'all' AS scope, calls.* FROM calls
  UNION ALL
  SELECT CONCAT('day:', CAST(booked_day AS VARCHAR)) AS scope, calls.* FROM calls
)
SELECT
  scope,
  SUM(CASE WHEN class = 'answered' THEN 1 ELSE 0 END) AS answered,
  SUM(CASE WHEN class = 'abandoned' THEN 1 ELSE 0 END) AS abandoned,
  SUM(CASE WHEN class = 'overflowed' THEN 1 ELSE 0 END) AS overflowed,
  SUM(CASE WHEN class = 'blocked' THEN 1 ELSE 0 END) AS blocked,
  SUM(CASE WHEN class = 'unknown' THEN 1 ELSE 0 END) AS unknown,
  SUM(CASE WHEN kind = 'leg' AND NOT is_open THEN 1 ELSE 0 END) AS lone,
  SUM(CASE WHEN kind = 'leg' AND is_open THEN 1 ELSE 0 END) AS maybe,
  SUM(CASE WHEN class = 'answered' AND is_in_t THEN 1 ELSE 0 END) AS in_t,
  SUM(CASE WHEN class = 'abandoned' AND is_in_t THEN 1 ELSE 0 END) AS abandoned_in_t,
  SUM(CASE WHEN class = 'abandoned' AND is_short THEN 1 ELSE 0 END) AS abandoned_short,
  SUM(CASE WHEN class = 'answered' AND is_open THEN 1 ELSE 0 END) AS open_answered,
  SUM(CASE WHEN class = 'abandoned' AND is_open THEN 1 ELSE 0 END) AS open_abandoned,
  SUM(CASE WHEN class = 'overflowed' AND is_open THEN 1 ELSE 0 END) AS open_overflowed,
  SUM(CASE WHEN class = 'answered' AND is_open AND is_in_t THEN 1 ELSE 0 END) AS open_in_t,
  SUM(CASE WHEN class = 'abandoned' AND is_open AND is_in_t THEN 1 ELSE 0 END) AS open_abandoned_in_t,
  SUM(CASE WHEN class = 'abandoned' AND is_open AND is_short THEN 1 ELSE 0 END) AS open_abandoned_short,
  SUM(CASE WHEN class = 'answered' AND queue_s IS NULL THEN 1 ELSE 0 END) AS unwaited_answered,
  SUM(CASE WHEN class = 'abandoned' AND queue_s IS NULL THEN 1 ELSE 0 END) AS unwaited_abandoned,
  SUM(CASE WHEN class = 'answered' AND NOT queue_s IS NULL THEN 1 ELSE 0 END) AS waited,
  SUM(CASE WHEN class = 'answered' THEN queue_s END) AS wait_s,
  SUM(CASE WHEN class = 'answered' AND NOT talk_s IS NULL THEN 1 ELSE 0 END) AS talked,
  SUM(CASE WHEN class = 'answered' THEN talk_s END) AS talk_s,
  SUM(CASE WHEN class = 'answered' AND NOT talk_s + hold_s + acw_s IS NULL THEN 1 ELSE 0 END) AS handled,
  SUM(CASE WHEN class = 'answered' THEN talk_s + hold_s + acw_s END) AS handle_s
FROM scoped
GROUP BY scope
