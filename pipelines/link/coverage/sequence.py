"""What the numbers say that a log counts its rows with: where they are unbroken the log is whole, a hole is a lost row.

A unit (switch or IVR) counts for itself, or all count together, whichever leaves fewer holes. Numbers that begin anew
are told by numbers that come twice; then each day is read by itself. Rows are first drawn together to stretches of
numbers without a hole, a day at a time, so that a month of ten million rows is never held at once.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import polars as pl

from pipelines.link.coverage.spans import SPANS, UTC, common, merged

_SLACK = timedelta(hours=1)
"""A row is numbered when its call ends, and stands in time where the call arrived or was passed on."""
_BACK = timedelta(minutes=15)
_OUT_OF_ORDER = 0.05
_TWICE = 0.01
_SPARSE = 0.2
_STRETCH = pl.Schema(
    {"name": pl.String(), "part": pl.Int64(), "low": pl.Int64(), "high": pl.Int64()}
    | {"first_utc": UTC, "last_utc": UTC, "low_utc": UTC, "high_utc": UTC}
    | {"back": pl.Int64(), "is_sparse": pl.Boolean()}
)


def counts_together(days: Iterable[pl.DataFrame]) -> bool:
    """Whether all units of a log share one row of numbers; each day has name, sequence. A few days tell."""
    together = apart = 0
    for rows in days:
        numbers = rows.drop_nulls("sequence").select("name", "sequence")
        if numbers["sequence"].n_unique() < (1 - _TWICE) * numbers.height:
            return False
        breaks = (pl.col("sequence").diff() != 1).sum()
        together += numbers.sort("sequence").select(breaks).item()
        apart += numbers.sort("name", "sequence").select(breaks).item()
    return together < apart


def stretches(days: Iterable[pl.DataFrame], are_together: bool = False) -> pl.DataFrame:
    """Numbers without a hole, by unit and day; each day has name, sequence, arrived_utc."""
    one = [pl.lit(None, pl.String).alias("name")] if are_together else []
    found = (_of_day(rows.with_columns(one), part) for part, rows in enumerate(days))
    return pl.concat([pl.DataFrame(schema=_STRETCH), *found])


def _of_day(rows: pl.DataFrame, part: int) -> pl.DataFrame:
    ordered = rows.drop_nulls("sequence").sort("name", "sequence", "arrived_utc")
    same = pl.col("name").eq_missing(pl.col("name").shift())
    once = ordered.filter(~(same & (pl.col("sequence").diff() == 0)).fill_null(value=False))
    goes_on = (same & (pl.col("sequence").diff() == 1)).fill_null(value=False)
    gone = pl.col("arrived_utc").diff() < -_BACK
    marked = once.with_columns(run=(~goes_on).cum_sum(), back=(gone & goes_on).cast(pl.Int64))
    whole = marked.group_by("run", maintain_order=True).agg(
        name=pl.col("name").first(),
        low=pl.col("sequence").first(),
        high=pl.col("sequence").last(),
        first_utc=pl.col("arrived_utc").min(),
        last_utc=pl.col("arrived_utc").max(),
        low_utc=pl.col("arrived_utc").first(),
        high_utc=pl.col("arrived_utc").last(),
        back=pl.col("back").sum(),
    )
    is_sparse = whole.height > max(_SPARSE * once.height, 50)
    known = whole.with_columns(part=pl.lit(part, pl.Int64), is_sparse=pl.lit(is_sparse)).select(_STRETCH.names())
    return _bounds(known) if is_sparse else known


def _bounds(sparse: pl.DataFrame) -> pl.DataFrame:
    """Of a day whose numbers have holes all over, each unit's lowest and highest number, with the day between them."""
    by = ("name", "part")
    whole = sparse.group_by(*by, maintain_order=True).agg(
        low=pl.col("low").min(),
        high=pl.col("high").max(),
        **_ends(),
        back=pl.lit(0, pl.Int64),
        is_sparse=pl.lit(value=True),
    )
    begin, end = pl.col("first_utc"), pl.col("last_utc")
    first = whole.with_columns(high="low", last_utc=begin, low_utc=begin, high_utc=begin)
    last = whole.with_columns(low="high", first_utc=end, low_utc=end, high_utc=end)
    return pl.concat([first.select(_STRETCH.names()), last.select(_STRETCH.names())])


