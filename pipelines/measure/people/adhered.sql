-- Grain: one agent with planned time within the spans.
-- Inputs: shifts, spans, stretches. Parameters: none.
-- Output: agent_id; planned_us: planned time within the spans; of it: working_us: in a working state; sure_us: in one
--         whose end is told; present_us: in any state but logged_out.
WITH due AS (
  SELECT
    shifts.agent_id,
    GREATEST(shifts.from_us, spans.from_us) AS from_us,
    LEAST(shifts.to_us, spans.to_us) AS to_us
  FROM shifts
  INNER JOIN spans ON shifts.from_us < spans.to_us AND shifts.to_us > spans.from_us
), planned AS (
  SELECT agent_id, CAST(SUM(to_us - from_us) AS BIGINT) AS planned_us FROM due GROUP BY agent_id
), kept AS (
  SELECT
    due.agent_id,
    stretches.kind,
    SUM(LEAST(due.to_us, stretches.to_us) - GREATEST(due.from_us, stretches.from_us)) AS kept_us
  FROM due
  INNER JOIN stretches
    ON due.agent_id = stretches.agent_id AND stretches.from_us < due.to_us AND stretches.to_us > due.from_us
  GROUP BY due.agent_id, stretches.kind
)
SELECT
  planned.agent_id,
  MAX(planned.planned_us) AS planned_us,
  CAST(SUM(CASE WHEN kept.kind = 'working' THEN kept.kept_us ELSE 0 END) AS BIGINT) AS working_us,
  CAST(SUM(CASE WHEN kept.kind = 'sure' THEN kept.kept_us ELSE 0 END) AS BIGINT) AS sure_us,
  CAST(SUM(CASE WHEN kept.kind = 'present' THEN kept.kept_us ELSE 0 END) AS BIGINT) AS present_us
FROM planned
LEFT JOIN kept ON planned.agent_id = kept.agent_id
GROUP BY planned.agent_id
