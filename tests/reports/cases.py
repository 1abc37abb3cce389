"""Calls to explain, written down by hand: one call in question at noon, what lies around it, both clocks, our log.

Times are seconds after noon on our clock; the vendor's clock stands 10 s ahead.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from reports.case import SECOND, Call, Case, Known, micros_of

NOON = micros_of(datetime(2026, 10, 14, 12, tzinfo=UTC))
CLOCK = {
    "from_utc": datetime(2026, 10, 14, tzinfo=UTC),
    "middle_utc": datetime(2026, 10, 14, 12, tzinfo=UTC),
    "to_utc": datetime(2026, 10, 15, tzinfo=UTC),
    "offset_s": Decimal(10),
    "drift_s_per_day": Decimal(0),
    "spread_s": Decimal("1.5"),
    "pairs": 240,
    "basis": "day",
    "moved": None,
    "said": None,
}
HOUR = {"hour_utc": datetime(2026, 10, 14, 12, tzinfo=UTC), "calls": 31, "expected": 29.6}
LINK = {
    "side": "vendor",
    "match_class": "vendor_only",
    "reason": "no leg of this caller within the tolerance",
    "offset_s": Decimal(10),
    "delta_s": None,
    "confidence": None,
    "options": 0,
    "is_covered": True,
    "inhouse_call_id": None,
    "inhouse_file_id": None,
    "inhouse_row": None,
}
PAIR = {"side": "pair", "match_class": "number", "delta_s": Decimal(2), "confidence": 0.95, "options": 2}
LEG = {"inhouse_call_id": "h1", "inhouse_file_id": "own", "inhouse_row": 1}
PAIRED = {**PAIR, **LEG, "reason": "same number, least total time difference among several"}


def record(number: int, at: float, **more: Any) -> Call:
    """The vendor's record v<number>, `at` on our clock."""
    return _call("vendor", f"v{number}", ("theirs", number), at, at + 10, **more)


def leg(number: int, at: float, **more: Any) -> Call:
    """Our leg h<number>."""
    return _call("inhouse", f"h{number}", ("own", number), at, at, **more)


def _call(side: str, name: str, ref: tuple[str, int], at: float, own_at: float, **more: Any) -> Call:
    usual = {"key": 7, "mask": "139******21", "kind": "number", "match_class": f"{side}_only"}
    pair = more.pop("pair", None)
    if pair is not None:
        other = ("own", pair) if side == "vendor" else ("theirs", pair)
        usual |= {"match_class": "number", "partner": f"{'h' if side == 'vendor' else 'v'}{pair}", "partner_ref": other}
    alone = {"partner": None, "partner_ref": None}
    moments = {"at": NOON + round(at * SECOND), "own_at": NOON + round(own_at * SECOND)}
    return Call(**{"side": side, "call_id": name, "ref": ref, **alone, **usual, **moments, **more})


def known(state: str, start: float, end: float, reason: str) -> Known:
    """What is known of our log from `start` to `end`."""
    return Known(state, NOON + round(start * SECOND), NOON + round(end * SECOND), reason)


VOUCHED = known("vouched", -90_000, 90_000, "the log numbers its rows, and no number is missing")


def case(
    own: Call, *others: Call, log: tuple[Known, ...] = (VOUCHED,), clock: dict[str, Any] | None = CLOCK, **link: Any
) -> Case:
    """One call in question with the calls around it."""
    return Case({**LINK, **link}, own, (own, *others), clock, HOUR, log, 30, ZoneInfo("Asia/Shanghai"))
