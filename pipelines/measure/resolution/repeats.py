"""Which answered calls were followed by which contact: a month's contacts as evidence that can be followed down.

A view of table `contacts`, made where it is asked for: at millions of calls it is no smaller than what it comes from.
"""

import polars as pl

from pipelines.calendar import Month
from pipelines.lake import Lake
from pipelines.tables import CONTACTS, REPEATS


def repeats(lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """The vendor's base calls that were followed by a contact within the longest window; columns as `REPEATS`."""
    paths = lake.paths(CONTACTS, month=month.text)
    if not paths:
        return REPEATS.empty()
    ours = pl.col("is_base") & (pl.col("side") == vendor) & pl.col("next_utc").is_not_null()
    gap_us = (pl.col("next_utc") - pl.col("ends_utc")).dt.total_microseconds()
    columns = ("call_id", "side", "next_call_id", "next_side", "file_id", "row")
    rows = pl.scan_parquet(paths, hive_partitioning=False).filter(ours)
    gap_s = (gap_us / 1000).round().cast(pl.Decimal(18, 0)) / 1000
    return REPEATS.fit(rows.select(*columns, gap_s=gap_s).collect(engine="streaming")).sort(REPEATS.key)
