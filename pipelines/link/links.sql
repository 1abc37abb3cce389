-- Grain: one pair, or one side without partner. Every record and every leg stands in exactly one row.
-- Inputs: calls, legs, offsets, hours, paired (with match_class, confidence, reason), keyless,
--         absent (from_us, to_us, reason: times for which no vendor record could be there).
-- Parameters: vendor, month, margin_us (a call this near to an uncovered hour is treated as in it).
-- Output: as `links` in pipelines/tables/.
WITH timed AS (
  SELECT
    calls.*,
    calls.at_us - offsets.offset_us AS client_us,
    offsets.offset_us,
    offsets.basis
  FROM calls
  INNER JOIN offsets ON calls.day = offsets.day
), gaps AS (
  SELECT
    timed.file_id,
    timed.row,
    COUNT(hours.hour_us) AS hours_known,
    SUM(CASE WHEN hours.is_covered THEN 0 ELSE 1 END) AS hours_bare
  FROM timed
  LEFT JOIN hours
    ON hours.hour_us <= timed.client_us + $margin_us AND hours.hour_us + 3600000000 > timed.client_us - $margin_us
  GROUP BY timed.file_id, timed.row
), options AS (
  SELECT file_id, row, COUNT(*) AS legs_near FROM keyless GROUP BY file_id, row
), rivals AS (
  SELECT leg_file_id, leg_row, COUNT(*) AS calls_near FROM keyless GROUP BY leg_file_id, leg_row
), vendor_side AS (
  SELECT
    CASE WHEN paired.row IS NULL THEN 'vendor' ELSE 'pair' END AS side,
    timed.call_id AS vendor_call_id,
    timed.file_id,
    timed.row,
    legs.call_id AS inhouse_call_id,
    paired.leg_file_id AS inhouse_file_id,
    paired.leg_row AS inhouse_row,
    CASE
      WHEN paired.row IS NOT NULL THEN paired.match_class
      WHEN timed.caller_key IS NULL OR options.legs_near > 0 THEN 'no_number'
      ELSE 'vendor_only'
    END AS match_class,
    paired.delta_us,
    paired.confidence,
    CASE
      WHEN paired.row IS NOT NULL THEN paired.reason
      WHEN timed.basis = 'none' THEN 'the clock offset of that day is not known'
      WHEN timed.caller_key IS NULL THEN 'the vendor shows no usable number'
      WHEN options.legs_near > 0 THEN 'a leg without number lies at that time'
      ELSE 'no leg of this caller within the tolerance'
    END AS reason,
    timed.offset_us,
    gaps.hours_known > 0 AND gaps.hours_bare = 0 AS is_covered,
    FALSE AS is_absent,
    timed.audit_month = $month AS in_month
  FROM timed
  INNER JOIN gaps ON timed.file_id = gaps.file_id AND timed.row = gaps.row
  LEFT JOIN paired ON timed.file_id = paired.file_id AND timed.row = paired.row
  LEFT JOIN legs ON paired.leg_file_id = legs.file_id AND paired.leg_row = legs.row
  LEFT JOIN options ON timed.file_id = options.file_id AND timed.row = options.row
), missing AS (
  SELECT legs.file_id, legs.row, MIN(absent.reason) AS reason
  FROM legs
  INNER JOIN absent ON legs.at_us >= absent.from_us AND legs.at_us < absent.to_us
  GROUP BY legs.file_id, legs.row
), leg_side AS (
  SELECT
    'inhouse' AS side,
    CAST(NULL AS VARCHAR) AS vendor_call_id,
    legs.file_id,
    legs.row,
    legs.call_id AS inhouse_call_id,
    legs.file_id AS inhouse_file_id,
    legs.row AS inhouse_row,
    CASE WHEN rivals.calls_near > 0 THEN 'no_number' ELSE 'inhouse_only' END AS match_class,
    CAST(NULL AS BIGINT) AS delta_us,
    CAST(NULL AS DOUBLE) AS confidence,
    CASE
      WHEN missing.reason IS NOT NULL THEN missing.reason
      WHEN rivals.calls_near > 0 THEN 'a record without number lies at that time'
      ELSE 'no record of this caller within the tolerance'
    END AS reason,
    CAST(NULL AS BIGINT) AS offset_us,
    COALESCE(hours.is_covered, FALSE) AS is_covered,
    missing.reason IS NOT NULL AS is_absent,
    legs.audit_month = $month AS in_month
  FROM legs
  LEFT JOIN paired ON legs.file_id = paired.leg_file_id AND legs.row = paired.leg_row
  LEFT JOIN rivals ON legs.file_id = rivals.leg_file_id AND legs.row = rivals.leg_row
  LEFT JOIN missing ON legs.file_id = missing.file_id AND legs.row = missing.row
  LEFT JOIN hours ON hours.hour_us <= legs.at_us AND hours.hour_us + 3600000000 > legs.at_us
  WHERE paired.row IS NULL
)
SELECT $vendor AS vendor_id, * FROM vendor_side
UNION ALL
SELECT $vendor AS vendor_id, * FROM leg_side
