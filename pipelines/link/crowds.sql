-- Grain: one record or leg of three or more of one caller that follow each other within the tolerance.
-- Inputs: clusters.
-- Output: side, ref, caller_key, t_us, is_first (of its crowd, in order of t_us, side, ref).
SELECT side, ref, caller_key, t_us, is_first FROM clusters WHERE NOT is_two
