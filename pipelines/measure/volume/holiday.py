"""Which days are public holidays, weekends and make-up working days, in the client's country.

The dates come from the library `holidays`; nothing is counted here. A country that the library does not know has
weekends (Saturday and Sunday) and no holidays: `has_calendar` says so.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from itertools import takewhile

import holidays as library
import polars as pl

LONG_DAYS = 4
"""Days off in a row, a holiday among them, that make a long holiday."""
AFTER_DAYS = 3
"""Working days after a long holiday on which what has waited is asked."""
START_DAYS, END_WORKING_DAYS = 3, 3
"""How much of a month counts as its start (days), and as its end (from so many working days before the next month)."""
_FARTHEST = 15
_NAMES = {"en": ("en_US", "en_GB", "en"), "zh": ("zh_CN",)}
_COLUMNS = {
    "day": pl.Date(),
    "weekday": pl.Int64(),
    "kind": pl.String(),
    "holiday_en": pl.String(),
    "holiday_zh": pl.String(),
    "span": pl.String(),
    "place": pl.String(),
}


def has_calendar(country: str) -> bool:
    """Whether the country's (ISO code) holidays are known."""
    return country.upper() in library.list_supported_countries()


def is_holiday(day: date, country: str) -> bool:
    """Whether a day is a public holiday, days off in exchange for a worked weekend included."""
    return day in _year(country.upper(), day.year)


def is_make_up(day: date, country: str) -> bool:
    """Whether a day of a weekend is worked in exchange for another day off (China, mostly)."""
    return day in _year(country.upper(), day.year).weekend_workdays


def is_off(day: date, country: str) -> bool:
    """Whether offices are closed: a holiday or a weekend that is not worked."""
    return is_holiday(day, country) or (is_weekend(day, country) and not is_make_up(day, country))


def is_weekend(day: date, country: str) -> bool:
    """Whether the day of the week is one of the country's weekend: Friday and Saturday in some."""
    return _year(country.upper(), day.year).is_weekend(day)


def holiday_name(day: date, country: str, language: str) -> str | None:
    """The holiday's name in `en` or `zh`; None on other days, and where the library has no name in that language.

    Where it has none in English, the country's own name stands for it.
    """
    country = country.upper()
    if not is_holiday(day, country):
        return None
    known = library.list_localized_countries().get(country, [])
    spoken = next((name for name in _NAMES[language] if name in known), None)
    if spoken is None and language != "en":
        return None
    return str(_year(country, day.year, spoken)[day])


def span_of(day: date, country: str) -> str | None:
    """Where a day stands beside a long holiday: `in` it, the working day `before` it, or one of those `after` it."""
    if is_off(day, country):
        return "in" if _is_long(_days_off(day, country), country) else None
    if _is_long(_days_off(day + timedelta(days=1), country), country):
        return "before"
    worked = 1
    for back in range(1, _FARTHEST):
        other = day - timedelta(days=back)
        if not is_off(other, country):
            worked += 1
        elif _is_long(_days_off(other, country), country):
            return "after"
        if worked > AFTER_DAYS:
            return None
    return None


def place_of(day: date, country: str) -> str | None:
    """Where a day stands in its month: `start` (first days), `end` (from the third last working day on) or None."""
    if day.day <= START_DAYS:
        return "start"
    last = (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    left = [day + timedelta(days=n) for n in range((last - day).days + 1)]
    worked = sum(not is_off(other, country) for other in left)
    is_end = worked <= END_WORKING_DAYS and not (worked == END_WORKING_DAYS and is_off(day, country))
    return "end" if is_end else None


def kind_of(day: date, country: str) -> str:
    """`holiday`, `make_up`, `weekend` or `working`."""
    if is_holiday(day, country):
        return "holiday"
    if is_make_up(day, country):
        return "make_up"
    return "weekend" if is_weekend(day, country) else "working"


def labelled(days: Iterable[date], country: str) -> pl.DataFrame:
    """One row a day: day, weekday (1 Monday to 7 Sunday), kind, holiday_en, holiday_zh, span, place."""
    rows = [
        (
            day,
            day.isoweekday(),
            kind_of(day, country),
            holiday_name(day, country, "en"),
            holiday_name(day, country, "zh"),
            span_of(day, country),
            place_of(day, country),
        )
        for day in days
    ]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def _days_off(day: date, country: str) -> list[date]:
    """The run of days off around a day; empty where it is worked."""
    if not is_off(day, country):
        return []
    steps = [timedelta(days=n) for n in range(1, _FARTHEST)]
    earlier = list(takewhile(lambda other: is_off(other, country), (day - step for step in steps)))
    later = list(takewhile(lambda other: is_off(other, country), (day + step for step in steps)))
    return [*reversed(earlier), day, *later]


def _is_long(off: list[date], country: str) -> bool:
    return len(off) >= LONG_DAYS and any(is_holiday(day, country) for day in off)


@cache
def _year(country: str, year: int, language: str | None = None) -> library.HolidayBase:
    """The library's calendar of one year; one without holidays where it does not know the country."""
    if not has_calendar(country):
        return library.HolidayBase(years=year, expand=False)
    return library.country_holidays(country, years=year, language=language, expand=False)
