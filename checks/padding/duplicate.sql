-- Looks for: one call reported twice. Certainty at best: proven.
-- Evidence: the same (call_id, leg) in two rows of one file, or two answered rows that agree in agent, talk time and, where
--   shown, caller, and start within ten seconds; and one in-house leg between them. One record of a group stays unaccused:
--   the one matched to the leg, else the first by file and row. A record with a leg of its own is never accused.
-- Proven only where caller, agent and talk agree, the times are those of one call, our log is whole there and no leg is
--   left over that could be the other call. Ids that a spreadsheet has flattened (6.02E+11, #####) are no ids.
-- Innocent readings: a second line of one household or switchboard (would have a leg of its own), a transfer or re-queue
--   under one id (then agent or talk differ), a correction in a later file, an id used twice, a gap in our log.
-- Grain: one accused record.
-- Inputs: vendor_calls, inhouse_calls, links. Parameters: tolerance_us.
-- Output: file_id, row, vendor_call_id, linked_call_id, certainty, explanation, innocent_reading.
WITH records AS (
  SELECT
    vendor_calls.file_id,
    vendor_calls.row,
    vendor_calls.call_id,
    COALESCE(vendor_calls.leg, '') AS leg,
    vendor_calls.caller_key,
    vendor_calls.agent_id,
    vendor_calls.talk_s,
    vendor_calls.offered_us,
    COALESCE(vendor_calls.ended_us, vendor_calls.offered_us) AS ended_us,
    vendor_calls.offered_us - CAST(links.offset_s * 1000000 AS BIGINT) AS client_us,
    COALESCE(vendor_calls.is_billed, TRUE) AS is_billed,
    COALESCE(vendor_calls.direction = 'inbound', FALSE) AS is_inbound,
    COALESCE(vendor_calls.outcome IN ('answered', 'transferred'), FALSE) AS is_answered,
    links.side = 'pair' AS is_paired,
    links.match_class = 'no_number' AS is_near_keyless,
    links.inhouse_call_id,
    COALESCE(links.is_covered, FALSE) AS is_covered
  FROM vendor_calls
  INNER JOIN links ON vendor_calls.file_id = links.file_id AND vendor_calls.row = links.row
  WHERE links.in_month AND links.side IN ('pair', 'vendor')
), same_id AS (
  SELECT x.file_id, x.row, y.file_id AS other_file_id, y.row AS other_row
  FROM records AS x
  INNER JOIN records AS y ON x.file_id = y.file_id AND x.call_id = y.call_id AND x.leg = y.leg AND x.row <> y.row
  WHERE NOT (UPPER(x.call_id) LIKE '%E+__' OR x.call_id LIKE '#%')
), same_content AS (
  SELECT x.file_id, x.row, y.file_id AS other_file_id, y.row AS other_row
  FROM records AS x
  INNER JOIN records AS y
    ON x.agent_id = y.agent_id
    AND x.talk_s = y.talk_s
    AND x.offered_us BETWEEN y.offered_us - 10000000 AND y.offered_us + 10000000
  WHERE
    (x.caller_key = y.caller_key OR x.caller_key IS NULL OR y.caller_key IS NULL)
    AND x.is_answered
    AND y.is_answered
    AND x.talk_s > 0
    AND NOT (x.file_id = y.file_id AND x.row = y.row)
    AND NOT (x.file_id = y.file_id AND x.call_id = y.call_id AND x.leg <> y.leg)
), partners AS (
  SELECT * FROM same_id
  UNION
  SELECT * FROM same_content
), compared AS (
  SELECT
    x.*,
    y.file_id AS other_file_id,
    y.row AS other_row,
    y.call_id AS other_call_id,
    y.is_paired AS is_other_paired,
    y.inhouse_call_id AS other_leg_id,
    x.file_id <> y.file_id AND x.call_id = y.call_id AS is_correction,
    COALESCE(
      x.caller_key = y.caller_key
      AND (
        x.offered_us BETWEEN y.offered_us - 10000000 AND y.offered_us + 10000000
        OR (x.offered_us < y.ended_us AND y.offered_us < x.ended_us)
      ),
      FALSE
    ) AS is_same_call,
    COALESCE(
      x.is_answered AND y.is_answered AND COALESCE(x.agent_id, '') = COALESCE(y.agent_id, '')
      AND x.talk_s = y.talk_s AND x.talk_s > 0,
      FALSE
    ) AS is_same_talk
  FROM partners
  INNER JOIN records AS x ON partners.file_id = x.file_id AND partners.row = x.row
  INNER JOIN records AS y ON partners.other_file_id = y.file_id AND partners.other_row = y.row
  WHERE
    NOT x.is_paired
    AND x.is_billed
    AND (y.is_paired OR y.file_id < x.file_id OR (y.file_id = x.file_id AND y.row < x.row))
), ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (
      PARTITION BY file_id, row
      ORDER BY
        CASE WHEN is_other_paired THEN 0 ELSE 1 END,
        CASE WHEN is_same_call AND is_same_talk AND NOT is_correction THEN 0 WHEN is_same_call THEN 1 ELSE 2 END,
        other_file_id,
        other_row
    ) AS place
  FROM compared
), lone_legs AS (
  SELECT inhouse_calls.transferred_us AS at_us
  FROM links
  INNER JOIN inhouse_calls
    ON links.inhouse_file_id = inhouse_calls.file_id AND links.inhouse_row = inhouse_calls.row
  WHERE links.side = 'inhouse'
), left_over AS (
  SELECT DISTINCT ranked.file_id, ranked.row
  FROM ranked
  INNER JOIN lone_legs
    ON lone_legs.at_us BETWEEN ranked.client_us - $tolerance_us AND ranked.client_us + $tolerance_us
), judged AS (
  SELECT
    ranked.*,
    CASE
      WHEN NOT ranked.is_same_call THEN 'the system may use an id twice: caller or time differ, or no caller is shown'
      WHEN ranked.is_correction THEN 'the later file may correct the earlier one'
      WHEN NOT ranked.is_same_talk THEN 'a transfer or a second queue under one id: agent or talk time differ'
      WHEN NOT ranked.is_covered THEN 'our own log has a gap around that time'
      WHEN NOT ranked.is_inbound THEN 'the contract states no direction, so it may be no inbound call'
      WHEN NOT ranked.is_other_paired THEN 'both may be real and our log may lack both legs'
      WHEN ranked.is_near_keyless OR left_over.row IS NOT NULL
        THEN 'a leg without a partner lies at that time and may be this call'
    END AS doubt
  FROM ranked
  LEFT JOIN left_over ON ranked.file_id = left_over.file_id AND ranked.row = left_over.row
  WHERE ranked.place = 1
)
SELECT
  file_id,
  row,
  call_id AS vendor_call_id,
  other_call_id AS linked_call_id,
  CASE WHEN doubt IS NULL THEN 'proven' ELSE 'probable' END AS certainty,
  CASE
    WHEN is_other_paired
      THEN CONCAT(
        'repeats record ', CAST(other_row AS VARCHAR), ' (', other_call_id, '); our log holds one leg between them, ',
        other_leg_id, ', which belongs to that record'
      )
    ELSE CONCAT(
      'repeats record ', CAST(other_row AS VARCHAR), ' (', other_call_id, '); neither has a leg in our log'
    )
  END AS explanation,
  COALESCE(
    doubt,
    'a second line of the same caller: checked, it would have a leg of its own, and our log is whole around that time'
  ) AS innocent_reading
FROM judged
