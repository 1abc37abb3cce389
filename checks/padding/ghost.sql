-- Looks for: a billed call that was never passed on. Certainty at best: proven.
-- Evidence: an answered record with a usable number and no leg in our log, at a time for which that log is whole.
-- Innocent readings, each of which lowers it to probable unless it was checked and does not hold: a clock that is wrong
--   or was set, a number withheld or changed on the way, a number that callers can dial directly, a dropped line, a
--   transfer or a second line, a leg passed on twice or booked to another route, rows of our log that could not be read,
--   a gap that shows only in this: within half an hour, or in that ten minutes of all days, three or more of the vendor's
--   calls and a quarter of them have no leg, and these are more than its usual share of such calls explains (four
--   standard deviations). Where the numbers of our log's rows are unbroken there is no such gap.
-- Grain: one accused record. Gaps of our log accuse nobody: links.is_covered says so, with a margin.
-- Inputs: vendor_calls, inhouse_calls, links, doubled (records that are proven duplicates), direct (called: digits),
--         spans (state: vouched or lost; kind: of what is vouched declared, numbered or counted; from_us, to_us).
-- Parameters: tolerance_us, margin_us (what holds for a call must hold this long before and after).
-- Output: file_id, row, vendor_call_id, linked_call_id, certainty, explanation, innocent_reading.
WITH unmatched AS (
  SELECT
    vendor_calls.*,
    links.match_class,
    links.reason AS link_reason,
    vendor_calls.offered_us - CAST(links.offset_s * 1000000 AS BIGINT) AS client_us
  FROM links
  INNER JOIN vendor_calls ON links.file_id = vendor_calls.file_id AND links.row = vendor_calls.row
  LEFT JOIN doubled ON links.file_id = doubled.file_id AND links.row = doubled.row
  WHERE
    links.in_month
    AND links.side = 'vendor'
    AND links.is_covered
    AND doubled.row IS NULL
    AND vendor_calls.outcome IN ('answered', 'transferred')
    AND COALESCE(vendor_calls.is_billed, TRUE)
), around AS (
  SELECT
    unmatched.file_id,
    unmatched.row,
    MAX(CASE WHEN spans.state = 'lost' AND spans.kind = 'unread' THEN 1 ELSE 0 END) AS in_unread,
    MAX(CASE WHEN spans.state = 'lost' THEN 1 ELSE 0 END) AS in_lost,
    MAX(
      CASE
        WHEN NOT (
          spans.state = 'vouched' AND spans.from_us <= unmatched.client_us - $margin_us
          AND spans.to_us >= unmatched.client_us + $margin_us
        ) THEN 0
        WHEN spans.kind = 'numbered' THEN 3
        WHEN spans.kind = 'counted' THEN 2
        ELSE 1
      END
    ) AS backing
  FROM unmatched
  INNER JOIN spans
    ON spans.from_us <= unmatched.client_us + $margin_us AND spans.to_us > unmatched.client_us - $margin_us
  GROUP BY unmatched.file_id, unmatched.row
), bare AS (
  SELECT
    unmatched.*,
    COALESCE(around.in_lost, 0) AS in_lost,
    COALESCE(around.in_unread, 0) AS in_unread,
    COALESCE(around.backing, 0) AS backing
  FROM unmatched
  LEFT JOIN around ON unmatched.file_id = around.file_id AND unmatched.row = around.row
), log_rows AS (
  SELECT
    caller_key,
    LEAST(arrived_us, COALESCE(transferred_us, arrived_us)) AS from_us,
    GREATEST(
      arrived_us,
      COALESCE(transferred_us, arrived_us),
      COALESCE(leg_ended_us, arrived_us),
      COALESCE(returned_us, arrived_us),
      COALESCE(ended_us, arrived_us)
    ) AS to_us,
    (transferred_us IS NULL AND agent_id IS NULL AND COALESCE(outcome, 'unknown') IN ('unknown', 'transferred'))
    OR (transferred_us IS NULL AND NOT vendor_id IS NULL)
    OR (leg_ended_us IS NULL AND returned_us IS NULL AND ended_us IS NULL) AS is_lost_sight_of
  FROM inhouse_calls
), legs AS (
  SELECT
    inhouse_calls.caller_key,
    inhouse_calls.transferred_us AS at_us,
    COALESCE(links.side, 'inhouse') = 'inhouse' AS is_lone,
    COALESCE(links.is_absent, FALSE) AS is_absent
  FROM inhouse_calls
  LEFT JOIN links
    ON inhouse_calls.file_id = links.inhouse_file_id AND inhouse_calls.row = links.inhouse_row
  WHERE
    inhouse_calls.transferred_us IS NOT NULL
    AND (links.side IS NOT NULL OR COALESCE(inhouse_calls.vendor_id, 'unknown') = 'unknown')
), near_caller AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN log_rows ON bare.caller_key = log_rows.caller_key
  WHERE
    bare.client_us BETWEEN log_rows.from_us - 900000000 AND log_rows.to_us + 900000000
    OR (
      log_rows.is_lost_sight_of
      AND bare.client_us BETWEEN log_rows.from_us - 7200000000 AND log_rows.to_us + 7200000000
    )
), nameless_row AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN inhouse_calls
    ON COALESCE(inhouse_calls.transferred_us, inhouse_calls.arrived_us)
    BETWEEN bare.client_us - $tolerance_us AND bare.client_us + $tolerance_us
  LEFT JOIN links
    ON inhouse_calls.file_id = links.inhouse_file_id AND inhouse_calls.row = links.inhouse_row AND links.side = 'pair'
  WHERE inhouse_calls.caller_key IS NULL AND links.row IS NULL
), elsewhere AS (
  SELECT
    bare.file_id,
    bare.row,
    bare.client_us,
    MAX(CASE WHEN ABS(legs.at_us - bare.client_us) <= 50400000000 THEN 1 ELSE 0 END) AS is_that_day
  FROM bare
  INNER JOIN legs ON bare.caller_key = legs.caller_key
  WHERE legs.is_lone AND (NOT legs.is_absent OR ABS(legs.at_us - bare.client_us) <= 50400000000)
  GROUP BY bare.file_id, bare.row, bare.client_us
), beside_shifted AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN elsewhere
    ON elsewhere.client_us BETWEEN bare.client_us - 1800000000 AND bare.client_us + 1800000000
  WHERE elsewhere.is_that_day = 1
), near_time AS (
  SELECT
    bare.file_id,
    bare.row,
    MAX(
      CASE
        WHEN NOT legs.is_lone THEN 0
        WHEN ABS(legs.at_us - bare.client_us) <= 4 * $tolerance_us THEN 1
        WHEN legs.caller_key IS NULL AND ABS(legs.at_us - bare.client_us) <= 900000000 THEN 1
        ELSE 0
      END
    ) AS is_other_leg,
    SUM(CASE WHEN legs.is_lone THEN 1 ELSE 0 END) AS lone_legs,
    COUNT(*) AS all_legs
  FROM bare
  INNER JOIN legs ON legs.at_us BETWEEN bare.client_us - 1800000000 AND bare.client_us + 1800000000
  GROUP BY bare.file_id, bare.row
), pieces AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN vendor_calls AS before
    ON bare.caller_key = before.caller_key
    AND bare.agent_id = before.agent_id
    AND before.ended_us BETWEEN bare.offered_us - 10000000 AND bare.offered_us + 10000000
    AND before.offered_us < bare.offered_us
), with_leg AS (
  SELECT
    vendor_calls.file_id,
    vendor_calls.call_id,
    vendor_calls.caller_key,
    vendor_calls.offered_us,
    vendor_calls.offered_us - CAST(links.offset_s * 1000000 AS BIGINT) AS client_us,
    COALESCE(vendor_calls.ended_us, vendor_calls.offered_us) AS ended_us
  FROM links
  INNER JOIN vendor_calls ON links.file_id = vendor_calls.file_id AND links.row = vendor_calls.row
  WHERE links.side = 'pair'
), beside_own AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN with_leg
    ON bare.caller_key = with_leg.caller_key
    AND (
      bare.offered_us BETWEEN with_leg.offered_us - 900000000 AND with_leg.ended_us + 900000000
      OR (bare.file_id = with_leg.file_id AND bare.call_id = with_leg.call_id)
    )
), ten_minutes AS (
  SELECT
    bin,
    SUM(is_alone) AS alone,
    COUNT(*) AS records
  FROM (
    SELECT CAST(FLOOR(client_us / 600000000.0) AS BIGINT) AS bin, 1 AS is_alone FROM bare
    UNION ALL
    SELECT CAST(FLOOR(client_us / 600000000.0) AS BIGINT) AS bin, 0 AS is_alone FROM with_leg
  ) AS all_records
  GROUP BY bin
), around_bins AS (
  SELECT
    ten_minutes.bin,
    SUM(near.alone) AS alone,
    SUM(near.records) AS records
  FROM ten_minutes
  INNER JOIN ten_minutes AS near ON near.bin BETWEEN ten_minutes.bin - 3 AND ten_minutes.bin + 3
  GROUP BY ten_minutes.bin
), times_of_day AS (
  SELECT
    bin - 144 * CAST(FLOOR(bin / 144.0) AS BIGINT) AS slot,
    SUM(alone) AS alone,
    SUM(records) AS records
  FROM ten_minutes
  GROUP BY bin - 144 * CAST(FLOOR(bin / 144.0) AS BIGINT)
), usual AS (
  SELECT CAST(SUM(alone) AS DOUBLE) / NULLIF(CAST(SUM(records) AS DOUBLE), 0) AS share FROM ten_minutes
), places AS (
  SELECT around_bins.bin, around_bins.alone, around_bins.records
  FROM around_bins
  UNION ALL
  SELECT ten_minutes.bin, times_of_day.alone, times_of_day.records
  FROM ten_minutes
  INNER JOIN times_of_day ON ten_minutes.bin - 144 * CAST(FLOOR(ten_minutes.bin / 144.0) AS BIGINT) = times_of_day.slot
), many_alone AS (
  SELECT DISTINCT places.bin
  FROM places
  CROSS JOIN usual
  WHERE
    places.alone >= 3
    AND 4 * places.alone >= places.records
    AND places.alone >= usual.share * places.records
    AND (places.alone - usual.share * places.records) * (places.alone - usual.share * places.records)
    >= 16 * usual.share * places.records
), dialled AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM (SELECT *, REGEXP_REPLACE(called, '[^0-9]', '', 'g') AS digits FROM bare) AS bare
  INNER JOIN direct
    ON bare.digits IS NULL
    OR RIGHT(bare.digits, LEAST(LENGTH(bare.digits), LENGTH(direct.called), 8))
    = RIGHT(direct.called, LEAST(LENGTH(bare.digits), LENGTH(direct.called), 8))
), judged AS (
  SELECT
    bare.*,
    CASE
      WHEN bare.caller_key IS NULL THEN 'the vendor shows no usable number, so the leg may be there under a number'
      WHEN bare.link_reason = 'the clock offset of that day is not known'
        THEN 'the clocks could not be compared that day, so the leg may lie elsewhere'
      WHEN bare.link_reason = 'so many calls show this number that it does not tell them apart'
        THEN 'so many calls show this number that its leg may be any of theirs'
      WHEN bare.match_class = 'no_number' THEN 'a leg without number lies at that time and may be this call'
      WHEN pieces.row IS NOT NULL THEN 'the same agent and caller were talking seconds before: a dropped line'
      WHEN beside_own.row IS NOT NULL
        THEN 'the same caller had a call with a leg around that time: a transfer or a second line'
      WHEN near_caller.row IS NOT NULL
        THEN 'our log has a row of this caller around that time: a second line, or a leg passed on twice or elsewhere'
      WHEN elsewhere.row IS NOT NULL
        THEN 'our log has a leg of this caller without a partner at another time: a clock may be wrong'
      WHEN near_time.is_other_leg = 1
        THEN 'a leg of another number without a partner lies at that time: the number may have changed on the way'
      WHEN nameless_row.row IS NOT NULL
        THEN 'a row of our log without a number lies at that time and may be this call, booked elsewhere'
      WHEN near_time.lone_legs >= 3 AND 2 * near_time.lone_legs >= near_time.all_legs
        THEN 'half of our legs around that time found no record: clocks or numbers may be wrong then'
      WHEN beside_shifted.row IS NOT NULL
        THEN 'calls around that time have their legs at another time: a clock may have been set'
      WHEN bare.in_unread = 1 THEN 'a row of our own log around that time could not be read'
      WHEN bare.in_lost = 1 THEN 'the numbers of our own log have a hole around that time: a row of it is missing'
      WHEN many_alone.bin IS NOT NULL AND bare.backing < 3
        THEN 'many of the vendor''s calls around that time, or at that time of day, have no leg: our log may lack them'
      WHEN dialled.row IS NOT NULL THEN 'the caller may have dialled a direct number, past our log'
      WHEN bare.backing = 0 THEN 'nothing vouches that our log is complete at that time'
      WHEN COALESCE(bare.direction, 'unknown') <> 'inbound' THEN 'the contract states no direction, so it may be no inbound call'
    END AS doubt
  FROM bare
  LEFT JOIN near_caller ON bare.file_id = near_caller.file_id AND bare.row = near_caller.row
  LEFT JOIN elsewhere ON bare.file_id = elsewhere.file_id AND bare.row = elsewhere.row
  LEFT JOIN beside_shifted ON bare.file_id = beside_shifted.file_id AND bare.row = beside_shifted.row
  LEFT JOIN near_time ON bare.file_id = near_time.file_id AND bare.row = near_time.row
  LEFT JOIN nameless_row ON bare.file_id = nameless_row.file_id AND bare.row = nameless_row.row
  LEFT JOIN pieces ON bare.file_id = pieces.file_id AND bare.row = pieces.row
  LEFT JOIN beside_own ON bare.file_id = beside_own.file_id AND bare.row = beside_own.row
  LEFT JOIN dialled ON bare.file_id = dialled.file_id AND bare.row = dialled.row
  LEFT JOIN many_alone ON CAST(FLOOR(bare.client_us / 600000000.0) AS BIGINT) = many_alone.bin
)
SELECT
  file_id,
  row,
  call_id AS vendor_call_id,
  CAST(NULL AS VARCHAR) AS linked_call_id,
  CASE WHEN doubt IS NULL THEN 'proven' ELSE 'probable' END AS certainty,
  CONCAT(
    'reported as answered', CASE WHEN agent_id IS NULL THEN '' ELSE CONCAT(' by ', agent_id) END,
    '; our log, whole around that time, passed on no such call'
  ) AS explanation,
  COALESCE(
    doubt,
    CONCAT(
      'checked: log gap, clock, number withheld or changed, other route, second line, dropped line; none holds; it rests on ',
      CASE backing
        WHEN 3 THEN 'the numbers of our log''s rows, of which none is missing around that time'
        WHEN 2 THEN 'the closing lines of our log''s files, which agree with their rows'
        ELSE 'the client''s word that its log is whole'
      END
    )
  ) AS innocent_reading
FROM judged
