-- Grain: one half hour in which agents answered calls.
-- Inputs: calls; half_hour_quarters (quarter: whole quarters of an hour since 1970; half_hour).
-- Output: half_hour; agents: different agents of answered calls that started in it.
SELECT half_hour_quarters.half_hour, COUNT(DISTINCT calls.agent_id) AS agents
FROM calls
INNER JOIN half_hour_quarters
  ON half_hour_quarters.quarter = CAST(FLOOR(calls.starts_us / 900000000.0) AS BIGINT)
WHERE calls.class = 'answered'
GROUP BY half_hour_quarters.half_hour
