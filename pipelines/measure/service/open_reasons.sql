-- Grain: one reason that the vendor tells of answered calls that no leg confirms.
-- Inputs: calls.
-- Output: reason: null where none is told; calls: how many.
SELECT reason, COUNT(*) AS calls FROM calls WHERE class = 'answered' AND is_open GROUP BY reason
