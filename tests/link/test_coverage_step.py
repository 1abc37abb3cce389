"""The coverage of a month on the lake: what is read for it, what is kept, and when it is made anew."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.calendar import Month, gate_name, legs_of
from pipelines.contract.workspace import Workspace, load_workspace
from pipelines.intake.manifest import Received, save
from pipelines.lake import Lake
from pipelines.link.coverage.step import gaps_for, routes_of, write_coverage
from pipelines.tables import INHOUSE_CALLS, LOG_SPANS, REJECTS
from pipelines.workshop import init

OCTOBER = Month("2026-10")
WORD = "log_complete: {from: 2026-10-05, until: 2026-10-06, by: the head of telephony}\n"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    """A workspace whose client's day begins at 16:00 UTC the day before."""
    init(tmp_path)
    file = tmp_path / "tieout.yaml"
    lines = [line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if "log_complete" not in line]
    file.write_text("".join(lines) + WORD, encoding="utf-8")
    found = load_workspace(tmp_path)
    assert found.time_zone == "Asia/Shanghai"
    return found


def lay(lake: Lake, stamp: str = "state", **every: Any) -> None:
    """October's log: forty calls an hour from 8 to 20 o'clock by the client's time, half of them passed on."""
    for day in OCTOBER.own_days:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        rows = [_row(day, start + timedelta(seconds=90 * place), place, every) for place in range(480)]
        lake.write(INHOUSE_CALLS, INHOUSE_CALLS.fit(pl.DataFrame(rows)), stamp, day=day.isoformat())


def _row(day: date, moment: datetime, place: int, every: Mapping[str, Any]) -> dict[str, Any]:
    made = {
        "arrived_utc": moment,
        "day": day,
        "file_id": f"file of {day}",
        "row": place + 1,
        "sequence": 1000 * day.day + place,
    }
    if place % 2:
        made |= {"transferred_utc": moment + timedelta(seconds=30), "route": f"line {place % 4}"}
        made["vendor_id"] = {"line 1": "south", "line 3": None}[f"line {place % 4}"]
    return {**made, **every}


def spans(lake: Lake, state: str, kind: str) -> list[tuple[str, str]]:
    rows = lake.read(LOG_SPANS, month="2026-10").filter(state=state, kind=kind).sort("from_utc")
    texts = [pl.col(name).dt.strftime("%d %H:%M") for name in ("from_utc", "to_utc")]
    return rows.select(*texts).rows()


def test_a_month_is_kept_as_hours_and_spans(space: Workspace) -> None:
    lake = Lake(space.lake)
    lay(lake)
    hours = write_coverage(space, lake, OCTOBER)
    assert sorted(hours["route"].unique()) == ["", "line 1", "line 3"]
    assert hours.filter(route="").height == 31 * 24
    assert hours["is_covered"].all()
    assert spans(lake, "vouched", "declared") == [("04 16:00", "06 16:00")]
    assert spans(lake, "gap", "outside") == [("01 00:00", "30 16:00"), ("31 16:00", "01 00:00")]
    assert {gap["kind"] for gap in lake.read(LOG_SPANS).filter(state="gap").to_dicts()} == {"outside"}


def test_a_day_that_a_rule_holds_back_is_a_gap(space: Workspace) -> None:
    lake = Lake(space.lake)
    lay(lake)
    lake.write_json(gate_name(INHOUSE_CALLS, "inhouse", "2026-10-14"), {})
    hours = write_coverage(space, lake, OCTOBER)
    assert ("13 16:00", "14 16:00") in spans(lake, "gap", "outside")
    local = pl.col("hour_utc").dt.convert_time_zone("Asia/Shanghai").dt.date()
    assert not hours.filter(local == date(2026, 10, 14))["is_covered"].any()


