"""Linking on the lake: a month whole, a night provisionally, and the days for which nothing could be there."""

import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.simulate import TINY, write_world
from pipelines.calendar import Month, gate_name
from pipelines.contract import Workspace, load_workspace
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.link.coverage.step import write_coverage
from pipelines.link.steps import HELD_BACK, NOT_DELIVERED, absences, link_month, link_nights
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files
from pipelines.tables import INHOUSE_CALLS, LINKS, NIGHT_LINKS, VENDOR_CALLS
from tests.intake.contracts import KEY

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank"


def fill(space: Workspace, month: Month) -> Lake:
    """The calls of all sides, received and laid."""
    lake = Lake(space.lake)
    for contract in (space.inhouse, *(vendor.contract for vendor in space.vendors.values())):
        pull(space.dir, lake, contract, month.scope)
        standardise_files(space, lake, contract, month.scope)
        table = INHOUSE_CALLS if contract is space.inhouse else VENDOR_CALLS
        lay_days(lake, contract.source, table, month.scope)
    return lake


@pytest.fixture(name="world", scope="module")
def a_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week with three vendors, its calls in the lake. Tests work on copies."""
    folder = tmp_path_factory.mktemp("world") / "tiny"
    write_world(folder, seed=7, size=TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_KEY", KEY)
        fill(load_workspace(folder), month_of(folder))
    return folder


def month_of(folder: Path) -> Month:
    return Month(f"{load_workspace(folder).first_day:%Y-%m}")


@pytest.fixture(name="space")
def a_space(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TIEOUT_KEY", KEY)
    return load_workspace(shutil.copytree(world, tmp_path / "space"))


def stamps(lake: Lake) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in lake.root.rglob("data.parquet")}


def links_of(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """The month's links, all parts of them."""
    link_month(space, lake, vendor, month)
    return lake.read(LINKS, vendor=vendor, month=month.text)


def rows_of(space: Workspace, name: str, vendor: str) -> pl.DataFrame:
    said = pl.read_csv(space.dir / f"truth/{name}.csv", infer_schema=False).filter(pl.col("vendor") == vendor)
    return said.with_columns(pl.col("row").cast(pl.Int64))


@pytest.mark.parametrize("vendor", ["honest", "padding", "vague"])
def test_a_simulated_month_is_linked_as_it_was_lived(space: Workspace, vendor: str) -> None:
    month, lake = month_of(space.dir), Lake(space.lake)
    assert write_coverage(space, lake, month)["is_covered"].any()
    links = links_of(space, lake, vendor, month)
    told = links.filter("in_month")["match_class"].value_counts().sort("match_class").rows()
    assert link_month(space, lake, vendor, month).rows() == told
    truth = rows_of(space, "pairs", vendor).select("row", true_id="inhouse_call_id")
    records = links.filter(pl.col("side") != "inhouse").join(truth, on="row", how="left")
    delivered = lake.read(VENDOR_CALLS, vendor=vendor).filter(direction="inbound")
    assert sorted(records["row"]) == sorted(delivered["row"])
    padded = set(rows_of(space, "padded", vendor)["row"])
    assert set(records.filter(pl.col("side") == "vendor")["row"]) == padded & set(delivered["row"])
    assert records.filter((pl.col("side") == "pair") & (pl.col("inhouse_call_id") != pl.col("true_id"))).is_empty()
    unread = rows_of(space, "pairs", vendor).filter(~pl.col("row").is_in(delivered["row"].implode()))
    assert sorted(links.filter(pl.col("side") == "inhouse")["inhouse_call_id"]) == sorted(unread["inhouse_call_id"])


def written(lake: Lake) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in lake.root.rglob("data.parquet")}


