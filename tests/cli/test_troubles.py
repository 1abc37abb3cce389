"""A time that the clock showed twice, and that no order tells apart, is told: never guessed in silence."""

from datetime import date
from pathlib import Path

import pytest

from data.simulate import TINY, write_world
from pipelines.contract.workspace import load_workspace
from pipelines.intake.manifest import Received, save
from pipelines.lake import Lake
from pipelines.troubles import troubles

DAY = date(2026, 10, 25)


@pytest.mark.parametrize(("unresolved", "told"), [(0, 0), (7, 1)])
def test_a_repeated_hour(tmp_path: Path, unresolved: int, told: int) -> None:
    write_world(tmp_path / "space", size=TINY)
    contract, lake = load_workspace(tmp_path / "space").vendors["honest"].contract, Lake(tmp_path / "lake")
    file = Received("f" * 16, "honest", "calls", "calls", "drop/calls.csv", "f" * 64, 1, "2026-11-01T00:00:00+00:00")
    save(lake, file)
    change = {"resolved": 0, "unresolved": unresolved, "shifted": 0}
    nothing = {"turned_dates": 0, "damaged_ids": 0, "closing": [], "rejected": 0}
    counts = {"days": {str(DAY): 7}, "unknown_codes": [], "clock_change": change, **nothing}
    lake.write_json("_manifests/counts/honest/calls/" + "f" * 16, counts)
    found = troubles(lake, contract, [DAY])
    assert [item.where for item in found] == ["drop/calls.csv"] * told
    assert all("7 times of the hour" in item.found for item in found)
