-- Grain: one call of the audited month: a delivered record that is not proven wrong, or a leg without any record.
-- Inputs: links, files, whole_calls, inhouse_calls, findings (one vendor's). Parameters: short_abandon_s, threshold_s,
--         is_inclusive.
-- Output: ref: the record's, or the leg's (see files.sql; unique within a kind); leg_ref: the leg's, of a pair or alone;
--         kind (record or leg); class (answered, abandoned, overflowed, blocked, unknown, none);
--         booked_day (by the vendor's zone); queue, agent_id, reason; caller_key;
--         starts_us, answered_us, ended_us: on the client's clock (a record's less the day's offset; null where not told;
--         a leg starts when it is passed on);
--         ring_s, queue_s, talk_s, hold_s, acw_s; is_in_t (its wait is within the service-level threshold);
--         is_short (its wait is within the short-abandon threshold, or the vendor calls it short); both null where no
--         wait is told; is_transferred (an agent passed it on); is_callback (it left the queue for a call back);
--         is_open (a record that no leg confirms, or a leg that a record might belong to).
WITH proven AS (
  SELECT DISTINCT file_id, row FROM findings WHERE certainty = 'proven'
), ours AS (
  SELECT
    files.no * 1099511627776 + links.row AS ref,
    legs.no * 1099511627776 + links.inhouse_row AS leg_ref,
    CAST(ROUND(COALESCE(links.offset_s, 0) * 1000000) AS BIGINT) AS offset_us,
    links.side <> 'pair' AS is_open
  FROM links
  INNER JOIN files ON links.file_id = files.file_id
  LEFT JOIN files AS legs ON links.inhouse_file_id = legs.file_id
  LEFT JOIN proven ON links.file_id = proven.file_id AND links.row = proven.row
  WHERE links.in_month AND links.side IN ('pair', 'vendor') AND proven.row IS NULL
), theirs AS (
  SELECT whole_calls.*, files.no * 1099511627776 + whole_calls.row AS ref
  FROM whole_calls
  LEFT JOIN files ON whole_calls.file_id = files.file_id
), records AS (
  SELECT
    theirs.ref,
    ours.leg_ref,
    'record' AS kind,
    CASE
      WHEN theirs.outcome IN ('answered', 'transferred') THEN 'answered'
      WHEN theirs.outcome IN ('abandoned', 'short_abandoned') THEN 'abandoned'
      WHEN theirs.outcome IN ('overflowed', 'voicemail', 'callback_requested') THEN 'overflowed'
      WHEN theirs.outcome = 'blocked' THEN 'blocked'
      ELSE 'unknown'
    END AS class,
    theirs.booked_day,
    theirs.queue,
    theirs.agent_id,
    theirs.reason,
    theirs.caller_key,
    theirs.offered_us - ours.offset_us AS starts_us,
    theirs.answered_us - ours.offset_us AS answered_us,
    theirs.ended_us - ours.offset_us AS ended_us,
    theirs.ring_s,
    theirs.queue_s,
    theirs.talk_s,
    theirs.hold_s,
    theirs.acw_s,
    CASE WHEN $is_inclusive THEN theirs.queue_s <= $threshold_s ELSE theirs.queue_s < $threshold_s END AS is_in_t,
    COALESCE(theirs.outcome = 'short_abandoned', FALSE) OR theirs.queue_s <= $short_abandon_s AS is_short,
    COALESCE(theirs.outcome = 'transferred', FALSE) OR theirs.transfer_to IS NOT NULL AS is_transferred,
    COALESCE(theirs.outcome = 'callback_requested', FALSE) AS is_callback,
    ours.is_open
  FROM theirs
  INNER JOIN ours ON theirs.ref = ours.ref
), alone AS (
  SELECT
    links.file_id,
    links.row,
    files.no * 1099511627776 + links.row AS ref,
    links.match_class <> 'inhouse_only' OR NOT links.is_covered AS is_open
  FROM links
  INNER JOIN files ON links.file_id = files.file_id
  WHERE links.in_month AND links.side = 'inhouse' AND NOT links.is_absent
), lone_legs AS (
  SELECT
    alone.ref,
    alone.ref AS leg_ref,
    'leg' AS kind,
    'none' AS class,
    inhouse_calls.booked_day,
    CAST(NULL AS VARCHAR) AS queue,
    CAST(NULL AS VARCHAR) AS agent_id,
    inhouse_calls.reason,
    inhouse_calls.caller_key,
    COALESCE(inhouse_calls.transferred_us, inhouse_calls.arrived_us) AS starts_us,
    CAST(NULL AS BIGINT) AS answered_us,
    inhouse_calls.leg_ended_us AS ended_us,
    CAST(NULL AS DECIMAL(18, 3)) AS ring_s,
    CAST(NULL AS DECIMAL(18, 3)) AS queue_s,
    CAST(NULL AS DECIMAL(18, 3)) AS talk_s,
    CAST(NULL AS DECIMAL(18, 3)) AS hold_s,
    CAST(NULL AS DECIMAL(18, 3)) AS acw_s,
    FALSE AS is_in_t,
    FALSE AS is_short,
    FALSE AS is_transferred,
    FALSE AS is_callback,
    alone.is_open
  FROM alone
  INNER JOIN inhouse_calls ON alone.file_id = inhouse_calls.file_id AND alone.row = inhouse_calls.row
)
SELECT * FROM records
UNION ALL
SELECT * FROM lone_legs
