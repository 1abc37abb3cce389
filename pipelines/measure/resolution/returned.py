"""What callers came back for, from the counts of `came_back.sql`: table `returned`."""

from collections.abc import Mapping

import polars as pl

from pipelines.tables.returned import RETURNED

MOST = 200
"""Rows of a window at most, those with the most calls: a log whose reasons are free text would fill pages."""
_GROUP = ("reason", "next_reason", "place")


def returned(came_back: pl.DataFrame, windows: Mapping[str, int]) -> pl.DataFrame:
    """For each window the reasons, places, calls and the gap in the middle (of an even number, the lower one)."""
    parts = [_of_window(came_back.filter(pl.col("gap_s") <= length), name) for name, length in windows.items()]
    return pl.concat(parts) if parts else RETURNED.empty()


def _of_window(rows: pl.DataFrame, window: str) -> pl.DataFrame:
    calls = pl.col("calls")
    running = rows.sort(*_GROUP, "gap_s").with_columns(
        until=calls.cum_sum().over(_GROUP), total=calls.sum().over(_GROUP)
    )
    middle = pl.col("gap_s").filter(pl.col("until") * 2 >= pl.col("total")).min()
    found = running.group_by(_GROUP).agg(calls.sum(), median_gap_s=middle)
    largest = found.sort(calls, *_GROUP, descending=[True, False, False, False]).head(MOST)
    return RETURNED.fit(largest.with_columns(window=pl.lit(window)))
