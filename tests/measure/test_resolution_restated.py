"""A figure whose windows are still open is provisional; when the data reaches on it is final, and its past is kept."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data.simulate import write_world
from data.simulate.world import Size
from pipelines.lake import Lake
from pipelines.link.steps import link_month
from pipelines.measure.contacts.step import write_contacts
from pipelines.measure.steps import write_figures
from pipelines.tables import FIGURES
from tests.backtest.road import accuse

VENDOR, MONTH = "honest", "2026-10"
LAST = "2026-10-31"
TURN = Size(
    date(2026, 10, 29), date(2026, 11, 2), 105, inhouse_share=0.46, seats=1, inhouse_seats=3, agents=7, callers=3_000
)
"""The turn of the month: a 24-hour window of October closes in November."""


def state(frame: pl.DataFrame, figure: str) -> tuple[str, str | None, int]:
    """Status, reason and base of a figure of the whole month."""
    (row,) = frame.filter(
        (pl.col("id") == figure) & (pl.col("scope") == "all") & (pl.col("side") == "vendor")
    ).to_dicts()
    return row["status"], row["reason"], row["n"]


def test_a_provisional_figure_becomes_final_and_its_earlier_state_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a secret of some length")
    world = write_world(tmp_path / "world", seed=7, size=TURN)
    space, lake, month = accuse(world.directory, MONTH, has_rules=False)

    def measure() -> pl.DataFrame:
        for vendor in space.vendors:
            link_month(space, lake, vendor, month)
        write_contacts(space, lake, month)
        return write_figures(space, lake, VENDOR, month)

    late = [path for path in (lake.root / "inhouse_calls").glob("day=*") if path.name > f"day={LAST}"]
    for path in late:
        path.rename(tmp_path / path.name)
    first = measure()
    status, reason, base = state(first, "fcr_24h")
    assert (status, reason) == ("provisional", "window_open:2026-11-01")
    assert state(first, "fcr_7d")[0] == "provisional"

    for path in late:
        (tmp_path / path.name).rename(path)
    then = measure()
    status, reason, whole = state(then, "fcr_24h")
    assert (status, whole > base) == ("final", True)
    (kept,) = Lake(space.lake).kept(FIGURES, "figures_history", vendor=VENDOR, month=MONTH)
    assert kept.equals(first)
