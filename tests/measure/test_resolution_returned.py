"""What callers came back for, and which windows are asked."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines.calendar import Month
from pipelines.contract.workspace import load_workspace
from pipelines.engine import Engine
from pipelines.measure.resolution.returned import MOST, returned
from pipelines.measure.resolution.windows import longest_s, under_terms, windows_of
from pipelines.measure.scene import STEPS
from tests.measure.worlds import ME

HOUR = 3_600


def rows(*told: tuple[str, str, str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(told, schema=["reason", "next_reason", "place", "gap_s", "calls"], orient="row")


def test_each_window_has_its_calls_and_the_gap_in_the_middle() -> None:
    """Three came back about the bill within 2 hours, the middle one after 10 minutes; a fourth after a day."""
    same = ("bill", "bill", "inhouse")
    came_back = rows((*same, 60, 1), (*same, 600, 1), (*same, 2 * HOUR, 1), (*same, 25 * HOUR, 1))
    found = returned(came_back, {"2h": 2 * HOUR, "7d": 168 * HOUR})
    assert found.select("window", "calls", pl.col("median_gap_s").cast(pl.Int64)).rows() == [
        ("2h", 3, 600),
        ("7d", 4, 600),
    ]


def test_the_largest_groups_stand_first_and_small_ones_are_left_out() -> None:
    told = [(f"{number:03}", "other", "same_vendor", 60, number) for number in range(1, MOST + 5)]
    found = returned(rows(*told), {"2h": 2 * HOUR})
    assert found.height == MOST
    assert found["reason"].to_list()[0] == f"{MOST + 4:03}"


@pytest.mark.parametrize(
    ("gap_us", "gap_s"),
    [(1, 60), (60_000_000, 60), (60_000_001, 120), (86_400_000_000, 86_400), (86_400_000_001, 90_000)],
)
def test_gaps_are_told_to_the_full_minute_and_beyond_a_day_to_the_full_hour(gap_us: int, gap_s: int) -> None:
    """So that a window of whole hours takes in exactly those that lie within it."""
    followed = {"side": [ME], "reason": [None], "next_reason": ["bill"], "same_vendor_us": [None], "ends_us": [7]}
    types = {**dict.fromkeys(("side", "reason", "next_reason"), pl.String), "same_vendor_us": pl.Int64}
    moments = {"next_us": [7 + gap_us], "other_vendor_us": [7 + gap_us]}
    with Engine() as engine:
        engine.frame("followed", pl.DataFrame({**followed, **moments}, schema_overrides=types))
        found = engine.run(STEPS / "resolution" / "came_back.sql", vendor=ME)
    assert found.rows() == [("", "bill", "other_vendor", gap_s, 1)]


def test_windows_are_those_of_the_workspace_and_those_that_terms_name(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(Path(__file__).parents[1] / "contract" / "workspace", tmp_path / "workspace"))
    file = folder / "vendors" / "south" / "terms.yaml"
    text = file.read_text(encoding="utf-8")
    usual = load_workspace(folder)
    month = Month("2026-10")
    assert longest_s(usual, month) == 168 * HOUR
    assert longest_s(usual, Month("2020-01")) == 24 * HOUR  # nobody's terms have begun
    assert under_terms(usual, Month("2020-01")) == []
    file.write_text(text.replace('bound: "<="}', 'bound: "<="}\n      fcr: {window: 72h}'), encoding="utf-8")
    space = load_workspace(folder)
    found = windows_of(space, space.vendors["south"].terms.versions[0])
    assert found == {"2h": 2 * HOUR, "24h": 24 * HOUR, "72h": 72 * HOUR, "7d": 168 * HOUR}
