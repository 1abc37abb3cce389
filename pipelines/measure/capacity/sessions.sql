-- Grain: one stretch for which an agent was there without a break.
-- Inputs: states_there (agents' states). Parameters: offset_us (how far the vendor's clock is ahead of the client's).
-- Output: agent_id, from_us, to_us, on the client's clock. A state without an end lasts until the agent's next state;
--         the last such is left out. Of states that begin together the longest counts: rows in equal places would be
--         put in any order. Logged out and unknown are not there. States that touch or overlap are one stretch.
WITH told AS (
  SELECT
    agent_id,
    state,
    from_us,
    COALESCE(to_us, LEAD(from_us) OVER (PARTITION BY agent_id ORDER BY from_us, file_id, row)) AS to_us
  FROM states_there
), longest AS (
  SELECT agent_id, from_us, MAX(to_us) AS to_us
  FROM told
  WHERE NOT state IN ('logged_out', 'unknown') AND to_us > from_us AND agent_id IS NOT NULL
  GROUP BY agent_id, from_us
), present AS (
  SELECT
    agent_id,
    from_us,
    to_us,
    MAX(to_us) OVER (
      PARTITION BY agent_id ORDER BY from_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reach_us
  FROM longest
), numbered AS (
  SELECT
    agent_id,
    from_us,
    to_us,
    SUM(CASE WHEN reach_us IS NULL OR from_us > reach_us THEN 1 ELSE 0 END) OVER (
      PARTITION BY agent_id ORDER BY from_us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS stretch
  FROM present
)
SELECT agent_id, MIN(from_us) - $offset_us AS from_us, MAX(to_us) - $offset_us AS to_us
FROM numbered
GROUP BY agent_id, stretch
