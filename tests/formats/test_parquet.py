"""Parquet files: every type as text that a contract's formats can read, slices, and files that are none."""

import gzip
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.errors import TieoutError
from pipelines.formats import parquet_file
from pipelines.formats.parquet_file import read_parquet
from pipelines.formats.raw import Source
from tests.formats.switches import check_any, check_sums, whole

BERLIN = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 10, 1, 8, 0, 0)  # noqa: DTZ001 (a local clock's)
TYPES: dict[str, tuple[Any, str]] = {
    "text": ("a ", "a "),
    "whole": (12, "12"),
    "fraction": (2.5, "2.5"),
    "flag": (True, "true"),
    "day": (date(2026, 10, 1), "2026-10-01"),
    "time": (AT, "2026-10-01T08:00:00"),
    "millis": (AT.replace(microsecond=120_000), "2026-10-01T08:00:00.120"),
    "moment": (AT.replace(tzinfo=BERLIN), "2026-10-01T06:00:00+00:00"),
    "clock": (time(8, 5), "08:05:00"),
    "length": (timedelta(minutes=1, milliseconds=500), "60.500000"),
    "money": (Decimal("-0.10"), "-0.10"),
    "nested": ({"n": [1, 2], "t": None}, '{"n": [1, 2], "t": null}'),
    "list": (["x", "ü"], '["x", "ü"]'),
}


def source(path: Path, columns: Sequence[str]) -> Source:
    made = tuple(Column(name, "string") for name in columns)
    item = FeedObject("calls", "calls", "parquet", "*", "UTC", None, None, None, 1, 0, made, ())
    return Source(path, "drop/calls.parquet", item, Server("drop", "local", "drop"), path.parent)


def sent(folder: Path, frame: pl.DataFrame, *columns: str) -> Source:
    path = folder / "calls.parquet"
    frame.write_parquet(path)
    return source(path, columns or frame.columns)


def sample() -> pl.DataFrame:
    return pl.DataFrame({name: [value, None] for name, (value, _) in TYPES.items()})


def test_every_type_as_text_and_null_as_null(tmp_path: Path) -> None:
    raw = read_parquet(sent(tmp_path, sample()))
    (batch,) = raw.batches
    assert raw.header == tuple(TYPES)
    assert batch.frame.rows() == [
        (1, 1, *(text for _, text in TYPES.values())),
        (2, 2, *(None for _ in TYPES)),
    ]


def test_columns_come_in_the_contracts_order_and_empty_text_is_null(tmp_path: Path) -> None:
    frame = pl.DataFrame({"a": ["", "x"], "b": [1, 2], "c": pl.Series(["u", "u"], dtype=pl.Categorical)})
    assert whole(list(read_parquet(sent(tmp_path, frame, "c", "a")).batches)).rows() == [
        (1, 1, "u", None),
        (2, 2, "u", "x"),
    ]


def test_slices_number_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_file, "SLICE_ROWS", 3)
    batches = list(read_parquet(sent(tmp_path, pl.DataFrame({"id": range(8)}))).batches)
    check_sums(batches)
    assert [batch.rows_read for batch in batches] == [3, 3, 2]
    assert whole(batches).rows() == [(place + 1, place + 1, str(place)) for place in range(8)]


def test_a_file_without_rows_has_its_columns(tmp_path: Path) -> None:
    (batch,) = read_parquet(sent(tmp_path, pl.DataFrame(schema={"id": pl.Int64}))).batches
    assert (batch.frame.columns, batch.rows_read) == ([" row", " line", "id"], 0)


def test_a_packed_file_is_unpacked(tmp_path: Path) -> None:
    ready = sent(tmp_path, pl.DataFrame({"id": [1]}))
    ready.path.write_bytes(gzip.compress(ready.path.read_bytes()))
    assert whole(list(read_parquet(ready).batches)).rows() == [(1, 1, "1")]


def test_all_missing_columns_and_bytes_are_told_at_once(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1], "raw": [b"\xff"]})
    with pytest.raises(TieoutError) as refused:
        read_parquet(sent(tmp_path, frame, "raw", "start", "caller"))
    assert [fault.found for fault in refused.value.faults] == [
        "column 'raw' of type large_binary",
        "no column 'caller'; the file has id, raw",
        "no column 'start'; the file has id, raw",
    ]
    assert whole(list(read_parquet(sent(tmp_path, frame, "id")).batches))["id"].to_list() == ["1"]


def test_a_file_that_is_cut_off_or_none_is_a_fault(tmp_path: Path) -> None:
    ready = sent(tmp_path, sample())
    content = ready.path.read_bytes()
    for wrong in (b"", b"id,caller\n1,2\n", content[: len(content) // 2], content[:-1]):
        ready.path.write_bytes(wrong)
        with pytest.raises(TieoutError) as refused:
            list(read_parquet(ready).batches)
        assert refused.value.faults[0].where == "drop/calls.parquet"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(places=st.lists(st.floats(0, 0.999), min_size=1, max_size=4), put=st.binary(min_size=1, max_size=4))
def test_a_damaged_file_is_rows_or_a_fault(tmp_path: Path, places: list[float], put: bytes) -> None:
    path = tmp_path / "damaged.parquet"
    if not (tmp_path / "sound.parquet").exists():
        pq.write_table(sample().to_arrow(), tmp_path / "sound.parquet", compression="none")
    content = bytearray((tmp_path / "sound.parquet").read_bytes())
    for place in places:
        begin = int(place * len(content))
        content[begin : begin + len(put)] = put
    path.write_bytes(content)
    check_any(read_parquet, source(path, tuple(TYPES)))
