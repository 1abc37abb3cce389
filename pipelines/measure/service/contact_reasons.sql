-- Grain: one reason of answered calls of the audited month, on one side.
-- Inputs: contacts. Parameters: vendor.
-- Output: side: vendor or inhouse; reason: null where none is told; calls: how many.
SELECT CASE WHEN side = $vendor THEN 'vendor' ELSE 'inhouse' END AS side, reason, COUNT(*) AS calls
FROM contacts
WHERE is_base AND (side = $vendor OR side = 'inhouse')
GROUP BY CASE WHEN side = $vendor THEN 'vendor' ELSE 'inhouse' END, reason
