"""Which days a month's audit reads, which of them are held back, and where the data ends."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.calendar import (
    Month,
    calls_of,
    data_end,
    days_without_rows,
    gate_name,
    held_back,
    legs_of,
    midnight_after,
    open_paths,
)
from pipelines.lake import Lake
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS, Table

OCTOBER = Month("2026-10")


def lay(lake: Lake, table: Table, day: date, *months: str, booked: date | None = None) -> None:
    """A day with one row for each month whose audit it belongs to; `booked` by the source's own clock."""
    rows = [(f"c{row}", "f0", row, month, day, booked or day) for row, month in enumerate(months, 1)]
    columns = ("call_id", "file_id", "row", "audit_month", "day", "booked_day")
    frame = pl.DataFrame(rows, schema={name: table.schema[name] for name in columns}, orient="row")
    where = {"vendor": "south"} if "vendor" in table.partitions else {}
    lake.write(table, table.fit(frame), "state", **where, day=day.isoformat())


@pytest.mark.parametrize(
    ("text", "last"), [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31), ("2026-01", 31)]
)
def test_a_month_ends_with_its_last_day(text: str, last: int) -> None:
    month = Month(text)
    assert (month.first.day, month.last.day, len(month.own_days)) == (1, last, last)
    assert month.last.month == month.first.month


def test_an_audit_reads_a_day_before_and_nine_after() -> None:
    assert (OCTOBER.scope[0], OCTOBER.scope[-1], len(OCTOBER.scope)) == (date(2026, 9, 30), date(2026, 11, 9), 41)


def test_a_local_day_ends_at_its_own_midnight() -> None:
    assert midnight_after(date(2026, 10, 24), "Europe/Berlin") == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert midnight_after(date(2026, 10, 25), "Europe/Berlin") == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_days_that_a_rule_holds_back_are_left_out(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for day in (1, 2, 3):
        lay(lake, VENDOR_CALLS, date(2026, 10, day), "2026-10")
    lake.write_json(gate_name(VENDOR_CALLS, "south", "2026-10-02"), {"rule": "a wait is never negative"})
    lake.write_json(gate_name(INHOUSE_CALLS, "inhouse", "2026-10-03"), {"rule": "another table's"})
    assert held_back(lake, VENDOR_CALLS, "south") == ["2026-10-02"]
    found = open_paths(lake, VENDOR_CALLS, "south", OCTOBER.own_days)
    assert [path.parent.name for path in found] == ["day=2026-10-01", "day=2026-10-03"]


def test_days_outside_the_calendar_are_read_where_the_months_files_hold_them(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lay(lake, VENDOR_CALLS, date(2026, 10, 5), "2026-10")
    lay(lake, VENDOR_CALLS, date(2025, 1, 1), "2026-09", "2026-10")
    lay(lake, VENDOR_CALLS, date(2025, 1, 2), "2026-09")
    lay(lake, INHOUSE_CALLS, date(2026, 11, 9), "2026-11")
    lay(lake, INHOUSE_CALLS, date(2026, 11, 10), "2026-11")
    days = [path.parent.name for path in calls_of(lake, "south", OCTOBER)]
    assert sorted(days) == ["day=2025-01-01", "day=2026-10-05"]
    assert [path.parent.name for path in legs_of(lake, OCTOBER)] == ["day=2026-11-09"]


def test_the_data_ends_with_the_last_day_that_both_sides_delivered(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lay(lake, VENDOR_CALLS, date(2026, 10, 30), "2026-10")
    assert data_end(lake, "south", OCTOBER) is None
    lay(lake, INHOUSE_CALLS, date(2026, 10, 28), "2026-10")
    assert data_end(lake, "south", OCTOBER) == date(2026, 10, 28)
    lay(lake, INHOUSE_CALLS, date(2026, 11, 3), "2026-11")
    assert data_end(lake, "south", OCTOBER) == date(2026, 10, 30)


def test_a_stray_row_of_a_later_day_does_not_move_the_end(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lay(lake, VENDOR_CALLS, date(2026, 10, 20), "2026-10")
    lay(lake, VENDOR_CALLS, date(2026, 11, 5), "2026-10")
    lay(lake, INHOUSE_CALLS, date(2026, 11, 9), "2026-11")
    assert data_end(lake, "south", OCTOBER) == date(2026, 10, 20)


def test_days_without_rows_are_those_with_no_file_and_those_with_an_empty_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for day in (1, 3):
        lay(lake, VENDOR_CALLS, date(2026, 10, day), "2026-10")
    lay(lake, VENDOR_CALLS, date(2026, 10, 4))
    missing = days_without_rows(lake, VENDOR_CALLS, "south", OCTOBER, until=date(2026, 10, 5))
    assert missing == ["2026-10-02", "2026-10-04", "2026-10-05"]
