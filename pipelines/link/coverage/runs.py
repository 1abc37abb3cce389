"""Runs of the numbers that a log counts its rows with: from one restart (or wrap) of the counter to the next.

Rows are read in order of time. A restart is told by numbers that fall back further than rows can stand out of order, as
a row is numbered when its call ends. Days come one after the other, and the last hour of each waits for the next.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.link.coverage.spans import UTC
from pipelines.link.coverage.usual import Floats

Ints = npt.NDArray[np.int64]

SLACK = timedelta(hours=1)
"""A row is numbered when its call ends, and stands in time where the call arrived or was passed on."""
SPARSE = 0.2
_BESIDE, _AT_LEAST = 5, 3
"""Rows before and after a moment whose middle numbers are compared: one long call is no restart."""
_KEPT = 2 * _BESIDE
_ROWS_OF_A_RUN = 50
_FALLS_OF_RUNS = 0.1
"""Numbers that fall back more often are in no order of time, and tell no restart."""
_HOUR = SLACK // timedelta(microseconds=1)
_RUNS = pl.Schema(
    {"name": pl.String(), "sequence": pl.Int64(), "arrived_utc": UTC, "part": pl.Int64(), "run": pl.Int64()}
)
_READ = pl.Schema({**_RUNS, "stands_utc": UTC, "level": pl.Int64(), "is_done": pl.Boolean()})


def in_runs(days: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The numbered rows of days in their order (name, sequence, arrived_utc), with `run` and the day's `part`.

    A day is given when the one after it is read, as its last rows may belong to the next run.
    """
    held, ready = pl.DataFrame(schema=_READ), pl.DataFrame(schema=_RUNS)
    for part, day in enumerate(chain(days, [None])):
        new = pl.DataFrame(schema=_READ) if day is None else _numbered(day, part)
        rows = _cut(pl.concat([held, new]).sort("name", "arrived_utc", "sequence"))
        marked = rows.with_columns(waits=_waits() & ~pl.col("is_done") & pl.lit(value=day is not None))
        known = marked.filter(~pl.col("is_done") & ~pl.col("waits")).with_columns(arrived_utc="stands_utc")
        ready = pl.concat([ready, known.select(_RUNS.names())])
        yield ready.filter(pl.col("part") < part)
        ready = ready.filter(pl.col("part") >= part)
        told = marked.filter(~pl.col("waits")).group_by("name", maintain_order=True).tail(_KEPT)
        held = pl.concat([told.with_columns(is_done=True).select(_READ.names()), marked.filter("waits").drop("waits")])


def _waits() -> pl.Expr:
    """Whether a row stands in the last hour, or about a restart shortly before it: later rows may tell more of it."""
    at = pl.col("arrived_utc")
    begins = (pl.col("level") != pl.col("level").shift()).over("name").fill_null(value=False)
    since_last = at.max().over("name") - at
    start = pl.when(begins & (since_last <= 2 * SLACK)).then(at).min().over("name")
    return at > pl.min_horizontal(at.max().over("name"), start) - SLACK


