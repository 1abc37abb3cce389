-- Grain: one caller of the audited month whose number is of a kind that stands for one call each.
-- Inputs: regular_legs (rows of the client's log), regular_days (day, place: 1 for the audited month), single_number_kinds (kind).
--         Parameters: none.
-- Output: caller_key; calls: its calls.
SELECT regular_legs.caller_key, COUNT(DISTINCT regular_legs.call_id) AS calls
FROM regular_legs
INNER JOIN regular_days ON regular_legs.day = regular_days.day
INNER JOIN single_number_kinds ON SUBSTR(regular_legs.caller_mask, 1, 3) = single_number_kinds.kind
WHERE regular_days.place = 1 AND regular_legs.caller_kind = 'number' AND NOT regular_legs.caller_key IS NULL
GROUP BY regular_legs.caller_key
