"""A partition of the lake: replaced whole or not at all, the same bytes for the same rows, and stamped."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import polars as pl
import pyarrow.parquet as pq
import pytest

from pipelines import lake as lake_module
from pipelines.lake import Lake, replacing, sha
from pipelines.tables import INHOUSE_CALLS, REPEATS, Column, Table
from pipelines.tables.shape import columns

WHERE = {"vendor": "south", "month": "2026-10"}
OFFSETS = Table(
    "clock_offsets",
    "one vendor on one day",
    ("vendor", "month"),
    ("day",),
    columns(
        "vendor_id text the vendor",
        "day date local day",
        "offset_s seconds offset",
        "pairs int pairs",
        "basis text day",
    ),
)


def offsets(*rows: tuple[int, int]) -> pl.DataFrame:
    """Clock offsets of days of October: (day, seconds)."""
    columns = ("vendor_id", "day", "offset_s", "pairs", "basis")
    days = [("south", date(2026, 10, day), Decimal(seconds), 40, "day") for day, seconds in rows]
    return pl.DataFrame(days, schema={name: OFFSETS.schema[name] for name in columns}, orient="row")


def files_of(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_is_written_is_read_in_the_order_of_the_key(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    path = lake.write(OFFSETS, offsets((3, 30), (1, 10), (2, 20)), "state", **WHERE)
    assert path == tmp_path / "clock_offsets" / "vendor=south" / "month=2026-10" / "data.parquet"
    assert lake.read(OFFSETS, **WHERE)["offset_s"].to_list() == [10, 20, 30]
    assert lake.read(OFFSETS, vendor="north").equals(OFFSETS.empty())


def test_a_second_write_replaces_the_first_whole(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(OFFSETS, offsets((1, 10), (2, 20)), "first", **WHERE)
    lake.write(OFFSETS, offsets((9, 90)), "second", **WHERE)
    assert lake.read(OFFSETS)["offset_s"].to_list() == [90]
    assert files_of(tmp_path) == ["clock_offsets/vendor=south/month=2026-10/data.parquet"]


def test_no_rows_write_an_empty_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(OFFSETS, OFFSETS.empty(), "nothing", **WHERE)
    assert lake.paths(OFFSETS) == [lake.path(OFFSETS, **WHERE)]
    assert lake.read(OFFSETS).equals(OFFSETS.empty())
    assert lake.is_fresh(OFFSETS, "nothing", **WHERE)


def test_a_write_that_fails_leaves_the_old_partition_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    lake.write(OFFSETS, offsets((1, 10)), "first", **WHERE)
    before = lake.path(OFFSETS, **WHERE).read_bytes()

    def half(self: pl.DataFrame, file: Path, **_: object) -> None:
        file.write_bytes(before[: len(before) // 2])
        raise OSError("No space left on device")

    monkeypatch.setattr(lake_module.pl.DataFrame, "write_parquet", half)
    with pytest.raises(OSError, match="No space left"):
        lake.write(OFFSETS, offsets((2, 20)), "second", **WHERE)
    assert lake.path(OFFSETS, **WHERE).read_bytes() == before
    assert files_of(tmp_path) == ["clock_offsets/vendor=south/month=2026-10/data.parquet"]


def test_a_block_that_fails_replaces_nothing(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "figures.json"

    def fail_half_way() -> None:
        with replacing(target) as beside:
            beside.write_text("half", encoding="utf-8")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert files_of(tmp_path) == []
    with replacing(target) as beside:
        beside.write_text("whole", encoding="utf-8")
        assert not target.exists()
    assert (files_of(tmp_path), target.read_text(encoding="utf-8")) == (["deep/figures.json"], "whole")


def test_the_same_rows_in_any_order_and_cut_give_the_same_bytes(tmp_path: Path) -> None:
    schema = {name: REPEATS.schema[name] for name in ("call_id", "side", "gap_s", "file_id", "row")}
    rows = [(f"c{row}", "south" if row % 3 else None, Decimal(row) / 8, "f0", row) for row in range(3000)]
    whole = REPEATS.fit(pl.DataFrame(rows, schema=schema, orient="row"))
    shuffled = rows.copy()
    Random(1).shuffle(shuffled)
    pieces = [whole[at : at + 700] for at in range(0, 3000, 700)]
    variants = [
        whole,
        REPEATS.fit(pl.DataFrame(shuffled, schema=schema, orient="row")),
        pl.concat(pieces, rechunk=False),
        pl.concat(reversed(pieces), rechunk=False),
        whole.sort("file_id", "row", descending=True),
    ]
    written = {
        Lake(tmp_path / str(number)).write(REPEATS, frame, "same", **WHERE).read_bytes()
        for number, frame in enumerate(variants)
    }
    assert len(written) == 1


def test_another_schema_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    right = offsets((1, 10))
    for wrong in (
        right.drop("basis"),
        right.with_columns(extra=1),
        right.with_columns(pl.col("pairs").cast(pl.Int32)),
        right.select("day", "vendor_id", "offset_s", "pairs", "basis"),
    ):
        with pytest.raises(ValueError, match="clock_offsets: schema is"):
            Lake(tmp_path).write(OFFSETS, wrong, "state", **WHERE)
    assert files_of(tmp_path) == []


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\('day',\) is not unique"):
        Lake(tmp_path).write(OFFSETS, offsets((1, 10), (1, 11)), "state", **WHERE)
    assert files_of(tmp_path) == []


def test_a_partition_is_named_by_exactly_the_keys_of_the_table(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is partitioned by"):
        Lake(tmp_path).path(OFFSETS, vendor="south")
    with pytest.raises(ValueError, match="is partitioned by"):
        Lake(tmp_path).path(INHOUSE_CALLS, vendor="south", day="2026-10-01")


def test_fresh_is_what_was_made_from_the_same_inputs_and_schema(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.stamp(OFFSETS, **WHERE) is None
    assert not lake.is_fresh(OFFSETS, "state", **WHERE)
    lake.write(OFFSETS, offsets((1, 10)), "state", **WHERE)
    assert lake.stamp(OFFSETS, **WHERE) == "state"
    assert lake.is_fresh(OFFSETS, "state", **WHERE)
    assert not lake.is_fresh(OFFSETS, "another", **WHERE)
    later = Table(OFFSETS.name, OFFSETS.grain, OFFSETS.partitions, OFFSETS.key, OFFSETS.columns, schema_version=2)
    assert not lake.is_fresh(later, "state", **WHERE)
    assert pq.read_metadata(lake.path(OFFSETS, **WHERE)).metadata[b"schema_version"] == b"1"


def test_stamps_name_partitions_below_the_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "here")
    lake.write(OFFSETS, offsets((1, 10)), "one", vendor="south", month="2026-10")
    lake.write(OFFSETS, offsets((1, 10)), "two", vendor="north", month="2026-10")
    assert lake.stamps(lake.paths(OFFSETS)) == [
        ("clock_offsets/vendor=north/month=2026-10", "two"),
        ("clock_offsets/vendor=south/month=2026-10", "one"),
    ]
    assert lake.values(OFFSETS, "vendor") == ["north", "south"]
    assert lake.values(OFFSETS, "month", vendor="south") == ["2026-10"]
    assert lake.paths(OFFSETS, vendor="nobody") == []


def test_a_dropped_partition_is_gone_and_may_be_dropped_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.write(OFFSETS, offsets((1, 10)), "one", **WHERE)
    lake.write(OFFSETS, offsets((1, 10)), "two", vendor="north", month="2026-10")
    lake.drop(OFFSETS, **WHERE)
    lake.drop(OFFSETS, **WHERE)
    assert lake.values(OFFSETS, "vendor") == ["north"]


def test_earlier_states_are_kept_beside_the_present_one(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for state, seconds in (("a", 10), ("b", 20)):
        lake.write(OFFSETS, offsets((1, seconds)), state, **WHERE)
        lake.keep(OFFSETS, "history", state, **WHERE)
    assert [past["offset_s"].to_list() for past in lake.kept(OFFSETS, "history", **WHERE)] == [[10]]


def test_the_name_of_a_state_depends_on_every_part_and_not_on_the_order_of_a_mapping() -> None:
    assert sha("a", {"x": 1, "y": 2}) == sha("a", {"y": 2, "x": 1})
    assert len({sha("a", "b"), sha("ab"), sha(["a", "b"]), sha("b", "a"), sha("a", None)}) == 5


def test_a_table_fits_rows_to_its_columns() -> None:
    small = Table("t", "a row", (), ("row",), (Column("row", "int", "number"), Column("text", "text", "text")))
    assert small.fit(pl.DataFrame({"more": ["x"], "row": [1]})).to_dicts() == [{"row": 1, "text": None}]
