"""What the numbers say that a log counts its rows with: where they are unbroken the log is whole, a hole is a lost row.

A unit (switch or IVR) counts for itself, or all count together, whichever leaves fewer holes. A restart of the numbers
begins a new run (`runs.py`) and is no hole; between two runs nothing is vouched for. Rows are first drawn together to
stretches of numbers without a hole, a day at a time, so that a month of ten million rows is never held at once.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import polars as pl

from pipelines.link.coverage.runs import SLACK, SPARSE, in_runs
from pipelines.link.coverage.spans import SPANS, UTC, common, merged

_BACK = timedelta(minutes=15)
_OUT_OF_ORDER = 0.05
_TWICE = 0.01
_STRETCH = pl.Schema(
    {"name": pl.String(), "run": pl.Int64(), "part": pl.Int64(), "low": pl.Int64(), "high": pl.Int64()}
    | {"first_utc": UTC, "last_utc": UTC, "low_utc": UTC, "high_utc": UTC}
    | {"back": pl.Int64(), "is_sparse": pl.Boolean(), "is_twice": pl.Boolean()}
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
    """Numbers without a hole, by unit, run and day; each day has name, sequence, arrived_utc."""
    one = [pl.lit(None, pl.String).alias("name")] if are_together else []
    found = (_of_rows(rows) for rows in in_runs(day.with_columns(one) for day in days))
    return pl.concat([pl.DataFrame(schema=_STRETCH), *found])


def _of_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Of some hours. A number that comes again after a while stands apart: one of the two is of another run."""
    place = ["name", "run", "part"]
    ordered = rows.sort(*place, "sequence", "arrived_utc")
    same = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in place)
    again = (same & (pl.col("sequence").diff() == 0)).fill_null(value=False)
    numbers = ordered.with_columns(number=(~again).cum_sum()).with_columns(
        until=pl.col("arrived_utc").last().over("number")
    )
    once = numbers.unique("number", keep="first", maintain_order=True)
    once = once.with_columns(is_twice=pl.col("until") - pl.col("arrived_utc") >= _BACK)
    goes_on = (same & (pl.col("sequence").diff() == 1)).fill_null(value=False)
    joins = goes_on & (pl.col("is_twice") == pl.col("is_twice").shift())
    gone = pl.col("arrived_utc").diff() < -_BACK
    marked = once.with_columns(stretch=(~joins).cum_sum(), hole=~goes_on, back=(gone & goes_on).cast(pl.Int64))
    whole = marked.group_by("stretch", maintain_order=True).agg(
        pl.col("name", "run", "part", "is_twice").first(),
        low=pl.col("sequence").first(),
        high=pl.col("sequence").last(),
        first_utc=pl.col("arrived_utc").min(),
        last_utc=pl.col("until").max(),
        low_utc=pl.col("arrived_utc").first(),
        high_utc=pl.col("arrived_utc").last(),
        back=pl.col("back").sum(),
    )
    is_sparse = int(marked["hole"].sum()) > max(SPARSE * once.height, 50)
    known = whole.with_columns(is_sparse=pl.lit(is_sparse)).select(_STRETCH.names())
    return _bounds(known) if is_sparse else known


def _bounds(sparse: pl.DataFrame) -> pl.DataFrame:
    """Of hours whose numbers have holes all over, each unit's lowest and highest number, with the day between them."""
    by = ("name", "run", "part")
    whole = sparse.group_by(*by, maintain_order=True).agg(
        low=pl.col("low").min(),
        high=pl.col("high").max(),
        **_ends(),
        back=pl.lit(0, pl.Int64),
        is_sparse=pl.lit(value=True),
        is_twice=pl.col("is_twice").any(),
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
    known = {own["name"][0]: own for own in _units(found)}
    if not set(units) <= set(known):
        return pl.DataFrame(schema=SPANS)
    open_ = [lost_numbers(found).select("from_utc", "to_utc"), *(_twice(own) for own in known.values())]
    return common([_unbroken(own) for own in known.values()], pl.concat(open_))


def _units(found: pl.DataFrame) -> list[pl.DataFrame]:
    """The stretches of each unit, with `missing` before each of them; of several days where the numbers run on."""
    ordered = found.sort("name", "run", "low", "high")
    return [_with_holes(own) for own in ordered.partition_by("name", maintain_order=True)]


def _with_holes(own: pl.DataFrame) -> pl.DataFrame:
    """Few numbers a day may begin anew each day without that anyone can tell; then each day is read by itself."""
    rows = (pl.col("high") - pl.col("low") + 1).sum()
    reach = pl.col("high").cum_max().shift().over("run").fill_null(pl.col("low") - 1)
    again = (pl.min_horizontal("high", reach) - pl.col("low") + 1).clip(0).sum()
    begins_anew = own.select((again > _TWICE * rows).fill_null(value=False)).item()
    part = pl.col("part") if begins_anew else pl.lit(0, pl.Int64)
    ordered = own.with_columns(part=part).sort("run", "part", "low", "high")
    before = pl.col("high").cum_max().shift().over("run", "part")
    missing = (pl.col("low") - before - 1).clip(0).fill_null(0)
    return ordered.with_columns(missing=missing, is_again=(pl.col("low") <= before).fill_null(value=False))


def _twice(own: pl.DataFrame) -> pl.DataFrame:
    """From a number's first row to its last, if they lie far apart: rows lost between would leave no hole."""
    inside = own.filter("is_twice").select(from_utc="first_utc", to_utc="last_utc")
    ends = pl.col("high_utc").shift(), pl.col("low_utc")
    days = own.select(from_utc=pl.min_horizontal(*ends), to_utc=pl.max_horizontal(*ends), is_again="is_again")
    across = days.filter(pl.col("is_again") & (pl.col("to_utc") - pl.col("from_utc") >= _BACK))
    return pl.concat([inside, across.select("from_utc", "to_utc")])


def _holes(own: pl.DataFrame) -> pl.DataFrame:
    """A hole lies between the rows with the numbers beside it; anywhere, where numbers are in no order of time."""
    at = (pl.col("high_utc").shift(), pl.col("low_utc"))
    widened = {"from_utc": pl.min_horizontal(*at) - SLACK, "to_utc": pl.max_horizontal(*at) + SLACK}
    if not _is_in_order(own):
        widened = {"from_utc": pl.col("first_utc").min() - SLACK, "to_utc": pl.col("last_utc").max() + SLACK}
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
    """From the row with a run's first number to that with its last: a call numbered later may have arrived before."""
    anew = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in ("run", "part"))
    stretch = ((pl.col("missing") > 0) | anew).cum_sum()
    ends = {"from_utc": pl.col("low_utc").first(), "to_utc": pl.col("high_utc").last()}
    if not _is_in_order(own):
        ends = {"from_utc": pl.col("first_utc").min(), "to_utc": pl.col("last_utc").max()}
    whole = own.group_by(stretch.alias("stretch"), maintain_order=True).agg(**ends)
    return merged(whole.filter(pl.col("from_utc") <= pl.col("to_utc")).select("from_utc", "to_utc"))


def _is_in_order(own: pl.DataFrame) -> bool:
    """Whether the numbers of a unit go with the time."""
    return bool(own["back"].sum() <= _OUT_OF_ORDER * float((own["high"] - own["low"] + 1).sum()))
