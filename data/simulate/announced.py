"""What the client announced: how many calls it expected to pass on to each vendor, half hour by half hour.

The forecast knows the weekdays, the holiday and the hours; it does not know that what waited over the holiday comes
after it, nor how a single day turns out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from data.simulate.world import HOUR_WEIGHTS, INHOUSE, OPENS_S, REASONS, VENDORS, ZONE, Size, busyness, moment

HALF_HOUR_S = 1800
RINGS_AGAIN = 1.1
"""Calls by need: some callers ring again."""
DAY_NOISE = 0.05


@dataclass(frozen=True)
class Announced:
    """The calls expected in one half hour."""

    vendor: str
    starts: datetime
    calls: float
    aht_s: int
    issued: datetime


def forecast(seed: int, size: Size) -> list[Announced]:
    """All half hours of all days and vendors, by their start."""
    found = [one for n, day in enumerate(size.days) for one in _of_day(seed, size, n, day)]
    return sorted(found, key=lambda one: (one.starts, one.vendor))


def _of_day(seed: int, size: Size, n: int, day: date) -> Iterator[Announced]:
    aht_s = round(sum(reason.share * reason.talk_s for reason in REASONS.values()) * 1.2) + 40
    usual = 1.0 if day.month == 10 and 8 <= day.day <= 10 else busyness(day)
    for vendor, share in shares(size).items():
        noise = Random(f"{seed}/forecast/{vendor}/{day}").gauss(1.0, DAY_NOISE)
        of_day = size.needs_per_day * usual * RINGS_AGAIN * share * noise
        for half, weight in enumerate(w for w in HOUR_WEIGHTS for _ in range(2)):
            starts = moment(size.first_day, n * 86_400 + OPENS_S + half * HALF_HOUR_S)
            calls = round(of_day * weight / sum(HOUR_WEIGHTS) / 2, 2)
            yield Announced(vendor, starts, calls, aht_s, issued(day))


def issued(day: date) -> datetime:
    """Each month is announced on the 20th of the month before."""
    before = day.replace(day=1) - timedelta(days=1)
    return datetime.combine(before.replace(day=20), time(10), ZONE)


def shares(size: Size) -> dict[str, float]:
    """Which part of all calls the IVR sends to each vendor, over all reasons."""
    found = dict.fromkeys(VENDORS, 0.0)
    for name, reason in REASONS.items():
        own = size.inhouse_share * INHOUSE.tilt.get(name, 1.0)
        weights = {id: (1 - size.inhouse_share) / len(VENDORS) * v.tilt.get(name, 1.0) for id, v in VENDORS.items()}
        for id, weight in weights.items():
            found[id] += reason.share * weight / (own + sum(weights.values()))
    return found
