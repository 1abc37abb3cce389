-- Grain: the audited month's calls that the client never passed on; one row, counts of none where there is none.
-- Inputs: inhouse_calls. Parameters: month.
-- Output: answered (an agent of the client took it, by outcome or by a name), transferred, abandoned, overflowed, unknown
--         (no outcome and no agent): calls; waits, wait_us: answered ones with both moments, and microseconds from arrival to
--         answer; talks, talk_us: those with answer and end, and the time between; passed_on: calls that were passed on to a
--         vendor and whose outcome is that they were transferred.
WITH own AS (
  SELECT
    outcome,
    COALESCE(outcome IN ('answered', 'transferred'), FALSE) OR agent_id IS NOT NULL AS is_answered,
    CASE WHEN answered_us >= arrived_us THEN answered_us - arrived_us END AS wait_us,
    CASE WHEN ended_us >= answered_us THEN ended_us - answered_us END AS talk_us
  FROM inhouse_calls
  WHERE transferred_us IS NULL AND vendor_id IS NULL AND audit_month = $month
), classed AS (
  SELECT
    *,
    NOT is_answered AND COALESCE(outcome IN ('abandoned', 'short_abandoned'), FALSE) AS is_abandoned,
    NOT is_answered
    AND COALESCE(outcome IN ('overflowed', 'voicemail', 'callback_requested'), FALSE) AS is_overflowed,
    NOT is_answered AND COALESCE(outcome = 'unknown', TRUE) AS is_unknown
  FROM own
), passed AS (
  SELECT COUNT(*) AS passed_on
  FROM inhouse_calls
  WHERE outcome = 'transferred' AND audit_month = $month AND (NOT transferred_us IS NULL OR NOT vendor_id IS NULL)
), sums AS (
  SELECT
    COALESCE(SUM(CASE WHEN is_answered THEN 1 ELSE 0 END), 0) AS answered,
    COALESCE(SUM(CASE WHEN outcome = 'transferred' THEN 1 ELSE 0 END), 0) AS transferred,
    COALESCE(SUM(CASE WHEN is_abandoned THEN 1 ELSE 0 END), 0) AS abandoned,
    COALESCE(SUM(CASE WHEN is_overflowed THEN 1 ELSE 0 END), 0) AS overflowed,
    COALESCE(SUM(CASE WHEN is_unknown THEN 1 ELSE 0 END), 0) AS unknown,
    COALESCE(SUM(CASE WHEN is_answered AND wait_us IS NOT NULL THEN 1 ELSE 0 END), 0) AS waits,
    COALESCE(SUM(CASE WHEN is_answered THEN wait_us END), 0) AS wait_us,
    COALESCE(SUM(CASE WHEN is_answered AND talk_us IS NOT NULL THEN 1 ELSE 0 END), 0) AS talks,
    COALESCE(SUM(CASE WHEN is_answered THEN talk_us END), 0) AS talk_us
  FROM classed
)
SELECT sums.*, passed.passed_on
FROM sums
CROSS JOIN passed
