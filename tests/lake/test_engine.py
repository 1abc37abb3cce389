"""SQL steps on a private database: what goes in, what comes out, and what a step may call its parameters."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipelines.engine import Engine
from pipelines.lake import Lake
from pipelines.tables import COVERAGE, INHOUSE_CALLS

SIX = datetime(2026, 10, 1, 6, tzinfo=UTC)


def hours(*starts: datetime) -> pl.DataFrame:
    return COVERAGE.fit(pl.DataFrame({"hour_utc": list(starts)}, schema={"hour_utc": pl.Datetime("us", "UTC")}))


def test_lake_files_have_whole_microseconds_beside_their_times(tmp_path: Path) -> None:
    path = Lake(tmp_path).write(COVERAGE, hours(SIX, SIX.replace(hour=7)), "state", month="2026-10")
    with Engine() as engine:
        engine.load(COVERAGE, [path], "hours")
        found = engine.query("gaps", "SELECT MAX(hour_us) - MIN(hour_us) AS gap_us FROM hours")
        assert found["gap_us"].to_list() == [3_600_000_000]
        assert engine.read("hours").schema == COVERAGE.schema


def test_no_file_is_the_empty_table() -> None:
    with Engine() as engine:
        engine.load(INHOUSE_CALLS, [])
        assert engine.query("found", "SELECT arrived_us, arrived_utc FROM inhouse_calls").is_empty()


def test_a_text_column_that_is_called_like_a_time_stays_text() -> None:
    with Engine() as engine:
        engine.frame("raw", pl.DataFrame({"offered_utc": ["2026-10-01"], "offered_us": ["as sent"]}))
        found = engine.query("kept", "SELECT offered_us AS sent, offered_utc AS day FROM raw")
        assert found.to_dicts() == [{"sent": "as sent", "day": "2026-10-01"}]


def test_a_parameter_is_not_mistaken_for_a_longer_one() -> None:
    with Engine() as engine:
        found = engine.query("found", "SELECT $vendor_id AS vendor_id", vendor="south", vendor_id="north")
        assert found["vendor_id"].to_list() == ["north"]


def test_a_step_leaves_its_result_under_its_own_name(tmp_path: Path) -> None:
    step = tmp_path / "doubled.sql"
    step.write_text("SELECT $base * 2 AS twice", encoding="utf-8")
    with Engine() as engine:
        assert engine.run(step, base=21, unused="x")["twice"].to_list() == [42]
        assert engine.query("again", "SELECT twice + 1 AS more FROM doubled")["more"].to_list() == [43]
