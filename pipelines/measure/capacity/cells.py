"""Times of a month cut into half hours and cells: frames of boundaries, made where time zones are known.

A half hour is one of the client's day. A cell is the stretch between two neighbouring boundaries of any kind: of half
hours, of a forecast's periods, of agreed outages. Calls are counted by cell, once; all else is sums over cells.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from pipelines.calendar import Month, midnight_after

HALF_HOUR_US = 1_800_000_000
BUCKET_US = 900_000_000
"""Calls find their cell by the quarter of an hour that they start in: an equal key, where a range alone is slow."""
UTC_US = pl.Datetime("us", "UTC")

Span = tuple[datetime, datetime]


def half_hours(month: Month, zone: str) -> pl.DataFrame:
    """The half hours of the month's local days: start_utc, end_utc, day. A day of a clock change has 46 or 50."""
    rows: list[tuple[datetime, datetime, date]] = []
    for day in month.own_days:
        start, end = midnight_after(day - timedelta(days=1), zone), midnight_after(day, zone)
        while start < end:
            until = min(start + timedelta(minutes=30), end)
            rows.append((start, until, day))
            start = until
    return pl.DataFrame(rows, schema={"start_utc": UTC_US, "end_utc": UTC_US, "day": pl.Date}, orient="row")


def cut(spans: Iterable[Span]) -> pl.DataFrame:
    """The cells between all ends of the spans, gaps between spans included: cell (from 0), from_utc, to_utc."""
    ends = sorted({moment.astimezone(UTC) for span in spans for moment in span})
    cells = {"cell": range(max(len(ends) - 1, 0)), "from_utc": ends[:-1], "to_utc": ends[1:]}
    return pl.DataFrame(cells, schema={"cell": pl.Int64, "from_utc": UTC_US, "to_utc": UTC_US})


def buckets(cells: pl.DataFrame) -> pl.DataFrame:
    """Each cell once for every quarter of an hour that it touches: bucket, cell, from_us, to_us (end not included)."""
    whole = cells.select("cell", pl.col("from_utc", "to_utc").dt.epoch("us").name.replace("_utc", "_us"))
    first, last = pl.col("from_us") // BUCKET_US, (pl.col("to_us") - 1) // BUCKET_US
    return whole.with_columns(bucket=pl.int_ranges(first, last + 1)).explode("bucket")


def within(cells: pl.DataFrame, spans: pl.DataFrame, name: str) -> pl.DataFrame:
    """The cells with the number (column `name`, from 0) of the span (start_utc, end_utc; none overlap) that holds each.

    Null where none does. Cells must have been cut at the spans' ends.
    """
    numbered = spans.select("start_utc", "end_utc").with_row_index(name).sort("start_utc")
    found = cells.sort("from_utc").join_asof(numbered, left_on="from_utc", right_on="start_utc", strategy="backward")
    held = pl.when(pl.col("to_utc") <= pl.col("end_utc")).then(pl.col(name).cast(pl.Int64))
    return found.with_columns(held.alias(name)).drop("start_utc", "end_utc")


def merged(spans: pl.DataFrame, who: str) -> pl.DataFrame:
    """Spans (who, from_us, to_us) of each person joined where they touch or overlap: nobody is there twice."""
    kept = spans.filter(pl.col("to_us") > pl.col("from_us")).unique().sort(who, "from_us", "to_us")
    reach = pl.col("to_us").cum_max().shift(1).over(who)
    island = (reach.is_null() | (pl.col("from_us") > reach)).cast(pl.Int64).cum_sum()
    return (
        kept.with_columns(island.alias("island"))
        .group_by(who, "island", maintain_order=True)
        .agg(pl.col("from_us").min(), pl.col("to_us").max())
        .drop("island")
    )


def heads(spans: pl.DataFrame, frame: pl.DataFrame) -> list[float]:
    """How many people were there on average in each row of the frame (start_utc, end_utc), from their spans in µs."""
    if not frame.height:
        return []
    edges = frame.select(pl.col("start_utc", "end_utc").dt.epoch("us")).to_numpy()
    zero, last = int(edges.min()), int(edges.max())
    inner = spans.select(pl.col("from_us", "to_us").cast(pl.Int64).clip(zero, last) - zero)
    since, until = np.sort(inner["from_us"].to_numpy()), np.sort(inner["to_us"].to_numpy())
    worked = _elapsed(since, edges - zero) - _elapsed(until, edges - zero)
    return [float(mean) for mean in (worked[:, 1] - worked[:, 0]) / (edges[:, 1] - edges[:, 0])]


def told_only(counts: list[float], is_told: pl.Series) -> list[float | None]:
    """The counts, and null where nothing was told: nobody is absent on a day of which nothing was delivered."""
    return [count if told else None for count, told in zip(counts, is_told, strict=True)]


def _elapsed(moments: np.ndarray[Any, Any], edges: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Microseconds from each of the moments to each edge, summed over the moments before it."""
    before = np.searchsorted(moments, edges)
    total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(moments)])
    summed: np.ndarray[Any, Any] = before * edges - total[before]
    return summed
