-- Grain: one agent and day, by the vendor's zone.
-- Inputs: calls. Parameters: is_handling (durations are handling times, else talk times), cap_s, short_s.
-- Output: agent_id, booked_day; answered; open_answered: those that no leg confirms; timed: those with a duration;
--         total_s, square_s2: its sum in whole seconds, and that of its square, calls longer than cap_s counted as that
--         long; talked: those with a talk time; short: those with a talk time under short_s.
SELECT
  agent_id,
  booked_day,
  COUNT(*) AS answered,
  CAST(SUM(CASE WHEN is_open THEN 1 ELSE 0 END) AS BIGINT) AS open_answered,
  COUNT(time_s) AS timed,
  CAST(SUM(CASE WHEN time_s > $cap_s THEN $cap_s ELSE time_s END) AS BIGINT) AS total_s,
  CAST(SUM(CASE WHEN time_s > $cap_s THEN $cap_s * $cap_s ELSE time_s * time_s END) AS BIGINT) AS square_s2,
  COUNT(talk_s) AS talked,
  CAST(SUM(CASE WHEN talk_s < $short_s THEN 1 ELSE 0 END) AS BIGINT) AS short
FROM (
  SELECT
    agent_id,
    booked_day,
    is_open,
    talk_s,
    CAST(ROUND(CASE WHEN $is_handling THEN talk_s + hold_s + acw_s ELSE talk_s END) AS BIGINT) AS time_s
  FROM calls
  WHERE class = 'answered' AND NOT agent_id IS NULL
) AS timed
WHERE NOT booked_day IS NULL
GROUP BY agent_id, booked_day
