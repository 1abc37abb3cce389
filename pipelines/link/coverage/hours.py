"""For which time the client's own log is whole. No claim against a vendor is stronger than that.

Gaps are spans, of the whole log or of one route: in them calls may be missing, and nothing is held against anybody.
What is usual stands in `usual.py`; full silences are found in `silences.py`, hours that hold too little in `units.py`.
What backs that the log is complete, and single lost rows, are added in `step.py`. The table of hours says the
same for people: an hour is not covered if at least half of it lies in a gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipelines.link.coverage.silences import log_silences, silences_of
from pipelines.link.coverage.spans import merged, spans
from pipelines.link.coverage.units import low_hours, low_hours_of
from pipelines.link.coverage.usual import Share, Usual, beats, shares, usual
from pipelines.tables import COVERAGE, LOG_SPANS

EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
HALF_AN_HOUR = timedelta(minutes=30)
_TIME = "%Y-%m-%d %H:%M UTC"


@dataclass(frozen=True)
class Heard:
    """What a log holds, as beats (see `usual.py`): rows by the unit that wrote them, legs by their route, if any."""

    rows: pl.DataFrame
    legs: pl.DataFrame


def heard(log: pl.LazyFrame) -> Heard:
    """The beats of the client's log; rows have arrived_utc, source, transferred_utc, route, vendor_id."""
    rows = beats(log, "arrived_utc", pl.col("source"))
    return Heard(rows, beats(log, "transferred_utc", ROUTE))


ROUTE = pl.coalesce("route", "vendor_id")
"""What tells one way to a vendor from another: the log's name of it, else the vendor."""


def log_gaps(log: Heard, known: Usual) -> pl.DataFrame:
    """Spans in which calls may be missing, as `tables.LOG_SPANS` with state `gap`."""
    found = pl.concat([LOG_SPANS.empty(), *_gaps(log, known)])
    return merged(found, "state", "kind", "route")


def _gaps(log: Heard, known: Usual) -> Iterator[pl.DataFrame]:
    yield _outside(known)
    if log.rows.is_empty():
        yield _gap(spans([(known.begin, known.stop)]), "silence", pl.lit("our log holds no call"))
    yield _gap(log_silences(log.rows, known), "silence", _none("call"))
    yield _gap(low_hours(known), "hour", _too_few("calls"))
    units = shares(log.rows, known) if log.rows["name"].n_unique() > 1 else []
    for unit in units:
        yield from _silent(unit, log.rows, known, len(units), "unit")
    every_leg = log.legs.with_columns(name=pl.lit(""))
    together = shares(every_leg, known) if log.legs["name"].n_unique() > 1 else []
    routes = shares(log.legs, known)
    for route in routes:
        yield from _silent(route, log.legs, known, len(routes) + len(together), "route")
    for every in together:
        yield from _silent(every, every_leg, known, len(routes) + 1, "legs")


def _silent(part: Share, rows: pl.DataFrame, known: Usual, of: int, kind: str) -> Iterator[pl.DataFrame]:
    """A silent unit of the switch, or nothing passed on, leaves the whole log with a gap; a silent route itself."""
    own = rows.filter(pl.col("name") == part.name)
    name = part.name.replace("{", "{{").replace("}", "}}")
    noun = {"route": f" by route {name}", "unit": f" of unit {name}", "legs": " passed on"}[kind]
    known_as, route = ("unit", None) if kind == "unit" else ("route", part.name if kind == "route" else None)
    yield _gap(silences_of(part, own, known, of), known_as, _none(f"call{noun}"), route)
    yield _gap(low_hours_of(part, known, of), known_as, _too_few(f"calls{noun}"), route)


def _outside(known: Usual) -> pl.DataFrame:
    rows = [(EVER[0], known.begin, "before what is looked at of our log"), (known.stop, EVER[1], "after our log's end")]
    schema = {name: LOG_SPANS.schema[name] for name in ("from_utc", "to_utc", "reason")}
    return _named(pl.DataFrame(rows, schema=schema, orient="row"), "gap", "outside")


