-- Looks for: a billed call that was never passed on. Certainty at best: proven.
-- Evidence: an answered record with a usable number and no leg in our log, at a time for which that log is whole.
-- Innocent readings, each of which lowers it to probable unless it was checked and does not hold: log gap, clock, number
--   withheld or changed on the way, a number that callers can dial directly, a dropped line (same agent and caller seconds
--   before), a leg booked to another route.
-- Grain: one accused record. Uncovered hours accuse nobody.
-- Inputs: vendor_calls, inhouse_calls, links, doubled (records that are proven duplicates), direct (called), whole (day).
-- Parameters: tolerance_us.
-- Output: file_id, row, vendor_call_id, linked_call_id, certainty, explanation, innocent_reading.
WITH bare AS (
  SELECT
    vendor_calls.*,
    links.reason AS link_reason,
    CAST(links.offset_s * 1000000 AS BIGINT) AS offset_us,
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
), lone AS (
  SELECT inhouse_calls.caller_key, COALESCE(inhouse_calls.transferred_us, inhouse_calls.arrived_us) AS at_us,
    inhouse_calls.transferred_us IS NOT NULL AND links.side = 'inhouse' AS is_passed_on
  FROM inhouse_calls
  LEFT JOIN links ON inhouse_calls.file_id = links.inhouse_file_id AND inhouse_calls.row = links.inhouse_row
  WHERE links.side IS NULL OR links.side = 'inhouse'
), near_caller AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN lone ON bare.caller_key = lone.caller_key
  WHERE
    lone.at_us BETWEEN bare.client_us - 900000000 AND bare.client_us + 900000000
    OR (lone.is_passed_on AND lone.at_us BETWEEN bare.client_us - 50400000000 AND bare.client_us + 50400000000)
), near_time AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN lone ON lone.at_us BETWEEN bare.client_us - $tolerance_us AND bare.client_us + $tolerance_us
  WHERE lone.is_passed_on
), pieces AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN vendor_calls AS before
    ON bare.caller_key = before.caller_key
    AND bare.agent_id = before.agent_id
    AND before.ended_us BETWEEN bare.offered_us - 10000000 AND bare.offered_us + 10000000
    AND before.offered_us < bare.offered_us
), dialled AS (
  SELECT DISTINCT bare.file_id, bare.row
  FROM bare
  INNER JOIN direct ON bare.called IS NULL OR REGEXP_REPLACE(bare.called, '[^0-9]', '', 'g') = direct.called
), judged AS (
  SELECT
    bare.*,
    CASE
      WHEN bare.caller_key IS NULL THEN 'the vendor shows no usable number, so the leg may be there under a number'
      WHEN bare.link_reason = 'a leg without number lies at that time'
        THEN 'a leg without number lies at that time and may be this call'
      WHEN bare.link_reason = 'the clock offset of that day is not known'
        THEN 'the clocks could not be compared that day, so the leg may lie elsewhere'
      WHEN near_caller.row IS NOT NULL
        THEN 'our log has another row of this caller without a partner that day: a clock or a route may be wrong'
      WHEN near_time.row IS NOT NULL THEN 'a leg of another number without a partner lies at that time: the number may have changed on the way'
      WHEN pieces.row IS NOT NULL THEN 'the same agent and caller were talking seconds before: a dropped line'
      WHEN dialled.row IS NOT NULL THEN 'the caller may have dialled a direct number, past our log'
      WHEN whole.day IS NULL THEN 'nothing vouches that our log is complete on that day'
      WHEN COALESCE(bare.direction, 'unknown') <> 'inbound' THEN 'the contract states no direction, so it may be no inbound call'
    END AS doubt
  FROM bare
  LEFT JOIN near_caller ON bare.file_id = near_caller.file_id AND bare.row = near_caller.row
  LEFT JOIN near_time ON bare.file_id = near_time.file_id AND bare.row = near_time.row
  LEFT JOIN pieces ON bare.file_id = pieces.file_id AND bare.row = pieces.row
  LEFT JOIN dialled ON bare.file_id = dialled.file_id AND bare.row = dialled.row
  LEFT JOIN whole ON bare.day = whole.day
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
    'checked: log gap, clock, number withheld or changed, other route, dropped line; none holds'
  ) AS innocent_reading
FROM judged
