-- Grain: one of the month's most frequent reasons, of all vendors and in-house together.
-- Inputs: contacts. Parameters: most: how many reasons are kept apart.
-- Output: reason ((none) where none is recorded), contacts: answered contacts with that reason.
SELECT COALESCE(reason, '(none)') AS reason, COUNT(*) AS contacts
FROM contacts
WHERE is_base
GROUP BY COALESCE(reason, '(none)')
ORDER BY COUNT(*) DESC, COALESCE(reason, '(none)')
LIMIT $most
