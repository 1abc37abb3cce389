-- Grain: one planned shift of an agent; plans that overlap (one shift in two rows or files) are one.
-- Inputs: planned (agent_id, planned_from_us, planned_to_us). Parameters: none.
-- Output: agent_id, from_us, to_us.
-- Of plans that begin together the longest counts: rows in equal places would be put in any order.
WITH longest AS (
  SELECT agent_id, planned_from_us, MAX(planned_to_us) AS planned_to_us
  FROM planned
  WHERE planned_to_us > planned_from_us AND NOT agent_id IS NULL
  GROUP BY agent_id, planned_from_us
), reached AS (
  SELECT
    agent_id,
    planned_from_us,
    planned_to_us,
    MAX(planned_to_us) OVER (
      PARTITION BY agent_id
      ORDER BY planned_from_us
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reach_us
  FROM longest
), numbered AS (
  SELECT
    agent_id,
    planned_from_us,
    planned_to_us,
    SUM(CASE WHEN reach_us > planned_from_us THEN 0 ELSE 1 END) OVER (
      PARTITION BY agent_id
      ORDER BY planned_from_us
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS nth
  FROM reached
)
SELECT agent_id, MIN(planned_from_us) AS from_us, MAX(planned_to_us) AS to_us
FROM numbered
GROUP BY agent_id, nth
