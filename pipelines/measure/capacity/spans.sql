-- Grain: one thing that was there for a time.
-- Inputs: calls, inhouse_calls. Parameters: vendor, has_seats (the terms agree a number of seats), has_legs (the
--         client's log tells when legs end).
-- Output: series: 0 delivered calls, from their start to their end; 1 answered ones, from answer to end (only with seats);
--         2 legs that the client passed on to this vendor, from passing on to their end; from_us, to_us.
-- Calls without an end, or with an end before their start, are left out.
SELECT 0 AS series, starts_us AS from_us, ended_us AS to_us
FROM calls
WHERE kind = 'record' AND class <> 'blocked' AND starts_us <= ended_us
UNION ALL
SELECT 1 AS series, answered_us AS from_us, ended_us AS to_us
FROM calls
WHERE $has_seats AND class = 'answered' AND answered_us <= ended_us
UNION ALL
SELECT 2 AS series, transferred_us AS from_us, leg_ended_us AS to_us
FROM inhouse_calls
WHERE $has_legs AND vendor_id = $vendor AND transferred_us <= leg_ended_us
