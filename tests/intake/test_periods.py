"""Which periods are due, and of which days a file tells."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.calendar import Month
from pipelines.contract.model import Every, Frequency
from pipelines.intake.periods import Period, expected, frequency_of_path, period_of, span_of_rows

OCTOBER = Month("2026-10")
START = date(2026, 1, 1)


def days(first: int, last: int) -> Period:
    return Period(date(2026, 10, first), date(2026, 10, last))


@pytest.mark.parametrize(
    ("count", "every", "number", "first"),
    [
        (1, "day", 31, days(1, 1)),
        (4, "hour", 31, days(1, 1)),
        (1, "week", 4, days(5, 11)),
        (1, "month", 1, days(1, 31)),
        (3, "month", 1, Period(date(2026, 10, 1), date(2026, 12, 31))),
    ],
)
def test_the_periods_that_begin_in_a_month(count: int, every: Every, number: int, first: Period) -> None:
    found = expected(Frequency(count, every), OCTOBER, START)
    assert (len(found), found[0]) == (number, first)


def test_periods_that_were_over_before_the_workspace_began_are_not_due() -> None:
    assert expected(Frequency(1, "day"), OCTOBER, date(2026, 10, 30)) == [days(30, 30), days(31, 31)]
    assert expected(Frequency(1, "month"), OCTOBER, date(2026, 10, 30)) == [days(1, 31)]


def test_a_path_says_how_often_where_the_contract_does_not() -> None:
    assert frequency_of_path("drop/{month}/{day}.csv") == Frequency(1, "day")
    assert frequency_of_path("drop/{month}/calls.csv") == Frequency(1, "month")
    assert frequency_of_path("drop/calls_*.csv") is None


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.builds(Frequency, st.integers(1, 6), st.sampled_from(["day", "week", "month"])),
)
def test_every_day_lies_in_one_period_and_they_follow_each_other(day: date, frequency: Frequency) -> None:
    period = period_of(day, frequency)
    assert period.first <= day <= period.last
    assert period_of(period.first, frequency) == period_of(period.last, frequency) == period
    assert period_of(period.last + timedelta(days=1), frequency).first == period.last + timedelta(days=1)


def test_stray_days_at_the_edges_are_not_what_a_file_tells_of() -> None:
    """Calls over midnight; the quiet Sunday inside stays."""
    rows = {"2026-10-01": 2, "2026-10-02": 400, "2026-10-04": 3, "2026-10-05": 380, "2026-10-06": 1}
    assert span_of_rows(rows, None) == days(2, 5)
    assert span_of_rows({"2026-10-04": 3}, None) == days(4, 4)
    assert span_of_rows({"2026-09-30": 500, "2026-10-01": 500}, "2026-10") == days(1, 1)
    assert span_of_rows({"2026-09-30": 5}, "2026-10") is None
    assert span_of_rows({}, None) is None
