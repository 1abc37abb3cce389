-- Grain: what a call of this vendor and the caller's next contact were about, where that was, and after how long.
-- Inputs: followed. Parameters: vendor.
-- Output: reason, next_reason: empty where not told; place: inhouse, same_vendor or other_vendor (also where our log
--         alone knows that the call was passed on to one); gap_s: time from the end to the next start, up to the full
--         minute, beyond a day up to the full hour; calls.
SELECT
  COALESCE(reason, '') AS reason,
  COALESCE(next_reason, '') AS next_reason,
  CASE WHEN next_us = same_vendor_us THEN 'same_vendor' WHEN next_us = other_vendor_us THEN 'other_vendor' ELSE 'inhouse' END AS place,
  CASE
    WHEN next_us - ends_us <= 86400000000 THEN CAST(CEIL((next_us - ends_us) / 60000000.0) AS BIGINT) * 60
    ELSE CAST(CEIL((next_us - ends_us) / 3600000000.0) AS BIGINT) * 3600
  END AS gap_s,
  COUNT(*) AS calls
FROM followed
WHERE side = $vendor AND next_us IS NOT NULL
GROUP BY
  COALESCE(reason, ''),
  COALESCE(next_reason, ''),
  CASE WHEN next_us = same_vendor_us THEN 'same_vendor' WHEN next_us = other_vendor_us THEN 'other_vendor' ELSE 'inhouse' END,
  CASE
    WHEN next_us - ends_us <= 86400000000 THEN CAST(CEIL((next_us - ends_us) / 60000000.0) AS BIGINT) * 60
    ELSE CAST(CEIL((next_us - ends_us) / 3600000000.0) AS BIGINT) * 3600
  END