def _numbered(day: pl.DataFrame, part: int) -> pl.DataFrame:
    rows = day.drop_nulls(["sequence", "arrived_utc"]).select("name", "sequence", "arrived_utc")
    zero = pl.lit(0, pl.Int64)
    return rows.with_columns(
        part=zero + part, run=zero, stands_utc="arrived_utc", level=zero, is_done=pl.lit(value=False)
    )


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows, by name and time, each with its run; those that were told before (`is_done`) keep theirs."""
    if rows.is_empty():
        return rows
    order = _Order(rows)
    starts = order.restarts()
    so_far = pl.col("level").filter("is_done").max().fill_null(0).over("name")
    if not len(starts):
        return rows.with_columns(
            pl.when("is_done").then(name).otherwise(so_far).alias(name) for name in ("level", "run")
        )
    begins = np.zeros(rows.height, dtype=np.int64)
    begins[starts] = 1
    told = rows.with_columns(before=so_far, level=so_far + pl.Series(begins).cum_sum() - order.begins_of_others(begins))
    torn = _torn_apart(told)
    level = pl.when(pl.col("name").is_in(torn.implode(), nulls_equal=True)).then("before").otherwise("level")
    known = told.with_columns(level=level).drop("before")
    whole = known["level"].to_numpy()
    moved, stands = order.moved([place for place in starts if whole[place] != whole[place - 1]])
    found = known.with_columns(run=pl.col("level") + pl.Series(moved), stands_utc=pl.Series(stands).cast(UTC))
    return pl.concat([rows.filter("is_done"), found.filter(~pl.col("is_done"))]).sort("name", "arrived_utc", "sequence")


def _torn_apart(rows: pl.DataFrame) -> pl.Series:
    """Units in no order of time: runs with holes all over, which all together have not, or runs of a few rows."""
    own = rows.filter(~pl.col("is_done"))
    holes = {"apart": ("name", "level", "sequence"), "together": ("name", "sequence")}
    counts = own.group_by("name").agg(pl.len(), runs=pl.col("level").n_unique())
    for called, order in holes.items():
        same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in order[:-1])
        jumps = own.sort(order).with_columns(
            jump=(same & ~pl.col("sequence").diff().is_between(0, 1)).fill_null(value=False)
        )
        found = jumps.group_by("name").agg(pl.col("jump").sum().cast(pl.Int64).alias(called))
        counts = counts.join(found, on="name", nulls_equal=True)
    are_no_runs = (pl.col("apart") > pl.col("together")) | (pl.col("len") < _ROWS_OF_A_RUN * pl.col("runs"))
    return counts.filter((pl.col("apart") > SPARSE * pl.col("len")) & are_no_runs)["name"]


@dataclass(frozen=True)
class _Order:
    """Rows by name and time, as arrays: where their numbers fall back."""

    rows: pl.DataFrame

    @cached_property
    def unit(self) -> Ints:
        """The place of each row's unit."""
        return self.rows["name"].rle_id().to_numpy().astype(np.int64)

    @cached_property
    def key(self) -> Ints:
        """Moments, those of each unit far from those of the next."""
        moment = self.rows["arrived_utc"].to_physical().to_numpy() - self.rows["arrived_utc"].to_physical().min()
        return np.asarray(self.unit * (int(moment.max()) + 3 * _HOUR) + moment, dtype=np.int64)

    @cached_property
    def beside(self) -> tuple[Floats, Floats]:
        """The middle number of the rows before each, and of those from it on."""
        numbers = pl.col("sequence")
        before = numbers.rolling_median(_BESIDE, min_samples=_AT_LEAST).shift().over("name")
        after = numbers.reverse().rolling_median(_BESIDE, min_samples=_AT_LEAST).reverse().over("name")
        both = self.rows.select(before=before.fill_null(np.nan), after=after.fill_null(np.nan))
        return both["before"].to_numpy(), both["after"].to_numpy()

    def begins_of_others(self, begins: Ints) -> pl.Series:
        """For each row how many runs began in the units before its own."""
        so_far = np.concatenate([[0], np.cumsum(begins)])
        return pl.Series(so_far[np.searchsorted(self.unit, self.unit)])

    def restarts(self) -> Ints:
        """Places where a run begins: the number falls by more than as many rows as stand within an hour."""
        before, after = self.beside
        near = np.searchsorted(self.key, self.key + _HOUR, "right") - np.searchsorted(self.key, self.key - _HOUR)
        fall = np.nan_to_num(before - after, nan=0.0)
        places = np.flatnonzero(fall > near + _BESIDE)
        apart = np.diff(places, prepend=-_KEPT) > _BESIDE
        group = np.cumsum(apart & (np.diff(self.key[places], prepend=-2 * _HOUR) > _HOUR))
        deepest = places[np.lexsort((places, -fall[places], group))]
        first = deepest[np.unique(np.sort(group), return_index=True)[1]]
        falls, runs, rows = (
            np.bincount(self.unit[of], minlength=self.unit[-1] + 1) for of in (places, first, slice(None))
        )
        is_no_order = (falls > 3 * _BESIDE * runs) & (falls > _FALLS_OF_RUNS * rows)
        is_told = self.rows["is_done"].to_numpy()[first] | is_no_order[self.unit[first]]
        return np.asarray(first[~is_told], dtype=np.int64)

    def moved(self, starts: list[int]) -> tuple[Ints, Ints]:
        """By how many runs a row stands beside its own, and the moment at which it counts for its own.

        Within an hour of a restart a row's number tells its run, not its place; it speaks for no time of the other run.
        """
        found = np.zeros(self.rows.height, dtype=np.int64)
        arrived = self.rows["arrived_utc"].to_physical().to_numpy()
        stands = arrived.copy()
        numbers, (before, after) = self.rows["sequence"].to_numpy(), self.beside
        for place in starts:
            low = int(np.searchsorted(self.key, self.key[place] - _HOUR))
            high = int(np.searchsorted(self.key, self.key[place] + _HOUR, "right"))
            rank, own = np.arange(low, high) - place, numbers[low:high]
            to_old = np.abs(own - (before[place] + np.minimum(rank, 0)))
            to_new = np.abs(own - (after[place] + np.maximum(rank, 0)))
            for is_moved, by, there in (
                ((rank < 0) & (to_new < to_old), 1, arrived[place]),
                ((rank >= 0) & (to_old < to_new), -1, arrived[place - 1]),
            ):
                found[low:high][is_moved] = by
                stands[low:high][is_moved] = there
        return found, stands
