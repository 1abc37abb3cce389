-- Grain: one base contact, of the vendor in `audited` and of the client itself.
-- Inputs: contacts, audited (one row: vendor, longest_us), blind_hours (hour, since_us, until_us, from_us: the first span
--         that has not ended, in which a contact would not be seen; since_us to until_us lie in one hour, disjoint).
-- Output: side, file_id, row, caller_key, agent_id, queue, reason, starts_us, ends_us, is_handed_back; next_us, next_side,
--         next_reason: the caller's next contact after the end, within the longest window; same_reason_us,
--         unknown_reason_us, same_vendor_us, other_vendor_us, inhouse_us, agent_callback_us: the first such one with
--         the same reason, without a reason, at the same vendor, at another, handled by an agent of the client, and the
--         vendor's next call to the caller; blind_us: where within the longest window a contact may first be unseen.
SELECT
  contacts.side,
  contacts.file_id,
  contacts.row,
  contacts.caller_key,
  contacts.agent_id,
  contacts.queue,
  contacts.reason,
  contacts.starts_us,
  contacts.ends_us,
  contacts.is_handed_back,
  contacts.next_us,
  contacts.next_side,
  contacts.next_reason,
  contacts.same_reason_us,
  contacts.unknown_reason_us,
  contacts.same_vendor_us,
  contacts.other_vendor_us,
  contacts.inhouse_us,
  contacts.agent_callback_us,
  CASE
    WHEN begun.from_us <= contacts.starts_us THEN contacts.ends_us
    WHEN blind_hours.from_us <= contacts.ends_us + audited.longest_us
      THEN GREATEST(blind_hours.from_us, contacts.ends_us)
  END AS blind_us
FROM contacts
INNER JOIN audited ON contacts.side = audited.vendor OR contacts.side = 'inhouse'
LEFT JOIN blind_hours
  ON CAST(FLOOR(contacts.ends_us / 3600000000.0) AS BIGINT) = blind_hours.hour
  AND contacts.ends_us >= blind_hours.since_us
  AND contacts.ends_us < blind_hours.until_us
LEFT JOIN blind_hours AS begun
  ON CASE
    WHEN contacts.inhouse_call_id IS NULL
      THEN CAST(FLOOR((contacts.starts_us - 900000000) / 3600000000.0) AS BIGINT)
  END = begun.hour
  AND contacts.starts_us - 900000000 >= begun.since_us
  AND contacts.starts_us - 900000000 < begun.until_us
WHERE contacts.is_base
