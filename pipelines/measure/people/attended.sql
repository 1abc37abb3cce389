-- Grain: one planned shift that begins within a span and is over by the end of the data.
-- Inputs: shifts, spans, stretches, calls. Parameters: data_end_us.
-- Output: agent_id, from_us, to_us; is_present: any state but logged_out overlaps it, or the agent answered a call in it.
WITH due AS (
  SELECT shifts.agent_id, shifts.from_us, shifts.to_us
  FROM shifts
  INNER JOIN spans ON shifts.from_us >= spans.from_us AND shifts.from_us < spans.to_us
  WHERE shifts.to_us <= $data_end_us
), by_state AS (
  SELECT due.agent_id, due.from_us, due.to_us, COUNT(stretches.from_us) > 0 AS has_state
  FROM due
  LEFT JOIN stretches
    ON due.agent_id = stretches.agent_id
    AND stretches.kind = 'shown'
    AND stretches.from_us < due.to_us
    AND stretches.to_us > due.from_us
  GROUP BY due.agent_id, due.from_us, due.to_us
), by_call AS (
  SELECT by_state.agent_id, by_state.from_us, COUNT(*) AS answered
  FROM calls
  INNER JOIN by_state
    ON calls.agent_id = by_state.agent_id
    AND calls.answered_us >= by_state.from_us
    AND calls.answered_us < by_state.to_us
  WHERE NOT by_state.has_state AND calls.class = 'answered'
  GROUP BY by_state.agent_id, by_state.from_us
)
SELECT
  by_state.agent_id,
  by_state.from_us,
  by_state.to_us,
  by_state.has_state OR NOT by_call.answered IS NULL AS is_present
FROM by_state
LEFT JOIN by_call ON by_state.agent_id = by_call.agent_id AND by_state.from_us = by_call.from_us
