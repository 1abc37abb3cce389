-- Grain: calls of one cell of the month and day of the vendor's clock that are alike in what follows; cell null: calls
--        that start outside every cell.
-- Inputs: calls; cell_buckets (bucket, cell, from_us, to_us: cells by the quarter of an hour that they touch).
-- Output: cell; booked_day; kind, class, is_open, is_in_t, is_short, is_transferred, is_callback: as in calls;
--         is_queued (it waited more than no time), is_rung (it rang at an agent): null where not told; calls: how many;
--         waits, wait_s: those with a wait, and its sum;
--         handles, handle_s: those with talk, hold and after-call work, and their sum, calls longer than cap_s counted as
--         that long.
SELECT
  cell_buckets.cell,
  calls.booked_day,
  calls.kind,
  calls.class,
  calls.is_open,
  calls.is_in_t,
  calls.is_short,
  calls.is_transferred,
  calls.is_callback,
  calls.queue_s > 0 AS is_queued,
  calls.ring_s > 0 AS is_rung,
  COUNT(*) AS calls,
  COUNT(calls.queue_s) AS waits,
  SUM(calls.queue_s) AS wait_s,
  COUNT(calls.talk_s + calls.hold_s + calls.acw_s) AS handles,
  SUM(
    CASE
      WHEN calls.talk_s + calls.hold_s + calls.acw_s > $cap_s THEN $cap_s
      ELSE calls.talk_s + calls.hold_s + calls.acw_s
    END
  ) AS handle_s
FROM calls
LEFT JOIN cell_buckets
  ON cell_buckets.bucket = CAST(FLOOR(calls.starts_us / 900000000.0) AS BIGINT)
  AND calls.starts_us >= cell_buckets.from_us
  AND calls.starts_us < cell_buckets.to_us
GROUP BY
  cell_buckets.cell,
  calls.booked_day,
  calls.kind,
  calls.class,
  calls.is_open,
  calls.is_in_t,
  calls.is_short,
  calls.is_transferred,
  calls.is_callback,
  calls.queue_s > 0,
  calls.ring_s > 0
