"""What is expected of an agent from the queues and reasons of its calls. Frames in, frames out."""

import polars as pl

MANY_AGENTS, MANY_CALLS, FEW_CALLS = 5, 100, 20
"""From so many agents on a kind is shared; below so many calls it is rare; so many of few agents are their own."""


def expected(cells: pl.DataFrame, base: str, part: str) -> pl.DataFrame:
    """`cells` (one row an agent, queue and reason) with `expected`: the mean of `part` per `base` over all agents on
    calls of that kind, and `is_shared`: so many agents have such calls that they say what is usual. Rows without a base
    are left out.

    A kind is a reason of a queue. Rare reasons of a queue are one kind, but never one with other queues, and no reason
    that a few agents specialise in is put together with others: who alone takes the hard calls is no worse for that.
    """
    known = cells.filter(pl.col(base) > 0)
    agents, calls = pl.col("agent_id").n_unique().over("queue", "reason"), pl.col(base).sum().over("queue", "reason")
    least = pl.when(agents >= MANY_AGENTS).then(MANY_CALLS).otherwise(FEW_CALLS)
    kinds = known.with_columns(kind=pl.when(calls >= least).then("reason"))
    over = ("queue", "kind")
    mean = (pl.col(part).sum() / pl.col(base).sum()).over(over).cast(pl.Float64)
    shared = pl.col("agent_id").n_unique().over(over) >= MANY_AGENTS
    return kinds.select(*known.columns, mean.alias("expected"), shared.alias("is_shared"))