def _ends() -> dict[str, pl.Expr]:
    return {"first_utc": pl.col("first_utc").min(), "last_utc": pl.col("last_utc").max()}


def lost_numbers(found: pl.DataFrame) -> pl.DataFrame:
    """Holes in the numbers: from_utc, to_utc (around the rows beside them) and reason; `found` are the stretches."""
    holes = [_holes(own) for own in _units(found)]
    schema = pl.Schema({**SPANS, "reason": pl.String()})
    return merged(pl.concat([pl.DataFrame(schema=schema), *holes]))


def numbered(found: pl.DataFrame, units: Sequence[str | None]) -> pl.DataFrame:
    """Spans in which the numbers of every unit are unbroken: from_utc, to_utc; nothing where one has no numbers."""
    runs = {own["name"][0]: _unbroken(own) for own in _units(found)}
    if not set(units) <= set(runs):
        return pl.DataFrame(schema=SPANS)
    return common(list(runs.values()), lost_numbers(found))


def _units(found: pl.DataFrame) -> list[pl.DataFrame]:
    """The stretches of each unit, with `missing` before each of them; of several days where the numbers run on."""
    return [_with_holes(own) for own in found.sort("name", "low", "high").partition_by("name", maintain_order=True)]


def _with_holes(own: pl.DataFrame) -> pl.DataFrame:
    rows = (pl.col("high") - pl.col("low") + 1).sum()
    reach = pl.col("high").cum_max().shift().fill_null(pl.col("low") - 1)
    again = (pl.min_horizontal("high", reach) - pl.col("low") + 1).clip(0).sum()
    begins_anew = own.select((again > _TWICE * rows).fill_null(value=False)).item()
    run = pl.col("part") if begins_anew else pl.lit(0, pl.Int64)
    ordered = own.with_columns(part=run).sort("part", "low", "high")
    missing = (pl.col("low") - pl.col("high").cum_max().shift().over("part") - 1).clip(0).fill_null(0)
    return ordered.with_columns(missing=missing)


def _holes(own: pl.DataFrame) -> pl.DataFrame:
    """A hole lies between the rows with the numbers beside it; anywhere, where numbers are in no order of time."""
    at = (pl.col("high_utc").shift(), pl.col("low_utc"))
    widened = {"from_utc": pl.min_horizontal(*at) - _SLACK, "to_utc": pl.max_horizontal(*at) + _SLACK}
    if own["back"].sum() > _OUT_OF_ORDER * float((own["high"] - own["low"] + 1).sum()):
        widened = {"from_utc": pl.col("first_utc").min() - _SLACK, "to_utc": pl.col("last_utc").max() + _SLACK}
    name = own["name"][0]
    unit = "our log" if name is None else f"unit {name}".replace("{", "{{").replace("}", "}}")
    first, count = pl.col("low") - pl.col("missing"), pl.col("missing")
    one = pl.format(f"row {{}} of {unit} is missing", first)
    several = pl.format(f"{{}} rows of {unit} are missing from number {{}} on", count, first)
    many = pl.lit(
        f"many rows of {unit} are missing: its numbers have holes all day".replace("{{", "{").replace("}}", "}")
    )
    both = pl.col("is_sparse") & pl.col("is_sparse").shift()
    reason = pl.when(both).then(many).when(count == 1).then(one).otherwise(several)
    holes = own.with_columns(**widened, reason=reason).filter(pl.col("missing") > 0)
    return holes.select("from_utc", "to_utc", "reason")


def _unbroken(own: pl.DataFrame) -> pl.DataFrame:
    run = ((pl.col("missing") > 0) | pl.col("part").ne_missing(pl.col("part").shift())).cum_sum()
    runs = own.group_by(run.alias("run")).agg(from_utc=pl.col("first_utc").min(), to_utc=pl.col("last_utc").max())
    return merged(runs.select("from_utc", "to_utc"))
