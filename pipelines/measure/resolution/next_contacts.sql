-- Grain: one answered call of this vendor in the audited month (a base contact).
-- Inputs: contacts, blind (from_us, to_us: spans in which a contact would not be seen). Parameters: vendor, longest_us.
-- Output: file_id, row, call_id, caller_key, ends_us, is_handed_back; next_us, next_call_id, next_side: the first contact
--         that starts after the end (null where none within the longest window); inhouse_us: the first one that an
--         in-house agent handled; blind_us: start of the first blind span after the end.
WITH base AS (
  SELECT * FROM contacts WHERE is_base AND side = $vendor AND ends_us IS NOT NULL
), later AS (
  SELECT
    base.file_id,
    base.row,
    contacts.starts_us,
    contacts.call_id,
    contacts.side,
    contacts.side = 'inhouse' AND contacts.is_answered AS is_handled_inhouse,
    ROW_NUMBER() OVER (
      PARTITION BY base.file_id, base.row ORDER BY contacts.starts_us, contacts.side, contacts.file_id, contacts.row
    ) AS place
  FROM base
  INNER JOIN contacts
    ON base.caller_key = contacts.caller_key
    AND contacts.starts_us > base.ends_us
    AND contacts.starts_us <= base.ends_us + $longest_us
  WHERE base.inhouse_call_id IS NULL OR contacts.inhouse_call_id IS NULL
    OR base.inhouse_call_id <> contacts.inhouse_call_id
), first_later AS (
  SELECT
    file_id,
    row,
    MIN(starts_us) AS next_us,
    MIN(CASE WHEN place = 1 THEN call_id END) AS next_call_id,
    MIN(CASE WHEN place = 1 THEN side END) AS next_side,
    MIN(CASE WHEN is_handled_inhouse THEN starts_us END) AS inhouse_us
  FROM later
  GROUP BY file_id, row
), first_blind AS (
  SELECT base.file_id, base.row, MIN(GREATEST(blind.from_us, base.ends_us)) AS blind_us
  FROM base
  INNER JOIN blind ON blind.to_us > base.ends_us AND blind.from_us <= base.ends_us + $longest_us
  GROUP BY base.file_id, base.row
)
SELECT
  base.file_id,
  base.row,
  base.call_id,
  base.caller_key,
  base.ends_us,
  base.is_handed_back,
  first_later.next_us,
  first_later.next_call_id,
  first_later.next_side,
  first_later.inhouse_us,
  first_blind.blind_us
FROM base
LEFT JOIN first_later ON base.file_id = first_later.file_id AND base.row = first_later.row
LEFT JOIN first_blind ON base.file_id = first_blind.file_id AND base.row = first_blind.row
