-- Grain: one row.
-- Inputs: judged_calls. Parameters: vendor, window_us, data_end_us; every: of so many callers one is looked at.
-- Output: calls: base contacts with a number whose window is closed; squares: those of one caller with one agent, squared,
--         summed over agents and callers.
SELECT
  CAST(SUM(calls) AS BIGINT) AS calls,
  CAST(SUM(calls * calls) AS BIGINT) AS squares
FROM (
  SELECT COUNT(*) AS calls
  FROM judged_calls
  WHERE
    side = $vendor
    AND caller_key % $every = 0
    AND NOT agent_id IS NULL
    AND ends_us + $window_us <= $data_end_us
  GROUP BY agent_id, caller_key
) AS met
