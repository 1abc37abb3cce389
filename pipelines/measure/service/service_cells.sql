-- Grain: calls that no sum of service tells apart: of one day, queue and quarter of an hour, and alike in what follows.
-- Inputs: calls.
-- Output: booked_day; queue; quarter: whole quarters of an hour since 1970, of the call's start; kind, class, is_open,
--         is_in_t, is_short, is_transferred, is_callback: as in calls; is_queued (it waited more than no time),
--         is_rung (it rang at an agent): null where not told; calls: how many;
--         waits, rings, talks, holds, acws, handles: those with that time (handles: with talk, hold and after-call work);
--         wait_s, ring_s, talk_s, hold_s, acw_s, handle_s: their sums; on_hold: those with more than no hold.
SELECT
  booked_day,
  queue,
  CAST(FLOOR(starts_us / 900000000) AS BIGINT) AS quarter,
  kind,
  class,
  is_open,
  is_in_t,
  is_short,
  is_transferred,
  is_callback,
  queue_s > 0 AS is_queued,
  ring_s > 0 AS is_rung,
  COUNT(*) AS calls,
  COUNT(queue_s) AS waits,
  SUM(queue_s) AS wait_s,
  COUNT(ring_s) AS rings,
  SUM(ring_s) AS ring_s,
  COUNT(talk_s) AS talks,
  SUM(talk_s) AS talk_s,
  COUNT(hold_s) AS holds,
  SUM(hold_s) AS hold_s,
  SUM(CASE WHEN hold_s > 0 THEN 1 ELSE 0 END) AS on_hold,
  COUNT(acw_s) AS acws,
  SUM(acw_s) AS acw_s,
  COUNT(talk_s + hold_s + acw_s) AS handles,
  SUM(talk_s + hold_s + acw_s) AS handle_s
FROM calls
GROUP BY
  booked_day,
  queue,
  CAST(FLOOR(starts_us / 900000000) AS BIGINT),
  kind,
  class,
  is_open,
  is_in_t,
  is_short,
  is_transferred,
  is_callback,
  queue_s > 0,
  ring_s > 0
