-- Grain: one record that stands for its call.
-- Inputs: whole_calls.
-- Output: file_id, row.
SELECT file_id, row FROM whole_calls
