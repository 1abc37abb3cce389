-- Grain: one window.
-- Inputs: next_contacts, windows (name, length_us). Parameters: data_end_us.
-- Output: name; closed: base contacts with a number whose window is closed; resolved: those without a further contact;
--         resolved_blind: of these, with a blind span inside the window; called_inhouse: followed by an in-house-handled
--         call; quiet_blind: not followed by one, with a blind span inside; no_number: closed ones without a usable number;
--         still_open: windows that reach past the end of the data; closes_us: when the last of those closes.
SELECT
  windows.name,
  SUM(CASE WHEN is_closed AND has_key THEN 1 ELSE 0 END) AS closed,
  SUM(CASE WHEN is_closed AND has_key AND is_resolved THEN 1 ELSE 0 END) AS resolved,
  SUM(CASE WHEN is_closed AND has_key AND is_resolved AND is_blind THEN 1 ELSE 0 END) AS resolved_blind,
  SUM(CASE WHEN is_closed AND has_key AND is_called_inhouse THEN 1 ELSE 0 END) AS called_inhouse,
  SUM(CASE WHEN is_closed AND has_key AND NOT is_called_inhouse AND is_blind THEN 1 ELSE 0 END) AS quiet_blind,
  SUM(CASE WHEN is_closed AND NOT has_key THEN 1 ELSE 0 END) AS no_number,
  SUM(CASE WHEN NOT is_closed THEN 1 ELSE 0 END) AS still_open,
  MAX(CASE WHEN NOT is_closed THEN closes_us END) AS closes_us
FROM (
  SELECT
    windows.name,
    next_contacts.ends_us + windows.length_us AS closes_us,
    next_contacts.ends_us + windows.length_us <= $data_end_us AS is_closed,
    next_contacts.caller_key IS NOT NULL AS has_key,
    NOT next_contacts.is_handed_back
    AND (next_contacts.next_us IS NULL OR next_contacts.next_us > next_contacts.ends_us + windows.length_us) AS is_resolved,
    next_contacts.inhouse_us IS NOT NULL
    AND next_contacts.inhouse_us <= next_contacts.ends_us + windows.length_us AS is_called_inhouse,
    next_contacts.blind_us IS NOT NULL
    AND next_contacts.blind_us <= next_contacts.ends_us + windows.length_us AS is_blind
  FROM next_contacts
  CROSS JOIN windows
) AS windows
GROUP BY windows.name
