"""Worlds that nobody chose, one a day and many in one run, each with callers and a clock of its own.

What is drawn is small and crowded on purpose: a dozen calls within two minutes. How a run of them is judged
stands in judge.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import polars as pl
from hypothesis import strategies as st

from tests.link.oracle import Case, Side, Span
from tests.link.worlds import leg, moment, record

DAY_S = 86_400
CROWD = 47_250.0
"""Seconds of the day at which the drawn calls begin: in the middle of those that show the clock."""
WAYS = (("a", "x"), ("b", "y"))
"""Queues and the routes that lead to them."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Who(NamedTuple):
    """What a side shows of a caller; callers 1 and 3 have other queues and routes than 2."""

    caller: int | None
    mask: str | None = None


class Drawn(NamedTuple):
    """A call: seconds after CROWD on the client's clock, its place in WAYS, and how long it lasted."""

    who: Who
    at: float
    way: int | None = None
    lasted: int | None = None


@dataclass(frozen=True, repr=False)
class World:
    """A day. The vendor's clock stands `offset` seconds ahead, `drift` more a day later; `step` sets it at CROWD + 60.

    `noise`: how far (seconds) the calls that show the clock lie from it. `gap` and `absent`: from, to, after CROWD.
    """

    vendor: tuple[Drawn, ...] = ()
    inhouse: tuple[Drawn, ...] = ()
    offset: float = 0
    drift: float = 0
    step: float = 0
    noise: float = 0
    is_quiet: bool = False
    gap: tuple[float, float] | None = None
    absent: tuple[float, float] | None = None

    def ahead(self, at: float) -> float:
        """Seconds that the vendor's clock stands ahead at a time of the client's."""
        return self.offset + self.drift * (at - CROWD) / DAY_S + (self.step if at >= CROWD + 60 else 0)

    def __repr__(self) -> str:
        told = ((item.name, getattr(self, item.name), item.default) for item in fields(self))
        return f"World({', '.join(f'{name}={value!r}' for name, value, usual in told if value != usual)})"


_KNOWN = [Who(1), Who(1, "138******34"), Who(2, "138******56"), Who(3, "139******34")]
_MASKS = ("138******34", "138******56", "******34", "139******", "**********4", "1*8*******6", None)
_HIDDEN = [Who(None, mask) for mask in _MASKS]
_ALL = st.sampled_from([*_KNOWN, *_KNOWN, *_HIDDEN])
_ONE = st.sampled_from([Who(1), Who(1), Who(1), Who(1), Who(None)])
_AT = st.integers(0, 240).map(lambda half: half / 2)
_WAY = st.sampled_from([None, 0, 1])
_LASTED = st.sampled_from([None, 60, 62, 63])
_APART = st.sampled_from([0, 0, 0, 1, 2, -3, 4.999, 5, -5, 5.001, 8, 12, -14, 21, 30, -30, 30.001, -30.5, 44])
_COPIES = st.sampled_from([1, 1, 1, 1, 1, 0, 2, 3])
_HIDING = st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Of each leg the vendor reports none to three records, up to 44 s apart; some sides hide digits or the number."""
    calls = st.builds(_settled, draw(st.sampled_from([_ALL, _ALL, _ALL, _ONE])), _AT, _WAY, _LASTED)
    inhouse = draw(st.lists(calls, max_size=12))
    vendor = [_reported(draw, call) for call in inhouse for _ in range(draw(_COPIES))]
    vendor += draw(st.lists(calls, max_size=4))
    return World(
        tuple(vendor),
        tuple(inhouse),
        offset=draw(st.sampled_from([0, 137, -3600, 28_800, 8100, -5.25])),
        drift=draw(st.sampled_from([0, 0, 0, 2, 45, 120, -120])),
        step=draw(st.sampled_from([0, 0, 0, 0, 0, 0, 0, 0, 0, 600])),
        noise=draw(st.sampled_from([0, 0, 1, 4, 9, 14])),
        is_quiet=draw(st.integers(0, 9)) == 9,
        gap=draw(st.sampled_from([None, None, (360, 3000), (-5000, -240), (300.5, 301), (-241.001, -240)])),
        absent=draw(st.sampled_from([None, None, None, (20, 80.5)])),
    )


def on_one_clock(worlds: Sequence[World], offset: float, drift: float) -> list[World]:
    """The same worlds, day after day on one clock that goes steadily wrong."""
    return [replace(world, offset=offset + drift * day, drift=drift, step=0) for day, world in enumerate(worlds)]


def _settled(who: Who, at: float, way: int | None, lasted: int | None) -> Drawn:
    """A caller with a number has a way and a minute of its own: pairs by number teach the same in all worlds."""
    return Drawn(who, at, way, lasted) if who.caller is None else Drawn(who, at, way and who.caller % 2, lasted and 60)


def _reported(draw: st.DrawFn, call: Drawn) -> Drawn:
    hiding = draw(_HIDING)
    shown = [call.who, Who(None, call.who.mask), Who(None, "138******34"), Who(None)][hiding]
    told = {"way": draw(_WAY), "lasted": draw(_LASTED)} if hiding > 1 else {}
    return call._replace(who=shown, at=call.at + draw(_APART), **told)


_CLOCK = [(40_000.0 + 600 * number, number) for number in range(25)]
_CALLERS = 100
"""Numbers that one day's callers have to themselves; those from 10 on ring once, and show the clock."""


