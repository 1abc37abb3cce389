-- Grain: one whole second of duration.
-- Inputs: calls. Parameters: is_handling (durations are handling times: talk, hold and after-call work; else talk times).
-- Output: time_s: the duration of an answered call with an agent, rounded; calls: how many took that.
SELECT time_s, COUNT(*) AS calls
FROM (
  SELECT CAST(ROUND(CASE WHEN $is_handling THEN talk_s + hold_s + acw_s ELSE talk_s END) AS BIGINT) AS time_s
  FROM calls
  WHERE class = 'answered' AND NOT agent_id IS NULL
) AS timed
WHERE NOT time_s IS NULL
GROUP BY time_s
