"""`make bench`, the last part: how long it takes to say what happened to the callers of a linked month.

Sides, on the world of `link_world.py`: the floors of `link.py` (read both sides, sort them, write them), the contacts
of all sides, every figure of all families, and the comparisons. Each runs in a process of its own, in turn and more
than once; the best run counts, and of the memory the highest. Links and the log's coverage are made where absent.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.link import SIDES as LINK_SIDES
from tests.bench.link import Side, _command, _missing, _run, _world
from tests.bench.link_told import FLOORS, OTHERS, Bound, Machine, Measured, floor

OURS: Mapping[str, tuple[str, ...]] = {
    "contacts": ("contacts",),
    "figures": ("figures", "figures_history"),
    "comparisons": ("comparisons",),
}
"""Our sides in their order, and the tables whose absence makes each run anew."""
WHAT = {
    "floor-duckdb": "floor: read both sides, sort them together by caller and time, write them (DuckDB)",
    "floor-polars": "the same floor by Polars, streaming",
    "contacts": "contacts of all vendors and in-house, once a month",
    "figures": "**every figure** of one vendor's month, all families, with their tables",
    "comparisons": "the vendor beside in-house, other vendors and its last month",
}
TIMES_THE_FLOOR, MEMORY_GB = 4, 4
ASKED_FROM = 1_000_000
"""Calls a side below which starting the processes is what takes the time, and no ratio is asked for."""


def ours(side: str, folder: Path) -> None:
    """One of our steps on a world's workspace, at the vendor's month."""
    from pipelines.calendar import Month
    from pipelines.contract.workspace import load_workspace
    from pipelines.lake import Lake
    from tests.bench.link_world import MONTH, VENDOR

    space = load_workspace(folder)
    lake, month = Lake(space.lake), Month(MONTH)
    if side == "contacts":
        from pipelines.measure.contacts.step import write_contacts

        write_contacts(space, lake, month)
    elif side == "figures":
        from pipelines.measure.steps import write_figures

        write_figures(space, lake, VENDOR, month)
    else:
        from pipelines.measure.compare.step import write_comparisons

        write_comparisons(space, lake, VENDOR, month)


def _linked(world: Path) -> None:
    """Makes the log's coverage and the links where the world lacks them; their time is the link benchmark's."""
    for side, table in (("coverage", "log_spans"), ("link", "links")):
        if not (world / "lake" / table).exists():
            told = ["--side", side, "--world", str(world)]
            subprocess.run([sys.executable, "-m", "tests.bench.link", *told], check=True)


def _process(side: Side, world: Path, out: Path) -> list[str]:
    if side.name in OURS:
        return [sys.executable, "-m", "tests.bench.measure", "--side", side.name, "--world", str(world)]
    return _command(side, world, out, sys.executable)


def measured(world: Path, calls: int, runs: int) -> list[Measured]:
    """All sides at one size, in turn; SystemExit with its words where one of ours fails."""
    sides = [*(side for side in LINK_SIDES if side.name in FLOORS), *(Side(name, "duckdb") for name in OURS)]
    found = {side.name: Measured(side.name) for side in sides}
    for side in sides:
        found[side.name].missing = _missing(side, calls, Machine.here().memory_mb, sys.executable)
    for _ in range(runs):
        for side in sides:
            tally, out = found[side.name], world / f"{side.name}.parquet"
            if tally.missing:
                continue
            for table in OURS.get(side.name, ()):
                shutil.rmtree(world / "lake" / table, ignore_errors=True)
            seconds, cpu, peak, failed = _run(_process(side, world, out))
            if failed:
                raise SystemExit(f"{side.name} failed:\n{failed}")
            tally.seconds.append(round(seconds, 1))
            tally.cpu_s.append(round(cpu, 1))
            tally.peak_mb.append(round(peak))
            sys.stderr.write(f"{calls:>11} {side.name:14} {seconds:7.1f} s {cpu:7.1f} s CPU {peak:8.0f} MB\n")
            out.unlink(missing_ok=True)
    return list(found.values())


def bounds(calls: int, items: list[Measured]) -> list[Bound]:
    """What is asked of the measure step; of its time nothing in a small world, or where a floor is missing."""
    own = [item for item in items if item.side in OURS]
    least, seconds = floor(items), sum(item.best for item in own)
    peak = max((item.peak_gb for item in own), default=0.0)
    memory = Bound(f"under {MEMORY_GB} GB of memory", f"{peak:.1f} GB", peak < MEMORY_GB)
    if not least or calls < ASKED_FROM:
        return [memory]
    asked = f"all together at most {TIMES_THE_FLOOR} times the floor"
    times = f"{seconds:.1f} s, {seconds / least:.2f} times"
    return [Bound(asked, times, seconds <= TIMES_THE_FLOOR * least), memory]


def as_text(calls: int, items: list[Measured]) -> str:
    """A table for the terminal."""
    lines = [f"{calls:,} calls a side"]
    lines += [f"  {item.side:14} {item.missing or '  '.join(_cells(item, items))}" for item in items]
    lines += [f"{'holds' if item.holds else 'MISSED':7} {item.asked}: {item.measured}" for item in bounds(calls, items)]
    return "\n".join(lines) + "\n"


def _cells(item: Measured, items: list[Measured]) -> list[str]:
    """Seconds, times the floor, CPU seconds, memory."""
    least = floor(items)
    times = f"{item.best / least:.2f}" if least else ""
    return [f"{item.best:.1f}", times, f"{item.cpu:.1f}", f"{item.peak_gb:.1f}"]


def as_markdown(calls: int, items: list[Measured]) -> str:
    """The page's section: written whole, never by hand."""
    machine = Machine.here()
    cells = {
        item.side: [f"left out: {item.missing}", "", "", ""] if item.missing else _cells(item, items) for item in items
    }
    rows = [f"| {WHAT[side]} | {' | '.join(told)} |" for side, told in cells.items()]
    asked = [
        f"| {item.asked} | {item.measured} | {'yes' if item.holds else '**no**'} |" for item in bounds(calls, items)
    ]
    lines = [
        OTHERS,
        "",
        f"Generated by `python -m tests.bench.measure --calls {calls} --markdown docs/benchmark.md` on the same world,",
        f"linked; {machine.cores} cores, measured on {datetime.now(UTC):%Y-%m-%d}. {calls:,} calls a side.",
        "",
        "| side | seconds | × floor | CPU seconds | memory, GB |",
        "| --- | --: | --: | --: | --: |",
        *rows,
        "",
        "| bound | measured | holds |",
        "| --- | --- | --- |",
        *asked,
    ]
    return "\n".join(lines) + "\n"