@dataclass(frozen=True)
class Run:
    """Rows of all worlds, the first on the first day, and their world."""

    vendor: list[dict[str, Any]]
    inhouse: list[dict[str, Any]]
    worlds: Sequence[World]

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """Seconds after START."""
        return self._spans("gap")

    @property
    def absences(self) -> list[tuple[float, float]]:
        """Seconds after START."""
        return self._spans("absent")

    def _spans(self, name: str) -> list[tuple[float, float]]:
        begins = ((DAY_S * day + CROWD, getattr(world, name)) for day, world in enumerate(self.worlds))
        return [(begin + span[0], begin + span[1]) for begin, span in begins if span is not None]

    def case(self, clock: pl.DataFrame, tolerance_s: int) -> Case:
        """What the oracle judges, records on the client's clock as `clock` has it."""
        spans: dict[Any, list[Span]] = {}
        for row in clock.to_dicts():
            span = Span(
                start=row["from_us"],
                end=row["to_us"],
                middle=row["middle_us"],
                offset=row["offset_us"],
                drift=row["drift_us_per_day"],
                spread=row["spread_us"],
                is_known=row["basis"] != "none",
            )
            spans.setdefault(row["day"], []).append(span)
        records = [_side(row, spans) for row in self.vendor]
        legs = [_side(row, None) for row in self.inhouse]
        gaps, absences = ([(_us(moment(a)), _us(moment(b))) for a, b in each] for each in (self.gaps, self.absences))
        return Case(records, legs, tolerance_s * 1_000_000, gaps, absences)


def lay_out(worlds: Sequence[World]) -> Run:
    """The rows of these worlds, day by day, with the calls that show each day's clock."""
    vendor: list[dict[str, Any]] = []
    inhouse: list[dict[str, Any]] = []
    for day, world in enumerate(worlds):
        for call in world.inhouse + _shown(world, 0):
            more = {"route": None if call.way is None else WAYS[call.way][1]}
            inhouse.append(_row(leg, len(inhouse) + 1, day, call, CROWD + call.at, "leg_ended_utc", more))
        for call in world.vendor + _shown(world, world.noise):
            more = {"queue": None if call.way is None else WAYS[call.way][0]}
            at = CROWD + call.at + world.ahead(CROWD + call.at)
            vendor.append(_row(record, len(vendor) + 1, day, call, at, "ended_utc", more))
    return Run(vendor, inhouse, worlds)


def _shown(world: World, noise: float) -> tuple[Drawn, ...]:
    """Callers who ring once, far from each other; the noise is even, and no drift is in it."""
    if world.is_quiet:
        return ()
    apart = {number: round(noise * (number * 7 % 25 - 12) / 12, 3) for _, number in _CLOCK}
    return tuple(Drawn(Who(10 + n), at - CROWD + apart[n], n % 2, 60) for at, n in _CLOCK)


def _row(
    of_side: Any, number: int, day: int, call: Drawn, at: float, end: str, more: Mapping[str, Any]
) -> dict[str, Any]:
    caller = None if call.who.caller is None else call.who.caller + _CALLERS * day
    start = DAY_S * day + round(at, 3)
    ended = None if call.lasted is None else moment(start) + timedelta(seconds=call.lasted)
    return of_side(number, caller, start, caller_mask=call.who.mask, **{end: ended}, **more)  # type: ignore[no-any-return]


def _us(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)


def _side(row: Mapping[str, Any], clock: Mapping[Any, Sequence[Span]] | None) -> Side:
    """A row for the oracle; a record lies in exactly one span of its day."""
    times = ("transferred_utc", "leg_ended_utc") if clock is None else ("offered_utc", "ended_utc")
    start, end = (row[name] for name in times)
    leg = Side(
        name=row["call_id"],
        row=row["row"],
        caller=row["caller_key"],
        at=_us(start),
        mask=row["caller_mask"],
        way=row["route"] if clock is None else row["queue"],
        lasted=None if end is None else (end - start) // timedelta(microseconds=1),
        in_month=row["audit_month"] == "2026-10",
    )
    if clock is None:
        return leg
    (span,) = (span for span in clock[row["day"]] if span.start <= leg.at < span.end)
    offset = span.offset_at(leg.at)
    return replace(leg, at=leg.at - offset, span=span, offset=offset)
