-- Grain: one quarter of an hour in which the vendor says that calls were offered to it.
-- Inputs: calls; links, findings and vendor_calls (for records that are proven wrong: `calls` leaves them out, the
--         vendor's own count does not). Parameters: none.
-- Output: quarter: quarter hours since 1970, on the client's clock; calls: records, blocked ones left out.
WITH proven AS (
  SELECT DISTINCT file_id, row FROM findings WHERE certainty = 'proven'
), records AS (
  SELECT starts_us FROM calls WHERE kind = 'record' AND class <> 'blocked'
  UNION ALL
  SELECT vendor_calls.offered_us - CAST(ROUND(COALESCE(links.offset_s, 0) * 1000000) AS BIGINT) AS starts_us
  FROM links
  INNER JOIN proven ON links.file_id = proven.file_id AND links.row = proven.row
  INNER JOIN vendor_calls ON links.file_id = vendor_calls.file_id AND links.row = vendor_calls.row
  WHERE links.in_month AND links.side IN ('pair', 'vendor') AND COALESCE(vendor_calls.outcome, '') <> 'blocked'
)
SELECT CAST(FLOOR(starts_us / 9e8) AS BIGINT) AS quarter, COUNT(*) AS calls
FROM records
GROUP BY quarter
