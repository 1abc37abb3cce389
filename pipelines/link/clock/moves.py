"""What the moves of a vendor's clock mean, and the sentence that people read about them.

Whether it moved at all is decided in spans.py (within a day) and trend.py (drift); here levels that are
known are compared with each other and with the multiples of a quarter of an hour that all time zones are made of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from pipelines.link.clock.peaks import DAY, SECOND
from pipelines.link.clock.spans import Span
from pipelines.link.clock.steps import LEAST_MOVE

QUARTER = 900 * SECOND
"""All zones in use lie a multiple of 15 minutes from UTC, and clock changes are an hour or half of one."""
NEAR_ZONE = 60 * SECOND
"""A clock that is off by a quarter of an hour or more and to a minute by a multiple of it has a wrong zone: one off by
chance lies so near in two cases of fifteen."""
NEAR_MOVED_ZONE = 300 * SECOND
"""Where the clock moved by such a multiple, that is the evidence, and the rest may be an error of its own."""


_NIGHT = DAY // 2
"""Where several days are looked at as one, a move between pairs this far apart was not seen within a day."""


@dataclass(frozen=True)
class Finding:
    """`moved` as in the table; the sentence; `zone_us` and `drift_us` are what days without pairs take over."""

    moved: str | None
    said: str | None
    zone_us: int
    drift_us: float


def findings(spans: Sequence[Span], inner: float, trend: float, reach: int) -> list[Finding]:
    """One finding per span; `spans` in order of time, drifts in microseconds a day within and between days."""
    beside = list(pairwise(spans))
    changes = [0, *(_change(before, after, trend, reach) for before, after in beside)]
    zones = _zones(spans, changes, trend, reach)
    befores = [None, *spans[:-1]]
    return [
        _finding(before, span, change, zone, trend or inner)
        for before, span, change, zone in zip(befores, spans, changes, zones, strict=True)
    ]


def standing(zone_us: int, drift_us: float) -> Finding:
    """What holds on a day that shows no move of its own."""
    if zone_us:
        side = "ahead of" if zone_us > 0 else "behind"
        said = (
            f"the vendor's clock is {as_clock(abs(zone_us))} {side} the client's: a wrong zone or a missed clock change"
        )
        return Finding("zone", said, zone_us, drift_us)
    if drift_us:
        verb = "gains" if drift_us > 0 else "loses"
        return Finding("drift", f"the vendor's clock {verb} {abs(drift_us) / SECOND:.1f} s a day", 0, drift_us)
    return Finding(None, None, 0, 0.0)


def as_clock(micros: int) -> str:
    """3600000000 → 1:00:00, with a minus where it is negative."""
    seconds = round(abs(micros) / SECOND)
    return f"{'-' if micros < 0 else ''}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _change(before: Span, after: Span, trend: float, reach: int) -> int:
    """How far the clock moved between two spans, over and above its drift.

    0 where that is less than a step, or than the differences scatter on either side of it.
    """
    change = after.level - before.level - round(trend * (after.day.middle_us - before.day.middle_us) / DAY)
    return change if abs(change) >= max(LEAST_MOVE * reach, before.spread + after.spread) else 0


def _quarters(micros: int) -> int:
    """The multiple of a quarter of an hour that is nearest."""
    return round(micros / QUARTER) * QUARTER


def _zones(spans: Sequence[Span], changes: Sequence[int], trend: float, reach: int) -> list[int]:
    """The part of each span's offset that a wrong zone explains, in microseconds.

    Spans hang together as long as the clock moves by nothing but multiples of a quarter; such spans have one rest in
    common, and the multiple is counted from where that rest is nearest to zero. A clock that drifts past multiples is
    near to one by itself at times; then only moves tell.
    """
    drifts_through = bool(spans) and abs(trend) * (spans[-1].to_us - spans[0].from_us) / DAY > NEAR_MOVED_ZONE
    chains: list[list[int]] = []
    for change in changes:
        quarters = _quarters(change)
        if chains and abs(change - quarters) <= min(reach, NEAR_ZONE):
            chains[-1].append(chains[-1][-1] + quarters)
        else:
            chains.append([0])
    zones: list[int] = []
    for shifts in chains:
        levels = [_level_at_first(span, spans[0], trend) for span in spans[len(zones) : len(zones) + len(shifts)]]
        rest = int(np.median(np.array(levels) - np.array(shifts)))
        near = NEAR_MOVED_ZONE if len(set(shifts)) > 1 else 0 if drifts_through else NEAR_ZONE
        base = _quarters(rest) if abs(rest - _quarters(rest)) <= near else 0
        zones += [base + shift for shift in shifts]
    return zones


def _level_at_first(span: Span, first: Span, trend: float) -> int:
    """The span's level without what drifted up since the first began."""
    within = first.slope * (first.day.middle_us - first.from_us)
    return span.level - round((trend * (span.day.middle_us - first.day.middle_us) + within) / DAY)


def _finding(before: Span | None, span: Span, change: int, zone: int, drift: float) -> Finding:
    stands = standing(zone, drift)
    if before is None or not change:
        return stands
    is_within = before.day is span.day and span.first_pair - before.last_pair < _NIGHT
    between = f"between {_moment(before.last_pair)} and {_moment(span.first_pair)} UTC"
    quarters = _quarters(change)
    is_zone = quarters != 0 and abs(change - quarters) <= NEAR_ZONE
    by = quarters if is_zone else change
    said = f"the vendor's clock jumped by {'+' if by > 0 else ''}{as_clock(by)} {between}"
    if is_zone:
        said += ": " + ("a missed clock change or a wrong zone" if zone else "a zone or clock change put right")
    if is_within:
        return Finding("step", said, zone, drift)
    return Finding("zone" if zone else "jump", said, zone, drift)


def _moment(micros: int) -> str:
    return f"{datetime.fromtimestamp(micros / SECOND, UTC):%Y-%m-%d %H:%M}"
