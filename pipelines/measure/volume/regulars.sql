-- Grain: one reason that some caller asked in each of the months.
-- Inputs: regular_legs (rows of the client's log: day, call_id, caller_key, reason), regular_days (day, place: the month
--         that it belongs to, 1 for the audited one, 2 and 3 for those before), regular_singles (caller_key: numbers that
--         stand for one call each, and next month for another caller's). Parameters: months (two or three).
-- Output: reason; callers: who asked it in each of the months; calls: their calls of the audited month with it.
WITH asked AS (
  SELECT
    regular_legs.caller_key,
    regular_legs.reason,
    MAX(CASE WHEN regular_days.place = 1 THEN 1 ELSE 0 END) AS now,
    MAX(CASE WHEN regular_days.place = 2 THEN 1 ELSE 0 END) AS before,
    MAX(CASE WHEN regular_days.place = 3 THEN 1 ELSE 0 END) AS long_before
  FROM regular_legs
  INNER JOIN regular_days ON regular_legs.day = regular_days.day
  WHERE NOT regular_legs.caller_key IS NULL AND NOT regular_legs.reason IS NULL AND regular_legs.reason <> ''
  GROUP BY regular_legs.caller_key, regular_legs.reason
), every AS (
  SELECT asked.caller_key, asked.reason
  FROM asked
  LEFT JOIN regular_singles ON asked.caller_key = regular_singles.caller_key
  WHERE asked.now + asked.before + asked.long_before = $months AND regular_singles.caller_key IS NULL
), callers AS (
  SELECT reason, COUNT(*) AS callers
  FROM every
  GROUP BY reason
), calls AS (
  SELECT regular_legs.reason, COUNT(DISTINCT regular_legs.call_id) AS calls
  FROM regular_legs
  INNER JOIN regular_days ON regular_legs.day = regular_days.day
  INNER JOIN every ON regular_legs.caller_key = every.caller_key AND regular_legs.reason = every.reason
  WHERE regular_days.place = 1
  GROUP BY regular_legs.reason
)
SELECT callers.reason, callers.callers, calls.calls
FROM callers
INNER JOIN calls ON callers.reason = calls.reason
