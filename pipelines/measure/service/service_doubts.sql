-- Grain: one value of one time of calls that may not exist, or whose outcome is not told, of one class and scope.
-- Inputs: calls, service_scopes. Parameters: none.
-- Output: scope; class: answered, abandoned, overflowed or unknown; time: wait_s, ring_s, talk_s, hold_s, acw_s or
--         handle_s (talk, hold and after-call work together); value: seconds; calls: how many have it.
WITH doubtful AS (
  SELECT booked_day, queue, class, queue_s AS wait_s, ring_s, talk_s, hold_s, acw_s
  FROM calls
  WHERE kind = 'record' AND (is_open OR class = 'unknown') AND class <> 'blocked'
), times AS (
  SELECT booked_day, queue, class, 'wait_s' AS time, wait_s AS value FROM doubtful
  UNION ALL
  SELECT booked_day, queue, class, 'ring_s' AS time, ring_s AS value FROM doubtful
  UNION ALL
  SELECT booked_day, queue, class, 'talk_s' AS time, talk_s AS value FROM doubtful
  UNION ALL
  SELECT booked_day, queue, class, 'hold_s' AS time, hold_s AS value FROM doubtful
  UNION ALL
  SELECT booked_day, queue, class, 'acw_s' AS time, acw_s AS value FROM doubtful
  UNION ALL
  SELECT booked_day, queue, class, 'handle_s' AS time, talk_s + hold_s + acw_s AS value FROM doubtful
), counted AS (
  SELECT booked_day, queue, class, time, value, COUNT(*) AS calls
  FROM times
  WHERE value IS NOT NULL
  GROUP BY booked_day, queue, class, time, value
), scopes AS (
  SELECT DISTINCT scope FROM service_scopes
), scoped AS (
  SELECT 'all' AS scope, counted.* FROM counted
  UNION ALL
  SELECT CONCAT('day:', CAST(booked_day AS VARCHAR)) AS scope, counted.* FROM counted
  UNION ALL
  SELECT CONCAT('queue:', queue) AS scope, counted.* FROM counted WHERE queue IS NOT NULL
)
SELECT scoped.scope, scoped.class, scoped.time, CAST(scoped.value AS DOUBLE) AS value, SUM(scoped.calls) AS calls
FROM scoped
INNER JOIN scopes ON scoped.scope = scopes.scope
GROUP BY scoped.scope, scoped.class, scoped.time, scoped.value
