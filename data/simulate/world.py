"""The setting: how large a world is, its calendar, why people ring, and who answers.

Constants and small shapes only. The people stand in `people.py`, the events in `calls.py`.

Time inside the simulation is whole seconds since midnight (Asia/Shanghai) of the first day; China keeps no summer time,
so a moment is always `first_day + seconds`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
CLIENT = "Yunqiao Home Appliances"
DAY_S = 86_400
OPENS_S = 9 * 3600
CLOSES_S = 21 * 3600

HOUR_WEIGHTS = (6, 10, 11, 8, 7, 9, 10, 9, 8, 7, 6, 4)
"""How calls spread over the open hours, from 9 o'clock on: a peak before noon and a lower one in mid-afternoon."""


@dataclass(frozen=True)
class Reason:
    """Why somebody rings: its share of the needs, the usual talk, and how often a good agent settles it at once."""

    share: float
    talk_s: int
    settled: float


REASONS: Mapping[str, Reason] = {
    "delivery": Reason(share=0.26, talk_s=150, settled=0.95),
    "installation": Reason(share=0.20, talk_s=190, settled=0.92),
    "repair": Reason(share=0.20, talk_s=240, settled=0.82),
    "invoice": Reason(share=0.14, talk_s=130, settled=0.96),
    "advice": Reason(share=0.12, talk_s=210, settled=0.97),
    "complaint": Reason(share=0.08, talk_s=290, settled=0.75),
}


@dataclass(frozen=True)
class Centre:
    """A place that answers calls. `route` is the client's name for the way there; `skill` scales `Reason.settled`.

    `tilt` makes a reason more or less likely to be sent here than its plain share.
    """

    id: str
    name: str
    route: str
    agent_prefix: str
    skill: float
    tilt: Mapping[str, float] = field(default_factory=dict)


INHOUSE = Centre("inhouse", CLIENT, "", "YQ", skill=0.98, tilt={"complaint": 2.5, "delivery": 0.8})
VENDORS: Mapping[str, Centre] = {
    "honest": Centre("honest", "Qingdao Harbour Service", "R-QD", "QD", skill=0.97, tilt={"installation": 1.3}),
    "padding": Centre("padding", "Wuhan Riverside Contact", "R-WH", "WH", skill=0.92, tilt={"delivery": 1.3}),
    "vague": Centre("vague", "Chengdu Basin Callcare", "R-CD", "CD", skill=0.86, tilt={"repair": 1.2}),
}


@dataclass(frozen=True)
class Size:
    """How large a world is: fresh needs a day, seats (agents at work at once: a vendor's, the client's), staff each."""

    first_day: date
    last_day: date
    needs_per_day: int
    inhouse_share: float
    seats: int
    inhouse_seats: int
    agents: int
    callers: int

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the world, in order."""
        return tuple(self.first_day + timedelta(days=n) for n in range((self.last_day - self.first_day).days + 1))

    @property
    def months(self) -> tuple[str, ...]:
        """Every month that has a day in the world, as `YYYY-MM`."""
        return tuple(sorted({f"{day:%Y-%m}" for day in self.days}))


SMALL = Size(
    date(2026, 10, 1), date(2026, 11, 9), 245, inhouse_share=0.28, seats=2, inhouse_seats=3, agents=9, callers=30_000
)
"""October 2026 whole, and nine days more, so that every 7-day window that opens in October is closed."""

TINY = Size(
    date(2026, 10, 12), date(2026, 10, 18), 105, inhouse_share=0.46, seats=1, inhouse_seats=3, agents=7, callers=3_000
)
"""One week from Monday to Sunday, for tests."""


@dataclass(frozen=True)
class World:
    """What was written where. `sizes` counts the call rows per source (`inhouse` and each vendor)."""

    directory: Path
    vendors: tuple[str, ...]
    months: tuple[str, ...]
    first_day: date
    last_day: date
    seed: int
    sizes: Mapping[str, int]


def moment(first_day: date, second: int) -> datetime:
    """The local time of a second of the simulation."""
    return datetime(first_day.year, first_day.month, first_day.day, tzinfo=ZONE) + timedelta(seconds=second)


def busyness(day: date) -> float:
    """How many calls a day brings against an ordinary working day.

    The National Day holiday (1 to 7 October) is quiet and what waited comes after it; weekends are quieter; the end of
    a month brings more, its start less.
    """
    holiday = day.month == 10 and day.day <= 7
    after_holiday = day.month == 10 and 8 <= day.day <= 10
    month_end = (day + timedelta(days=3)).month != day.month
    return (
        (0.7 if holiday else 1.2 if after_holiday else 1.0)
        * (0.85 if day.weekday() >= 5 and not holiday else 1.0)
        * (1.15 if month_end else 0.93 if day.day <= 3 else 1.0)
    )