def with_section(page: str, section: str) -> str:
    """The page with this section in place of its earlier one, or at its end."""
    before, _, rest = page.partition(OTHERS)
    after = rest.find("\n## ")
    left = rest[after + 1 :] if after >= 0 else ""
    return f"{before.rstrip()}\n\n{section}" + (f"\n{left}" if left else "")


def main() -> None:
    """Measures, and prints a table and JSON; with --markdown the section goes to a page too."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100_000, help="calls a side; 10000000 for the real measure")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--markdown", type=Path, help="the page that gets the section")
    parser.add_argument("--side", choices=list(OURS), help=argparse.SUPPRESS)
    parser.add_argument("--world", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    os.environ.setdefault("TIEOUT_KEY", "a key for made-up numbers only")
    if given.side:
        ours(given.side, given.world)
        return
    world = _world(given.folder, given.calls)
    _linked(world)
    items = measured(world, given.calls, given.runs)
    sys.stdout.write(as_text(given.calls, items))
    sys.stdout.write(json.dumps([asdict(item) for item in items]) + "\n")
    if given.markdown:
        page = given.markdown.read_text(encoding="utf-8") if given.markdown.exists() else ""
        given.markdown.write_text(with_section(page, as_markdown(given.calls, items)), encoding="utf-8")


if __name__ == "__main__":
    main()
