-- Grain: one vendor record that stands for its call: inbound (or not said), and the first leg where there are several.
-- Inputs: vendor_calls. Parameters: none.
-- Output: columns of vendor_calls (listed at the end; queue, reason and ring_s are the first leg's); over several legs of one call: outcome (answered or transferred if any leg is, else the last
--         leg's), answered_us (first), ended_us (last), queue_s (up to the first answered leg), talk_s, hold_s, acw_s
--         (sums), is_billed (any), agent_id (of the first answered leg), transfer_to (last).
-- Legs of one id that lie more than an hour apart are different calls: some systems use an id again.
-- A leg that says no direction follows the call that it belongs to: one that began outbound or internal is no contact.
-- Ids that a spreadsheet has flattened (6.02E+11, #####) are shared by strangers: such a row stands for itself.
WITH alone AS (
  SELECT *
  FROM vendor_calls
  WHERE
    (leg IS NULL OR call_id IS NULL OR UPPER(call_id) LIKE '%E+__' OR call_id LIKE '#%')
    AND (direction = 'inbound' OR direction IS NULL)
), told_apart AS (
  SELECT *
  FROM vendor_calls
  WHERE leg IS NOT NULL AND NOT (UPPER(call_id) LIKE '%E+__' OR call_id LIKE '#%')
), begun AS (
  SELECT
    *,
    FIRST_VALUE(direction) OVER (
      PARTITION BY vendor_id, call_id
      ORDER BY
        offered_us, CASE WHEN direction IS NULL OR direction = 'inbound' THEN 0 ELSE 1 END, file_id, row
    ) AS began
  FROM told_apart
), inbound AS (
  SELECT *
  FROM begun
  WHERE direction = 'inbound' OR (direction IS NULL AND COALESCE(began, 'inbound') NOT IN ('outbound', 'internal'))
), spaced AS (
  SELECT
    *,
    offered_us - MAX(COALESCE(ended_us, offered_us)) OVER (
      PARTITION BY vendor_id, call_id
      ORDER BY offered_us, file_id, row
      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS pause_us
  FROM inbound
), numbered AS (
  SELECT
    *,
    SUM(CASE WHEN pause_us > 3600000000 THEN 1 ELSE 0 END) OVER (
      PARTITION BY vendor_id, call_id
      ORDER BY offered_us, file_id, row
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS contact
  FROM spaced
), legs AS (
  SELECT
    *,
    FIRST_VALUE(leg) OVER (PARTITION BY vendor_id, call_id, contact ORDER BY offered_us, file_id, row) AS first_leg,
    ROW_NUMBER() OVER (PARTITION BY vendor_id, call_id, contact, leg ORDER BY offered_us, file_id, row) AS nth_of_leg,
    COALESCE(outcome IN ('answered', 'transferred'), FALSE) AS is_answered
  FROM numbered
), distinct_legs AS (
  SELECT
    *,
    MIN(CASE WHEN is_answered THEN offered_us END) OVER (PARTITION BY vendor_id, call_id, contact) AS first_answered_us,
    ROW_NUMBER() OVER (PARTITION BY vendor_id, call_id, contact ORDER BY offered_us DESC, file_id DESC, row DESC) AS from_end,
    ROW_NUMBER() OVER (
      PARTITION BY vendor_id, call_id, contact
      ORDER BY CASE WHEN is_answered THEN 0 ELSE 1 END, offered_us, file_id, row
    ) AS from_answer
  FROM legs
  WHERE nth_of_leg = 1
), folded AS (
  SELECT
    vendor_id,
    call_id,
    contact,
    COUNT(*) AS legs,
    CASE
      WHEN MAX(CASE WHEN outcome = 'answered' THEN 1 ELSE 0 END) = 1 THEN 'answered'
      WHEN MAX(CASE WHEN outcome = 'transferred' THEN 1 ELSE 0 END) = 1 THEN 'transferred'
      ELSE MAX(CASE WHEN from_end = 1 THEN outcome END)
    END AS outcome,
    MIN(CASE WHEN is_answered THEN answered_us END) AS answered_us,
    MAX(ended_us) AS ended_us,
    CAST(SUM(CASE WHEN offered_us <= COALESCE(first_answered_us, offered_us) THEN queue_s END) AS DECIMAL(18, 3)) AS queue_s,
    CAST(SUM(talk_s) AS DECIMAL(18, 3)) AS talk_s,
    CAST(SUM(hold_s) AS DECIMAL(18, 3)) AS hold_s,
    CAST(SUM(acw_s) AS DECIMAL(18, 3)) AS acw_s,
    CASE
      WHEN COUNT(is_billed) > 0 THEN MAX(CASE WHEN is_billed THEN 1 ELSE 0 END) = 1
    END AS is_billed,
    MAX(CASE WHEN from_answer = 1 THEN agent_id END) AS agent_id,
    MAX(CASE WHEN from_end = 1 THEN transfer_to END) AS transfer_to
  FROM distinct_legs
  GROUP BY vendor_id, call_id, contact
)
SELECT
  vendor_id,
  file_id,
  row,
  call_id,
  direction,
  caller_key,
  caller_kind,
  offered_us,
  ring_s,
  queue,
  reason,
  day,
  booked_day,
  audit_month,
  is_billed,
  outcome,
  answered_us,
  ended_us,
  queue_s,
  talk_s,
  hold_s,
  acw_s,
  agent_id,
  transfer_to
FROM alone
UNION ALL
SELECT
  legs.vendor_id,
  legs.file_id,
  legs.row,
  legs.call_id,
  legs.direction,
  legs.caller_key,
  legs.caller_kind,
  legs.offered_us,
  legs.ring_s,
  legs.queue,
  legs.reason,
  legs.day,
  legs.booked_day,
  legs.audit_month,
  CASE WHEN folded.legs > 1 THEN folded.is_billed ELSE legs.is_billed END AS is_billed,
  CASE WHEN folded.legs > 1 THEN folded.outcome ELSE legs.outcome END AS outcome,
  CASE WHEN folded.legs > 1 THEN folded.answered_us ELSE legs.answered_us END AS answered_us,
  CASE WHEN folded.legs > 1 THEN folded.ended_us ELSE legs.ended_us END AS ended_us,
  CASE WHEN folded.legs > 1 THEN folded.queue_s ELSE legs.queue_s END AS queue_s,
  CASE WHEN folded.legs > 1 THEN folded.talk_s ELSE legs.talk_s END AS talk_s,
  CASE WHEN folded.legs > 1 THEN folded.hold_s ELSE legs.hold_s END AS hold_s,
  CASE WHEN folded.legs > 1 THEN folded.acw_s ELSE legs.acw_s END AS acw_s,
  CASE WHEN folded.legs > 1 THEN folded.agent_id ELSE legs.agent_id END AS agent_id,
  CASE WHEN folded.legs > 1 THEN folded.transfer_to ELSE legs.transfer_to END AS transfer_to
FROM legs
INNER JOIN folded
  ON legs.vendor_id = folded.vendor_id AND legs.call_id = folded.call_id AND legs.contact = folded.contact
WHERE legs.leg = legs.first_leg
