"""Where the batches of a file end makes no difference to its rows, its rejects and its counts."""

import gzip
import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract import Contract
from pipelines.errors import TieoutError
from pipelines.lake import Lake
from pipelines.standardise.by_file import by_file
from pipelines.tables import VENDOR_CALLS
from tests.intake.contracts import calls, column, contract, schema
from tests.standardise.batches import FORMATS, Row, batches_of, shown, slow_utc, told, work, written

NIGHTS = {
    "Europe/Berlin": ("2026-10-25T00:00", "2026-03-29T01:00", "2025-10-26T00:00"),
    "America/New_York": ("2026-11-01T05:00", "2026-03-08T07:00"),
    "Asia/Tehran": ("2021-09-21T19:30", "2021-03-21T20:30"),
    "Australia/Lord_Howe": ("2026-04-04T14:30", "2026-10-03T15:30"),
    "Asia/Shanghai": ("2026-10-01T00:00",),
}
"""For each zone, in UTC, when a time is shown for the first time that will be shown again, or when one is left out."""
FORMS: dict[str, Callable[[datetime, str], str]] = {
    "%Y-%m-%d %H:%M:%S": lambda utc, zone: f"{shown(utc, ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}",
    "%d.%m.%y %H:%M": lambda utc, zone: f"{shown(utc, ZoneInfo(zone)):%d.%m.%y %H:%M}",
    "excel_serial": lambda utc, zone: (
        f"{(shown(utc, ZoneInfo(zone)) - datetime(1899, 12, 30)) / timedelta(days=1):.6f}"  # noqa: DTZ001
    ),
    "epoch_s": lambda utc, zone: str(int(utc.timestamp())),
    "epoch_ms": lambda utc, zone: str(int(utc.timestamp()) * 1000),
    "%Y-%m-%dT%H:%M:%S%z": lambda utc, zone: f"{utc.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M:%S%z}",
}
NAMES = ("id", "caller", "begun", "end", "talk", "result", "kind")
MOMENTS = st.lists(st.tuples(st.integers(0, 2), st.integers(-5000, 9000)), min_size=2, max_size=14)
ORDERS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "oldest first": sorted,
    "newest first": lambda times: sorted(times, reverse=True),
    "as it comes": list,
}
DIRT = st.sampled_from([{}, {}, {}, {"begun": None}, {"begun": "soon"}, {"end": None}, {"result": "HM"}])
DIRT |= st.sampled_from([{"talk": "x"}, {"kind": "OUT"}, {"id": "6.02E+11"}, {"caller": None}, {"id": " "}])


@pytest.fixture(name="south", scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str, str], Contract]:
    """The contract of a file by its format, zone and way of writing times, made once each."""
    made: dict[tuple[str, str, str], Contract] = {}

    def make(form: str, zone: str, pattern: str) -> Contract:
        if (form, zone, pattern) not in made:
            begun, end = (
                column(name, "timestamp", fmt=pattern, role=role)
                for name, role in (("begun", "offered_utc"), ("end", "ended_utc"))
            )
            talk = column("talk", "integer", role="talk_s", unit="s")
            result = column("result", role="outcome", map={"OK": "answered"})
            plain = column("id", role="call_id"), column("caller", role="caller"), column("kind")
            more = {"zone": zone, "format": form, "where": "kind IS NULL"}
            item = schema("calls", "calls", "x", *plain, begun, end, talk, result, **more)
            made[form, zone, pattern] = contract(tmp_path_factory.mktemp("south"), item)
        return made[form, zone, pattern]

    return make


def rows_of(
    zone: str, pattern: str, order: str, moments: list[tuple[int, int]], dirt: list[dict[str, Any]]
) -> list[Row]:
    nights = NIGHTS[zone]
    starts = [datetime.fromisoformat(nights[night % len(nights)]).replace(tzinfo=UTC) for night, _ in moments]
    utc = [start + timedelta(seconds=second) for start, (_, second) in zip(starts, moments, strict=True)]
    write = FORMS[pattern]
    return [
        {
            "id": str(place),
            "caller": "+4930123456",
            "begun": write(begun, zone),
            "end": write(begun + timedelta(seconds=90), zone),
            "talk": str(place),
            "result": "OK",
            "kind": None,
            **(dirt[place] if place < len(dirt) else {}),
        }
        for place, begun in enumerate(ORDERS[order](utc))
    ]


