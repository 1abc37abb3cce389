"""`make bench`: how long a large delimited file takes to become canonical rows, beside a bare copy of the same columns.

Both run in processes of their own, one after the other and more than once, because machines are noisy: only their ratio
says something. The file holds made-up calls; most of its callers' numbers are distinct, which is the costly case.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.formats import READERS, Source
from pipelines.lake import Lake
from pipelines.standardise.by_file import by_file
from pipelines.standardise.feeds import Origin, Standardising
from pipelines.tables import VENDOR_CALLS

PORTION = 500_000
TIME = "%Y-%m-%d %H:%M:%S"
OUTCOMES = {"ANSWERED": "answered", "ABANDONED": "abandoned", "OVERFLOW": "overflowed"}


def _column(raw: str, role: str, kind: str = "string", **more: object) -> Column:
    return Column(raw, kind, role=role, **more)  # type: ignore[arg-type]


ITEM = FeedObject(
    name="calls",
    feed="calls",
    format="delimited",
    pattern="calls.csv",
    time_zone="Asia/Shanghai",
    direction="inbound",
    where=None,
    period=None,
    header_rows=1,
    skip_rows=0,
    columns=(
        _column("call_id", "call_id"),
        _column("caller", "caller"),
        _column("called", "called"),
        _column("queue", "queue"),
        _column("agent", "agent_id"),
        _column("offered", "offered_utc", "timestamp", format=TIME),
        _column("answered", "answered_utc", "timestamp", format=TIME),
        _column("ended", "ended_utc", "timestamp", format=TIME),
        _column("ring", "ring_s", "integer", unit="s"),
        _column("wait", "queue_s", "integer", unit="s"),
        _column("talk", "talk_s", "integer", unit="s"),
        _column("result", "outcome", map=OUTCOMES),
    ),
    rules=(),
)


def make(path: Path, rows: int) -> None:
    """Writes the file: a month of calls in order of time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        for start in range(0, rows, PORTION):
            _portion(start, min(PORTION, rows - start), rows).write_csv(
                target, include_header=start == 0, datetime_format=TIME
            )


def _portion(start: int, count: int, rows: int) -> pl.DataFrame:
    dice = np.random.default_rng(start)
    place = np.arange(start, start + count)
    national = 13_000_000_000 + dice.integers(0, 10**9, count)
    talk, wait = dice.integers(5, 900, count), dice.integers(0, 120, count)
    frame = pl.DataFrame({"place": place, "caller": national, "wait": wait, "talk": talk, "die": dice.random(count)})
    month_s = 30 * 86_400
    offered = pl.datetime(2026, 10, 1) + pl.duration(seconds=pl.col("place") * month_s // rows)
    answered = offered + pl.duration(seconds="wait")
    return frame.select(
        call_id=pl.format("C{}", pl.col("place")),
        caller=pl.when(pl.col("die") < 0.5).then(pl.format("+86{}", "caller")).otherwise(pl.format("{}", "caller")),
        called=pl.lit("95500"),
        queue=pl.format("queue {}", pl.col("place") % 7),
        agent=pl.format("agent{}", pl.col("place") % 911),
        offered=offered,
        answered=answered,
        ended=answered + pl.duration(seconds="talk"),
        ring=pl.lit(3),
        wait="wait",
        talk="talk",
        result=pl.when(pl.col("die") < 0.9).then(pl.lit("ANSWERED")).otherwise(pl.lit("ABANDONED")),
    )


def copy(path: Path, folder: Path) -> int:
    """The bare copy: text in, Parquet out."""
    pl.scan_csv(path, infer_schema=False).sink_parquet(folder / "copy.parquet")
    return int(pl.scan_parquet(folder / "copy.parquet").select(pl.len()).collect().item())


def standardise(path: Path, folder: Path) -> int:
    """The same file through the reader and to canonical rows, keyed, in the lake."""
    server = Server("drop", "local", "drop")
    raw = READERS["delimited"](Source(path, path.name, ITEM, server, folder))
    origin = Origin("vendor", "0" * 16, "2026-10", "CN", b"a key for measuring only", "Asia/Shanghai")
    work = Standardising(raw, ITEM, origin, path.name, folder)
    table = by_file(VENDOR_CALLS)
    where = {"source": "vendor", "object": "calls", "file": "0" * 16}
    Lake(folder / "lake").write_batches(table, work.frames(), "bench", **where)
    if work.counts["accepted"] != work.counts["rows_read"]:
        raise SystemExit(f"rows were lost: {work.counts}")
    return int(work.counts["accepted"])


@dataclass(frozen=True)
class Run:
    """One run of one side."""

    side: str
    seconds: float
    peak_mb: float


def measured(side: str, path: Path, folder: Path) -> Run:
    """Runs one side in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.read_and_standardise", "--side", side, "--file", str(path)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--folder", str(folder)])
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{side} failed")
    return Run(side, time.perf_counter() - started, usage.ru_maxrss / 1024)


def main() -> None:
    """Makes the file, runs both sides in turn, prints times, peak memory and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--side", choices=("copy", "standardise"))
    parser.add_argument("--file", type=Path)
    given = parser.parse_args()
    if given.side:
        {"copy": copy, "standardise": standardise}[given.side](given.file, given.folder)
        return
    path = given.folder / f"calls-{given.rows}.csv"
    if not path.exists():
        make(path, given.rows)
    runs = [measured(side, path, given.folder) for _ in range(given.runs) for side in ("copy", "standardise")]
    best = {side: min(run.seconds for run in runs if run.side == side) for side in ("copy", "standardise")}
    peak = {side: max(run.peak_mb for run in runs if run.side == side) for side in ("copy", "standardise")}
    for run in runs:
        sys.stdout.write(f"{run.side:12} {run.seconds:7.1f} s {run.peak_mb:8.0f} MB\n")
    told = {
        "rows": given.rows,
        "file_mb": round(path.stat().st_size / 1e6),
        "seconds": {side: round(value, 1) for side, value in best.items()},
        "peak_mb": {side: round(value) for side, value in peak.items()},
        "ratio": round(best["standardise"] / best["copy"], 2),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
