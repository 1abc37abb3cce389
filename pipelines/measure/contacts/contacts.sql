-- Grain: one contact of a caller, of all vendors and in-house: a leg and the record it is paired with are one contact.
-- Inputs: links, whole_calls, findings (all vendors), inhouse_calls.
-- Output: as `contacts` in pipelines/tables/, times as `_us`; vendors' times stand on the client's clock, by the
--         day's offset.
WITH proven AS (
  SELECT DISTINCT file_id, row FROM findings WHERE certainty = 'proven'
), at_vendors AS (
  SELECT
    COALESCE(whole_calls.caller_key, leg.caller_key) AS caller_key,
    whole_calls.vendor_id AS side,
    whole_calls.call_id,
    leg.call_id AS inhouse_call_id,
    COALESCE(leg.arrived_us, whole_calls.offered_us - CAST(links.offset_s * 1000000 AS BIGINT)) AS starts_us,
    whole_calls.ended_us - CAST(links.offset_s * 1000000 AS BIGINT) AS ends_us,
    whole_calls.outcome IN ('answered', 'transferred') AS is_answered,
    links.in_month AND whole_calls.outcome IN ('answered', 'transferred') AS is_base,
    leg.returned_us IS NOT NULL AS is_handed_back,
    whole_calls.file_id,
    whole_calls.row
  FROM links
  INNER JOIN whole_calls ON links.file_id = whole_calls.file_id AND links.row = whole_calls.row
    AND links.vendor_id = whole_calls.vendor_id
  LEFT JOIN inhouse_calls AS leg ON links.inhouse_file_id = leg.file_id AND links.inhouse_row = leg.row
  LEFT JOIN proven ON whole_calls.file_id = proven.file_id AND whole_calls.row = proven.row
  WHERE
    links.side IN ('pair', 'vendor')
    AND proven.row IS NULL
    AND COALESCE(whole_calls.outcome, 'unknown') <> 'blocked'
), paired_legs AS (
  SELECT DISTINCT inhouse_file_id, inhouse_row FROM links WHERE side = 'pair'
), in_house AS (
  SELECT
    inhouse_calls.caller_key,
    'inhouse' AS side,
    inhouse_calls.call_id,
    inhouse_calls.call_id AS inhouse_call_id,
    inhouse_calls.arrived_us AS starts_us,
    COALESCE(inhouse_calls.ended_us, inhouse_calls.leg_ended_us) AS ends_us,
    inhouse_calls.transferred_us IS NULL
    AND (inhouse_calls.outcome IN ('answered', 'transferred') OR inhouse_calls.agent_id IS NOT NULL) AS is_answered,
    FALSE AS is_base,
    FALSE AS is_handed_back,
    inhouse_calls.file_id,
    inhouse_calls.row
  FROM inhouse_calls
  LEFT JOIN paired_legs
    ON inhouse_calls.file_id = paired_legs.inhouse_file_id AND inhouse_calls.row = paired_legs.inhouse_row
  WHERE
    paired_legs.inhouse_row IS NULL
    AND (
      inhouse_calls.transferred_us IS NOT NULL
      OR inhouse_calls.agent_id IS NOT NULL
      OR inhouse_calls.outcome IN (
        'answered', 'transferred', 'abandoned', 'short_abandoned', 'overflowed', 'voicemail', 'callback_requested'
      )
    )
)
SELECT * FROM at_vendors
UNION ALL
SELECT * FROM in_house
