"""Sums over spans of time: unions, what is common to several, and what is left of one. Nothing here knows a log.

A frame of spans has `from_utc` and `to_utc`, and may have more columns.
"""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

Span = tuple[datetime, datetime]

UTC = pl.Datetime("us", "UTC")
SPANS = pl.Schema({"from_utc": UTC, "to_utc": UTC})


def spans(rows: Sequence[Span]) -> pl.DataFrame:
    """Spans as a frame."""
    return pl.DataFrame(rows, schema=SPANS, orient="row")


def merged(frame: pl.DataFrame, *by: str) -> pl.DataFrame:
    """The union of the spans of each group, apart from each other and in order; a union takes its longest's reason."""
    sized = frame.sort(*by, "from_utc", "to_utc").with_columns(_reach=pl.col("to_utc").cum_max())
    if by:
        sized = sized.with_columns(_reach=pl.col("to_utc").cum_max().over(*by))
    before = pl.col("_reach").shift().over(*by) if by else pl.col("_reach").shift()
    numbered = sized.with_columns(_new=(pl.col("from_utc") > before).fill_null(value=True).cum_sum())
    length = pl.col("to_utc") - pl.col("from_utc")
    rest = [pl.col(name).sort_by(length, descending=True, maintain_order=True).first() for name in _others(frame, by)]
    bounds = (pl.col("from_utc").min(), pl.col("to_utc").max())
    whole = numbered.group_by(*by, "_new", maintain_order=True).agg(*bounds, *rest)
    return whole.select(frame.columns)


def common(parts: Sequence[pl.DataFrame], without: pl.DataFrame) -> pl.DataFrame:
    """The time that lies in every one of the parts, and not in `without`."""
    if not parts:
        return pl.DataFrame(schema=SPANS)
    steps = [*(_steps(part, 1) for part in parts), _steps(without, -len(parts))]
    level = pl.concat(steps).group_by("at").agg(pl.col("step").sum()).sort("at")
    here = level.with_columns(level=pl.col("step").cum_sum(), to_utc=pl.col("at").shift(-1))
    inside = here.filter((pl.col("level") == len(parts)) & pl.col("to_utc").is_not_null())
    return merged(inside.select(from_utc="at", to_utc="to_utc"))


def _steps(part: pl.DataFrame, weight: int) -> pl.DataFrame:
    """Where the spans begin and end, as changes of a level."""
    union = merged(part.select("from_utc", "to_utc"))
    begins = union.select(at="from_utc", step=pl.lit(weight, pl.Int64))
    return pl.concat([begins, union.select(at="to_utc", step=pl.lit(-weight, pl.Int64))])


def _others(frame: pl.DataFrame, by: tuple[str, ...]) -> list[str]:
    return [name for name in frame.columns if name not in ("from_utc", "to_utc", *by)]
