-- Grain: one vendor record and one leg of the same caller that lie within the tolerance, the clock offset taken off.
-- Inputs: calls, legs, offsets. Parameters: tolerance_us.
-- Output: file_id, row (record), leg_file_id, leg_row (leg), delta_us, options (legs for this record),
--         rivals (records for this leg).
WITH pairs AS (
  SELECT
    calls.file_id,
    calls.row,
    legs.file_id AS leg_file_id,
    legs.row AS leg_row,
    calls.at_us - offsets.offset_us - legs.at_us AS delta_us
  FROM calls
  INNER JOIN offsets ON calls.day = offsets.day
  INNER JOIN legs
    ON calls.caller_key = legs.caller_key
    AND calls.at_us - offsets.offset_us - legs.at_us BETWEEN -$tolerance_us AND $tolerance_us
)
SELECT
  *,
  COUNT(*) OVER (PARTITION BY file_id, row) AS options,
  COUNT(*) OVER (PARTITION BY leg_file_id, leg_row) AS rivals
FROM pairs
