"""Pairs without a number: records and legs that found nobody by number, by the digits that show, or by time alone.

What the pairs by number show is used: which queues take calls of which routes, and how much longer the vendor's calls
last than our legs. A partner is taken only where exactly one comes into question, on both sides.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.engine import Engine

STEPS = files("pipelines.link")
MANY = 200
"""Pairs from which what they show is believed: a route that leads nowhere, the usual difference of durations."""
_ONE_ODD_OF = 1000
"""One pair of so many on either end is not usual."""
_SECONDS_US = 2_000_000
"""What clocks that print whole seconds add to a difference, twice."""
LEAST_US = 5_000_000
"""Without a number a record and a leg lie within twice the clock's spread and this: calls are passed on in seconds."""
_ANY_US = 86_400_000_000
_HALF_DAY_US = 50_400_000_000
"""How far two clocks may stand apart, where it is not known how far they do: 14 hours."""


class Weak:
    """What pairs by number teach about those without."""

    def __init__(self) -> None:
        self._ways: list[pl.DataFrame] = []
        self._longer: list[pl.DataFrame] = []

    def learn(self, pairs: pl.DataFrame) -> None:
        """Takes in the pairs of one part (`part.Paired`)."""
        ways = pairs.group_by(queue="place", route="inhouse_place").agg(pairs=pl.len().cast(pl.Int64)).drop_nulls()
        self._ways.append(ways)
        seconds = (pl.col("lasted_us") // 1_000_000).alias("longer_s")
        self._longer.append(pairs.group_by(seconds).agg(pairs=pl.len().cast(pl.Int64)).drop_nulls())

    @property
    def barred(self) -> pl.DataFrame:
        """Queue and route between which no call is ever passed on, though both have many."""
        ways = pl.concat(self._ways).group_by("queue", "route").agg(pl.col("pairs").sum())
        queues, routes = (
            ways.group_by(name).agg(pl.col("pairs").sum()).filter(pl.col("pairs") >= MANY).select(name)
            for name in ("queue", "route")
        )
        return queues.join(routes, how="cross").join(ways, on=["queue", "route"], how="anti").sort("queue", "route")

    @property
    def lasted(self) -> tuple[int, int]:
        """The least and the most that a record may last longer than its leg, in microseconds: by whole seconds."""
        seconds = pl.concat(self._longer).group_by("longer_s").agg(pl.col("pairs").sum()).sort("longer_s")
        below, pairs = pl.col("pairs").cum_sum(), int(seconds["pairs"].sum())
        if pairs < MANY:
            return -_ANY_US, _ANY_US
        cut = (pairs - 1) // _ONE_ODD_OF
        usual = seconds.filter((below > cut) & (below - pl.col("pairs") < pairs - cut))["longer_s"]
        return usual[0] * 1_000_000 - _SECONDS_US, usual[-1] * 1_000_000 + _SECONDS_US


@dataclass(frozen=True)
class Rest:
    """All that found nobody by number, as `part.Paired` has it, and its pairs by the digits that show, or by time.

    `pairs` has call_ref and leg_ref (places in `calls` and `legs`), delta_us, is_mask. Both sides have candidates (how
    many come into question without a number), is_near_nameless (one without partner is within the tolerance, and that
    one or the row itself is without a number) and is_clockless (of a leg: a record of a day whose clock is not known
    may be its own).
    """

    calls: pl.DataFrame
    legs: pl.DataFrame
    pairs: pl.DataFrame


def pair_rest(calls: pl.DataFrame, legs: pl.DataFrame, weak: Weak, tolerance_us: int, folder: Path) -> Rest:
    """Pairs what is left of all parts and what shows no number."""
    window = pl.min_horizontal(pl.lit(tolerance_us), 2 * pl.col("spread_us") + LEAST_US)
    records = _shown(calls.with_columns(window_us=pl.when("is_clockless").then(-1).otherwise(window)), "window_us")
    widest = int(records.select(pl.col("window_us").max().fill_null(0)).item())
    low, high = weak.lasted
    with Engine(folder) as engine:
        engine.frame("rest_calls", records)
        engine.frame("rest_legs", _shown(legs))
        engine.frame("barred", weak.barred)
        edges = engine.run(STEPS / "edges.sql", widest_us=max(widest, 1), lasted_low_us=low, lasted_high_us=high)
        by_mask = engine.run(STEPS / "by_mask.sql").with_columns(is_mask=pl.lit(value=True))
        pairs = pl.concat([by_mask, engine.run(STEPS / "by_time.sql")]).sort("call_ref")
    own, theirs = (_counted(rows, edges, ref) for rows, ref in ((calls, "call_ref"), (legs, "leg_ref")))
    open_calls, open_legs = _open(own, pairs["call_ref"]), _open(theirs, pairs["leg_ref"])
    return Rest(
        own.with_columns(is_near_nameless=_near(own, open_legs, tolerance_us)),
        theirs.with_columns(is_near_nameless=_near(theirs, open_calls, tolerance_us)),
        pairs,
    )


def is_clockless(clock: pl.DataFrame, at: pl.Expr) -> pl.Expr:
    """Whether a record of a day whose clock is not known may belong to a moment of our clock."""
    spans = clock.filter(pl.col("basis") == "none").select("from_us", "to_us").iter_rows()
    return pl.any_horizontal(
        pl.lit(value=False), *(at.is_between(start - _HALF_DAY_US, end + _HALF_DAY_US) for start, end in spans)
    )


def _shown(rows: pl.DataFrame, *more: str) -> pl.DataFrame:
    """What edges.sql reads: the five signs of a mask that may show, null where they do not."""
    mask = pl.col("caller_mask")
    signs = {f"sign_{nth}": mask.str.slice(start, 1) for nth, start in enumerate((0, 1, 2, -2, -1), 1)}
    shown = {name: pl.when(sign.str.contains("^[0-9]$")).then(sign) for name, sign in signs.items()}
    told = rows.with_columns(pl.int_range(pl.len()).alias("ref"), pl.col("caller_key").is_null().alias("is_nameless"))
    return told.select("ref", "is_nameless", "t_us", "place", "lasted_us", *more, **shown)


def _counted(rows: pl.DataFrame, edges: pl.DataFrame, ref: str) -> pl.DataFrame:
    candidates = np.bincount(edges[ref].to_numpy(), minlength=rows.height)
    return rows.with_columns(candidates=pl.Series(candidates, dtype=pl.Int64()))


def _open(rows: pl.DataFrame, taken: pl.Series) -> pl.DataFrame:
    """Rows that found nobody here either."""
    is_open = np.ones(rows.height, dtype=bool)
    is_open[taken.to_numpy()] = False
    return rows.filter(pl.Series(is_open))


def _near(rows: pl.DataFrame, others: pl.DataFrame, tolerance_us: int) -> pl.Series:
    """Whether somebody open of the other side lies within the tolerance, one of the two being without a number."""
    nameless = others.filter(pl.col("caller_key").is_null())
    by_nameless, by_any = (_within(rows["t_us"], some["t_us"], tolerance_us) for some in (nameless, others))
    return by_nameless | (rows["caller_key"].is_null() & by_any)


def _within(at: pl.Series, others: pl.Series, reach_us: int) -> pl.Series:
    """Whether any of the other moments lies within `reach_us`."""
    sorted_others, moments = others.sort().to_numpy(), at.to_numpy()
    first = np.searchsorted(sorted_others, moments - reach_us, "left")
    after = np.searchsorted(sorted_others, moments + reach_us, "right")
    return pl.Series(after > first, dtype=pl.Boolean())
