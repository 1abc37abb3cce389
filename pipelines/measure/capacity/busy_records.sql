-- Grain: the month; one row.
-- Inputs: links, whole_calls, inhouse_calls.
-- Output: paired: the vendor's records of blocked calls that have a leg whose own outcome is not blocked already;
--         alone: such records without a leg; lone_legs: legs without a record, which may have met busy.
WITH blocked AS (
  SELECT links.inhouse_file_id, links.inhouse_row, links.side
  FROM links
  INNER JOIN whole_calls ON links.file_id = whole_calls.file_id AND links.row = whole_calls.row
  WHERE whole_calls.outcome = 'blocked' AND links.in_month AND links.side IN ('pair', 'vendor')
), records AS (
  SELECT
    COUNT(CASE WHEN blocked.side = 'pair' AND COALESCE(inhouse_calls.outcome, '') <> 'blocked' THEN 1 END) AS paired,
    COUNT(CASE WHEN blocked.side = 'vendor' THEN 1 END) AS alone
  FROM blocked
  LEFT JOIN inhouse_calls
    ON blocked.inhouse_file_id = inhouse_calls.file_id AND blocked.inhouse_row = inhouse_calls.row
), legs AS (
  SELECT COUNT(*) AS lone_legs FROM links WHERE in_month AND side = 'inhouse' AND NOT is_absent
)
SELECT records.paired, records.alone, legs.lone_legs
FROM records
CROSS JOIN legs
