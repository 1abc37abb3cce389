"""What is expected of an agent from the queues and reasons of its calls. Frames in, frames out."""

import polars as pl

MANY_AGENTS, MANY_CALLS = 5, 100
"""What a queue's reason needs before its agents are compared within it; else the queue, else all calls together."""


def expected(cells: pl.DataFrame, base: str, part: str) -> pl.DataFrame:
    """`cells` (one row an agent, queue and reason) with `expected`: the mean of `part` per `base` over all agents on
    calls of that kind. Rows without a base are left out.

    A kind that few agents serve says more about them than about the calls, so it is taken with the rest of its queue,
    and such a queue with all calls.
    """
    known = cells.filter(pl.col(base) > 0)
    levels = (("queue", "reason"), ("queue",), ())
    found = [_mean(over, base, part).alias(f"mean {place}") for place, over in enumerate(levels)]
    enough = [_is_enough(over, base).alias(f"enough {place}") for place, over in enumerate(levels[:-1])]
    told = known.with_columns(*found, *enough)
    value = pl.when("enough 0").then("mean 0").when("enough 1").then("mean 1").otherwise("mean 2")
    return told.select(*known.columns, value.alias("expected"))


def _over(expression: pl.Expr, names: tuple[str, ...]) -> pl.Expr:
    return expression.over(list(names)) if names else expression


def _mean(names: tuple[str, ...], base: str, part: str) -> pl.Expr:
    return _over(pl.col(part).sum() / pl.col(base).sum(), names).cast(pl.Float64)


def _is_enough(names: tuple[str, ...], base: str) -> pl.Expr:
    agents = _over(pl.col("agent_id").n_unique(), names)
    return (agents >= MANY_AGENTS) & (_over(pl.col(base).sum(), names) >= MANY_CALLS)
