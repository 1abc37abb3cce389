"""Wires the link step: vendor calls and in-house legs of some days → links and clock offsets.

Pairs by number first (`candidates.sql`, `assign.py`); then, among what is still alone, a record and a leg of which one
shows no number, where exactly one of each lies at that time. Masked numbers wait for a rule of their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import midnight_after
from pipelines.engine import Engine
from pipelines.link.assign import assign
from pipelines.tables import INHOUSE_CALLS, LINKS, OFFSETS, VENDOR_CALLS

STEPS = files("pipelines.link")
FEWEST_PAIRS = 20
"""Pairs that a day needs to speak for its own clock offset; below, the month's offset is taken."""
MARGIN_S = 300
"""A call this near to an uncovered hour is treated as in it: a leg that arrived in a gap is passed on after it."""
_CONFIDENCE = {"alone": 0.99, "chosen": 0.95, "time": 0.7}


@dataclass(frozen=True)
class Absence:
    """A span (client's clock) for which no vendor record could be there, and why."""

    start: datetime
    end: datetime
    reason: str

    @classmethod
    def of_day(cls, day: date, zone: str, margin_s: int, reason: str) -> "Absence":
        """A whole local day and the margin on both sides."""
        start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        margin = timedelta(seconds=margin_s)
        return cls(start - margin, midnight_after(day, zone) + margin, reason)


@dataclass(frozen=True)
class Linked:
    """`links` and `offsets` as declared in pipelines/tables/."""

    links: pl.DataFrame
    offsets: pl.DataFrame


def link(
    calls: list[Path],
    legs: list[Path],
    hours: pl.DataFrame,
    vendor: str,
    month: str,
    tolerance_s: int,
    absences: Iterable[Absence] = (),
) -> Linked:
    """Links the vendor_calls partitions `calls` with the inhouse_calls partitions `legs`, one to one.

    `hours` is the coverage table; `month` decides what is `in_month`. Every record that could have a leg and every leg
    that was passed on to the vendor stands in exactly one row of the result.
    """
    with Engine() as engine:
        engine.load(VENDOR_CALLS, calls)
        engine.load(INHOUSE_CALLS, legs)
        engine.frame("hours", hours)
        engine.frame("absent", _absent(absences))
        engine.keep(STEPS / "whole_calls.sql")
        for step in ("calls.sql", "legs.sql", "deltas.sql", "offsets.sql"):
            engine.run(STEPS / step, vendor=vendor, fewest=FEWEST_PAIRS)
        _pair(engine, tolerance_s)
        params = {"vendor": vendor, "month": month, "margin_us": MARGIN_S * 1_000_000}
        links = engine.run(STEPS / "links.sql", **params)
        offsets = engine.read("offsets")
    return Linked(_links(links), _offsets(offsets, vendor))


def _pair(engine: Engine, tolerance_s: int) -> None:
    """Leaves `paired` and `keyless` in the engine."""
    tolerance = tolerance_s * 1_000_000
    by_number = assign(engine.run(STEPS / "candidates.sql", tolerance_us=tolerance))
    alone = pl.col("options").eq(1) & pl.col("rivals").eq(1)
    by_number = by_number.with_columns(
        match_class=pl.lit("number"),
        confidence=pl.when(alone).then(_CONFIDENCE["alone"]).otherwise(_CONFIDENCE["chosen"]),
        reason=pl.when(alone)
        .then(pl.lit("same number, the only ones within the tolerance"))
        .otherwise(pl.lit("same number, least total time difference among several")),
    )
    engine.frame("paired", by_number)
    keyless = engine.run(STEPS / "keyless.sql", tolerance_us=tolerance)
    by_time = keyless.filter(alone).with_columns(
        match_class=pl.lit("time"),
        confidence=pl.lit(_CONFIDENCE["time"]),
        reason=pl.lit("no number, the only ones at that time"),
    )
    engine.frame("paired", pl.concat([by_number, by_time]))


def _absent(absences: Iterable[Absence]) -> pl.DataFrame:
    rows = [(item.start, item.end, item.reason) for item in absences]
    utc = pl.Datetime("us", "UTC")
    return pl.DataFrame(rows, schema={"from_utc": utc, "to_utc": utc, "reason": pl.String}, orient="row")


def _links(found: pl.DataFrame) -> pl.DataFrame:
    named = found.with_columns(_seconds("delta"), _seconds("offset"))
    return LINKS.fit(named)


def _offsets(found: pl.DataFrame, vendor: str) -> pl.DataFrame:
    named = found.with_columns(_seconds("offset"), vendor_id=pl.lit(vendor))
    return OFFSETS.fit(named)


def _seconds(name: str) -> pl.Expr:
    return (pl.col(f"{name}_us") / 1_000_000).round(3).cast(pl.Decimal(18, 3)).alias(f"{name}_s")
