"""Local clocks to UTC, through the nights in which a clock shows an hour twice or never."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipelines.standardise.clocks import ClockChange
from tests.standardise.whole import to_utc

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]


def read(zone: str, *clocks: str) -> tuple[list[str], ClockChange]:
    """Clock times of one file, `10-25 02:30`, and what they are in UTC."""
    return read_all(zone, {"offered_utc": clocks})


def read_all(zone: str, columns: dict[str, Sequence[str]], *also: str) -> tuple[list[str], ClockChange]:
    frame = pl.DataFrame(
        {name: [datetime.fromisoformat(f"2026-{clock}") for clock in clocks] for name, clocks in columns.items()}
    )
    found, change = to_utc(frame.cast(pl.Datetime("us")), list(columns), "offered_utc", zone)
    shown = found[(also or ("offered_utc",))[0]].dt.strftime("%m-%d %H:%M")
    return shown.to_list(), change


def test_an_ordinary_day() -> None:
    assert read("Asia/Shanghai", "10-01 08:00", "10-01 07:59") == (["10-01 00:00", "09-30 23:59"], ClockChange())


def test_a_time_that_never_was_is_read_by_the_clock_before_the_change() -> None:
    found, change = read("Europe/Berlin", "03-29 01:59", "03-29 02:30", "03-29 03:00")
    assert found == ["03-29 00:59", "03-29 01:30", "03-29 01:00"]
    assert change == ClockChange(shifted=1)
    assert read("America/New_York", "03-08 02:15") == (["03-08 07:15"], ClockChange(shifted=1))


@pytest.mark.parametrize(
    ("zone", "night", "first", "second"), [("Europe/Berlin", "10-25 02", 0, 1), ("America/New_York", "11-01 01", 5, 6)]
)
def test_the_repeated_hour_is_told_apart_by_the_step_back(zone: str, night: str, first: int, second: int) -> None:
    day = night[:5]
    clocks = [f"{night}:{minute}" for minute in ("05", "55", "04", "50")]
    found, change = read(zone, *clocks)
    hours = [
        f"{day} {hour:02d}:{minute}" for hour, minute in ((first, "05"), (first, "55"), (second, "04"), (second, "50"))
    ]
    assert (found, change) == (hours, ClockChange(resolved=4))


def test_a_file_with_the_newest_first_is_read_from_its_end() -> None:
    clocks = ["03:10", "02:50", "02:10", "02:55", "02:05", "01:50"]
    found, change = read("Europe/Berlin", *(f"10-25 {clock}" for clock in clocks))
    assert found == [f"10-25 {clock}" for clock in ("02:10", "01:50", "01:10", "00:55", "00:05")] + ["10-24 23:50"]
    assert change == ClockChange(resolved=4)


def test_half_hours_of_a_report_step_back_by_exactly_half_an_hour() -> None:
    found, change = read("Europe/Berlin", *(f"10-25 {clock}" for clock in ("02:00", "02:30", "02:00", "02:30")))
    assert [clock[6:] for clock in found] == ["00:00", "00:30", "01:00", "01:30"]
    assert change.resolved == 4


@pytest.mark.parametrize(
    "clocks",
    [
        ["01:59", "02:10", "02:50", "03:05"],
        ["02:10"],
        ["02:20", "02:10", "02:30"],
        ["02:00", "02:50", "02:05", "02:55", "02:10"],
    ],
    ids=["no step", "one call", "a few minutes are disorder", "two steps are no change of the clock"],
)
def test_without_one_clear_step_back_the_first_reading_is_taken_and_counted(clocks: list[str]) -> None:
    found, change = read("Europe/Berlin", *(f"10-25 {clock}" for clock in clocks))
    assert found == [f"10-25 {int(c[:2]) - 2:02d}{c[2:]}" if c[:2] == "02" else found[i] for i, c in enumerate(clocks)]
    assert change == ClockChange(unresolved=sum(clock.startswith("02") for clock in clocks))


def test_other_times_of_a_row_take_the_reading_nearest_to_its_start() -> None:
    columns = {
        "offered_utc": ["10-25 01:58", "10-25 02:59", "10-25 02:10", "10-25 02:58"],
        "ended_utc": ["10-25 02:01", "10-25 02:04", "10-25 02:15", "10-25 03:01"],
    }
    ended, change = read_all("Europe/Berlin", columns, "ended_utc")
    assert ended == [f"10-25 {clock}" for clock in ("00:01", "01:04", "01:15", "02:01")]
    assert change == ClockChange(resolved=3)


def test_a_column_with_an_offset_is_only_converted_and_anchors_the_others() -> None:
    late = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    frame = pl.DataFrame({"offered_utc": [late], "ended_utc": [datetime(2026, 10, 25, 2, 40)]})  # noqa: DTZ001
    found, change = to_utc(frame, ["offered_utc", "ended_utc"], "offered_utc", "Europe/Berlin")
    assert found.rows() == [(late, datetime(2026, 10, 25, 1, 40, tzinfo=UTC))]
    assert change == ClockChange()


def test_missing_times_stay_missing() -> None:
    frame = pl.DataFrame({"offered_utc": [datetime(2026, 10, 1)], "ended_utc": [None]}).cast(pl.Datetime("us"))  # noqa: DTZ001
    found, _ = to_utc(frame, ["offered_utc", "ended_utc"], "offered_utc", "Europe/Berlin")
    assert found["ended_utc"].to_list() == [None]


def is_plain(clock: datetime, zone: ZoneInfo) -> bool:
    """Shown by the clock once, so that nothing can be doubted."""
    moments = {clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return len(moments) == 1


CLOCK = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31))  # noqa: DTZ001


@given(st.lists(CLOCK, min_size=1, max_size=20), st.sampled_from(ZONES))
def test_times_that_are_not_in_doubt_are_what_the_tz_database_says(clocks: list[datetime], zone: str) -> None:
    plain = [clock for clock in clocks if is_plain(clock, ZoneInfo(zone))]
    assume(plain)
    frame = pl.DataFrame({"offered_utc": plain}, schema={"offered_utc": pl.Datetime("us")})
    found, change = to_utc(frame, ["offered_utc"], "offered_utc", zone)
    assert found["offered_utc"].to_list() == [clock.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for clock in plain]
    assert change == ClockChange()


@given(st.lists(st.integers(0, 7199), min_size=4, max_size=40, unique=True), st.booleans())
def test_a_busy_autumn_night_in_order_comes_out_as_it_was(seconds: list[int], newest_first: bool) -> None:
    """True moments of the doubled hour, as the wall clock showed them, with no pause of half an hour."""
    start = datetime(2026, 10, 25, 0, tzinfo=UTC)
    true = sorted(start + timedelta(seconds=second) for second in {*seconds, *range(0, 7200, 1500)})
    assert all(later - earlier < timedelta(minutes=30) for earlier, later in pairwise(true))
    berlin = [moment.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None) for moment in true]
    order = -1 if newest_first else 1
    frame = pl.DataFrame({"offered_utc": berlin[::order]}, schema={"offered_utc": pl.Datetime("us")})
    found, change = to_utc(frame, ["offered_utc"], "offered_utc", "Europe/Berlin")
    assert found["offered_utc"].to_list() == true[::order]
    assert change.resolved == len(true)
