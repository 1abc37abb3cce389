"""Agents compared: resolution and handling time of each against what its calls make expected, and how far they differ.

The arithmetic of shrinking stands in `shrink.py`, the expectation by queue and reason in `mix.py`; the SQL that counts
is `agent_cells.sql` and `agent_resolved.sql`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.measure.intervals import wilson
from pipelines.measure.people.mix import expected
from pipelines.measure.people.shrink import FEWEST, Floats, Shrunk, shrink_means, shrink_shares

FALSE_SHARE = 0.05
"""Share of false ones among the agents (or days) that are said to stand out."""
_LEAN = 50.0
"""Calls' worth of the group's variance that each agent's own is mixed with: few calls tell little of a variance."""
_SHRUNK = ("value", "low", "high", "chance")


@dataclass(frozen=True)
class Compared:
    """`agents`: agent_id, n, own, expected, value, low, high (percent or seconds), flag; null where too few agents."""

    agents: pl.DataFrame
    shrunk: Shrunk | None


def share_spread(cells: pl.DataFrame) -> Compared:
    """From counts by agent, queue and reason (closed, resolved): shares in percent, the spread as a share (0 to 1)."""
    known = expected(cells, "closed", "resolved")
    summed = known.group_by("agent_id").agg(
        n=pl.col("closed").sum(),
        good=pl.col("resolved").sum(),
        expected=(pl.col("expected") * pl.col("closed")).sum() / pl.col("closed").sum(),
    )
    agents = summed.sort("agent_id")
    good, base = _floats(agents, "good"), _floats(agents, "n")
    shrunk = shrink_shares(good, base, _floats(agents, "expected")) if agents.height >= FEWEST else None
    alone = [wilson(int(part), int(n)) for part, n in agents.select("good", "n").iter_rows()]
    told = agents.with_columns(
        own=100 * pl.col("good") / pl.col("n"),
        expected=100 * pl.col("expected"),
        wilson_low=pl.Series([100 * each.low for each in alone], dtype=pl.Float64),
        wilson_high=pl.Series([100 * each.high for each in alone], dtype=pl.Float64),
    )
    return Compared(_with_shrunk(told, shrunk, 100.0), shrunk)


def mean_spread(cells: pl.DataFrame) -> Compared:
    """From sums by agent, queue and reason (handled, total_s, square_s2, full_ms): means and spread in seconds."""
    known = expected(cells, "handled", "total_s")
    off = pl.col("square_s2") - 2 * pl.col("expected") * pl.col("total_s") + pl.col("handled") * pl.col("expected") ** 2
    summed = known.group_by("agent_id").agg(
        n=pl.col("handled").sum(),
        own=pl.col("full_ms").sum() / pl.col("handled").sum() / 1000,
        mean=pl.col("total_s").sum() / pl.col("handled").sum(),
        expected=(pl.col("expected") * pl.col("handled")).sum() / pl.col("handled").sum(),
        square=off.sum(),
    )
    agents = summed.sort("agent_id")
    shrunk = None
    if agents.height >= FEWEST:
        mean, middle = _floats(agents, "mean"), _floats(agents, "expected")
        variance = variances(_floats(agents, "n"), _floats(agents, "square"), mean - middle)
        shrunk = shrink_means(mean, variance, middle)
    told = _with_shrunk(agents, shrunk, 1.0)
    return Compared(told.with_columns(pl.col("low").clip(0.0)), shrunk)  # the law is normal, a duration is not negative


def variances(count: Floats, square: Floats, off: Floats) -> Floats:
    """The variance of each agent's mean. `square` is the sum of squared distances of its calls from what is expected of
    them, `off` how far the agent's mean lies off.

    An agent's own variance is mixed with the group's: of skewed times, a few short calls alone look too sure.
    """
    own = np.maximum(square - count * off**2, 0.0)
    group = max(own.sum() / max(count.sum() - len(count), 1.0), 1e-6)
    return np.asarray((own + _LEAN * group) / (count - 1 + _LEAN) / count, dtype=np.float64)


def q_values(chances: Floats) -> Floats:
    """The share of false ones among all that are at least as unlikely.

    Benjamini, Y. and Hochberg, Y., Journal of the Royal Statistical Society B 57 (1995) 289-300.
    """
    order = np.argsort(chances, kind="stable")
    ranked = chances[order] * len(chances) / np.arange(1, len(chances) + 1)
    found = np.empty_like(ranked)
    found[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    return np.minimum(found, 1.0)


def _with_shrunk(agents: pl.DataFrame, shrunk: Shrunk | None, unit: float) -> pl.DataFrame:
    if shrunk is None:
        nothing = [pl.lit(None, pl.Float64).alias(name) for name in _SHRUNK[:-1]]
        return agents.with_columns(*nothing, flag=pl.lit(None, pl.String))
    told = agents.with_columns(
        value=unit * shrunk.value, low=unit * shrunk.low, high=unit * shrunk.high, q=q_values(shrunk.chance)
    )
    is_out = (pl.col("q") <= FALSE_SHARE) & (
        (pl.col("low") > pl.col("expected")) | (pl.col("high") < pl.col("expected"))
    )
    side = pl.when(pl.col("value") > pl.col("expected")).then(pl.lit("above")).otherwise(pl.lit("below"))
    return told.with_columns(flag=pl.when(is_out).then(side))


def _floats(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].cast(pl.Float64).to_numpy()
