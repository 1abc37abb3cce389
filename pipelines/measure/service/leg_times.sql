-- Grain: the month's answered pairs; one row. A time that runs backwards is none.
-- Inputs: calls, inhouse_calls, files. Parameters: none.
-- Output: waits, wait_us: pairs whose leg tells when it was passed on and answered, and microseconds between; talks,
--         talk_us: those whose leg tells when it was answered and ended, and microseconds between.
WITH legs AS (
  SELECT
    files.no * 1099511627776 + inhouse_calls.row AS leg_ref,
    CASE
      WHEN inhouse_calls.leg_answered_us >= inhouse_calls.transferred_us
        THEN inhouse_calls.leg_answered_us - inhouse_calls.transferred_us
    END AS wait_us,
    CASE
      WHEN inhouse_calls.leg_ended_us >= inhouse_calls.leg_answered_us
        THEN inhouse_calls.leg_ended_us - inhouse_calls.leg_answered_us
    END AS talk_us
  FROM inhouse_calls
  INNER JOIN files ON inhouse_calls.file_id = files.file_id
  WHERE inhouse_calls.leg_answered_us IS NOT NULL
), answered AS (
  SELECT leg_ref FROM calls WHERE class = 'answered' AND NOT is_open
)
SELECT
  COUNT(legs.wait_us) AS waits,
  COALESCE(SUM(legs.wait_us), 0) AS wait_us,
  COUNT(legs.talk_us) AS talks,
  COALESCE(SUM(legs.talk_us), 0) AS talk_us
FROM answered
INNER JOIN legs ON answered.leg_ref = legs.leg_ref
