-- Grain: one answered contact of a caller with a number whose window is closed, of the vendor or in-house.
-- Inputs: followed, reason_slots (reason, slot, weight: 32 to the power of the slot; slot 0 is every other reason).
-- Parameters: window_us, until_us: end of the data; is_same: only contacts with the same reason are
--             further ones, and a contact without a reason cannot be judged.
-- Output: caller_key; is_inhouse; slot, weight: of its reason; is_resolved: no further contact within the window, and not
--         handed back; is_called: followed within it by a call that an in-house agent handled.
SELECT
  followed.caller_key,
  followed.side = 'inhouse' AS is_inhouse,
  COALESCE(reason_slots.slot, 0) AS slot,
  COALESCE(reason_slots.weight, 1) AS weight,
  NOT COALESCE(followed.is_handed_back, FALSE)
  AND COALESCE(
    CASE WHEN $is_same THEN followed.same_reason_us ELSE followed.next_us END > followed.ends_us + $window_us, TRUE
  ) AS is_resolved,
  COALESCE(followed.inhouse_us <= followed.ends_us + $window_us, FALSE) AS is_called
FROM followed
LEFT JOIN reason_slots ON COALESCE(followed.reason, '(none)') = reason_slots.reason
WHERE
  followed.caller_key IS NOT NULL
  AND followed.ends_us + $window_us <= $until_us
  AND (NOT $is_same OR followed.reason IS NOT NULL)
