-- Grain: calls of one quarter of an hour that are alike.
-- Inputs: service_cells.
-- Output: quarter: whole quarters of an hour since 1970; kind, class, is_open, is_in_t, is_short, is_transferred,
--         is_callback, is_queued, is_rung: as there; calls: how many.
SELECT
  quarter,
  kind,
  class,
  is_open,
  is_in_t,
  is_short,
  is_transferred,
  is_callback,
  is_queued,
  is_rung,
  SUM(calls) AS calls
FROM service_cells
GROUP BY quarter, kind, class, is_open, is_in_t, is_short, is_transferred, is_callback, is_queued, is_rung
