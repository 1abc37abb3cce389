"""Which days are holidays, worked weekends, and beside a long holiday."""

from datetime import date, timedelta

import pytest

from pipelines.calendar import span
from pipelines.measure.volume.holiday import (
    has_calendar,
    holiday_name,
    is_holiday,
    is_off,
    is_weekend,
    kind_of,
    labelled,
    place_of,
    span_of,
)


def test_labour_day_in_china_is_a_long_holiday_paid_for_by_a_worked_saturday() -> None:
    first, after = date(2026, 5, 1), date(2026, 5, 6)
    assert [kind_of(day, "CN") for day in span(first, after)] == [
        "holiday",  # Friday, Labour Day
        "holiday",
        "weekend",
        "holiday",  # Monday
        "holiday",  # Tuesday, a day off in exchange for Saturday 9 May
        "working",
    ]
    assert kind_of(date(2026, 5, 9), "CN") == "make_up"
    assert not is_off(date(2026, 5, 9), "CN")
    assert is_off(date(2026, 5, 10), "CN")


def test_days_beside_a_long_holiday_are_told() -> None:
    told = {day: span_of(day, "CN") for day in span(date(2026, 4, 29), date(2026, 5, 10))}
    assert [day.day for day, where in told.items() if where == "before"] == [30]
    assert [day.day for day, where in told.items() if where == "in"] == [1, 2, 3, 4, 5]
    assert [day.day for day, where in told.items() if where == "after"] == [6, 7, 8]


def test_a_holiday_beside_a_weekend_alone_is_not_long() -> None:
    """Mid-Autumn 2026 is a Friday: three days off."""
    assert is_holiday(date(2026, 9, 25), "CN")
    assert {span_of(day, "CN") for day in span(date(2026, 9, 23), date(2026, 9, 29))} == {None}


def test_names_are_told_in_both_languages_where_the_library_has_them() -> None:
    day = date(2026, 10, 1)
    assert (holiday_name(day, "CN", "en"), holiday_name(day, "CN", "zh")) == ("National Day", "国庆节")
    pesach = date(1999, 4, 1)
    assert (holiday_name(pesach, "IL", "en"), holiday_name(pesach, "IL", "zh")) == ("Pesach", None)
    assert holiday_name(date(2026, 10, 12), "CN", "en") is None


@pytest.mark.parametrize(("country", "weekend"), [("CN", {6, 7}), ("IL", {5, 6}), ("il", {5, 6}), ("QQ", {6, 7})])
def test_a_weekend_is_the_countrys_own(country: str, weekend: set[int]) -> None:
    week = span(date(1999, 2, 1), date(1999, 2, 7))
    assert {day.isoweekday() for day in week if is_weekend(day, country)} == weekend


def test_a_country_that_nobody_knows_has_no_holidays_and_says_so() -> None:
    assert has_calendar("CN")
    assert not has_calendar("QQ")
    assert not any(is_holiday(day, "QQ") for day in span(date(2026, 1, 1), date(2026, 12, 31)))


def test_the_end_of_a_month_begins_with_its_third_last_working_day() -> None:
    """October 2026 ends on a Saturday: Wednesday, Thursday and Friday are its last working days."""
    places = {day.day: place_of(day, "CN") for day in span(date(2026, 10, 1), date(2026, 10, 31))}
    assert [day for day, place in places.items() if place == "end"] == [28, 29, 30, 31]
    assert [day for day, place in places.items() if place == "start"] == [1, 2, 3]


def test_every_day_has_one_row_and_a_row_agrees_with_its_parts() -> None:
    days = span(date(2025, 12, 20), date(2026, 3, 10))
    rows = labelled(days, "CN").to_dicts()
    assert [row["day"] for row in rows] == days
    for row in rows:
        assert (row["holiday_en"] is not None) == (row["kind"] == "holiday")
        assert row["weekday"] == row["day"].isoweekday()
        assert (row["span"] == "in") <= is_off(row["day"], "CN")
        if row["span"] == "before":
            assert span_of(row["day"] + timedelta(days=1), "CN") == "in"
