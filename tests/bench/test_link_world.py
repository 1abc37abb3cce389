"""The world that linking is measured on is what it says it is, and the judge of its pairs is just."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.contract.workspace import load_workspace
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS
from tests.bench.link_judge import judge
from tests.bench.link_world import DAYS, MISSING, VENDOR, write_world

CALLS = 20_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    write_world(folder, CALLS)
    return folder


def sides(world: Path) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The vendor's records, the client's log, and what is true."""
    lake = world / "lake"
    records = pl.read_parquet(lake / "vendor_calls" / "**" / "*.parquet", hive_partitioning=False)
    log = pl.read_parquet(lake / "inhouse_calls" / "**" / "*.parquet", hive_partitioning=False)
    return records, log, pl.read_parquet(world / "truth" / "*.parquet")


def test_it_is_a_workspace_with_a_month_of_both_sides(world: Path) -> None:
    assert list(load_workspace(world).vendors) == [VENDOR]
    records, log, truth = sides(world)
    assert (records.schema, log.schema) == (VENDOR_CALLS.schema, INHOUSE_CALLS.schema)
    for table in (records, log):
        assert sorted(table["day"].unique()) == DAYS
        assert table.select("file_id", "row").is_unique().all()
    assert records.height == pytest.approx(CALLS, rel=0.02)
    assert truth.height == records.height


def test_days_are_local_days_of_each_sides_own_clock(world: Path) -> None:
    records, log, _ = sides(world)
    for table, moment in ((records, "offered_utc"), (log, "arrived_utc")):
        local = pl.col(moment).dt.convert_time_zone("Asia/Shanghai").dt.date()
        assert table.filter(local != pl.col("day")).is_empty()


def test_a_true_pair_is_of_one_caller_and_the_clock_is_ahead_and_drifts(world: Path) -> None:
    records, log, truth = sides(world)
    legs = log.select("file_id", "row", "caller_key", "transferred_utc", "caller_mask")
    pairs = truth.drop_nulls("leg_row").join(records, on=["file_id", "row"])
    pairs = pairs.join(legs, left_on=["leg_file_id", "leg_row"], right_on=["file_id", "row"], suffix="_leg")
    assert pairs.height == truth["leg_row"].count()
    assert pairs.filter(pl.col("caller_key") != pl.col("caller_key_leg")).is_empty()
    masked = pairs.filter(pl.col("caller_kind") == "masked")
    assert masked.filter(pl.col("caller_mask") != pl.col("caller_mask_leg")).is_empty()
    calls = pairs.filter(pl.col("what") == "call")
    ahead = calls.select("day", s=(pl.col("offered_utc") - pl.col("transferred_utc")).dt.total_seconds())
    assert ahead["s"].is_between(137, 137 + 2 * 31 + 3).all()
    by_day = ahead.group_by("day").agg(pl.col("s").median()).sort("day")["s"]
    assert by_day[-1] - by_day[0] == pytest.approx(60, abs=2)


def test_the_disorder_is_as_large_as_it_says(world: Path) -> None:
    records, log, truth = sides(world)
    kinds = dict(records["caller_kind"].value_counts(normalize=True).iter_rows())
    assert kinds["masked"] == pytest.approx(0.05, abs=0.01)
    assert kinds["withheld"] == pytest.approx(0.02, abs=0.01)
    what = dict(truth["what"].value_counts(normalize=True).iter_rows())
    assert what["ghost"] == pytest.approx(0.01, abs=0.003)
    assert what["lost"] == pytest.approx(0.011, abs=0.006)  # lost legs, and the two missing hours
    assert log["transferred_utc"].null_count() / log.height == pytest.approx(0.1, abs=0.01)
    day, hours = MISSING
    at = pl.col("arrived_utc").dt.convert_time_zone("Asia/Shanghai")
    assert log.filter(pl.col("day") == day, at.dt.hour().is_in(list(hours))).is_empty()


def test_the_truth_is_judged_right_and_a_shifted_one_wrong(world: Path, tmp_path: Path) -> None:
    pairs = sides(world)[2].drop_nulls("leg_row")
    once = pairs.unique(["leg_file_id", "leg_row"])
    once.write_parquet(tmp_path / "true.parquet")
    verdict = judge(world, tmp_path / "true.parquet")
    assert (verdict.pairs, verdict.right_pct, verdict.found_pct, verdict.legs_twice) == (once.height, 100, 100, 0)
    pairs.write_parquet(tmp_path / "twice.parquet")
    assert judge(world, tmp_path / "twice.parquet").legs_twice == pairs.height - once.height > 0
    once.with_columns(pl.col("leg_row") + 1).write_parquet(tmp_path / "wrong.parquet")
    assert judge(world, tmp_path / "wrong.parquet").right_pct == 0
