-- Grain: one agent, queue and reason ('' where not told).
-- Inputs: calls. Parameters: cap_s (calls longer than that count as that long).
-- Output: agent_id, queue, reason; answered: answered calls; open_answered: those that no leg confirms; handled: those
--         with all times; full_ms: sum of their handling time as delivered, in milliseconds; total_s, square_s2: sum of
--         the cut handling time in whole seconds, and of its square.
SELECT
  agent_id,
  queue,
  reason,
  COUNT(*) AS answered,
  CAST(SUM(CASE WHEN is_open THEN 1 ELSE 0 END) AS BIGINT) AS open_answered,
  COUNT(cut_s) AS handled,
  CAST(SUM(full_ms) AS BIGINT) AS full_ms,
  CAST(SUM(cut_s) AS BIGINT) AS total_s,
  CAST(SUM(cut_s * cut_s) AS BIGINT) AS square_s2
FROM (
  SELECT
    agent_id,
    COALESCE(queue, '') AS queue,
    COALESCE(reason, '') AS reason,
    is_open,
    CAST(ROUND((talk_s + hold_s + acw_s) * 1000) AS BIGINT) AS full_ms,
    CASE
      WHEN NOT talk_s + hold_s + acw_s IS NULL THEN LEAST(CAST(ROUND(talk_s + hold_s + acw_s) AS BIGINT), $cap_s)
    END AS cut_s
  FROM calls
  WHERE class = 'answered' AND NOT agent_id IS NULL
) AS handled
GROUP BY agent_id, queue, reason
