-- Grain: one file of this month's links, numbered, so that a record can be named by one whole number.
-- Inputs: links. Parameters: none.
-- Output: file_id; no: from 1, in order of file_id. A record's `ref` is no * 1099511627776 (2 to the 40th) + row.
WITH named AS (
  SELECT file_id FROM links
  UNION
  SELECT inhouse_file_id AS file_id FROM links WHERE inhouse_file_id IS NOT NULL
)
SELECT file_id, ROW_NUMBER() OVER (ORDER BY file_id) AS no FROM named