def test_unreadable_rows_and_holes_are_lost(space: Workspace) -> None:
    lake = Lake(space.lake)
    lay(lake)
    third = lake.read(INHOUSE_CALLS, day="2026-10-03")
    lake.write(INHOUSE_CALLS, third.filter(pl.col("row") != 200), "less", day="2026-10-03")
    lost = pl.DataFrame({"file_id": ["file of 2026-10-03"], "row": [200], "column": ["caller"]})
    lake.write(REJECTS, REJECTS.fit(lost), "state", source=space.inhouse.source, object="calls", file="a file")
    write_coverage(space, lake, OCTOBER)
    assert spans(lake, "lost", "unread") == [("03 04:42", "03 06:00")]
    assert ("03 03:57", "03 06:00") in spans(lake, "lost", "number")


@pytest.mark.parametrize(
    ("says", "agrees", "expected"),
    [("480", True, [("09 00:00", "09 11:58")]), ("480", False, []), ("4711", True, [])],
)
def test_a_file_whose_closing_line_counts_its_rows_is_vouched_for(
    space: Workspace, says: str, agrees: bool, expected: list[tuple[str, str]]
) -> None:
    """A closing line that agrees, but gives another total than the number of rows, says nothing of their number."""
    lake = Lake(space.lake)
    lay(lake)
    source, file = space.inhouse.source, "file of 2026-10-09"
    save(lake, Received(file, source, "calls", "calls", "a file.csv", "0" * 64, 1, "2026-10-10T00:00:00Z"))
    closing = [{"column": "call_id", "says": f"{says} rows", "adds_up_to": says, "agrees": agrees}]
    lake.write_json(f"_manifests/counts/{source}/calls/{file}", {"rows_read": 480, "closing": closing})
    write_coverage(space, lake, OCTOBER)
    assert spans(lake, "vouched", "counted") == expected


def test_it_is_made_anew_when_the_log_or_the_word_changes(space: Workspace) -> None:
    lake = Lake(space.lake)
    lay(lake)
    write_coverage(space, lake, OCTOBER)
    first = lake.stamp(LOG_SPANS, month="2026-10")
    write_coverage(space, lake, OCTOBER)
    assert lake.stamp(LOG_SPANS, month="2026-10") == first
    lay(lake, "another state")
    write_coverage(space, lake, OCTOBER)
    second = lake.stamp(LOG_SPANS, month="2026-10")
    file = space.dir / "tieout.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("2026-10-06", "2026-10-07"), encoding="utf-8")
    write_coverage(load_workspace(space.dir), lake, OCTOBER)
    assert len({first, second, lake.stamp(LOG_SPANS, month="2026-10")}) == 3


def test_a_month_without_a_log_is_a_gap(space: Workspace) -> None:
    lake = Lake(space.lake)
    hours = write_coverage(space, lake, OCTOBER)
    assert hours.height == 31 * 24
    assert not hours["is_covered"].any()


def test_the_routes_of_a_vendor_are_its_own_and_those_of_nobody(space: Workspace) -> None:
    lake = Lake(space.lake)
    lay(lake)
    assert routes_of(legs_of(lake, OCTOBER), "south") == ["line 1", "line 3"]
    assert routes_of(legs_of(lake, OCTOBER), "north") == ["line 3"]


def test_gaps_of_a_vendor_are_those_of_all_routes_and_of_its_own() -> None:
    def gap(start: int, end: int, route: str | None, state: str = "gap") -> dict[str, Any]:
        begin = datetime(2026, 10, 5, tzinfo=UTC)
        bounds = {"from_utc": begin + timedelta(hours=start), "to_utc": begin + timedelta(hours=end)}
        return {"state": state, "kind": "route", "route": route, "reason": f"{start}", **bounds}

    known = LOG_SPANS.fit(
        pl.DataFrame([gap(1, 3, None), gap(2, 5, "line"), gap(7, 8, "another"), gap(9, 10, None, "lost")])
    )
    found = gaps_for(known, ["line"])
    assert [(start.hour, end.hour) for start, end in found.rows()] == [(1, 5)]
