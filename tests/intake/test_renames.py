"""An object of a contract gets another name, or goes: no row counts twice, and none is lost."""

from datetime import date
from pathlib import Path

import pytest

from pipelines.intake.manifest import in_force, received
from pipelines.intake.pull import pull
from pipelines.intake.renames import day_of, fits
from pipelines.lake import Lake
from tests.intake.contracts import calls, column, contract, put, schema

OCTOBER, NOVEMBER = [date(2026, 10, 1)], [date(2026, 11, 1)]


def counting(lake: Lake) -> list[tuple[str, str, str | None]]:
    return sorted((item.object, item.file, item.month) for item in in_force(lake, "south"))


@pytest.fixture(name="lake")
def a_lake(tmp_path: Path) -> Lake:
    """October's file, corrected once, received for the object `calls`."""
    lake = Lake(tmp_path / "lake")
    for content in ("first", "corrected"):
        put(tmp_path, "drop/2026-10/calls.csv", content)
        pull(tmp_path, lake, contract(tmp_path, calls()), OCTOBER)
    return lake


def test_a_renamed_object_takes_its_files_with_it_though_they_no_longer_lie_there(tmp_path: Path, lake: Lake) -> None:
    before = received(lake, "south")
    (tmp_path / "drop/2026-10/calls.csv").unlink()
    put(tmp_path, "drop/2026-11/calls.csv", "november")
    pull(tmp_path, lake, contract(tmp_path, calls(name="call_records")), NOVEMBER)
    assert counting(lake) == [
        ("call_records", "drop/2026-10/calls.csv", "2026-10"),
        ("call_records", "drop/2026-11/calls.csv", "2026-11"),
    ]
    moved = {item.file_id: item for item in received(lake, "south")}
    for item in before:
        assert moved[item.file_id].superseded_by == item.superseded_by
        assert moved[item.file_id].received_utc == item.received_utc


def test_a_file_that_still_lies_there_counts_once_after_a_rename_and_back(tmp_path: Path, lake: Lake) -> None:
    for name in ("call_records", "calls", "call_records"):
        pull(tmp_path, lake, contract(tmp_path, calls(name=name)), OCTOBER)
        assert counting(lake) == [(name, "drop/2026-10/calls.csv", "2026-10")]


def test_a_dropped_object_no_longer_counts_until_it_is_back(tmp_path: Path, lake: Lake) -> None:
    other = calls(name="other", file="other.csv")
    pull(tmp_path, lake, contract(tmp_path, other), OCTOBER)
    assert counting(lake) == []
    assert len(received(lake, "south")) == 2
    pull(tmp_path, lake, contract(tmp_path, other, calls()), NOVEMBER)
    assert counting(lake) == [("calls", "drop/2026-10/calls.csv", "2026-10")]


def test_an_object_of_another_feed_inherits_nothing(tmp_path: Path, lake: Lake) -> None:
    day = column("day", "date", fmt="%Y-%m-%d", role="period_start")
    report = schema("calls", "claims", "calls.csv", day, column("offered", "integer", figure="offered"), period="day")
    pull(tmp_path, lake, contract(tmp_path, report), NOVEMBER)
    assert counting(lake) == []


@pytest.mark.parametrize(
    ("pattern", "file", "does"),
    [
        ("drop/{month}/calls*.csv", "drop/2026-10/calls_1.csv", True),
        ("drop/{month}/calls*.csv", "drop/2026-10/a/calls.csv", False),
        ("drop/{month}/calls.csv", "drop/october/calls.csv", False),
        ("drop/**/calls.csv", "drop/a/b/calls.csv", True),
        ("{month}/{day}.csv", "2026-10/2026-10-31.csv", True),
        ("{day}/{day}.csv", "2026-10-31/2026-10-30.csv", False),
    ],
)
def test_which_paths_a_pattern_names(pattern: str, file: str, does: bool) -> None:
    assert (fits(pattern, file) is not None) == does


def test_the_day_that_a_path_names() -> None:
    assert day_of("{month}/{day}.csv", "2026-10/2026-10-31.csv") == date(2026, 10, 31)
    assert day_of("{month}/calls.csv", "2026-10/calls.csv") is None
