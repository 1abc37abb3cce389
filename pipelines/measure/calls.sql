-- Grain: one call of the audited month: a delivered record that is not proven wrong, or a leg without any record.
-- Inputs: links, whole_calls, inhouse_calls, findings (one vendor's). Parameters: short_abandon_s, threshold_s,
--         is_inclusive.
-- Output: file_id, row; kind (record or leg); class (answered, abandoned, overflowed, blocked, unknown, none); outcome;
--         booked_day (by the vendor's zone); queue, agent_id, reason; caller_key;
--         starts_us, answered_us, ended_us: on the client's clock (a record's less the day's offset; null where not told;
--         a leg starts when it is passed on);
--         ring_s, queue_s, talk_s, hold_s, acw_s; is_in_t (its wait is within the service-level threshold);
--         is_short (its wait is within the short-abandon threshold);
--         is_open (a record that no leg confirms, or a leg that a record might belong to).
WITH proven AS (
  SELECT DISTINCT file_id, row FROM findings WHERE certainty = 'proven'
), records AS (
  SELECT
    whole_calls.file_id,
    whole_calls.row,
    'record' AS kind,
    CASE
      WHEN whole_calls.outcome IN ('answered', 'transferred') THEN 'answered'
      WHEN whole_calls.outcome IN ('abandoned', 'short_abandoned') THEN 'abandoned'
      WHEN whole_calls.outcome IN ('overflowed', 'voicemail', 'callback_requested') THEN 'overflowed'
      WHEN whole_calls.outcome = 'blocked' THEN 'blocked'
      ELSE 'unknown'
    END AS class,
    whole_calls.outcome,
    whole_calls.booked_day,
    whole_calls.queue,
    whole_calls.agent_id,
    whole_calls.reason,
    whole_calls.caller_key,
    whole_calls.offered_us - CAST(ROUND(COALESCE(links.offset_s, 0) * 1000000) AS BIGINT) AS starts_us,
    whole_calls.answered_us - CAST(ROUND(COALESCE(links.offset_s, 0) * 1000000) AS BIGINT) AS answered_us,
    whole_calls.ended_us - CAST(ROUND(COALESCE(links.offset_s, 0) * 1000000) AS BIGINT) AS ended_us,
    whole_calls.ring_s,
    whole_calls.queue_s,
    whole_calls.talk_s,
    whole_calls.hold_s,
    whole_calls.acw_s,
    CASE
      WHEN $is_inclusive THEN whole_calls.queue_s <= $threshold_s
      ELSE whole_calls.queue_s < $threshold_s
    END AS is_in_t,
    whole_calls.outcome = 'short_abandoned' OR whole_calls.queue_s <= $short_abandon_s AS is_short,
    links.side <> 'pair' AS is_open
  FROM links
  INNER JOIN whole_calls ON links.file_id = whole_calls.file_id AND links.row = whole_calls.row
  LEFT JOIN proven ON links.file_id = proven.file_id AND links.row = proven.row
  WHERE links.in_month AND links.side IN ('pair', 'vendor') AND proven.row IS NULL
), lone_legs AS (
  SELECT
    inhouse_calls.file_id,
    inhouse_calls.row,
    'leg' AS kind,
    'none' AS class,
    CAST(NULL AS VARCHAR) AS outcome,
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
    links.match_class <> 'inhouse_only' OR NOT links.is_covered AS is_open
  FROM links
  INNER JOIN inhouse_calls ON links.file_id = inhouse_calls.file_id AND links.row = inhouse_calls.row
  WHERE links.in_month AND links.side = 'inhouse' AND NOT links.is_absent
)
SELECT * FROM records
UNION ALL
SELECT * FROM lone_legs
