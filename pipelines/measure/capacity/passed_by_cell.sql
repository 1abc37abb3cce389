-- Grain: one cell of the month in which the client passed calls on to this vendor.
-- Inputs: inhouse_calls; cell_buckets. Parameters: vendor.
-- Output: cell; passed: legs passed on in it, by the client's clock.
SELECT
  cell_buckets.cell,
  COUNT(*) AS passed
FROM inhouse_calls
INNER JOIN cell_buckets
  ON cell_buckets.bucket = CAST(FLOOR(inhouse_calls.transferred_us / 900000000.0) AS BIGINT)
  AND inhouse_calls.transferred_us >= cell_buckets.from_us
  AND inhouse_calls.transferred_us < cell_buckets.to_us
WHERE inhouse_calls.vendor_id = $vendor
GROUP BY cell_buckets.cell
