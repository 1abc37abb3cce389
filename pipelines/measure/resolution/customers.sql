-- Grain: one queue or reason, or all of the month (both empty); callers with a number, for the unit customers.
-- Inputs: followed. Parameters: vendor, data_end_us, length_us (the window), is_same (only contacts with the same
--         reason count), by_queue, by_reason.
-- Output: queue, reason: null where not asked for; closed: callers whose windows are all over; resolved: those
--         of whom no base contact was followed or handed back; resolved_unsure: of these, with a base contact after
--         which a contact may have been unseen; strict: resolved ones that no agent of the vendor called back;
--         strict_unsure: of these, with one that may be unseen.
WITH of_window AS (
  SELECT
    CASE WHEN $by_queue THEN followed.queue END AS queue,
    CASE WHEN $by_reason THEN followed.reason END AS reason,
    followed.caller_key,
    followed.ends_us + $length_us <= $data_end_us AS is_over,
    followed.is_handed_back
    OR CASE WHEN $is_same THEN followed.same_reason_us ELSE followed.next_us END
    <= followed.ends_us + $length_us AS is_followed,
    followed.agent_callback_us <= followed.ends_us + $length_us AS is_called_back,
    followed.blind_us <= followed.ends_us + $length_us
    OR CASE WHEN $is_same THEN followed.unknown_reason_us <= followed.ends_us + $length_us END AS is_unsure
  FROM followed
  WHERE
    followed.side = $vendor
    AND followed.ends_us IS NOT NULL
    AND followed.caller_key IS NOT NULL
    AND (NOT $is_same OR followed.reason IS NOT NULL)
), callers AS (
  SELECT
    queue,
    reason,
    caller_key,
    MIN(CASE WHEN is_over THEN 1 ELSE 0 END) AS is_over,
    MAX(CASE WHEN is_followed THEN 1 ELSE 0 END) AS is_followed,
    MAX(CASE WHEN is_called_back THEN 1 ELSE 0 END) AS is_called_back,
    MAX(CASE WHEN is_unsure THEN 1 ELSE 0 END) AS is_unsure
  FROM of_window
  GROUP BY queue, reason, caller_key
)
SELECT
  queue,
  reason,
  COUNT(*) AS closed,
  SUM(1 - is_followed) AS resolved,
  SUM(CASE WHEN is_followed = 0 AND is_unsure = 1 THEN 1 ELSE 0 END) AS resolved_unsure,
  SUM(CASE WHEN is_followed = 0 AND is_called_back = 0 THEN 1 ELSE 0 END) AS strict,
  SUM(CASE WHEN is_followed = 0 AND is_called_back = 0 AND is_unsure = 1 THEN 1 ELSE 0 END) AS strict_unsure
FROM callers
WHERE is_over = 1
GROUP BY queue, reason