@pytest.mark.parametrize("form", FORMATS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(
    zone=st.sampled_from(list(NIGHTS)),
    pattern=st.sampled_from(list(FORMS)),
    order=st.sampled_from(list(ORDERS)),
    moments=MOMENTS,
    dirt=st.lists(DIRT, max_size=14),
    records=st.integers(1, 4),
)
def test_batches_change_nothing(
    tmp_path: Path, south: Any, form: str, zone: str, pattern: str, order: str, moments: Any, dirt: Any, records: int
) -> None:
    rows = rows_of(zone, pattern, order, moments, dirt)
    sent = south(form, zone, pattern)
    path = written(tmp_path, form, NAMES, rows)
    whole = told(work(tmp_path, sent, path, None, "2026-10"))
    with batches_of(records):
        parts = told(work(tmp_path, sent, path, records, "2026-10"))
    assert parts[:3] == whole[:3]
    assert form == "delimited" or parts[3] > whole[3] == 1 or len(rows) <= records


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    zone=st.sampled_from(list(NIGHTS)),
    order=st.sampled_from(list(ORDERS)),
    moments=MOMENTS,
    dirt=st.lists(DIRT, max_size=8),
)
def test_times_are_what_reading_them_one_by_one_gives(
    tmp_path: Path, south: Any, zone: str, order: str, moments: Any, dirt: Any
) -> None:
    pattern = "%Y-%m-%d %H:%M:%S"
    rows = rows_of(zone, pattern, order, moments, dirt)
    work_ = work(tmp_path, south("delimited", zone, pattern), written(tmp_path, "delimited", NAMES, rows), 2)
    frames = list(work_.frames())
    kept = [row for frame in frames for row in frame["row"].to_list()]
    clocks = [datetime.strptime(str(rows[row - 1]["begun"]), pattern) for row in kept]  # noqa: DTZ007
    utc, counts = slow_utc(clocks, zone)
    assert [time for frame in frames for time in frame["offered_utc"].to_list()] == utc
    change = work_.counts["clock_change"]
    assert (change["resolved"], change["unresolved"]) == (counts["resolved"], counts["unresolved"])


def test_the_nights_of_two_years_are_told_apart_each_by_itself(tmp_path: Path, south: Any) -> None:
    """Of the first autumn night the file has one hour only; that of the next year runs back once."""
    clocks = ["2025-10-26 02:10", "2025-10-26 02:50", "2026-10-25 02:30", "2026-10-25 02:00", "2026-10-25 02:40"]
    rows = [
        {"id": "a", "caller": None, "begun": f"{clock}:00", "end": None, "talk": None, "result": None, "kind": None}
        for clock in clocks
    ]
    path = written(tmp_path, "delimited", NAMES, rows)
    one = work(tmp_path, south("delimited", "Europe/Berlin", "%Y-%m-%d %H:%M:%S"), path, 1)
    utc = [time for frame in one.frames() for time in frame["offered_utc"].to_list()]
    assert [f"{time:%H:%M}" for time in utc] == ["00:10", "00:50", "00:30", "01:00", "01:40"]
    assert one.counts["clock_change"] == {"resolved": 3, "unresolved": 2, "shifted": 0}


@pytest.mark.parametrize("form", ["delimited", "xlsx"])
def test_a_closing_line_is_the_same_whatever_batch_it_stands_in(tmp_path: Path, form: str) -> None:
    talk = column("talk", "integer", role="talk_s", unit="s")
    south = contract(tmp_path, calls(talk, format=form, trailer="合计"))
    start = "2026-10-01 08:00:00"
    lines = [(str(place), None, start, talk) for place, talk in enumerate(["5", "x", "1,7", "合计", "8"])]
    lines += [("合计", "4", None, "13")]
    names = ("id", "caller", "start", "talk")
    rows: list[Row] = [dict(zip(names, line, strict=True)) for line in lines if line[3] != "1,7"]
    path = written(tmp_path, form, names, rows)
    found = []
    for records in (None, 1, 2, 3):
        with batches_of(records or 1000):
            found.append(told(work(tmp_path, south, path, records))[:3])
    assert all(one == found[0] for one in found)
    closing = found[0][2]["closing"]
    assert [(line["says"], line["agrees"]) for line in closing] == [("4", True), ("13", True)]


def of_queues(folder: Path, **custom: Any) -> Contract:
    at = column("at", "timestamp", fmt="%Y-%m-%d %H:%M", role="period_start")
    offered, queue = column("n", "integer", figure="offered", unit="calls"), column("q", role="queue")
    more = [column("m", "integer", figure="answered", unit="calls")]
    return contract(folder, schema("r", "claims", "x", at, queue, offered, *more, zone="Europe/Berlin", **custom))


