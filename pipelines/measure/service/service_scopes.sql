-- Grain: calls of one scope that are alike: of the month (all), of one day that the vendor's clock books calls to
--        (day:YYYY-MM-DD), or of one of the queues with most calls (queue:<name>).
-- Inputs: service_cells. Parameters: queues: of how many queues.
-- Output: scope; kind, class, is_open, is_in_t, is_short, is_transferred, is_callback, is_queued, is_rung: as there;
--         calls, and counts and seconds of times, as there. A leg without a record has no queue: it stands in each, open.
WITH sized AS (
  SELECT queue, SUM(calls) AS calls FROM service_cells WHERE queue IS NOT NULL GROUP BY queue
), numbered AS (
  SELECT queue, ROW_NUMBER() OVER (ORDER BY calls DESC, queue) AS place FROM sized
), queues AS (
  SELECT queue FROM numbered WHERE place <= $queues
), scoped AS (
  SELECT 'all' AS scope, service_cells.* FROM service_cells
  UNION ALL
  SELECT CONCAT('day:', CAST(booked_day AS VARCHAR)) AS scope, service_cells.* FROM service_cells
  UNION ALL
  SELECT CONCAT('queue:', queues.queue) AS scope, service_cells.*
  FROM queues
  INNER JOIN service_cells ON queues.queue = service_cells.queue OR service_cells.kind = 'leg'
)
SELECT
  scope,
  kind,
  class,
  CASE WHEN kind = 'leg' AND scope LIKE 'queue:%' THEN TRUE ELSE is_open END AS is_open,
  is_in_t,
  is_short,
  is_transferred,
  is_callback,
  is_queued,
  is_rung,
  SUM(calls) AS calls,
  SUM(waits) AS waits,
  SUM(wait_s) AS wait_s,
  SUM(rings) AS rings,
  SUM(ring_s) AS ring_s,
  SUM(talks) AS talks,
  SUM(talk_s) AS talk_s,
  SUM(holds) AS holds,
  SUM(hold_s) AS hold_s,
  SUM(on_hold) AS on_hold,
  SUM(acws) AS acws,
  SUM(acw_s) AS acw_s,
  SUM(handles) AS handles,
  SUM(handle_s) AS handle_s
FROM scoped
GROUP BY
  scope,
  kind,
  class,
  CASE WHEN kind = 'leg' AND scope LIKE 'queue:%' THEN TRUE ELSE is_open END,
  is_in_t,
  is_short,
  is_transferred,
  is_callback,
  is_queued,
  is_rung
