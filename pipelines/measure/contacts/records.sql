-- Grain: one vendor record that stands for its call, where the vendor numbers the legs of a call.
-- Inputs: whole_calls. Parameters: none.
-- Output: as `CALLS` in sides.py: file_id, row; caller_key; offered_us, ended_us by the vendor's clock; outcome;
--         agent_id, queue, reason.
SELECT
  file_id,
  row,
  caller_key,
  offered_us,
  ended_us,
  outcome,
  agent_id,
  queue,
  reason
FROM whole_calls
