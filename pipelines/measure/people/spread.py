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
_SHARED = 0.5
"""Share of an agent's calls that others must have as well before the agent is compared with them."""
_SHRUNK = ("value", "low", "high", "chance")


@dataclass(frozen=True)
class Compared:
    """`agents`: agent_id, n, own, expected, value, low, high (percent or seconds), flag; all but n and own are null of
    an agent whose calls hardly anybody else has. `shrunk`: those who are compared, None where they are too few.
    """

    agents: pl.DataFrame
    shrunk: Shrunk | None


def alike(calls: int | None, squares: int | None) -> float:
    """How many calls weigh as much as one that stands alone (`repeated_callers.sql`); 1 where no caller comes twice.

    Calls of one caller with one agent are taken to end all alike, so a number that rings all day blames nobody. The
    design effect of clusters of unlike sizes: Kish, L., Survey Sampling (1965), section 5.4.
    """
    return squares / calls if calls and squares else 1.0


def share_spread(cells: pl.DataFrame, weight: float = 1.0) -> Compared:
    """From counts by agent, queue and reason (closed, resolved): shares in percent, the spread as a share (0 to 1).

    `weight` calls count as one (see `alike`).
    """
    known = expected(cells, "closed", "resolved")
    summed = known.group_by("agent_id").agg(
        n=pl.col("closed").sum(),
        good=pl.col("resolved").sum(),
        expected=_mean_expected("closed"),
        is_compared=_is_compared("closed"),
    )
    agents = summed.sort("agent_id")
    like = agents.filter("is_compared")
    good, base = _floats(like, "good") / weight, _floats(like, "n") / weight
    shrunk = shrink_shares(good, base, _floats(like, "expected")) if like.height >= FEWEST else None
    alone = [wilson(int(part), int(n)) for part, n in agents.select("good", "n").iter_rows()]
    told = agents.with_columns(
        own=100 * pl.col("good") / pl.col("n"),
        plain=100 * pl.col("good") / pl.col("n"),
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
        expected=_mean_expected("handled"),
        is_compared=_is_compared("handled"),
        square=off.sum(),
    )
    agents = summed.sort("agent_id")
    like, shrunk = agents.filter("is_compared"), None
    if like.height >= FEWEST:
        mean, middle = _floats(like, "mean"), _floats(like, "expected")
        variance = variances(_floats(like, "n"), _floats(like, "square"), mean - middle)
        shrunk = shrink_means(mean, variance, middle)
    told = _with_shrunk(agents.with_columns(plain=pl.col("mean")), shrunk, 1.0)
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


def _mean_expected(base: str) -> pl.Expr:
    return (pl.col("expected") * pl.col(base)).sum() / pl.col(base).sum()


def _is_compared(base: str) -> pl.Expr:
    return pl.col(base).filter("is_shared").sum() >= _SHARED * pl.col(base).sum()


def _with_shrunk(agents: pl.DataFrame, shrunk: Shrunk | None, unit: float) -> pl.DataFrame:
    """`agents` (is_compared, expected, and `plain`: their own value, long calls cut) with value, interval and flag.

    Nobody stands out on a side on which the agent's own calls do not lie.
    """
    like = agents.filter("is_compared" if shrunk is not None else pl.lit(value=False))
    null = np.empty(0)
    found = (shrunk.value, shrunk.low, shrunk.high, q_values(shrunk.chance)) if shrunk is not None else (null,) * 4
    columns = zip((*_SHRUNK[:-1], "q"), found, (unit, unit, unit, 1.0), strict=True)
    told = like.select("agent_id", "plain", "expected").with_columns(
        pl.Series(name, scale * values, pl.Float64) for name, values, scale in columns
    )
    is_sure, middle = pl.col("q") <= FALSE_SHARE, pl.col("expected")
    above = is_sure & (pl.col("low") > middle) & (pl.col("plain") > middle)
    below = is_sure & (pl.col("high") < middle) & (pl.col("plain") < middle)
    flag = pl.when(above).then(pl.lit("above")).when(below).then(pl.lit("below"))
    columns_kept = told.with_columns(flag=flag).select("agent_id", *_SHRUNK[:-1], "flag")
    joined = agents.join(columns_kept, on="agent_id", how="left", maintain_order="left")
    return joined.with_columns(expected=pl.when("is_compared").then("expected"))


def _floats(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].cast(pl.Float64).to_numpy()
