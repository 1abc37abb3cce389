-- Grain: base contacts of this vendor that are alike in all that counts: queue, reason, and the window of each step.
-- Inputs: followed, steps (one row: w1 to w8, lengths of up to eight windows in microseconds, rising; null where there
--         are fewer). Parameters: vendor, data_end_us.
-- Output: queue, reason; has_number, has_end, is_handed_back; over: how many of the windows are over at the end of the
--         data (the shorter ones); in_next, in_same_reason, in_unknown_reason, in_same_vendor, in_other_vendor,
--         in_inhouse, in_agent_callback, in_blind: number of the first window that holds it, from 1; 9 where none does;
--         calls; last_us: the latest end.
WITH gaps AS (
  SELECT
    queue,
    reason,
    caller_key IS NOT NULL AS has_number,
    ends_us IS NOT NULL AS has_end,
    is_handed_back,
    ends_us,
    $data_end_us - ends_us AS room,
    next_us - ends_us AS next_gap,
    same_reason_us - ends_us AS same_reason_gap,
    unknown_reason_us - ends_us AS unknown_reason_gap,
    same_vendor_us - ends_us AS same_vendor_gap,
    other_vendor_us - ends_us AS other_vendor_gap,
    inhouse_us - ends_us AS inhouse_gap,
    agent_callback_us - ends_us AS agent_callback_gap,
    blind_us - ends_us AS blind_gap
  FROM followed
  WHERE side = $vendor
), numbered AS (
  SELECT
    gaps.queue,
    gaps.reason,
    gaps.has_number,
    gaps.has_end,
    gaps.is_handed_back,
    gaps.ends_us,
    CASE
      WHEN room >= w8 THEN 8 WHEN room >= w7 THEN 7 WHEN room >= w6 THEN 6 WHEN room >= w5 THEN 5
      WHEN room >= w4 THEN 4 WHEN room >= w3 THEN 3 WHEN room >= w2 THEN 2 WHEN room >= w1 THEN 1 ELSE 0
    END AS over,
    CASE
      WHEN next_gap <= w1 THEN 1 WHEN next_gap <= w2 THEN 2 WHEN next_gap <= w3 THEN 3 WHEN next_gap <= w4 THEN 4
      WHEN next_gap <= w5 THEN 5 WHEN next_gap <= w6 THEN 6 WHEN next_gap <= w7 THEN 7 WHEN next_gap <= w8 THEN 8 ELSE 9
    END AS in_next,
    CASE
      WHEN same_reason_gap <= w1 THEN 1 WHEN same_reason_gap <= w2 THEN 2 WHEN same_reason_gap <= w3 THEN 3 WHEN same_reason_gap <= w4 THEN 4
      WHEN same_reason_gap <= w5 THEN 5 WHEN same_reason_gap <= w6 THEN 6 WHEN same_reason_gap <= w7 THEN 7 WHEN same_reason_gap <= w8 THEN 8 ELSE 9
    END AS in_same_reason,
    CASE
      WHEN unknown_reason_gap <= w1 THEN 1 WHEN unknown_reason_gap <= w2 THEN 2 WHEN unknown_reason_gap <= w3 THEN 3 WHEN unknown_reason_gap <= w4 THEN 4
      WHEN unknown_reason_gap <= w5 THEN 5 WHEN unknown_reason_gap <= w6 THEN 6 WHEN unknown_reason_gap <= w7 THEN 7 WHEN unknown_reason_gap <= w8 THEN 8 ELSE 9
    END AS in_unknown_reason,
    CASE
      WHEN same_vendor_gap <= w1 THEN 1 WHEN same_vendor_gap <= w2 THEN 2 WHEN same_vendor_gap <= w3 THEN 3 WHEN same_vendor_gap <= w4 THEN 4
      WHEN same_vendor_gap <= w5 THEN 5 WHEN same_vendor_gap <= w6 THEN 6 WHEN same_vendor_gap <= w7 THEN 7 WHEN same_vendor_gap <= w8 THEN 8 ELSE 9
    END AS in_same_vendor,
    CASE
      WHEN other_vendor_gap <= w1 THEN 1 WHEN other_vendor_gap <= w2 THEN 2 WHEN other_vendor_gap <= w3 THEN 3 WHEN other_vendor_gap <= w4 THEN 4
      WHEN other_vendor_gap <= w5 THEN 5 WHEN other_vendor_gap <= w6 THEN 6 WHEN other_vendor_gap <= w7 THEN 7 WHEN other_vendor_gap <= w8 THEN 8 ELSE 9
    END AS in_other_vendor,
    CASE
      WHEN inhouse_gap <= w1 THEN 1 WHEN inhouse_gap <= w2 THEN 2 WHEN inhouse_gap <= w3 THEN 3 WHEN inhouse_gap <= w4 THEN 4
      WHEN inhouse_gap <= w5 THEN 5 WHEN inhouse_gap <= w6 THEN 6 WHEN inhouse_gap <= w7 THEN 7 WHEN inhouse_gap <= w8 THEN 8 ELSE 9
    END AS in_inhouse,
    CASE
      WHEN agent_callback_gap <= w1 THEN 1 WHEN agent_callback_gap <= w2 THEN 2 WHEN agent_callback_gap <= w3 THEN 3 WHEN agent_callback_gap <= w4 THEN 4
      WHEN agent_callback_gap <= w5 THEN 5 WHEN agent_callback_gap <= w6 THEN 6 WHEN agent_callback_gap <= w7 THEN 7 WHEN agent_callback_gap <= w8 THEN 8 ELSE 9
    END AS in_agent_callback,
    CASE
      WHEN blind_gap <= w1 THEN 1 WHEN blind_gap <= w2 THEN 2 WHEN blind_gap <= w3 THEN 3 WHEN blind_gap <= w4 THEN 4
      WHEN blind_gap <= w5 THEN 5 WHEN blind_gap <= w6 THEN 6 WHEN blind_gap <= w7 THEN 7 WHEN blind_gap <= w8 THEN 8 ELSE 9
    END AS in_blind
  FROM gaps
  CROSS JOIN steps
)
SELECT
  queue,
  reason,
  has_number,
  has_end,
  is_handed_back,
  over,
  in_next,
  in_same_reason,
  in_unknown_reason,
  in_same_vendor,
  in_other_vendor,
  in_inhouse,
  in_agent_callback,
  in_blind,
  COUNT(*) AS calls,
  MAX(ends_us) AS last_us
FROM numbered
GROUP BY
  queue, reason, has_number, has_end, is_handed_back, over, in_next, in_same_reason, in_unknown_reason, in_same_vendor,
  in_other_vendor, in_inhouse, in_agent_callback, in_blind
