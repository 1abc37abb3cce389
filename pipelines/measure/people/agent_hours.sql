-- Grain: one agent. Overlapping states of one agent count once.
-- Inputs: cut_states. Parameters: none.
-- Output: agent_id; open_states: states without an end that count (logged_out ones do not); in whole microseconds, each the
--         length of a union: logged_us: all states but logged_out; contact_us: talk and hold; ready_us: talk, hold, idle;
--         logged_sure_us: logged_us of states with an end, unknown ones (which may be logged out) left out; contact_sure_us:
--         contact_us of states with an end; low_ready_us: talk and hold with an end, and all idle; high_ready_us: all talk
--         and hold, and idle with an end.
-- Only where states of an agent overlap is it looked up how far the earlier ones reach.
WITH overlapping AS (
  SELECT DISTINCT agent_id FROM cut_states WHERE is_over
), marked AS (
  SELECT
    agent_id,
    from_us,
    to_us,
    state,
    is_open,
    state <> 'logged_out' AS is_logged,
    state <> 'unknown' AS is_told,
    state IN ('talk', 'hold') AS is_contact,
    state = 'idle' AS is_idle
  FROM cut_states
), reached AS (
  SELECT
    *,
    MAX(CASE WHEN is_logged THEN to_us END) OVER before AS logged_to,
    MAX(CASE WHEN is_contact THEN to_us END) OVER before AS contact_to,
    MAX(CASE WHEN is_contact OR is_idle THEN to_us END) OVER before AS ready_to,
    MAX(CASE WHEN is_logged AND NOT is_open AND is_told THEN to_us END) OVER before AS logged_sure_to,
    MAX(CASE WHEN is_contact AND NOT is_open THEN to_us END) OVER before AS contact_sure_to,
    MAX(CASE WHEN (is_contact AND NOT is_open) OR is_idle THEN to_us END) OVER before AS low_ready_to,
    MAX(CASE WHEN is_contact OR (is_idle AND NOT is_open) THEN to_us END) OVER before AS high_ready_to
  FROM marked
  WHERE EXISTS (SELECT 1 FROM overlapping WHERE overlapping.agent_id = marked.agent_id)
  WINDOW before AS (
    PARTITION BY agent_id ORDER BY from_us, to_us, state, is_open ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
  )
  UNION ALL
  SELECT
    *,
    CAST(NULL AS BIGINT) AS logged_to,
    CAST(NULL AS BIGINT) AS contact_to,
    CAST(NULL AS BIGINT) AS ready_to,
    CAST(NULL AS BIGINT) AS logged_sure_to,
    CAST(NULL AS BIGINT) AS contact_sure_to,
    CAST(NULL AS BIGINT) AS low_ready_to,
    CAST(NULL AS BIGINT) AS high_ready_to
  FROM marked
  WHERE NOT EXISTS (SELECT 1 FROM overlapping WHERE overlapping.agent_id = marked.agent_id)
), added AS (
  SELECT
    agent_id,
    is_open AND is_logged AS is_open_counted,
    CASE WHEN is_logged THEN GREATEST(to_us - GREATEST(from_us, COALESCE(logged_to, from_us)), 0) END AS logged,
    CASE WHEN is_contact THEN GREATEST(to_us - GREATEST(from_us, COALESCE(contact_to, from_us)), 0) END AS contact,
    CASE
      WHEN is_contact OR is_idle THEN GREATEST(to_us - GREATEST(from_us, COALESCE(ready_to, from_us)), 0)
    END AS ready,
    CASE
      WHEN is_logged AND NOT is_open AND is_told
        THEN GREATEST(to_us - GREATEST(from_us, COALESCE(logged_sure_to, from_us)), 0)
    END AS logged_sure,
    CASE
      WHEN is_contact AND NOT is_open
        THEN GREATEST(to_us - GREATEST(from_us, COALESCE(contact_sure_to, from_us)), 0)
    END AS contact_sure,
    CASE
      WHEN (is_contact AND NOT is_open) OR is_idle
        THEN GREATEST(to_us - GREATEST(from_us, COALESCE(low_ready_to, from_us)), 0)
    END AS low_ready,
    CASE
      WHEN is_contact OR (is_idle AND NOT is_open)
        THEN GREATEST(to_us - GREATEST(from_us, COALESCE(high_ready_to, from_us)), 0)
    END AS high_ready
  FROM reached
)
SELECT
  agent_id,
  CAST(SUM(CASE WHEN is_open_counted THEN 1 ELSE 0 END) AS BIGINT) AS open_states,
  CAST(SUM(COALESCE(logged, 0)) AS BIGINT) AS logged_us,
  CAST(SUM(COALESCE(contact, 0)) AS BIGINT) AS contact_us,
  CAST(SUM(COALESCE(ready, 0)) AS BIGINT) AS ready_us,
  CAST(SUM(COALESCE(logged_sure, 0)) AS BIGINT) AS logged_sure_us,
  CAST(SUM(COALESCE(contact_sure, 0)) AS BIGINT) AS contact_sure_us,
  CAST(SUM(COALESCE(low_ready, 0)) AS BIGINT) AS low_ready_us,
  CAST(SUM(COALESCE(high_ready, 0)) AS BIGINT) AS high_ready_us
FROM added
GROUP BY agent_id
