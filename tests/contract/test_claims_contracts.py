"""Contracts of reports in long form: which roles belong together, and what the map of the figures may say."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.errors import Fault, TieoutError
from tests.intake.contracts import column, contract, schema

DAY = column("day", "date", fmt="%Y-%m-%d", role="period_start")
FIGURE = column("what", role="figure", map={"Offered": "offered", "Hugs": "unknown"})
VALUE = column("n", "number", role="value")


def report(folder: Path, *columns: dict[str, Any]) -> Any:
    return contract(folder, schema("report", "claims", "report.csv", DAY, *columns, period="day"))


def fault(folder: Path, *columns: dict[str, Any]) -> Fault:
    with pytest.raises(TieoutError) as refused:
        report(folder, *columns)
    (one,) = refused.value.faults
    return one


def test_a_long_table_may_say_what_its_values_mean(tmp_path: Path) -> None:
    value = column("n", "number", role="value", unit="pct", stage="queue", window="day", numerator="a", denominator="b")
    (item,) = report(tmp_path, FIGURE, value).objects
    assert item.role("figure").map == {"Offered": "offered", "Hugs": "unknown"}
    assert item.role("value").meaning["stage"] == "queue"


@pytest.mark.parametrize(
    ("columns", "where", "found", "hint"),
    [
        ((FIGURE,), "(value)", "the role figure without the role value", "tieout.role, value: value"),
        ((VALUE,), "(figure)", "the role value without the role figure", "tieout.role, value: figure"),
        ((), "(figure)", "no column with a tieout.figure", "roles figure and value"),
        (
            (FIGURE, VALUE, column("m", "integer", figure="answered")),
            "(figure)",
            "a column with a tieout.figure beside the role figure",
            "keep tieout.figure",
        ),
        ((column("what", role="figure"), VALUE), "tieout.map", "the role figure with no tieout.map", "tieout.map"),
        (
            (column("what", role="figure", map={"Offered": "offerd"}), VALUE),
            "tieout.map.Offered",
            "`Offered` mapped to `offerd`",
            "`offered`",
        ),
        ((FIGURE, column("n", role="value")), "logicalType", "`string` for the role value", "number"),
        ((FIGURE, column("n", "number", role="value", unit="hms")), "logicalType", "for the role value", "string"),
        ((column("what", "integer", role="figure", map={"1": "offered"}), VALUE), "logicalType", "figure", "string"),
    ],
)
def test_each_fault_of_a_long_table_alone(
    tmp_path: Path, columns: tuple[dict[str, Any], ...], where: str, found: str, hint: str
) -> None:
    one = fault(tmp_path, *columns)
    assert where in one.where
    assert found in one.found
    assert hint in one.hint
