"""The detectors against worlds whose truth is known: a week, a month, and a month with holes in the client's log."""

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from data.simulate import SMALL, TINY, Size, World, write_world
from data.simulate.world import ZONE
from pipelines.tables import FINDINGS, VENDOR_CALLS
from tests.backtest.road import accuse

KEY = "a secret of some length"
MONTH = "2026-10"
Record = tuple[str, str, int]
"""Vendor, file and row."""


@dataclass(frozen=True)
class Judged:
    """What was padded (record → kind), every record of the month, and what the detectors said."""

    padded: dict[Record, str]
    records: set[Record]
    found: dict[Record, dict[str, str]]
    calls: pl.DataFrame


Gap = tuple[datetime, datetime]


def judge(directory: Path, size: Size, gap: Gap | None = None, more: Sequence[Gap] = ()) -> Judged:
    """Writes a world, runs it as far as the detectors, and puts truth and findings side by side."""
    world = write_world(directory / "world", seed=7, size=size, log_gap=gap)
    for each in more:
        cut(world.directory / "drop" / "inhouse" / MONTH / "inhouse.csv", each)
    _, lake, _ = accuse(world.directory, MONTH, has_rules=False)
    files = {name: file_id(world, name) for name in {row["file"] for row in truth(world, "pairs")}}

    def place(row: dict[str, str]) -> Record:
        return row["vendor"], files[row["file"]], int(row["row"])

    mine = [row for row in truth(world, "pairs") if f"/{MONTH}/" in row["file"]]
    padded = {place(row): row["kind"] for row in truth(world, "padded")}
    findings = lake.read(FINDINGS, month=MONTH).to_dicts()
    found = {(row["vendor_id"], row["file_id"], row["row"]): row for row in findings}
    return Judged(padded, {place(row) for row in mine}, found, lake.read(VENDOR_CALLS))


def truth(world: World, name: str) -> list[dict[str, str]]:
    with (world.directory / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def file_id(world: World, name: str) -> str:
    return hashlib.sha256((world.directory / name).read_bytes()).hexdigest()[:16]


def wrongly_proven(judged: Judged) -> list[dict[str, str]]:
    """Findings that prove what is true."""
    return [row for place, row in judged.found.items() if row["certainty"] == "proven" and place not in judged.padded]


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", KEY)


@pytest.mark.parametrize("size", [TINY, SMALL], ids=["a week", "a month"])
def test_padding_is_proven_and_no_honest_record_is(size: Size, tmp_path: Path) -> None:
    judged = judge(tmp_path, size)
    assert wrongly_proven(judged) == []
    assert {place[0] for place in judged.found} == {"padding"}
    for kind in ("ghost", "duplicate"):
        there = [place for place, each in judged.padded.items() if each == kind and place in judged.records]
        said = [judged.found.get(place, {}) for place in there]
        proven = sum(row.get("certainty") == "proven" and row["detector"] == kind for row in said)
        others = [row.get("innocent_reading", "not found") for row in said if row.get("certainty") != "proven"]
        figures = f"{kind}: {proven} of {len(there)} proven; others: {others}"
        assert len(there) >= (80 if kind == "ghost" else 40) or size is TINY
        assert proven >= 0.95 * len(there), figures


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of October 2026 where the client is."""
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


GAPS = {
    "from within an hour": (local(20, 14, 20), local(20, 16, 40)),
    "three hours": (local(14, 10), local(14, 13)),
    "within an hour": (local(12, 11, 5), local(12, 11, 50)),
    "two days": (local(25, 0), local(27, 0)),
}


def cut(file: Path, gap: Gap) -> None:
    """Takes the rows that arrived in a gap out of a log."""
    head, *lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    place = head.split(",").index("arrived")
    kept = [
        line
        for line in lines
        if not gap[0] <= datetime.fromisoformat(line.split(",")[place]).replace(tzinfo=ZONE) < gap[1]
    ]
    assert len(kept) < len(lines)
    file.write_text("".join([head, *kept]), encoding="utf-8")


def test_holes_in_our_own_log_accuse_nobody(tmp_path: Path) -> None:
    """A record that repeats another one's id and times may still be asked about; nothing more."""
    first, *others = GAPS.values()
    judged = judge(tmp_path, SMALL, first, others)
    assert wrongly_proven(judged) == []
    for name, (start, end) in GAPS.items():
        margin = timedelta(minutes=5)
        bounds = (start - margin).astimezone(UTC), (end + margin).astimezone(UTC)
        inside = judged.calls.filter(pl.col("offered_utc").is_between(*bounds))
        assert inside.height >= 4, name
        near = {(row["vendor_id"], row["file_id"], row["row"]) for row in inside.to_dicts()}
        named = {place: row for place, row in judged.found.items() if place in near}
        assert [row for row in named.values() if row["detector"] == "ghost" or row["certainty"] == "proven"] == [], name
        assert [place for place in named if place not in judged.padded] == [], name
