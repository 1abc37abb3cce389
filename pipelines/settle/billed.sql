-- Grain: one delivered record of the month that the vendor bills.
-- Inputs: vendor_calls, whole_calls, links. Parameters: is_each_leg (the terms pay each leg, not the whole call).
-- Output: file_id, row, ring_s, queue_s, talk_s, hold_s, acw_s, is_covered (our log is whole around it, or has its leg).
WITH records AS (
  SELECT file_id, row, ring_s, queue_s, talk_s, hold_s, acw_s, direction, is_billed, outcome, audit_month
  FROM vendor_calls
  WHERE $is_each_leg
  UNION ALL
  SELECT file_id, row, ring_s, queue_s, talk_s, hold_s, acw_s, direction, is_billed, outcome, audit_month
  FROM whole_calls
  WHERE NOT $is_each_leg
)
SELECT
  records.file_id,
  records.row,
  records.ring_s,
  records.queue_s,
  records.talk_s,
  records.hold_s,
  records.acw_s,
  COALESCE(links.is_covered OR links.side = 'pair', TRUE) AS is_covered
FROM records
LEFT JOIN links
  ON records.file_id = links.file_id AND records.row = links.row AND links.side IN ('pair', 'vendor')
WHERE
  records.audit_month = $month
  AND COALESCE(records.direction, 'inbound') = 'inbound'
  AND (links.row IS NOT NULL OR $is_each_leg)
  AND COALESCE(records.is_billed, records.outcome IN ('answered', 'transferred'))
