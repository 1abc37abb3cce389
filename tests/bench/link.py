"""`make bench`, the third part: how long a month of both sides takes to link, beside a floor and other tools.

Each side runs in a process of its own, in turn and more than once; the best run counts, and of the memory the highest.
All read the same lake (`link_world.py`) and write their result; `link_rivals.py` holds what is not ours,
`link_judge.py` says how right the pairs are, `link_told.py` lays the figures out. A side whose package is absent, or
whose memory the machine has not, is left out with the reason.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.bench.link_told import OTHERS, Machine, Measured, as_markdown, as_text

WORLD = "tests.bench.link_world"
TOLERANCE_S = 30
OFFSET_S = 168
"""The middle of the month's clock offset, for tools that do not find it themselves."""


@dataclass(frozen=True)
class Side:
    """One side: the package that it needs, and about how much memory a call takes; 0 where it goes to disk."""

    name: str
    package: str
    bytes_per_call: int = 0
    pairs: bool = False


SIDES = (
    Side("floor-duckdb", "duckdb"),
    Side("floor-polars", "polars", 480),
    Side("coverage", "polars"),
    Side("link", "duckdb", pairs=True),
    Side("pandas", "pandas", 760, pairs=True),
    Side("pandas-bare", "pandas", 330, pairs=True),
    Side("splink", "splink", 1250, pairs=True),
    Side("datacompy", "datacompy", 480, pairs=True),
)
_OURS = ("coverage", "link")
_ONCE = 50_000_000
"""Calls a side from which one run takes long enough."""
_OTHERS = ("splink", "datacompy")
"""Measured once, in the environment that has them; they are told for orientation, and may fail."""


def ours(side: str, folder: Path) -> None:
    """Our step on a world's workspace: the coverage of the client's log, once for all vendors, or a vendor's month."""
    from pipelines.calendar import Month
    from pipelines.contract.workspace import load_workspace
    from pipelines.lake import Lake
    from pipelines.link.coverage.step import write_coverage
    from pipelines.link.steps import link_month
    from tests.bench.link_world import MONTH, VENDOR

    space = load_workspace(folder)
    lake, month = Lake(space.lake), Month(MONTH)
    if side == "coverage":
        write_coverage(space, lake, month)
    else:
        link_month(space, lake, VENDOR, month)


def _forget(side: str, folder: Path) -> None:
    """What an earlier run of that side of ours has left: it would be fresh."""
    made = {"coverage": ("coverage", "log_spans"), "link": ("links", "clock_offsets")}.get(side, ())
    for path in [*(folder / "lake" / name for name in made), folder / "spill"]:
        shutil.rmtree(path, ignore_errors=True)


def _pairs(side: str, folder: Path, out: Path) -> Path:
    """The file or folder that holds a side's pairs."""
    return folder / "lake" / "links" if side == "link" else out


def _command(side: Side, folder: Path, out: Path, python: str) -> list[str]:
    if side.name in _OURS:
        return [sys.executable, "-m", "tests.bench.link", "--side", side.name, "--world", str(folder)]
    told = ["--tolerance-s", str(TOLERANCE_S), "--offset-s", str(OFFSET_S)]
    return [python, "-m", "tests.bench.link_rivals", side.name, "--folder", str(folder), "--out", str(out), *told]


def _run(command: list[str]) -> tuple[float, float, float, str]:
    """Seconds, CPU seconds, peak MB and, where it failed, the words of one process; nothing waits to be written."""
    os.sync()
    started = time.perf_counter()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=words)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        words.seek(0)
        told = words.read().decode(errors="replace").strip()
    failed = told or f"code {process.returncode}"
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, failed if process.returncode else ""


def _missing(side: Side, calls: int, memory_mb: float, python: str) -> str:
    needed = side.bytes_per_call * calls / 1e6
    if needed > 0.8 * memory_mb:
        return f"would take about {needed / 1000:.0f} GB of memory"
    if subprocess.run([python, "-c", f"import {side.package}"], capture_output=True, check=False).returncode:
        return f"{side.package} is not installed"
    return ""


def measured(folder: Path, calls: int, sides: list[Side], runs: int, other: str) -> list[Measured]:
    """All sides at one size, in turn."""
    memory = Machine.here().memory_mb
    found = {side.name: Measured(side.name) for side in sides}
    python = {side.name: other if side.name in _OTHERS else sys.executable for side in sides}
    for side in sides:
        found[side.name].missing = _missing(side, calls, memory, python[side.name])
    for turn in range(runs):
        for side in sides:
            tally, out = found[side.name], folder / f"{side.name}.parquet"
            if tally.missing or (turn and side.name in _OTHERS):
                continue
            _forget(side.name, folder)
            seconds, cpu, peak, failed = _run(_command(side, folder, out, python[side.name]))
            if failed and side.name in _OURS:
                raise SystemExit(f"{side.name} failed:\n{failed}")
            if failed:
                tally.missing = f"failed after {seconds:.0f} s at {peak / 1024:.0f} GB"
                continue
            tally.seconds.append(round(seconds, 1))
            tally.cpu_s.append(round(cpu, 1))
            tally.peak_mb.append(round(peak))
            sys.stderr.write(f"{calls:>11} {side.name:14} {seconds:7.1f} s {cpu:7.1f} s CPU {peak:8.0f} MB\n")
            if side.pairs and not turn:
                tally.verdict = _verdict(folder, _pairs(side.name, folder, out))
            out.unlink(missing_ok=True)
    return list(found.values())


def _verdict(folder: Path, pairs: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.bench.link_judge", "--folder", str(folder), "--pairs", str(pairs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _world(folder: Path, calls: int) -> Path:
    """The world of that size, made where it is not there; in another process, whose memory is not counted as ours."""
    world = folder / f"link-{calls}"
    if not (world / "whole").exists():
        shutil.rmtree(world, ignore_errors=True)
        subprocess.run([sys.executable, "-m", WORLD, "--calls", str(calls), "--folder", str(world)], check=True)
        (world / "whole").touch()
    return world


def main() -> None:
    """Measures, and prints a table and JSON; with --markdown the table goes to a page too."""
    names = [side.name for side in SIDES]
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--calls", type=int, nargs="+", default=[10_000_000], help="calls a side; several sizes in turn"
    )
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--sides", nargs="+", choices=names, default=names)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has Splink and datacompy")
    parser.add_argument("--markdown", type=Path, help="the page to write")
    parser.add_argument("--side", choices=_OURS, help=argparse.SUPPRESS)
    parser.add_argument("--world", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        ours(given.side, given.world)
        return
    wanted = {*given.sides, *(_OURS if "link" in given.sides else ())}  # links need the log's coverage
    sides = [side for side in SIDES if side.name in wanted]
    sizes = {}
    for calls in given.calls:
        runs = given.runs if calls < _ONCE else 1
        sizes[calls] = measured(_world(given.folder, calls), calls, sides, runs, given.python)
    sys.stdout.write(as_text(sizes))
    sys.stdout.write(json.dumps({calls: [asdict(item) for item in items] for calls, items in sizes.items()}) + "\n")
    if given.markdown:
        earlier = given.markdown.read_text(encoding="utf-8") if given.markdown.exists() else ""
        _, heading, others = earlier.partition(f"\n{OTHERS}")
        text = as_markdown(sizes, Machine.here(), given.python) + heading + others
        given.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