def _gap(found: pl.DataFrame, kind: str, reason: pl.Expr, route: str | None = None) -> pl.DataFrame:
    return _named(found.with_columns(reason=reason), "gap", kind, route)


def _named(found: pl.DataFrame, state: str, kind: str, route: str | None = None) -> pl.DataFrame:
    """Spans as rows of the table."""
    return LOG_SPANS.fit(found.with_columns(state=pl.lit(state), kind=pl.lit(kind), route=pl.lit(route, pl.String)))


def _none(what: str) -> pl.Expr:
    start, end = pl.col("from_utc").dt.strftime(_TIME), pl.col("to_utc").dt.strftime(_TIME)
    return pl.format(f"no {what} from {{}} to {{}}, where {{}} are usual", start, end, _rounded())


def _too_few(what: str) -> pl.Expr:
    return pl.format(f"{{}} {what}, where {{}} are usual", "wrote", _rounded())


def _rounded() -> pl.Expr:
    return pl.col("expected").round(0).cast(pl.Int64)


def hours_of(log: Heard, known: Usual, gaps: pl.DataFrame) -> pl.DataFrame:
    """The state of each hour, as `tables.COVERAGE`: of the whole log, and of each route that is looked at."""
    whole = _hours(known.hours.select("hour_utc", "calls", "expected"), gaps, "")
    routes = shares(log.legs, known)
    return pl.concat([whole, *(_hours(_of_route(route, known), gaps, route.name) for route in routes)])


def _of_route(part: Share, known: Usual) -> pl.DataFrame:
    slots = known.slots.select(
        "hour_utc",
        calls=pl.Series(part.wrote).cast(pl.Int64),
        expected=pl.col("expected") * pl.Series(part.share),
    )
    return slots.group_by("hour_utc", maintain_order=True).agg(pl.col("calls", "expected").sum())


def _hours(hours: pl.DataFrame, gaps: pl.DataFrame, route: str) -> pl.DataFrame:
    own = gaps.filter(pl.col("route").is_null() | (pl.col("route") == route))
    touched = _touched(hours["hour_utc"], own)
    judged = hours.join(touched, on="hour_utc", how="left").with_columns(
        route=pl.lit(route), is_covered=(pl.col("silent") < HALF_AN_HOUR).fill_null(value=True)
    )
    told = judged.with_columns(
        reason=pl.when(~pl.col("is_covered")).then("reason"), expected=pl.col("expected").round(3)
    )
    return COVERAGE.fit(told)


def _touched(hours: pl.Series, gaps: pl.DataFrame) -> pl.DataFrame:
    """For each hour how long it lies in gaps, and the reason of the gap that takes most of it."""
    union = _within(hours, merged(gaps.select("from_utc", "to_utc")))
    each = _within(hours, gaps.select("from_utc", "to_utc", "reason"))
    silent = union.group_by("hour_utc").agg(silent=pl.col("inside").sum())
    most = each.sort("hour_utc", "inside", "reason", descending=[False, True, False])
    return silent.join(most.unique("hour_utc", keep="first").select("hour_utc", "reason"), on="hour_utc", how="left")


def _within(hours: pl.Series, gaps: pl.DataFrame) -> pl.DataFrame:
    """Pairs of an hour and a gap that touch, with the time that they share."""
    end = pl.col("hour_utc") + timedelta(hours=1)
    pairs = pl.DataFrame({"hour_utc": hours}).join_where(
        gaps, pl.col("from_utc") < end, pl.col("to_utc") > pl.col("hour_utc")
    )
    shared = pl.min_horizontal("to_utc", end) - pl.max_horizontal("from_utc", "hour_utc")
    return pairs.with_columns(inside=shared)


def coverage(log: pl.LazyFrame, first: date, last: date, zone: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Hours (`tables.COVERAGE`) and gaps (`tables.LOG_SPANS`) from local day `first` to `last`, both included.

    `log` has arrived_utc, source (null where no unit is named), transferred_utc, route and vendor_id.
    """
    said = heard(log)
    known = usual(said.rows, first, last, zone)
    gaps = log_gaps(said, known)
    return hours_of(said, known, gaps), gaps
