-- Grain: one base contact by which its agent can be judged: with a number that can come again.
-- Inputs: followed, single_records (file_id, row: records with a number that stands for one call alone).
-- Output: side, caller_key, agent_id, queue, reason, is_handed_back, ends_us, next_us: as followed has them.
SELECT
  followed.side,
  followed.caller_key,
  followed.agent_id,
  followed.queue,
  followed.reason,
  followed.is_handed_back,
  followed.ends_us,
  followed.next_us
FROM followed
LEFT JOIN single_records ON followed.file_id = single_records.file_id AND followed.row = single_records.row
WHERE single_records.row IS NULL
