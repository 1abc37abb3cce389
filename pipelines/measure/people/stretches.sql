-- Grain: one stretch of an agent: states of one kind that touch or overlap, joined.
-- Inputs: cut_states. Parameters: none.
-- Output: agent_id, kind, from_us, to_us; kind is present (any state but logged_out), working (idle, ringing, talk, hold,
--         acw, training), sure (working states with an end) or shown (present; a state without an end shows its first
--         moment only, where that lies in the span).
-- Of states that begin together the longest counts: rows in equal places would be put in any order.
-- Where no states of an agent overlap, each begins at or behind the end of the one before, which is soon looked up.
WITH overlapping AS (
  SELECT DISTINCT agent_id FROM cut_states WHERE is_over
), with_open AS (
  SELECT DISTINCT agent_id FROM cut_states WHERE is_open
), kinds AS (
  SELECT agent_id, 'present' AS kind, from_us, to_us FROM cut_states WHERE state <> 'logged_out'
  UNION ALL
  SELECT agent_id, 'working' AS kind, from_us, to_us
  FROM cut_states
  WHERE state IN ('idle', 'ringing', 'talk', 'hold', 'acw', 'training')
  UNION ALL
  SELECT cut_states.agent_id, 'sure' AS kind, cut_states.from_us, cut_states.to_us
  FROM cut_states
  INNER JOIN with_open ON cut_states.agent_id = with_open.agent_id
  WHERE cut_states.state IN ('idle', 'ringing', 'talk', 'hold', 'acw', 'training') AND NOT cut_states.is_open
  UNION ALL
  SELECT
    cut_states.agent_id,
    'shown' AS kind,
    cut_states.from_us,
    CASE
      WHEN cut_states.is_open THEN LEAST(cut_states.to_us, cut_states.from_us + 1)
      ELSE cut_states.to_us
    END AS to_us
  FROM cut_states
  INNER JOIN with_open ON cut_states.agent_id = with_open.agent_id
  WHERE cut_states.state <> 'logged_out' AND (cut_states.is_begun OR NOT cut_states.is_open)
), beside AS (
  SELECT
    agent_id,
    kind,
    from_us,
    to_us,
    LAG(to_us) OVER (PARTITION BY agent_id, kind ORDER BY from_us) AS last_us,
    LEAD(from_us) OVER (PARTITION BY agent_id, kind ORDER BY from_us) AS next_us
  FROM kinds
  WHERE NOT EXISTS (SELECT 1 FROM overlapping WHERE overlapping.agent_id = kinds.agent_id)
), edges AS (
  SELECT
    agent_id,
    kind,
    from_us,
    last_us IS NULL OR last_us < from_us AS is_first,
    CASE
      WHEN next_us IS NULL OR next_us > to_us THEN to_us
      ELSE LEAD(to_us) OVER (PARTITION BY agent_id, kind ORDER BY from_us)
    END AS to_us
  FROM beside
  WHERE last_us IS NULL OR last_us < from_us OR next_us IS NULL OR next_us > to_us
), longest AS (
  SELECT agent_id, kind, from_us, MAX(to_us) AS to_us
  FROM kinds
  WHERE EXISTS (SELECT 1 FROM overlapping WHERE overlapping.agent_id = kinds.agent_id)
  GROUP BY agent_id, kind, from_us
), reached AS (
  SELECT
    agent_id,
    kind,
    from_us,
    to_us,
    MAX(to_us) OVER (
      PARTITION BY agent_id, kind ORDER BY from_us ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS reach_us
  FROM longest
), numbered AS (
  SELECT
    agent_id,
    kind,
    from_us,
    to_us,
    SUM(CASE WHEN reach_us >= from_us THEN 0 ELSE 1 END) OVER (
      PARTITION BY agent_id, kind ORDER BY from_us ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS nth
  FROM reached
), joined AS (
  SELECT agent_id, kind, from_us, to_us FROM edges WHERE is_first
  UNION ALL
  SELECT agent_id, kind, MIN(from_us) AS from_us, MAX(to_us) AS to_us
  FROM numbered
  GROUP BY agent_id, kind, nth
)
SELECT agent_id, kind, from_us, to_us FROM joined
UNION ALL
SELECT agent_id, CASE WHEN kind = 'working' THEN 'sure' ELSE 'shown' END AS kind, from_us, to_us
FROM joined
WHERE NOT EXISTS (SELECT 1 FROM with_open WHERE with_open.agent_id = joined.agent_id)
