"""What is told of a figure: words, formula, needs, its value on both sides, and every SQL step that it is made with."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.calendar import Month
from pipelines.lake import Lake
from pipelines.tables import FIGURES, SETTLED_FIGURES
from reports.explain_figure import figure_lines

OCTOBER = Month("2026-10")


def put(lake: Lake, *rows: dict[str, Any]) -> None:
    fixed = {"vendor_id": "south", "month": "2026-10", "as_of": date(2026, 11, 9), "scope": "all", "unit": "%"}
    full = [{name: {**fixed, **row}.get(name) for name in FIGURES.schema} for row in rows]
    lake.write(FIGURES, pl.DataFrame(full, schema=FIGURES.schema), "stamp", vendor="south", month="2026-10")


def test_a_figure_is_told_with_its_words_its_value_and_its_sql(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    put(
        lake,
        {"id": "fcr_72h", "side": "vendor", "measured": 84.0, "low": 79.9876, "high": 85.0, "n": 9, "definition": "FCR",
         "status": "provisional", "reason": "window_open:2026-11-07"},
        {"id": "fcr_72h", "side": "inhouse", "measured": 90.0, "ci_low": 89.0, "ci_high": 91.0, "n": 7,
         "definition": "FCR", "status": "final"},
    )  # fmt: skip
    lines = figure_lines(lake, OCTOBER, "south", "fcr_72h")
    assert lines[0].startswith("fcr_72h: FCR in 72 hours. First-contact resolution, the share of answered calls")
    assert lines[1].startswith("  Formula: answered calls without a further contact")
    assert lines[2] == "  Needs: calls (outcome, ended_utc); inhouse_calls"
    assert lines[3:7] == [
        "fcr_72h of south, 2026-10 (data until 2026-11-09), provisional [FCR]",
        "  Not reported, measured 84 %, base 9.",
        "  The records allow 79.99 to 85.",
        "  Reason: window_open:2026-11-07",
    ]
    assert "fcr_72h of our own staff and log, 2026-10 (data until 2026-11-09), final [FCR]" in lines
    assert "  95 % interval: 89 to 91." in lines
    assert [line for line in lines if line.startswith("-- pipelines/measure/contacts/")]


def test_a_figure_of_the_settlement_is_told_too_and_one_that_is_not_measurable_has_no_value(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    fixed = {"vendor_id": "south", "month": "2026-10", "as_of": date(2026, 11, 9), "scope": "all", "side": "vendor"}
    row = {**fixed, "id": "cost_per_net_call", "unit": "CNY", "measured": 4.5, "low": 4.5, "n": 90, "status": "final"}
    full = pl.DataFrame([{name: row.get(name) for name in FIGURES.schema}], schema=FIGURES.schema)
    lake.write(SETTLED_FIGURES, full, "stamp", vendor="south", month="2026-10")
    assert figure_lines(lake, OCTOBER, "south", "cost_per_net_call")[4:6] == [
        "  Not reported, measured 4.5 CNY, base 90.",
        "  The records allow 4.5 or more.",
    ]
    put(lake, {"id": "aht", "side": "vendor", "status": "not_measurable", "definition": "AHT", "reported": 280.0,
               "reason": "column_missing:hold_s"})  # fmt: skip
    assert figure_lines(lake, OCTOBER, "south", "aht")[4:6] == [
        "  Reported 280, without a measured value.",
        "  Reason: column_missing:hold_s",
    ]


@pytest.mark.parametrize("figure", ["aht", "occupancy", "peak_calls", "regular_callers", "fcr_24h"])
def test_every_step_is_told_under_the_path_where_it_lies(tmp_path: Path, figure: str) -> None:
    lake = Lake(tmp_path)
    put(lake, {"id": figure, "side": "vendor", "status": "final", "definition": "X"})
    steps = [line for line in figure_lines(lake, OCTOBER, "south", figure) if line.startswith("-- pipelines/")]
    assert steps
    for step in steps:
        path, _, text = step.removeprefix("-- ").partition("\n")
        assert (Path(__file__).parents[2] / path).read_text(encoding="utf-8") == text


def test_a_figure_that_the_month_does_not_hold_is_not_told(tmp_path: Path) -> None:
    assert figure_lines(Lake(tmp_path), OCTOBER, "south", "aht") == []
