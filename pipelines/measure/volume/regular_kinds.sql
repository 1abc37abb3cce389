-- Grain: one kind of number in the audited month: the first three digits that a caller's mask shows.
-- Inputs: regular_legs (rows of the client's log), regular_days (day, place: 1 for the audited month).
--         Parameters: none.
-- Output: kind; calls: calls from a whole number of that kind (a caller's legs that all arrived at once are one call);
--         callers; again: of these, callers with more than one call.
WITH callers AS (
  SELECT
    MIN(SUBSTR(regular_legs.caller_mask, 1, 3)) AS kind,
    regular_legs.caller_key,
    CASE WHEN MIN(regular_legs.arrived_utc) = MAX(regular_legs.arrived_utc) THEN 1 ELSE COUNT(*) END AS calls
  FROM regular_legs
  INNER JOIN regular_days ON regular_legs.day = regular_days.day
  WHERE regular_days.place = 1 AND regular_legs.caller_kind = 'number' AND NOT regular_legs.caller_key IS NULL
  GROUP BY regular_legs.caller_key
)
SELECT
  kind,
  CAST(SUM(calls) AS BIGINT) AS calls,
  COUNT(*) AS callers,
  SUM(CASE WHEN calls > 1 THEN 1 ELSE 0 END) AS again
FROM callers
GROUP BY kind
