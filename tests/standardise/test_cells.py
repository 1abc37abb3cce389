"""Cells of a vendor's file, and what they mean in seconds, times, whole numbers and truths."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.intake.contracts import calls, column, contract
from tests.standardise.files import rejected, standardised

HEAD = "id,caller,start,x"
CALL = "a,030 12345678,2026-10-01 08:00:00,"


def value(folder: Path, cell: str, role: str, logical: str = "string", **more: Any) -> Any:
    """What a cell becomes in its role; the reject's reason where it is refused."""
    south = contract(folder, calls(column("x", logical, role=role, **more)))
    result = standardised(folder, south, HEAD, CALL + cell)
    return result.frame[role][0] if result.frame.height else result.rejects["reason"][0]


@pytest.mark.parametrize(
    ("cell", "unit", "seconds"),
    [
        ("90", "s", "90"),
        (" 90 ", "s", "90"),
        ("0.4567", "s", "0.457"),
        ("1500", "ms", "1.5"),
        ("1.5", "min", "90"),
        ("2", "h", "7200"),
        ("1:02:03", "hms", "3723"),
        ("100:00:00", "hms", "360000"),
        ("", "s", None),
        ("   ", "s", None),
    ],
)
def test_durations_are_seconds_with_three_decimals(folder: Path, cell: str, unit: str, seconds: str | None) -> None:
    logical = "string" if unit == "hms" else "number"
    assert value(folder, cell, "talk_s", logical, unit=unit) == (seconds and Decimal(seconds))


@pytest.mark.parametrize("cell", ["nan", "NaN", "inf", "-inf", "1e400", "1e15", "ten", "1:00", "0x10"])
def test_what_is_no_duration_rejects_the_row(folder: Path, cell: str) -> None:
    assert value(folder, cell, "talk_s", "number", unit="s").startswith("not a number of s")


@pytest.mark.parametrize("cell", ["1:60:00", "1:00:60", "2:03", "1:2:3", "1:00:00:00", "90"])
def test_what_is_no_clock_time_of_a_duration_rejects_the_row(folder: Path, cell: str) -> None:
    assert value(folder, cell, "talk_s", unit="hms").startswith("not h:mm:ss")


@pytest.mark.parametrize(
    ("cell", "truth"), [("true", True), ("YES", True), ("1", True), ("n", False), ("0", False), ("", None)]
)
def test_truths(folder: Path, cell: str, truth: bool | None) -> None:
    assert value(folder, cell, "is_billed", "boolean") is truth


def test_what_is_no_truth_rejects_the_row(folder: Path) -> None:
    assert value(folder, "maybe", "is_billed", "boolean") == "not true or false"


@pytest.mark.parametrize(("cell", "truth"), [("BILL", True), (" FREE ", False), ("LATER", None), ("", None)])
@pytest.mark.parametrize("logical", ["string", "boolean"])
def test_truths_by_a_map(folder: Path, cell: str, truth: bool | None, logical: str) -> None:
    assert value(folder, cell, "is_billed", logical, map={"BILL": "true", "FREE": "false"}) is truth


@pytest.mark.parametrize(
    ("cell", "fmt", "utc"),
    [
        ("01.10.2026 08:00", "%d.%m.%Y %H:%M", "06:00:00"),
        ("10/1/26 8:00 PM", "%m/%d/%y %I:%M %p", "18:00:00"),
        ("20261001080001", "%Y%m%d%H%M%S", "06:00:01"),
        ("2026-10-01 08:00:00.5", "%Y-%m-%d %H:%M:%S.%f", "06:00:00.500000"),
        ("2026-10-01 08:00:00.123456", "%Y-%m-%d %H:%M:%S.%f", "06:00:00.123456"),
        ("2026-10-01 08:00:00,123", "%Y-%m-%d %H:%M:%S,%f", "06:00:00.123000"),
        ("2026-10-01T08:00:00+0800", "%Y-%m-%dT%H:%M:%S%z", "00:00:00"),
        ("2026-10-01T08:00:00-05:00", "%Y-%m-%dT%H:%M:%S%z", "13:00:00"),
        ("2026-10-01T08:00:00Z", "%Y-%m-%dT%H:%M:%S%z", "08:00:00"),
    ],
)
def test_times_as_the_contract_writes_them(folder: Path, cell: str, fmt: str, utc: str) -> None:
    found = value(folder, f'"{cell}"', "answered_utc", "timestamp", fmt=fmt)
    assert found == datetime.fromisoformat(f"2026-10-01T{utc}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["2026-02-30 08:00:00", "2026-10-01", "2026-10-01 25:00:00", "0000-01-01 00:00:00", "+12026-10-01 08:00:00"]
)
def test_what_is_no_time_rejects_the_row(folder: Path, cell: str) -> None:
    found = value(folder, cell, "answered_utc", "timestamp", fmt="%Y-%m-%d %H:%M:%S")
    assert found == "not a time like %Y-%m-%d %H:%M:%S"


def test_an_id_stays_the_text_that_it_is(folder: Path) -> None:
    assert value(folder, "007", "agent_id", "integer") == "007"
    assert value(folder, " anna ", "agent_id") == "anna"
    assert value(folder, "x7", "agent_id", "integer") == "not a whole number"


def test_a_number_in_the_wrong_cell_is_masked_in_the_rejects(folder: Path) -> None:
    south = contract(folder, calls(column("x", "number", role="talk_s", unit="s")))
    result = standardised(folder, south, HEAD, "a,x,13812345678,13812345678x")
    assert rejected(result) == [
        (1, 2, "start", "not a time like %Y-%m-%d %H:%M:%S", "138******78"),
        (1, 2, "x", "not a number of s", "138******78x"),
    ]
