-- Grain: one pair of a masked record and a leg whose digits agree, within 14 hours and a quarter: what shows the clocks'
--        difference where a vendor shows no whole number.
-- Inputs: masked_calls (day, at_us, digits), masked_legs (at_us, digits).
-- Output: as deltas.
SELECT
  masked_calls.day,
  masked_calls.at_us,
  masked_calls.at_us - masked_legs.at_us AS delta_us
FROM masked_calls
INNER JOIN masked_legs
  ON masked_calls.digits = masked_legs.digits
  AND masked_calls.at_us - masked_legs.at_us BETWEEN -51300000000 AND 51300000000
