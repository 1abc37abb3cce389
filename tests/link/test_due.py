"""What a vendor owes at the end of a month: leaving out its last days must not clean the page."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from data.simulate import SMALL, write_world
from pipelines.calendar import Month, data_end, due_until
from pipelines.contract.workspace import load_workspace
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.link.coverage.step import write_coverage
from pipelines.link.steps import link_month
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files
from pipelines.tables import INHOUSE_CALLS, LINKS, VENDOR_CALLS

OCTOBER = Month("2026-10")
LAST_DELIVERED = "2026-10-28"


def linked(folder: Path, own_log_until: str) -> tuple[Lake, list[tuple[str, bool]]]:
    """The honest vendor's month without its last three days; (day, held against it) of each leg of those days."""
    write_world(folder, size=SMALL)
    calls = folder / "drop" / "honest" / "2026-10" / "calls.csv"
    lines = calls.read_text(encoding="utf-8").splitlines(keepends=True)
    calls.write_text("".join([lines[0], *(x for x in lines[1:] if x.split(",")[4][:10] <= LAST_DELIVERED)]))
    shutil.rmtree(folder / "drop" / "honest" / "2026-11")
    for log in (folder / "drop" / "inhouse").glob("*/inhouse.csv"):
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        arrived = lines[0].split(",").index("arrived")
        log.write_text("".join([lines[0], *(x for x in lines[1:] if x.split(",")[arrived][:10] <= own_log_until)]))
    space = load_workspace(folder)
    lake = Lake(space.lake)
    for contract, table in ((space.inhouse, INHOUSE_CALLS), (space.vendors["honest"].contract, VENDOR_CALLS)):
        pull(space.dir, lake, contract, OCTOBER.scope)
        standardise_files(space, lake, contract, OCTOBER.scope)
        lay_days(lake, contract.source, table, OCTOBER.scope)
    write_coverage(space, lake, OCTOBER)
    link_month(space, lake, "honest", OCTOBER)
    alone = lake.read(LINKS, vendor="honest", month=OCTOBER.text).filter(side="inhouse", in_month=True)
    return lake, [(row["inhouse_call_id"][1:7], not row["is_absent"]) for row in alone.iter_rows(named=True)]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")


def test_days_left_out_at_the_end_of_a_whole_month_count_against_the_vendor(tmp_path: Path) -> None:
    lake, legs = linked(tmp_path / "space", own_log_until="2026-11-09")
    assert data_end(lake, "honest", OCTOBER) == date(2026, 10, 28)
    assert due_until(lake, "honest", OCTOBER) == date(2026, 10, 31)
    assert {day for day, counts in legs if counts} == {"261029", "261030", "261031"}
    assert sum(counts for _, counts in legs) > 100


def test_days_that_nobody_can_have_yet_do_not(tmp_path: Path) -> None:
    lake, legs = linked(tmp_path / "space", own_log_until="2026-10-30")
    assert due_until(lake, "honest", OCTOBER) == date(2026, 10, 28)
    assert {day for day, _ in legs} == {"261029", "261030"}
    assert not any(counts for _, counts in legs), "the month is under way"
