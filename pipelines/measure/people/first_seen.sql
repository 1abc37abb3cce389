-- Grain: one agent.
-- Inputs: past_calls (a vendor's records before the month). Parameters: none.
-- Output: agent_id; first_seen: first day with an answered call.
SELECT agent_id, MIN(booked_day) AS first_seen
FROM past_calls
WHERE outcome IN ('answered', 'transferred') AND NOT agent_id IS NULL
GROUP BY agent_id
