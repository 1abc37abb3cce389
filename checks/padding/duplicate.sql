-- Looks for: one call reported twice. Certainty at best: proven.
-- Evidence: the same (call_id, leg) in two rows of one file, or two answered rows that agree in caller, agent and talk time and
--   start within ten seconds; and one in-house leg between them. One record of a group stays unaccused: the one matched to
--   the leg, else the first by file and row. A record with a leg of its own is never accused.
-- Innocent readings: a second line of one household or switchboard (would have a leg of its own), ids used twice by the
--   system (then caller or time differ: at most probable), a gap in our log (covered hours only: else at most probable).
-- Grain: one accused record.
-- Inputs: vendor_calls, links.
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
    vendor_calls.direction = 'inbound' AS is_inbound,
    vendor_calls.outcome IN ('answered', 'transferred') AS is_answered,
    links.side = 'pair' AS is_paired,
    links.inhouse_call_id,
    links.is_covered
  FROM vendor_calls
  INNER JOIN links ON vendor_calls.file_id = links.file_id AND vendor_calls.row = links.row
  WHERE links.in_month AND links.side IN ('pair', 'vendor')
), same_id AS (
  SELECT x.file_id, x.row, y.file_id AS other_file_id, y.row AS other_row
  FROM records AS x
  INNER JOIN records AS y ON x.file_id = y.file_id AND x.call_id = y.call_id AND x.leg = y.leg AND x.row <> y.row
), same_content AS (
  SELECT x.file_id, x.row, y.file_id AS other_file_id, y.row AS other_row
  FROM records AS x
  INNER JOIN records AS y
    ON x.caller_key = y.caller_key
    AND x.agent_id = y.agent_id
    AND x.talk_s = y.talk_s
    AND x.offered_us BETWEEN y.offered_us - 10000000 AND y.offered_us + 10000000
  WHERE
    x.is_answered
    AND y.is_answered
    AND x.talk_s > 0
    AND NOT (x.file_id = y.file_id AND x.row = y.row)
    AND NOT (x.file_id = y.file_id AND x.call_id = y.call_id AND x.leg <> y.leg)
), partners AS (
  SELECT * FROM same_id
  UNION
  SELECT * FROM same_content
), ranked AS (
  SELECT
    x.*,
    y.call_id AS other_call_id,
    y.row AS other_row,
    y.is_paired AS is_other_paired,
    y.inhouse_call_id AS other_leg_id,
    x.caller_key = y.caller_key
    AND (
      x.offered_us BETWEEN y.offered_us - 10000000 AND y.offered_us + 10000000
      OR (x.offered_us < y.ended_us AND y.offered_us < x.ended_us)
    ) AS is_same_call,
    ROW_NUMBER() OVER (
      PARTITION BY x.file_id, x.row
      ORDER BY CASE WHEN y.is_paired THEN 0 ELSE 1 END, y.file_id, y.row
    ) AS place
  FROM partners
  INNER JOIN records AS x ON partners.file_id = x.file_id AND partners.row = x.row
  INNER JOIN records AS y ON partners.other_file_id = y.file_id AND partners.other_row = y.row
  WHERE
    NOT x.is_paired
    AND (y.is_paired OR y.file_id < x.file_id OR (y.file_id = x.file_id AND y.row < x.row))
)
SELECT
  file_id,
  row,
  call_id AS vendor_call_id,
  other_call_id AS linked_call_id,
  CASE
    WHEN is_other_paired AND is_covered AND is_inbound AND is_same_call THEN 'proven'
    ELSE 'probable'
  END AS certainty,
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
  CASE
    WHEN NOT COALESCE(is_same_call, FALSE)
      THEN 'the system may use an id twice: caller or time differ, or no caller is shown'
    WHEN NOT is_covered THEN 'our own log has a gap around that time'
    WHEN NOT COALESCE(is_inbound, FALSE) THEN 'the contract states no direction, so it may be no inbound call'
    WHEN NOT is_other_paired THEN 'both may be real and our log may lack both legs'
    ELSE 'a second line of the same caller: checked, it would have a leg of its own, and our log is whole around that time'
  END AS innocent_reading
FROM ranked
WHERE place = 1
