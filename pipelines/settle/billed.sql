-- Grain: one delivered record of the month that the vendor bills.
-- Inputs: vendor_calls, links. Parameters: is_each_leg (the terms pay each leg, not only the first).
-- Output: file_id, row, ring_s, queue_s, talk_s, hold_s, acw_s, is_covered (our log is whole around it, or has its leg).
SELECT
  vendor_calls.file_id,
  vendor_calls.row,
  vendor_calls.ring_s,
  vendor_calls.queue_s,
  vendor_calls.talk_s,
  vendor_calls.hold_s,
  vendor_calls.acw_s,
  COALESCE(links.is_covered OR links.side = 'pair', TRUE) AS is_covered
FROM vendor_calls
LEFT JOIN links
  ON vendor_calls.file_id = links.file_id AND vendor_calls.row = links.row AND links.side IN ('pair', 'vendor')
WHERE
  vendor_calls.audit_month = $month
  AND COALESCE(vendor_calls.direction, 'inbound') = 'inbound'
  AND (links.row IS NOT NULL OR $is_each_leg)
  AND COALESCE(vendor_calls.is_billed, vendor_calls.outcome IN ('answered', 'transferred'))
