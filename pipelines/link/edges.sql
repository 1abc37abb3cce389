-- Grain: one record and one leg, both without partner by number, that could belong together though a side shows no whole
--        number: about the same time, no digit that contradicts, a route that leads there, a duration that fits.
-- Inputs: rest_calls, rest_legs (ref, is_nameless, t_us, place: queue or route, lasted_us, sign_1 to sign_5: the first
--         three and last two digits, null where hidden; records also window_us), barred (queue, route).
-- Parameters: widest_us (the widest window), lasted_low_us, lasted_high_us (what a record may last longer than its leg).
-- Output: call_ref, leg_ref, delta_us, is_mask (two digits or more show on both sides; all that do agree).
-- Where both show the last two digits these are looked up: in a busy month a window holds dozens of legs.
WITH records AS (
  SELECT
    *,
    CONCAT(sign_4, sign_5) AS tail,
    sign_4 IS NULL OR sign_5 IS NULL AS has_no_tail,
    CAST(FLOOR(t_us / CAST($widest_us AS DOUBLE)) AS BIGINT) AS bin
  FROM rest_calls
  WHERE window_us >= 0
), legs AS (
  SELECT
    *,
    CONCAT(sign_4, sign_5) AS tail,
    sign_4 IS NULL OR sign_5 IS NULL AS has_no_tail,
    CAST(FLOOR(t_us / CAST($widest_us AS DOUBLE)) AS BIGINT) AS bin
  FROM rest_legs
), near_bins AS (
  SELECT *, bin - 1 AS near_bin FROM legs
  UNION ALL
  SELECT *, bin AS near_bin FROM legs
  UNION ALL
  SELECT *, bin + 1 AS near_bin FROM legs
), meetings AS (
  SELECT records.ref AS call_ref, near_bins.ref AS leg_ref
  FROM records
  INNER JOIN near_bins
    ON records.bin = near_bins.near_bin
    AND records.tail = near_bins.tail
    AND ABS(records.t_us - near_bins.t_us) <= records.window_us
  WHERE NOT records.has_no_tail AND NOT near_bins.has_no_tail
  UNION ALL
  SELECT records.ref AS call_ref, near_bins.ref AS leg_ref
  FROM records
  INNER JOIN near_bins
    ON records.bin = near_bins.near_bin AND ABS(records.t_us - near_bins.t_us) <= records.window_us
  LEFT JOIN barred ON records.place = barred.queue AND near_bins.place = barred.route
  WHERE
    (records.has_no_tail OR near_bins.has_no_tail)
    AND (records.is_nameless OR near_bins.is_nameless)
    AND barred.queue IS NULL
    AND COALESCE(records.lasted_us - near_bins.lasted_us BETWEEN $lasted_low_us AND $lasted_high_us, TRUE)
)
SELECT
  records.ref AS call_ref,
  legs.ref AS leg_ref,
  records.t_us - legs.t_us AS delta_us,
  (
    CASE WHEN records.sign_1 = legs.sign_1 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_2 = legs.sign_2 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_3 = legs.sign_3 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_4 = legs.sign_4 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_5 = legs.sign_5 THEN 1 ELSE 0 END
  ) >= 2 AS is_mask
FROM meetings
INNER JOIN records ON meetings.call_ref = records.ref
INNER JOIN legs ON meetings.leg_ref = legs.ref
LEFT JOIN barred ON records.place = barred.queue AND legs.place = barred.route
WHERE
  (records.is_nameless OR legs.is_nameless)
  AND COALESCE(records.sign_1 = legs.sign_1, TRUE)
  AND COALESCE(records.sign_2 = legs.sign_2, TRUE)
  AND COALESCE(records.sign_3 = legs.sign_3, TRUE)
  AND COALESCE(records.sign_4 = legs.sign_4, TRUE)
  AND COALESCE(records.sign_5 = legs.sign_5, TRUE)
  AND barred.queue IS NULL
  AND COALESCE(records.lasted_us - legs.lasted_us BETWEEN $lasted_low_us AND $lasted_high_us, TRUE)
