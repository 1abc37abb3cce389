"""`slaProperties`: how often and how soon files are due, by object."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contract import load_contract
from pipelines.contract.model import Contract, Frequency
from pipelines.errors import TieoutError
from tests.intake.contracts import calls, write_contract


def promised(folder: Path, *items: dict[str, Any]) -> Contract:
    """A contract with the objects `calls` and `more`, and these promises."""
    path = write_contract(folder / "data.odcs.yaml", "south", calls(), calls(name="more", file="more.csv"))
    node = yaml.safe_load(path.read_text()) | {"slaProperties": list(items)}
    path.write_text(yaml.safe_dump(node, sort_keys=False))
    return load_contract(path, "south")


def sla(name: str, value: Any, unit: str | None = None, element: str | None = None) -> dict[str, Any]:
    more = {key: text for key, text in (("unit", unit), ("element", element)) if text}
    return {"property": name, "value": value, **more}


def test_a_promise_without_an_element_is_for_all_and_one_with_it_for_that_object(tmp_path: Path) -> None:
    south = promised(tmp_path, sla("latency", 1, "week"), sla("latency", 2, "d", "more.start"))
    assert (south.latency_of("calls"), south.latency_of("more"), south.latency_days) == (7, 2, 7)
    south = promised(tmp_path, sla("frequency", 1, "d", "calls, more"), sla("frequency", 1, "month"))
    assert [south.frequency_of(name) for name in ("calls", "more", "x")] == [
        Frequency(1, "day"),
        Frequency(1, "day"),
        Frequency(1, "month"),
    ]
    south = promised(tmp_path, sla("latency", 2, "d", "more"))
    assert (south.latency_of("calls"), south.frequency_of("calls")) == (None, None)


@pytest.mark.parametrize(
    ("value", "unit", "read"),
    [
        (1, "d", Frequency(1, "day")),
        ("1", "days", Frequency(1, "day")),
        (2, "w", Frequency(2, "week")),
        (1, "month", Frequency(1, "month")),
        (4, "h", Frequency(4, "hour")),
        ("daily", None, Frequency(1, "day")),
        ("monthly", None, Frequency(1, "month")),
    ],
)
def test_how_a_frequency_may_be_written(tmp_path: Path, value: Any, unit: str | None, read: Frequency) -> None:
    assert promised(tmp_path, sla("frequency", value, unit)).frequency_of("calls") == read


@pytest.mark.parametrize(
    ("items", "where", "found"),
    [
        ([sla("frequency", 0, "d")], "slaProperties[0].value", "`0`"),
        ([sla("frequency", "often")], "slaProperties[0].value", "`often`"),
        ([sla("frequency", 1, "fortnight")], "slaProperties[0].unit", "`fortnight`"),
        ([sla("frequency", 1)], "slaProperties[0].unit", "nothing"),
        ([sla("frequency", 1, "d"), sla("frequency", 1, "w")], "slaProperties[1].value", "another frequency"),
        ([sla("latency", -1, "d")], "slaProperties[0].value", "`-1`"),
        ([sla("latency", 1, "d", "cals")], "slaProperties[0].element", "`cals`"),
        ([sla("latency", 1, "d", "calls"), sla("latency", 2, "d", "calls")], "slaProperties[1].value", "of calls"),
    ],
)
def test_a_promise_that_cannot_be_read_is_a_fault(
    tmp_path: Path, items: list[dict[str, Any]], where: str, found: str
) -> None:
    with pytest.raises(TieoutError) as refused:
        promised(tmp_path, *items)
    (fault,) = refused.value.faults
    assert where in fault.where
    assert found in fault.found
