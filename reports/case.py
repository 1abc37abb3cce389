"""One call that is to be explained, with what lies around it: shapes only, and which calls came into question.

Where it is read is `candidates.py`. Times are microseconds since 1970 in UTC, on the client's clock unless a name says
otherwise.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

SECOND = 1_000_000
AROUND_S = 900
"""Calls of the same caller are looked at as far as this from the call in question."""
MARGIN_S = 300
"""A gap of our log counts as near up to here."""
_START = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 24 * 3600 * SECOND


@dataclass(frozen=True)
class Call:
    """A record of the vendor or a row of our log, as far as pairing looks at it.

    `own_at` is its time by its own side's clock. `partner` is the id that it is matched with, and `partner_ref` where
    that stands. A row of our log that was not passed on to this vendor has `match_class` None.
    """

    side: str
    call_id: str
    ref: tuple[str, int]
    at: int
    own_at: int
    key: int | None
    mask: str | None
    kind: str | None
    match_class: str | None
    partner: str | None
    partner_ref: tuple[str, int] | None

    @property
    def is_alone(self) -> bool:
        """Whether it has no partner, though it could have had one."""
        return self.partner_ref is None and self.match_class is not None


@dataclass(frozen=True)
class Known:
    """A span in which something is known of our log: state gap, lost or vouched."""

    state: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Case:
    """One row of `links` (as a mapping) with all that lies around it; `own` is the record, or the leg of a lone one.

    `clock` is its span of `clock_offsets`, `hour` the whole log's row of `coverage`; either may be missing.
    """

    link: dict[str, Any]
    own: Call
    calls: tuple[Call, ...]
    clock: dict[str, Any] | None
    hour: dict[str, Any] | None
    known: tuple[Known, ...]
    tolerance_s: int
    zone: ZoneInfo

    @property
    def partner(self) -> Call | None:
        """The leg of a pair."""
        return next(
            (call for call in self.calls if call.side != self.own.side and call.ref == self.own.partner_ref), None
        )

    @property
    def offset(self) -> int:
        """What is taken off the vendor's times here."""
        if self.link["offset_s"] is not None:
            return micros(self.link["offset_s"])
        return 0 if self.clock is None else offset_at(self.clock, self.own.at)

    @cached_property
    def candidates(self) -> tuple[Call, ...]:
        """Calls of the other side that came into question, its partner first, then the nearest."""
        found = [call for call in self.calls if call.side != self.own.side and self._is_candidate(call)]
        return tuple(sorted(found, key=lambda c: (c.ref != self.own.partner_ref, abs(c.at - self.own.at), c.ref)))

    @cached_property
    def rivals(self) -> tuple[Call, ...]:
        """Other calls of its own side and caller, the nearest first."""
        own = [c for c in self.calls if c.side == self.own.side and c.ref != self.own.ref and c.match_class]
        found = [call for call in own if call.key is not None and call.key == self.own.key]
        return tuple(sorted(found, key=lambda call: (abs(call.at - self.own.at), call.ref)))

    def delta_s(self, call: Call) -> float:
        """The record's time less the leg's, in seconds, the clock offset taken off."""
        apart = (self.own.at - call.at) / SECOND
        return apart if self.own.side == "vendor" else -apart

    def is_within(self, call: Call) -> bool:
        """Whether a call lies within the tolerance."""
        return abs(self.own.at - call.at) <= self.tolerance_s * SECOND

    def near(self, state: str) -> tuple[Known, ...]:
        """What is known of our log within `MARGIN_S`: for `vouched`, what covers all of that."""
        start, end = self.own.at - MARGIN_S * SECOND, self.own.at + MARGIN_S * SECOND
        if state == "vouched":
            return tuple(k for k in self.known if k.state == state and k.start <= start and k.end >= end)
        return tuple(k for k in self.known if k.state == state and k.start <= end and k.end > start)

    def _is_candidate(self, call: Call) -> bool:
        if call.ref == self.own.partner_ref:
            return True
        if self.own.key is not None and call.key is not None:
            return call.key == self.own.key
        return call.match_class is not None and self.is_within(call) and not contradict(self.own.mask, call.mask)


def offset_at(span: dict[str, Any], at: int) -> int:
    """What a span of `clock_offsets` takes off at a moment."""
    apart = at - micros_of(span["middle_utc"])
    return micros(span["offset_s"]) + round(float(span["drift_s_per_day"]) * SECOND * apart / _DAY)


def contradict(one: str | None, other: str | None) -> bool:
    """Whether two masked numbers cannot be the same: first or last digits that show on both differ."""
    ends = ((_head(one), _head(other)), (_head(one, last=True), _head(other, last=True)))
    return any(a and b and a[: len(b)] != b[: len(a)] for a, b in ends)


def _head(mask: str | None, *, last: bool = False) -> str:
    """The digits before the first star, at most three; or those after the last one, turned round, at most two."""
    text = (mask or "")[::-1] if last else mask or ""
    digits = text[: next((place for place, char in enumerate(text) if not char.isdigit()), len(text))]
    return digits[: 2 if last else 3]


def moment_of(at: int) -> datetime:
    """Microseconds since 1970 as a moment."""
    return _START + timedelta(microseconds=at)


def micros_of(moment: datetime) -> int:
    """A moment as microseconds since 1970."""
    return (moment - _START) // timedelta(microseconds=1)


def micros(seconds: Any) -> int:
    """Seconds, as a number of any kind, in whole microseconds."""
    return round(float(seconds) * SECOND)
