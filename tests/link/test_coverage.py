"""For which hours the client's log is whole: gaps found, quiet hours not mistaken for gaps."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipelines.link.coverage import coverage
from pipelines.tables import COVERAGE

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
OPEN = range(8, 20)


def log(calls_an_hour: int = 40, units: tuple[str | None, ...] = (None,), hours: range = OPEN) -> pl.DataFrame:
    """October, all days alike: so many calls in every open hour (UTC), written by the units in turn."""
    rows = [
        (
            datetime(2026, 10, day, hour, tzinfo=UTC) + timedelta(seconds=3600 * n // calls_an_hour),
            units[n % len(units)],
        )
        for day in range(1, 32)
        for hour in hours
        for n in range(calls_an_hour)
    ]
    return pl.DataFrame(rows, schema={"arrived_utc": pl.Datetime("us", "UTC"), "source": pl.String}, orient="row")


def within(day: int, first: int, until: int) -> pl.Expr:
    start = datetime(2026, 10, day, tzinfo=UTC)
    return pl.col("arrived_utc").is_between(
        start + timedelta(hours=first), start + timedelta(hours=until), closed="left"
    )


def bare(arrivals: pl.DataFrame, zone: str = "UTC") -> list[str]:
    """The hours that are not covered."""
    found = coverage(arrivals, FIRST, LAST, zone)
    assert found.schema == COVERAGE.schema
    assert found["hour_utc"].is_unique().all()
    return found.filter(~pl.col("is_covered"))["hour_utc"].dt.strftime("%d %H").to_list()


def hours(day: int, span: Iterable[int]) -> list[str]:
    return [f"{day:02d} {hour:02d}" for hour in span]


def test_a_whole_log_is_whole_by_night_too() -> None:
    assert bare(log()) == []
    found = coverage(log(), FIRST, LAST, "UTC")
    assert found.height == 31 * 24
    assert found.select("calls", "expected").row(9) == (40, 40.0)


def test_missing_hours_are_found() -> None:
    assert bare(log().filter(~within(7, 10, 13))) == hours(7, range(10, 13))


def test_a_fifth_of_what_is_usual_is_enough_and_less_is_not() -> None:
    assert bare(log().filter(~(within(7, 10, 11) & (pl.col("arrived_utc").dt.minute() >= 12)))) == []
    assert bare(log().filter(~(within(7, 10, 11) & (pl.col("arrived_utc").dt.minute() >= 10)))) == hours(7, [10])


def test_beside_a_missing_day_quiet_hours_take_the_state_of_the_nearest_that_speaks() -> None:
    assert bare(log().filter(~within(7, 0, 24))) == hours(7, range(2, 24)) + hours(8, range(2))


def test_between_two_hours_at_the_same_distance_the_earlier_speaks() -> None:
    """From 19 to 8 o'clock lie thirteen hours: 20 to 1 are nearer to the evening, 2 to 7 to the morning."""
    assert bare(log().filter(~within(7, 8, 9))) == hours(7, range(2, 9))
    assert bare(log().filter(~within(6, 19, 20))) == hours(6, range(19, 24)) + hours(7, range(2))
    even = log(hours=range(8, 19))
    assert bare(even.filter(~within(6, 18, 19))) == hours(6, range(18, 24)) + hours(7, range(2))


def test_a_quiet_weekend_is_no_gap() -> None:
    weekend = pl.col("arrived_utc").dt.weekday() > 5
    assert bare(log().filter(~(weekend & (pl.col("arrived_utc").dt.minute() >= 9)))) == []


def test_a_small_log_is_judged_by_the_day() -> None:
    small = log(calls_an_hour=3)
    assert bare(small) == []
    assert bare(small.filter(~within(7, 0, 24))) == hours(7, range(24))
    assert bare(small.filter(~within(7, 8, 12))) == []


def test_an_empty_log_covers_nothing() -> None:
    assert len(bare(log().clear())) == 31 * 24


def test_one_silent_unit_of_two_makes_its_hours_bare() -> None:
    two = log(units=("ivr", "switch"))
    silent = (pl.col("source") == "ivr") & within(7, 10, 12)
    assert bare(two) == []
    assert bare(two.filter(~silent)) == hours(7, range(10, 12))
    reasons = coverage(two.filter(~silent), FIRST, LAST, "UTC")["reason"].drop_nulls().unique().to_list()
    assert reasons == ["unit ivr wrote far less than usual"]


def test_a_silent_unit_is_found_in_an_hour_that_is_small_without_it() -> None:
    two = log(calls_an_hour=12, units=("ivr", "switch"))
    assert bare(two.filter(~((pl.col("source") == "ivr") & within(7, 10, 12)))) == hours(7, range(10, 12))


def test_a_silent_unit_is_found_in_a_small_log_by_the_day() -> None:
    two = log(calls_an_hour=4, units=("ivr", "switch"))
    assert bare(two) == []
    assert bare(two.filter(~((pl.col("source") == "ivr") & within(7, 0, 24)))) == hours(7, range(24))


def test_hours_are_those_of_the_clients_days_and_weekdays() -> None:
    found = coverage(log(), FIRST, LAST, "Asia/Kolkata")
    assert found["hour_utc"][0] == datetime(2026, 9, 30, 18, tzinfo=UTC)
    assert found["hour_utc"][-1] == datetime(2026, 10, 31, 18, tzinfo=UTC)
    autumn = coverage(log(), date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin")
    assert autumn.height == 25
