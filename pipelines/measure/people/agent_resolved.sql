-- Grain: one agent, queue and reason ('' where not told).
-- Inputs: judged_calls. Parameters: vendor, window_us, data_end_us.
-- Output: agent_id, queue, reason; closed: base contacts with a number whose window is closed; resolved: of these, not
--         handed back and without a further contact within the window.
SELECT
  agent_id,
  queue,
  reason,
  COUNT(*) AS closed,
  CAST(SUM(CASE WHEN is_resolved THEN 1 ELSE 0 END) AS BIGINT) AS resolved
FROM (
  SELECT
    agent_id,
    COALESCE(queue, '') AS queue,
    COALESCE(reason, '') AS reason,
    NOT COALESCE(is_handed_back, FALSE) AND (next_us IS NULL OR next_us > ends_us + $window_us) AS is_resolved
  FROM judged_calls
  WHERE side = $vendor AND NOT caller_key IS NULL AND NOT agent_id IS NULL AND ends_us + $window_us <= $data_end_us
) AS counted
GROUP BY agent_id, queue, reason
