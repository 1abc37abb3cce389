-- Grain: one local day on which the client passed calls on to this vendor.
-- Inputs: inhouse_calls. Parameters: vendor.
-- Output: day.
SELECT DISTINCT day FROM inhouse_calls WHERE vendor_id = $vendor AND transferred_us IS NOT NULL
