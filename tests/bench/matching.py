"""`make match-bench`: how well calls are matched on disturbed months, measured against the truth.

Each month of the bank (or of the simulated world, where the bank's data is not there) is disturbed once per seed, goes
the real road from the drop folder to the findings, and is counted. `--markdown FILE` writes the same as tables.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl

from checks.padding.steps import write_findings
from data.simulate import SMALL
from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace, load_workspace
from pipelines.lake import Lake
from pipelines.link.coverage.step import write_coverage
from pipelines.link.steps import link_month
from pipelines.tables import LINKS
from tests.backtest.road import receive
from tests.bench.disturb import Disturbance
from tests.bench.disturbed_world import BANK, BANK_MONTHS, World, bank_world, simulated_world
from tests.bench.match_report import markdown, text
from tests.bench.match_score import Counts, Found, count

KEY = "a key for measuring only"


def walk(world: World) -> Counts:
    """The road over one world, from its files to the findings; what it says, counted. Needs TIEOUT_KEY."""
    space, month = load_workspace(world.directory), Month(world.month)
    lake, moments = Lake(space.lake), [time.perf_counter()]
    receive(space, lake, month, has_rules=False)
    moments.append(time.perf_counter())
    links = _link(space, lake, world.vendor, month)
    moments.append(time.perf_counter())
    vouched = write_findings(space, lake, world.vendor, month)
    moments.append(time.perf_counter())
    silent = replace(space, log_complete=None)
    _link(silent, lake, world.vendor, month)
    not_vouched = write_findings(silent, lake, world.vendor, month)
    terms = space.vendors[world.vendor].terms.of_month(month.first, month.last)
    counts = count(world.truth, Found(links, vouched, not_vouched), terms.match.tolerance_s)
    steps = zip(("receive", "link", "find"), moments, moments[1:], strict=False)
    counts.seconds = Counter({name: after - before for name, before, after in steps})
    return counts


def _link(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    write_coverage(space, lake, month)
    link_month(space, lake, vendor, month)
    return lake.read(LINKS, vendor=vendor, month=month.text)


def measure(seeds: int, by: Disturbance, folder: Path) -> dict[str, Counts]:
    """Name of the world → its counts, each world in a folder of its own under `folder`."""
    names = [
        (month, seed) for seed in range(1, seeds + 1) for month in (BANK_MONTHS if BANK.is_dir() else ("simulated",))
    ]
    every = {}
    for month, seed in names:
        place = folder / f"{month}-{seed}"
        is_bank = month in BANK_MONTHS
        world = bank_world(place, month, seed, by) if is_bank else simulated_world(place, seed, SMALL, by)
        every[f"{month}, seed {seed}"] = walk(world)
    return every


def main() -> None:
    """Prints the figures of every world and of all together."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--markdown", type=Path)
    parser.add_argument("--keep", type=Path, help="where the disturbed workspaces are kept; else they are deleted")
    given = parser.parse_args()
    os.environ["TIEOUT_KEY"] = KEY
    if not BANK.is_dir():
        sys.stdout.write("The bank's data is not beside this checkout: the simulated world stands in for it.\n")
    by = Disturbance()
    with tempfile.TemporaryDirectory() as temporary:
        every = measure(given.seeds, by, given.keep or Path(temporary))
    sys.stdout.write(text(every))
    if given.markdown:
        given.markdown.write_text(markdown(every, by, BANK.is_dir()), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
