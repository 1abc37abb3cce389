"""The promises of a contract as rules: files that are late or missing, and files of which nobody can say."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from checks.rules.asked import rules_of
from checks.rules.deliver import answers, judge
from checks.rules.promises import promise_outcomes
from pipelines.contract.model import Contract, Frequency
from pipelines.lake import Lake
from pipelines.tables import DELIVERIES
from tests.rules.contracts import CALLS, an_object, contract

DUE = datetime(2026, 10, 7, 16, tzinfo=UTC)


def promised(folder: Path) -> Contract:
    """Calls every day, within two days."""
    made = contract(folder, an_object("calls", "calls", CALLS))
    return replace(made, latency={None: 2}, frequency={None: Frequency(1, "day")})


def came(lake: Lake, *files: tuple[int, str], stamp: str = "1") -> None:
    """What came for days of October, each with its state."""
    rows: list[dict[str, Any]] = [
        {
            "object": "calls",
            "period_start": date(2026, 10, day),
            "period_end": date(2026, 10, day),
            "file": None if state == "missing" else f"calls_{day}.csv",
            "file_id": None if state == "missing" else f"f{day}",
            "due_utc": DUE,
            "state": state,
        }
        for day, state in files
    ]
    frame = DELIVERIES.fit(pl.DataFrame(rows, schema_overrides=DELIVERIES.schema))
    lake.write(DELIVERIES, frame, stamp, source="agents", month="2026-10")


def days(*numbers: int) -> list[date]:
    """Days of October."""
    return [date(2026, 10, number) for number in numbers]


def test_late_and_missing_files_break_the_promise(tmp_path: Path) -> None:
    lake, made = Lake(tmp_path / "lake"), promised(tmp_path)
    came(lake, (1, "on_time"), (2, "late"), (3, "missing"), (4, "not_measurable"), (5, "not_due_yet"))
    found = {
        (item.day[-1], item.rule.partition(".")[2]): item for item in promise_outcomes(lake, made, days(*range(1, 7)))
    }
    assert {place: (item.state, item.rows_checked, item.rows_failed) for place, item in found.items()} == {
        ("1", "in_time"): ("pass", 1, 0),
        ("1", "complete"): ("pass", 1, 0),
        ("2", "in_time"): ("broken", 1, 1),
        ("2", "complete"): ("pass", 1, 0),
        ("3", "complete"): ("broken", 1, 1),
        ("4", "in_time"): ("could_not_run", 0, 0),
        ("4", "complete"): ("pass", 1, 0),
    }
    (late,), (missing,) = found["2", "in_time"].samples, found["3", "complete"].samples
    assert (late.file_id, late.row, late.value) == (
        "f2", None, "object=calls, period=2026-10-02 to 2026-10-02, file=calls_2.csv",
    )  # fmt: skip
    assert missing.value.endswith("file=(none)")
    assert found["4", "in_time"].detail == "nobody looked in time to say when it came: pull at least daily"


def test_a_missing_day_has_an_answer_though_it_has_no_rows(tmp_path: Path) -> None:
    lake, made = Lake(tmp_path / "lake"), promised(tmp_path)
    came(lake, (3, "missing"))
    judge(lake, made, days(2, 3))
    kept = answers(lake, "agents", days(2, 3))
    assert kept.select("rule", "state").rows() == [("deliveries.complete", "broken")]
    assert judge(lake, made, days(2, 3)) == []
    came(lake, (3, "late"), stamp="2")
    judge(lake, made, days(2, 3))
    kept = answers(lake, "agents", days(2, 3))
    assert kept.select("rule", "state").rows() == [("deliveries.complete", "pass"), ("deliveries.in_time", "broken")]


def test_what_is_not_promised_is_not_asked(tmp_path: Path) -> None:
    lake, made = Lake(tmp_path / "lake"), promised(tmp_path)
    came(lake, (2, "late"))
    assert [rule.name for rule in rules_of(made)[DELIVERIES]] == ["deliveries.in_time", "deliveries.complete"]
    silent = replace(made, latency={}, frequency={})
    assert promise_outcomes(lake, silent, days(2)) == []
    assert DELIVERIES not in rules_of(silent)