@pytest.mark.parametrize("records", [None, 1, 2, 3])
@pytest.mark.parametrize(
    ("period", "clocks"),
    [("interval:1800", ["01:30", "02:00", "02:30", "02:00", "02:30"]), ("hour", ["01:00", "02:00", "02:00", "03:00"])],
)
def test_each_queue_of_a_report_goes_through_the_night_by_itself(
    tmp_path: Path, records: int | None, period: str, clocks: list[str]
) -> None:
    rows: list[Row] = [
        {"at": f"2026-10-25 {clock}", "q": queue, "n": "5", "m": "4"}
        for queue in ("cards", "loans")
        for clock in clocks
    ]
    path = written(tmp_path, "json_lines", ("at", "q", "n", "m"), rows)
    with batches_of(records or 1000):
        one = work(tmp_path, of_queues(tmp_path, period=period, format="json_lines"), path, records)
        claims = [row for frame in one.frames() for row in frame.select("field", "period_start_utc").rows()]
    length = timedelta(seconds=1800 if period != "hour" else 3600)
    first = datetime(2026, 10, 25, tzinfo=UTC) - length
    starts = [first + place * length for place in range(len(clocks))] * 2
    assert claims == [(field, start) for start in starts for field in ("answered", "offered")]
    assert one.counts["clock_change"]["unresolved"] == 0


@pytest.mark.parametrize("records", [None, 1, 2])
@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        (["2026-10-01T08:00", "2026-10-01T08:00+08:00", "soon"], ["06:00"]),
        (["2026-10-01T08:00Z", "2026-10-01T08:00", "2026-10-01T08:00+08:00"], ["08:00", "00:00"]),
        (["", "soon", "2026-10-01T08:00-01:00", "2026-10-01 08:00"], [None, "09:00"]),
    ],
    ids=["first without", "first with", "first nothing"],
)
def test_the_first_time_of_a_file_says_whether_its_times_have_offsets(
    tmp_path: Path, records: int | None, ends: list[str], kept: list[str | None]
) -> None:
    """Whatever batch it stands in; the others are rejected, and no clock is guessed at."""
    item = calls(column("end", "timestamp", role="ended_utc"), format="json_lines")
    south = contract(tmp_path, item)
    rows: list[Row] = [
        {"id": str(place), "caller": None, "start": "2026-10-01 08:00:00", "end": end} for place, end in enumerate(ends)
    ]
    path = written(tmp_path, "json_lines", ("id", "caller", "start", "end"), rows)
    with batches_of(records or 1000):
        one = work(tmp_path, south, path, records)
        found = [time for frame in one.frames() for time in frame["ended_utc"].to_list()]
    assert [time and f"{time:%H:%M}" for time in found] == kept
    assert one.counts["rejected"] == len(ends) - len(kept)


def busy_night(folder: Path) -> Path:
    rows: list[Row] = [
        {"id": str(second), "caller": f"+4930{second:06d}", "start": f"2026-10-25 02:{second // 60 % 60:02d}:00"}
        for second in range(7200)
    ]
    return written(folder, "delimited", ("id", "caller", "start"), rows)


SCRIPT = """
import hashlib, sys
from pathlib import Path
from tests.standardise.test_batches import kept
print(kept(Path(sys.argv[1]), int(sys.argv[2]) or None))
"""


def kept(folder: Path, records: int | None) -> str:
    """The digest of a file's partition in a lake."""
    folder.mkdir(exist_ok=True)
    one = work(folder, contract(folder, calls()), busy_night(folder), records)
    lake = Lake(folder / "lake")
    path = lake.write_batches(by_file(VENDOR_CALLS), one.frames(), "0" * 64, source="south", object="calls", file="f0")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_lake_holds_the_same_bytes_whatever_the_batches_and_the_processors(tmp_path: Path) -> None:
    whole = kept(tmp_path / "whole", None)
    assert kept(tmp_path / "parts", 200) == whole
    alone = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "alone"), "700"],
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert alone.stdout.strip() == whole


def test_a_fault_in_mid_file_comes_out_as_it_is_and_leaves_what_was_there(tmp_path: Path) -> None:
    """The second batch cannot be unpacked: the partition of the file's last good state stays."""
    lake, south = Lake(tmp_path / "lake"), contract(tmp_path, calls())
    path = busy_night(tmp_path)
    where = {"source": "south", "object": "calls", "file": "f0"}
    table = by_file(VENDOR_CALLS)
    before = lake.write_batches(table, work(tmp_path, south, path, 300).frames(), "0" * 64, **where).read_bytes()
    whole = gzip.compress(path.read_bytes(), 0)
    path.write_bytes(whole[: len(whole) // 2])
    one = work(tmp_path, south, path, 300)
    with pytest.raises(TieoutError) as caught:
        lake.write_batches(table, one.frames(), "1" * 64, **where)
    (said,) = caught.value.faults
    assert 0 < one.counts["rows_read"] < 7200
    assert said.where.startswith("drop/sent.csv")
    assert lake.path(table, **where).read_bytes() == before
    assert [file.name for file in lake.path(table, **where).parent.iterdir()] == [lake.path(table, **where).name]
