-- Grain: the month.
-- Inputs: calls. Parameters: none.
-- Output: calls: answered calls without an agent.
SELECT COUNT(*) AS calls
FROM calls
WHERE class = 'answered' AND agent_id IS NULL
