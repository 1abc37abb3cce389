-- Grain: one record and one leg, both without partner by number, that could belong together though a side shows no whole
--        number: about the same time, no digit that contradicts, a route that leads there, a duration that fits.
-- Inputs: rest_calls, rest_legs (ref, is_nameless, t_us, place: queue or route, lasted_us, sign_1 to sign_5: the first
--         three and last two digits, null where hidden; records also window_us), barred (queue, route).
-- Parameters: widest_us (the widest window), lasted_low_us, lasted_high_us (what a record may last longer than its leg).
-- Output: call_ref, leg_ref, delta_us, is_mask (two digits or more show on both sides; all that do agree).
WITH records AS (
  SELECT *, CAST(FLOOR(t_us / CAST($widest_us AS DOUBLE)) AS BIGINT) AS bin FROM rest_calls WHERE window_us >= 0
), legs AS (
  SELECT *, CAST(FLOOR(t_us / CAST($widest_us AS DOUBLE)) AS BIGINT) AS bin FROM rest_legs
), near_bins AS (
  SELECT *, bin - 1 AS near_bin FROM legs
  UNION ALL
  SELECT *, bin AS near_bin FROM legs
  UNION ALL
  SELECT *, bin + 1 AS near_bin FROM legs
)
SELECT
  records.ref AS call_ref,
  near_bins.ref AS leg_ref,
  records.t_us - near_bins.t_us AS delta_us,
  (
    CASE WHEN records.sign_1 = near_bins.sign_1 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_2 = near_bins.sign_2 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_3 = near_bins.sign_3 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_4 = near_bins.sign_4 THEN 1 ELSE 0 END
    + CASE WHEN records.sign_5 = near_bins.sign_5 THEN 1 ELSE 0 END
  ) >= 2 AS is_mask
FROM records
INNER JOIN near_bins
  ON records.bin = near_bins.near_bin
  AND records.t_us - near_bins.t_us <= records.window_us
  AND near_bins.t_us - records.t_us <= records.window_us
LEFT JOIN barred ON records.place = barred.queue AND near_bins.place = barred.route
WHERE
  (records.is_nameless OR near_bins.is_nameless)
  AND COALESCE(records.sign_1 = near_bins.sign_1, TRUE)
  AND COALESCE(records.sign_2 = near_bins.sign_2, TRUE)
  AND COALESCE(records.sign_3 = near_bins.sign_3, TRUE)
  AND COALESCE(records.sign_4 = near_bins.sign_4, TRUE)
  AND COALESCE(records.sign_5 = near_bins.sign_5, TRUE)
  AND barred.queue IS NULL
  AND COALESCE(records.lasted_us - near_bins.lasted_us BETWEEN $lasted_low_us AND $lasted_high_us, TRUE)