def test_a_month_is_linked_again_only_where_something_changed(space: Workspace) -> None:
    month, lake = month_of(space.dir), Lake(space.lake)
    link = lambda: (write_coverage(space, lake, month), links_of(space, lake, "padding", month))  # noqa: E731
    _, links = link()
    before = written(lake)
    link()
    assert written(lake) == before
    day = lake.values(VENDOR_CALLS, "day", vendor="padding")[2]
    lake.write_json(gate_name(VENDOR_CALLS, "padding", day), {"rule": "a wait is never negative"})
    _, held = link()
    gone = lake.read(VENDOR_CALLS, vendor="padding", day=day).filter(direction="inbound")
    assert (
        held.filter(pl.col("side") != "inhouse").height
        == links.filter(pl.col("side") != "inhouse").height - gone.height
    )
    waiting = held.filter("is_absent")
    assert waiting["reason"].unique().to_list() == [HELD_BACK]
    assert waiting.height == links.join(gone, on=["file_id", "row"], how="semi").filter(pl.col("side") == "pair").height


def test_legs_after_the_last_delivered_day_are_not_held_against_the_vendor(space: Workspace) -> None:
    month, lake = month_of(space.dir), Lake(space.lake)
    days = lake.values(VENDOR_CALLS, "day", vendor="honest")
    for day in days[-2:]:
        lake.drop(VENDOR_CALLS, vendor="honest", day=day)
    (after,) = absences(space, lake, "honest", month)
    tolerance = timedelta(seconds=space.vendors["honest"].terms.versions[0].match.tolerance_s)
    midnight = datetime.combine(date.fromisoformat(days[-2]), datetime.min.time(), UTC) - timedelta(hours=8)
    assert (after.start, after.reason) == (midnight - tolerance, NOT_DELIVERED)
    write_coverage(space, lake, month)
    links = links_of(space, lake, "honest", month)
    legs = links.filter(pl.col("side") == "inhouse")
    assert legs.height > 20
    assert legs["is_absent"].all()


def test_a_vendor_that_delivered_nothing_is_absent_all_month(space: Workspace) -> None:
    month, lake = month_of(space.dir), Lake(space.lake)
    for day in lake.values(VENDOR_CALLS, "day", vendor="honest"):
        lake.drop(VENDOR_CALLS, vendor="honest", day=day)
    write_coverage(space, lake, month)
    links = links_of(space, lake, "honest", month)
    assert set(links["side"]) == {"inhouse"}
    assert links["is_absent"].all()


def test_a_night_is_linked_with_the_days_beside_it(space: Workspace) -> None:
    lake = Lake(space.lake)
    days = [date.fromisoformat(day) for day in lake.values(VENDOR_CALLS, "day", vendor="honest")]
    found = link_nights(space, lake, "honest", [*days[1:3], date(2031, 1, 1)])
    assert list(found) == [day.isoformat() for day in days[1:3]]
    for day, pairs in found.items():
        night = lake.read(NIGHT_LINKS, vendor="honest", day=day)
        taken = lake.read(VENDOR_CALLS, vendor="honest", day=day).filter(direction="inbound")
        assert night.height == taken.height == pairs
        assert set(night["is_covered"]) == {False}
    before = written(lake)
    assert link_nights(space, lake, "honest", [*days[1:3], date(2031, 1, 1)]) == found
    assert written(lake) == before
    assert link_nights(space, lake, "honest", []) == {}


def test_the_night_of_a_day_that_is_gone_goes_too(space: Workspace) -> None:
    lake = Lake(space.lake)
    day = lake.values(VENDOR_CALLS, "day", vendor="honest")[0]
    link_nights(space, lake, "honest", [date.fromisoformat(day)])
    lake.drop(VENDOR_CALLS, vendor="honest", day=day)
    assert link_nights(space, lake, "honest", [date.fromisoformat(day)]) == {}
    assert lake.paths(NIGHT_LINKS) == []


@pytest.mark.skipif(not BANK.is_dir(), reason="needs ../shared/data/bank, a bank's real month")
def test_every_call_of_a_real_month_finds_its_leg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", KEY)
    folder = tmp_path / "bank"
    shutil.copytree(BANK / "workspace", folder, copy_function=shutil.copyfile)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    drop = folder / "drop" / "1999-01"
    subprocess.run([sys.executable, BANK / "split.py", BANK / "january.txt.gz", drop], check=True)
    space, month = load_workspace(folder), Month("1999-01")
    lake = fill(space, month)
    write_coverage(space, lake, month)
    links = links_of(space, lake, "agents", month)
    assert dict(links.group_by("side").len().iter_rows()) == {"pair": 30_161}
