"""The periods for which files are due: by the contract's frequency, else by the dates that its paths name. Pure.

A period is a span of the client's local days; what is due more often than daily is expected once a day. Weeks begin on
Monday. Every second week, or third day, is counted from Monday 1970-01-05, every n-th month from January.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.calendar import Month
from pipelines.contract.model import Frequency

_EPOCH = date(1970, 1, 5)
_STRAY = 20
"""A day at the edge of a file with less than one in so many of the rows of its fullest day is a stray one: a call over
midnight, a clock of another zone."""


@dataclass(frozen=True, order=True)
class Period:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    def meets(self, other: "Period") -> bool:
        """Whether they share a day."""
        return self.first <= other.last and other.first <= self.last


def frequency_of_path(template: str) -> Frequency | None:
    """One file a day or a month, where the path names it; None where it names no date."""
    if "{day}" in template:
        return Frequency(1, "day")
    return Frequency(1, "month") if "{month}" in template else None


def period_of(day: date, frequency: Frequency) -> Period:
    """The period that holds a day."""
    if frequency.every == "month":
        first_month = (day.year * 12 + day.month - 1) // frequency.count * frequency.count
        return Period(_month_start(first_month), _month_start(first_month + frequency.count) - timedelta(days=1))
    days = {"hour": 1, "day": frequency.count, "week": 7 * frequency.count}[frequency.every]
    first = day - timedelta(days=(day - _EPOCH).days % days)
    return Period(first, first + timedelta(days=days - 1))


def expected(frequency: Frequency, month: Month, first_day: date) -> list[Period]:
    """The periods that begin in a month, in order; none that was over before the workspace's first day."""
    found = sorted({period_of(day, frequency) for day in month.own_days})
    return [period for period in found if period.first >= month.first and period.last >= first_day]


def span_of_rows(days: Mapping[str, int], month: str | None) -> Period | None:
    """From the first to the last day that a file tells of, by its rows per day; stray days at the edges do not count.

    A file whose path names a month tells of no other.
    """
    own = {day: rows for day, rows in days.items() if rows and (month is None or day.startswith(month))}
    most = max(own.values(), default=0)
    told = sorted(date.fromisoformat(day) for day, rows in own.items() if rows * _STRAY >= most)
    return Period(told[0], told[-1]) if told else None


def _month_start(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
