-- Grain: the month; one row.
-- Inputs: inhouse_calls. Parameters: vendor, month, within_us (how soon), is_answer_told (the log says when a leg was
--         answered).
-- Output: legs: legs of the month that the client passed on to this vendor; returned: those that came back within that
--         time of passing on; retried: further ones that nobody answered and whose call or caller was in-house again
--         within that time of their end; maybe: ones that may belong to these, because the log does not say who called
--         or whether they were answered.
-- In-house again means a row of the client's log that was not passed on, from the leg's end to that time after it.
WITH legs AS (
  SELECT
    file_id,
    row,
    call_id,
    caller_key,
    COALESCE(leg_ended_us, transferred_us) AS ended_us,
    COALESCE(returned_us >= transferred_us AND returned_us <= transferred_us + $within_us, FALSE) AS is_returned,
    leg_answered_us IS NULL AS is_unanswered
  FROM inhouse_calls
  WHERE vendor_id = $vendor AND audit_month = $month AND transferred_us IS NOT NULL
), lost AS (
  SELECT * FROM legs WHERE is_unanswered AND NOT is_returned
), spread AS (
  SELECT lost.*, CAST(FLOOR(ended_us / CAST($within_us AS DOUBLE)) AS BIGINT) AS bucket FROM lost
  UNION ALL
  SELECT lost.*, CAST(FLOOR(ended_us / CAST($within_us AS DOUBLE)) AS BIGINT) + 1 AS bucket FROM lost
), own AS (
  SELECT call_id, caller_key, arrived_us, COALESCE(answered_us, arrived_us) AS reached_us
  FROM inhouse_calls
  WHERE transferred_us IS NULL
), back AS (
  SELECT spread.file_id, spread.row
  FROM spread
  INNER JOIN own
    ON spread.caller_key = own.caller_key
    AND spread.bucket = CAST(FLOOR(own.arrived_us / CAST($within_us AS DOUBLE)) AS BIGINT)
  WHERE own.arrived_us >= spread.ended_us AND own.arrived_us <= spread.ended_us + $within_us
  UNION
  SELECT lost.file_id, lost.row
  FROM lost
  INNER JOIN own ON lost.call_id = own.call_id
  WHERE own.reached_us >= lost.ended_us AND own.reached_us <= lost.ended_us + $within_us
), known AS (
  SELECT lost.caller_key, back.file_id IS NOT NULL AS is_back
  FROM lost
  LEFT JOIN back ON lost.file_id = back.file_id AND lost.row = back.row
), tried AS (
  SELECT
    COUNT(CASE WHEN is_back THEN 1 END) AS back,
    COUNT(CASE WHEN caller_key IS NULL AND NOT is_back THEN 1 END) AS nameless
  FROM known
), whole AS (
  SELECT COUNT(*) AS legs, COUNT(CASE WHEN is_returned THEN 1 END) AS returned FROM legs
)
SELECT
  whole.legs,
  whole.returned,
  CASE WHEN $is_answer_told THEN tried.back ELSE 0 END AS retried,
  CASE WHEN $is_answer_told THEN tried.nameless ELSE tried.back + tried.nameless END AS maybe
FROM whole
CROSS JOIN tried
