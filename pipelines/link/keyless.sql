-- Grain: one vendor record and one leg that are both still alone, one of them without a usable number, at the same time.
-- Inputs: calls, legs, offsets, paired. Parameters: tolerance_us.
-- Output: as candidates.
WITH lone_calls AS (
  SELECT calls.*, offsets.offset_us
  FROM calls
  INNER JOIN offsets ON calls.day = offsets.day
  LEFT JOIN paired ON calls.file_id = paired.file_id AND calls.row = paired.row
  WHERE paired.row IS NULL AND offsets.basis <> 'none'
), lone_legs AS (
  SELECT legs.*
  FROM legs
  LEFT JOIN paired ON legs.file_id = paired.leg_file_id AND legs.row = paired.leg_row
  WHERE paired.row IS NULL
), pairs AS (
  SELECT
    lone_calls.file_id,
    lone_calls.row,
    lone_legs.file_id AS leg_file_id,
    lone_legs.row AS leg_row,
    lone_calls.at_us - lone_calls.offset_us - lone_legs.at_us AS delta_us
  FROM lone_calls
  INNER JOIN lone_legs
    ON lone_calls.at_us - lone_calls.offset_us - lone_legs.at_us BETWEEN -$tolerance_us AND $tolerance_us
  WHERE lone_calls.caller_key IS NULL OR lone_legs.caller_key IS NULL
)
SELECT
  *,
  COUNT(*) OVER (PARTITION BY file_id, row) AS options,
  COUNT(*) OVER (PARTITION BY leg_file_id, leg_row) AS rivals
FROM pairs
