"""The measure step on a lake: what is held back on one side is left out on the other."""

from pathlib import Path

import pytest

from data.simulate import TINY, write_world
from pipelines.calendar import Month, gate_name
from pipelines.contract.workspace import load_workspace
from pipelines.lake import Lake
from pipelines.link.steps import link_month
from pipelines.measure.contacts.step import write_contacts
from pipelines.measure.steps import _stamp, write_figures
from pipelines.tables import CLAIMS, FIGURES, VENDOR_CALLS
from tests.backtest.road import accuse

WORKSPACE = Path(__file__).parents[1] / "contract" / "workspace"
HELD = "2026-10-14"
VENDOR, MONTH = "honest", "2026-10"


def offered(lake: Lake, scope: str) -> tuple[float, float | None, str, str | None]:
    """Reported, measured, state and reason of the calls offered."""
    figures = lake.read(FIGURES, vendor=VENDOR, month=MONTH)
    (row,) = figures.filter(id="offered", side="vendor", scope=scope).to_dicts()
    return row["reported"], row["measured"], row["status"], row["reason"]


def test_a_day_held_back_leaves_both_totals_of_the_month_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a secret of some length")
    world = write_world(tmp_path / "world", seed=7, size=TINY)
    space, lake, month = accuse(world.directory, MONTH, has_rules=False)

    def measure() -> None:
        for vendor in space.vendors:
            link_month(space, lake, vendor, month)
        write_contacts(space, lake, month)
        write_figures(space, lake, VENDOR, month)

    measure()
    whole, of_day = offered(lake, "all"), offered(lake, f"day:{HELD}")
    assert whole[0] == whole[1]
    assert 0 < of_day[0] == of_day[1]

    gate = gate_name(VENDOR_CALLS, VENDOR, HELD)
    lake.write_json(gate, {"held_back": ["a wait is not negative"]})
    measure()
    assert offered(lake, f"day:{HELD}") == (of_day[0], None, "not_measurable", "held_back")
    assert offered(lake, "all")[:2] == (whole[0] - of_day[0],) * 2

    lake.drop_json(gate)
    measure()
    assert offered(lake, "all") == whole
    lake.write_json(gate_name(CLAIMS, VENDOR, HELD), {"held_back": ["a count is not negative"]})
    measure()
    assert offered(lake, "all")[:2] == (None, whole[1])  # a month less a day of the report is no month's report


def test_records_of_long_before_the_month_are_noticed(tmp_path: Path) -> None:
    """They say since when agents are known, and so who is new; their rows are not read."""
    space, lake, month = load_workspace(WORKSPACE), Lake(tmp_path), Month("2026-10")
    before = _stamp(space, lake, "south", month)
    assert _stamp(space, lake, "south", month) == before
    lake.write(VENDOR_CALLS, VENDOR_CALLS.empty(), "test", vendor="south", day="2026-06-01")
    assert _stamp(space, lake, "south", month) != before
