"""What people are told of a vendor's clock: how far it stands from the client's, how exact that is, and what moved.

Read from table `clock_offsets`; the clock itself is found in `clock/`. The words stand in `reports/texts/`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any, Literal
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import Month
from pipelines.lake import Lake
from pipelines.tables import OFFSETS

Kind = Literal["zone", "step", "jump", "drift"]
KINDS: tuple[Kind, ...] = ("zone", "step", "jump", "drift")
_QUARTER_S = 900


@dataclass(frozen=True)
class Move:
    """One kind of move of the vendor's clock in a month, told once.

    `day` and `until` are ISO dates: the first and last day of a zone or drift; of steps and jumps both are the day of
    the largest. `times`: how many days or moves. `change_s`: by how much (a drift: in a day), positive is ahead. `at`:
    about when on that day (HH:MM, client's local time), of a step alone.
    """

    kind: Kind
    day: str
    until: str
    times: int
    change_s: float
    at: str | None = None


@dataclass(frozen=True)
class Clock:
    """The medians of a month's offsets and spreads in seconds, None where no offset is known; and the moves."""

    offset_s: float | None
    spread_s: float | None
    moves: tuple[Move, ...]


def clock_of(lake: Lake, vendor: str, month: Month, zone: str) -> Clock:
    """The clock of one vendor's month."""
    return told(lake.read(OFFSETS, vendor=vendor, month=month.text), month.first, month.last, zone)


def told(offsets: pl.DataFrame, first: date, last: date, zone: str) -> Clock:
    """Rows of `clock_offsets` in one sum; a move is told where it lies between `first` and `last`, both included."""
    spans = list(offsets.sort("day", "from_utc").iter_rows(named=True))
    own = offsets.filter((pl.col("basis") != "none") & pl.col("day").is_between(first, last))
    middle = [own[name].cast(pl.Float64).median() for name in ("offset_s", "spread_s")]
    offset, spread = (round(value, 3) if isinstance(value, float) else None for value in middle)
    changed = list(zip(spans, _changes(spans), strict=True))
    inside = [(span, change) for span, change in changed if first <= span["day"] <= last]
    return Clock(offset, spread, tuple(move for kind in KINDS if (move := _move(kind, inside, zone))))


def lake_clock(lake: Lake, vendor: str, month: Month) -> dict[str, Any]:
    """The clock of a month as metadata: offset and spread in seconds, and the sentences on its moves."""
    rows = lake.read(OFFSETS, vendor=vendor, month=month.text).sort("day", "from_utc")
    clock = told(rows, month.first, month.last, "UTC")
    said = (
        rows.filter(pl.col("day").is_between(month.first, month.last))["said"].drop_nulls().unique(maintain_order=True)
    )
    figures = {"clock_offset_s": clock.offset_s, "clock_spread_s": clock.spread_s}
    known = {name: value for name, value in figures.items() if value is not None}
    return {**known, **({"clock_moved": "; ".join(said)} if len(said) else {})}


_Span = dict[str, Any]


def _changes(spans: Sequence[_Span]) -> list[float]:
    """How far the clock moved between each span and the one before it, its drift taken off."""
    return [0.0, *(_change(before, after) for before, after in pairwise(spans))][: len(spans)]


def _change(before: _Span, after: _Span) -> float:
    days = (after["middle_utc"] - before["middle_utc"]) / timedelta(days=1)
    drifted = float(after["drift_s_per_day"]) * float(days)
    return float(after["offset_s"] - before["offset_s"]) - drifted


def _move(kind: Kind, spans: Iterable[tuple[_Span, float]], zone: str) -> Move | None:
    found = [(span, change) for span, change in spans if span["moved"] == kind]
    if not found:
        return None
    if kind in ("step", "jump"):
        span, change = max(found, key=lambda one: abs(one[1]))
        day = span["day"].isoformat()
        return Move(kind, day, day, len(found), round(change, 3), _at(span, zone) if kind == "step" else None)
    days = sorted({span["day"] for span, _ in found})
    return Move(kind, days[0].isoformat(), days[-1].isoformat(), len(days), _usual(kind, [span for span, _ in found]))


def _usual(kind: Kind, spans: Sequence[_Span]) -> float:
    """The zone's quarters of an hour, or the drift in a day, of most of the spans."""
    if kind == "drift":
        return median(float(span["drift_s_per_day"]) for span in spans)
    quarters = [round(float(span["offset_s"]) / _QUARTER_S) * _QUARTER_S for span in spans]
    return float(max(quarters, key=lambda value: (quarters.count(value), abs(value))))


def _at(span: _Span, zone: str) -> str:
    """The start of a span on the client's clock."""
    start: datetime = span["from_utc"] - timedelta(seconds=float(span["offset_s"]))
    return f"{start.astimezone(ZoneInfo(zone)):%H:%M}"
