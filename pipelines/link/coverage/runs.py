"""Runs of the numbers that a log counts its rows with: from one restart (or wrap) of the counter to the next.

Read in order of time. A restart is told by numbers that fall back further than rows can stand out of order, as a row is
numbered when its call ends. Days come one after the other, and the last hour of each waits for the next.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain

import numpy as np
import polars as pl

from pipelines.link.coverage.spans import UTC
from pipelines.link.coverage.usual import Floats

SLACK = timedelta(hours=1)
"""A row is numbered when its call ends, and stands in time where the call arrived or was passed on."""
SPARSE = 0.2
_BESIDE, _AT_LEAST, _KEPT = 5, 3, 10
"""Rows before and after a moment whose middle numbers are compared, so that one long call is no restart."""
_HOUR = SLACK // timedelta(microseconds=1)
_ROWS = pl.Schema({"name": pl.String(), "sequence": pl.Int64(), "arrived_utc": UTC, "part": pl.Int64()})
_READ = pl.Schema({**_ROWS, "run": pl.Int64(), "level": pl.Int64(), "is_done": pl.Boolean()})


def in_runs(days: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The rows with a number, of days in their order (name, sequence, arrived_utc), with `run` and the day's `part`."""
    held, place = pl.DataFrame(schema=_READ), -1
    for place, day in enumerate(chain(days, [None])):
        new = pl.DataFrame(schema=_READ) if day is None else _new(day, place)
        rows = _cut(pl.concat([held, new]).sort("name", "arrived_utc", "sequence"))
        waits = pl.col("arrived_utc") > pl.col("arrived_utc").max().over("name") - SLACK
        is_open = waits & pl.lit(value=day is not None)
        yield rows.filter(~pl.col("is_done") & ~is_open).select(*_ROWS, "run")
        told = rows.filter(pl.col("is_done") | ~is_open).group_by("name", maintain_order=True).tail(_KEPT)
        held = pl.concat([told.select(_READ.names()).with_columns(is_done=True), rows.filter(~pl.col("is_done") & is_open)])


def _new(day: pl.DataFrame, part: int) -> pl.DataFrame:
    rows = day.drop_nulls(["sequence", "arrived_utc"])
    zero = pl.lit(0, pl.Int64)
    return rows.select("name", "sequence", "arrived_utc", part=pl.lit(part, pl.Int64), run=zero, level=zero).with_columns(
        is_done=pl.lit(value=False)
    )


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, by name and time, each with its run; those that were told before (`is_done`) keep theirs."""
    if rows.is_empty():
        return rows
    window = {"window_size": _BESIDE, "min_samples": _AT_LEAST}
    before = pl.col("sequence").rolling_median(**window).shift().over("name")
    after = pl.col("sequence").reverse().rolling_median(**window).reverse().over("name")
    sides = rows.select(before=before, after=after, unit=pl.struct("name").rank("dense"), done="is_done")
    unit, done = sides["unit"].to_numpy().astype(np.int64), sides["done"].to_numpy()
    last, first = (sides[name].fill_null(np.nan).to_numpy() for name in ("before", "after"))
    starts = [place for place in _restarts(rows, unit, last - first) if not done[place]]
    new, shifted = np.zeros(len(unit), dtype=np.int64), np.zeros(len(unit), dtype=np.int64)
    new[starts] = 1
    for place in starts:
        _deal(rows, unit, shifted, place, (float(last[place]), float(first[place])))
    base = pl.col("level").filter("is_done").max().fill_null(0).over("name")
    level = base + pl.Series("new", new)
    ...
