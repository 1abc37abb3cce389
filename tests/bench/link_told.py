"""The figures of the link benchmark as text and as a page: times, memory, ratios, what was asked for, the machine."""

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

OTHERS = "## What happened to callers, measured"
"""Where the page's next section begins, which `measure.py` writes."""
FLOORS = ("floor-duckdb", "floor-polars")
OURS = "link"
WHAT = {
    "floor-duckdb": "floor: read both sides, sort them together by caller and time, write them (DuckDB)",
    "floor-polars": "the same floor by Polars, streaming",
    "coverage": "tieout's coverage of the client's log, once a month for all vendors, with its row numbers",
    "link": "**tieout's link step** of one vendor: clock, pairs one to one, classes, confidences, reasons",
    "pandas": "pandas `merge_asof` by caller, nearest, the floor's columns; offset given",
    "pandas-bare": "pandas `merge_asof`, call ids, file, row, key and time only",
    "splink": "Splink on DuckDB: callers block, the time decides, single best links; offset given",
    "datacompy": "datacompy on Polars: a caller's n-th record of a day with the n-th leg; offset given",
}
Sizes = dict[int, list["Measured"]]


@dataclass
class Measured:
    """One side at one size: seconds, CPU seconds and MB of each run; `missing` says why it was left out."""

    side: str
    seconds: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    missing: str = ""
    verdict: dict[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> float:
        """Seconds of the quickest run; 0 where there was none."""
        return min(self.seconds, default=0.0)

    @property
    def cpu(self) -> float:
        """CPU seconds of the thriftiest run: steadier than seconds where the machine is shared."""
        return min(self.cpu_s, default=0.0)

    @property
    def peak_gb(self) -> float:
        """The most memory of any run."""
        return max(self.peak_mb, default=0.0) / 1024


@dataclass(frozen=True)
class Machine:
    """What the figures were measured on."""

    model: str
    cores: int
    memory_mb: float

    @classmethod
    def here(cls) -> "Machine":
        """This machine, on Linux."""
        info = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
        models = [line.partition(":")[2].strip() for line in info if line.startswith("model name")]
        memory = Path("/proc/meminfo").read_text(encoding="ascii").split(maxsplit=2)[1]
        return cls(models[0] if models else platform.machine(), len(os.sched_getaffinity(0)), int(memory) / 1024)


@dataclass(frozen=True)
class Bound:
    """Something that was asked for, what was measured, and whether it holds."""

    asked: str
    measured: str
    holds: bool


def floor(items: list[Measured]) -> float:
    """Seconds of the quicker floor; 0 where none was measured."""
    return min((item.best for item in items if item.side in FLOORS and item.seconds), default=0.0)


def bounds(sizes: Sizes) -> list[Bound]:
    """What is asked of the link step, as far as these sizes can say."""
    by_size = {calls: {item.side: item for item in items if item.seconds} for calls, items in sizes.items()}
    small, large = min(sizes), max(sizes)
    found = []
    ours, rivals = by_size[small].get(OURS), ("pandas", "pandas-bare")
    if ours and floor(sizes[small]):
        ratio = ours.best / floor(sizes[small])
        found.append(Bound(f"{_size(small)}: at most 2 times the floor", f"{ratio:.2f} times", ratio <= 2))
    for name in rivals if ours else ():
        other = by_size[small].get(name)
        if ours and other:
            told = f"{ours.best:.1f} s against {other.best:.1f} s"
            found.append(Bound(f"{_size(small)}: faster than {name}", told, ours.best < other.best))
    ours_large = by_size[large].get(OURS)
    if large > small and ours and ours_large:
        growth, most = ours_large.best / ours.best, 1.1 * large / small
        asked = f"{_size(large)}: at most {most:g} times the time of {_size(small)}"
        found.append(Bound(asked, f"{growth:.1f} times", growth <= most))
    if ours_large:
        asked = f"{_size(large)}: under 6 GB of memory"
        found.append(Bound(asked, f"{ours_large.peak_gb:.1f} GB", ours_large.peak_gb < 6))
    return found


def _size(calls: int) -> str:
    return f"{calls / 1e6:g} million"


def as_text(sizes: Sizes) -> str:
    """A table for the terminal."""
    lines = []
    for calls, items in sizes.items():
        lines.append(f"{calls:,} calls a side")
        for item in items:
            cost = f"{item.best:8.1f} s {item.cpu:7.1f} s CPU {item.peak_gb:5.1f} GB {_times(item, items):>6}"
            told = item.missing or f"{cost}  {_right(item)}"
            lines.append(f"  {item.side:14} {told}")
    lines += [f"{'holds' if item.holds else 'MISSED':7} {item.asked}: {item.measured}" for item in bounds(sizes)]
    return "\n".join(lines) + "\n"


def _times(item: Measured, items: list[Measured]) -> str:
    least = floor(items)
    return f"{item.best / least:.2f}" if least and item.seconds else ""


def _right(item: Measured) -> str:
    if not item.verdict:
        return ""
    of = item.verdict
    right, found = f"{of['right_pct']:.3f} % right", f"{of['found_pct']:.2f} % found"
    return f"{right}, {found}, {of['legs_twice']:,} legs twice, {of['ambiguous']:,} ambiguous"


def as_markdown(sizes: Sizes, machine: Machine, python: str) -> str:
    """The page: written whole, never by hand."""
    command = f"--calls {' '.join(str(calls) for calls in sizes)} --markdown docs/benchmark.md"
    parts = [
        "# Benchmark of the link step\n",
        f"This page is generated from `tests/bench/link.py`: `python -m tests.bench.link {command}`.\n",
        _machine(machine, python),
        "Every side is a process of its own, from its start to its end, on the same files of the lake (zstd Parquet,\n"
        "64-bit keys), in turn; the best run counts, of the memory the highest (pages of mapped files included).\n"
        "The floor reads and writes: side, call id, file, row, key, mask, queue or route, time, talk time, month.\n"
        "Right: pairs that are of one call. Found: of the legs whose record was delivered, numbers hidden or not.\n"
        "Pairs that tieout calls ambiguous are not asserted: they are told apart, and count as not found.\n",
    ]
    parts += [_table(calls, items) for calls, items in sizes.items()]
    rows = [f"| {item.asked} | {item.measured} | {'yes' if item.holds else '**no**'} |" for item in bounds(sizes)]
    parts.append(
        "\n".join(["## What was asked for\n", "| bound | measured | holds |", "| --- | --- | --- |", *rows, ""])
    )
    parts.append(_REMARKS)
    return "\n".join(parts)


_REMARKS = """## What the others do not do

`merge_asof` takes the nearest leg of each record by itself: a leg may stand in several pairs. Splink's single best
links are one to one but greedy; datacompy joins on equal keys only, so one lost call shifts all later calls of that
caller and day. None of them finds the clock's offset or reads masked numbers here, or says why a call is alone.
"""


def _machine(machine: Machine, python: str) -> str:
    names = ("duckdb", "polars", "pandas", "pyarrow", "numpy")
    told = ", ".join(f"{name} {version(name)}" for name in names)
    others = ", ".join(f"{name} {found}" for name in ("splink", "datacompy") if (found := _version(python, name)))
    return (
        f"Machine: {machine.model}, {machine.cores} cores, {machine.memory_mb / 1024:.0f} GB of memory; "
        f"{platform.system()}, Python {platform.python_version()}.\n"
        f"Versions: {told}{', ' + others if others else ''}. Measured on {datetime.now(UTC):%Y-%m-%d}.\n"
    )


def _version(python: str, package: str) -> str:
    ask = f"from importlib.metadata import version; print(version('{package}'))"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=False).stdout.strip()


def _table(calls: int, items: list[Measured]) -> str:
    heads = (
        "side",
        "seconds",
        "× floor",
        "CPU seconds",
        "memory, GB",
        "right, %",
        "found, %",
        "legs used twice",
        "ambiguous",
    )
    lines = [f"## {calls:,} calls a side\n", f"| {' | '.join(heads)} |", f"| --- |{' --: |' * (len(heads) - 1)}"]
    for item in items:
        of = item.verdict
        judged = ["", "", "", ""]
        if of:
            judged = [
                f"{of['right_pct']:.3f}",
                f"{of['found_pct']:.2f}",
                f"{of['legs_twice']:,}",
                f"{of['ambiguous']:,}",
            ]
        cells = [f"{item.best:.1f}", _times(item, items), f"{item.cpu:.1f}", f"{item.peak_gb:.1f}", *judged]
        if item.missing:
            cells = [f"left out: {item.missing}", "", "", "", *judged]
        lines.append(f"| {WHAT[item.side]} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
