-- Grain: one state of an agent, as far as it lies within one span.
-- Inputs: agent_states; spans (from_us, to_us: stretches of the month for which states were delivered, apart from each
--         other). Parameters: none.
-- Output: agent_id, state, from_us, to_us; is_open: its end is not told, and it is cut where the agent's next state
--         begins, or with the span; is_begun: it began within the span, and not before; is_over: it reaches over the
--         beginning of the agent's next state.
-- A state that ends before it begins, or at once, is none, and so is one without a name.
WITH ordered AS (
  SELECT
    agent_id,
    state,
    from_us,
    to_us,
    LEAD(from_us) OVER (PARTITION BY agent_id ORDER BY from_us, file_id, row) AS next_us
  FROM agent_states
  WHERE NOT agent_id IS NULL AND NOT state IS NULL AND (to_us IS NULL OR to_us > from_us)
), ended AS (
  SELECT
    agent_id,
    state,
    from_us,
    COALESCE(to_us, next_us) AS to_us,
    to_us IS NULL AS is_open,
    COALESCE(to_us > next_us, FALSE) AS is_over
  FROM ordered
)
SELECT
  ended.agent_id,
  ended.state,
  GREATEST(ended.from_us, spans.from_us) AS from_us,
  LEAST(COALESCE(ended.to_us, spans.to_us), spans.to_us) AS to_us,
  ended.is_open,
  ended.from_us >= spans.from_us AS is_begun,
  ended.is_over
FROM ended
INNER JOIN spans
  ON ended.from_us < spans.to_us AND COALESCE(ended.to_us, spans.to_us) > spans.from_us
WHERE ended.to_us IS NULL OR ended.to_us > ended.from_us
