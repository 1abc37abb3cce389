"""A vendor's report: one line of several figures becomes one row per figure, with its period on the vendor's clock."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.tables import CLAIMS
from tests.intake.contracts import column, contract, schema
from tests.standardise.files import rejected, standardised, tally

DAY = column("day", "date", fmt="%Y-%m-%d", role="period_start")
OFFERED = column("offered", "integer", figure="offered", unit="calls")


def report(folder: Path, *columns: dict[str, Any], zone: str | None = "Europe/Berlin", **custom: Any) -> Any:
    return contract(folder, schema("report", "claims", "report.csv", *columns, zone=zone, **custom))


def periods(folder: Path, south: Any, *lines: str) -> list[tuple[Any, ...]]:
    frame = standardised(folder, south, *lines).frame
    return [
        (start.strftime("%m-%d %H:%M"), int(length))
        for start, length in frame.select("period_start_utc", "period_s").rows()
    ]


def test_each_figure_of_a_line_is_a_row_and_an_empty_one_was_not_reported(folder: Path) -> None:
    south = report(
        folder,
        DAY,
        column("queue", role="queue"),
        OFFERED,
        column("sl", "number", figure="service_level"),
        column("aht", figure="aht", unit="hms"),
        period="day",
        zone="Asia/Shanghai",
    )
    result = standardised(
        folder, south, "day,queue,offered,sl,aht", "2026-10-01,cards,120,81.50,0:03:20", "2026-10-02,,130,,"
    )
    assert result.frame.schema == CLAIMS.schema
    shown = result.frame.sort("row", "field").select("row", "field", "queue", "value", "printed", "unit", "day").rows()
    first, second = date(2026, 10, 1), date(2026, 10, 2)
    assert shown == [
        (1, "aht", "cards", 200.0, "0:03:20", "hms", first),
        (1, "offered", "cards", 120.0, "120", "calls", first),
        (1, "service_level", "cards", 81.5, "81.50", None, first),
        (2, "aht", None, None, None, "hms", second),
        (2, "offered", None, 130.0, "130", "calls", second),
        (2, "service_level", None, None, None, None, second),
    ]
    assert tally(result) == {"rows_read": 2, "accepted": 2, "rejected": 0, "left_out": 0}
    assert result.frame["period_start_utc"].min() == datetime(2026, 9, 30, 16, tzinfo=UTC)
    assert result.frame["booked_day"].to_list() == result.frame["day"].to_list()


def test_a_line_with_a_cell_that_cannot_be_read_is_rejected_whole(folder: Path) -> None:
    result = standardised(folder, report(folder, DAY, OFFERED, period="day"), "day,offered", "2026-10-01,n.a.", ",5")
    assert rejected(result) == [
        (1, 2, "offered", "not a whole number", "n.a."),
        (2, 3, "day", "empty, but every row needs period_start", ""),
    ]
    assert result.frame.is_empty()


@pytest.mark.parametrize("cell", ["nan", "inf", "-inf", "81.5%", "1e999"])
def test_a_figure_is_a_finite_number(folder: Path, cell: str) -> None:
    south = report(folder, DAY, column("sl", "number", figure="service_level"), period="day")
    result = standardised(folder, south, "day,sl", f"2026-10-01,{cell}")
    ((row, line, raw, reason, text),) = rejected(result)
    assert (row, line, raw, text) == (1, 2, "sl", cell)
    assert reason.startswith("not a number")


def test_the_days_on_which_the_clock_changes_are_long_and_short(folder: Path) -> None:
    south = report(folder, DAY, OFFERED, period="day")
    lines = ("2026-03-29,1", "2026-10-24,1", "2026-10-25,1")
    assert periods(folder, south, "day,offered", *lines) == [
        ("03-28 23:00", 23 * 3600),
        ("10-23 22:00", 24 * 3600),
        ("10-24 22:00", 25 * 3600),
    ]


@pytest.mark.parametrize(
    ("period", "length"),
    [("day", 25), ("week", 7 * 24), ("month", 31 * 24)],
)
def test_longer_periods_end_by_the_calendar(folder: Path, period: str, length: int) -> None:
    start = {"day": "2026-10-25", "week": "2026-10-26", "month": "2026-12-01"}[period]
    ((_, seconds),) = periods(folder, report(folder, DAY, OFFERED, period=period), "day,offered", f"{start},1")
    assert seconds == length * 3600


def test_half_hours_in_the_night_of_the_change(folder: Path) -> None:
    at = column("at", "timestamp", fmt="%Y-%m-%d %H:%M", role="period_start")
    south = report(folder, at, OFFERED, period="interval:1800")
    lines = [f"2026-10-25 {clock},1" for clock in ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")]
    starts = ["10-24 23:30", "10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"]
    found = periods(folder, south, "at,offered", *lines)
    assert [start for start, _ in found] == starts
    assert {length for _, length in found} == {1800}


def test_a_report_may_say_itself_when_a_period_ends(folder: Path) -> None:
    last = column("until", "date", fmt="%Y-%m-%d", role="period_end")
    days = report(folder, DAY, last, OFFERED)
    assert periods(folder, days, "day,until,offered", "2026-10-01,2026-10-31,9") == [
        ("09-30 22:00", (31 * 24 + 1) * 3600)
    ]
    end = column("until", "timestamp", fmt="%Y-%m-%d %H:%M", role="period_end")
    hours = report(folder, DAY, end, OFFERED)
    assert periods(folder, hours, "day,until,offered", "2026-10-01,2026-10-01 06:00,9") == [("09-30 22:00", 6 * 3600)]


def test_a_period_that_carries_its_offset(folder: Path) -> None:
    at = column("at", "timestamp", fmt="%Y-%m-%dT%H:%M%z", role="period_start")
    south = report(folder, at, OFFERED, period="hour")
    result = standardised(folder, south, "at,offered", "2026-10-01T23:00Z,1")
    assert result.frame.select("period_start_utc", "period_s", "booked_day").row(0) == (
        datetime(2026, 10, 1, 23, tzinfo=UTC),
        3600,
        date(2026, 10, 2),
    )


def test_without_a_zone_times_are_taken_as_they_stand(folder: Path) -> None:
    assert periods(folder, report(folder, DAY, OFFERED, period="day", zone=None), "day,offered", "2026-10-01,1") == [
        ("10-01 00:00", 86_400)
    ]
