"""`make bench`, the second part: a month's file standardised, laid into days, and the days asked every rule."""

import argparse
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from checks.rules.deliver import judge
from pipelines.contract.model import Contract, Server
from pipelines.intake.manifest import Received, record
from pipelines.lake import Lake
from pipelines.standardise.days import lay_days
from pipelines.standardise.feeds import Origin
from pipelines.standardise.files import standardise_file
from pipelines.tables import VENDOR_CALLS
from tests.bench.memory import peak_mb
from tests.bench.read_and_standardise import ITEM, make

DAYS = [date(2026, 10, 1) + timedelta(days=place) for place in range(31)]


def contract() -> Contract:
    """The contract of the file that the first part makes."""
    return Contract(
        source="vendor",
        version="1.0.0",
        server=Server("drop", "local", "drop"),
        objects=(ITEM,),
        latency_days=None,
        sha="",
        file="data.odcs.yaml",
    )


def main() -> None:
    """Prints seconds and the peak memory of each of the three steps, one process for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    given = parser.parse_args()
    path, lake = given.folder / f"calls-{given.rows}.csv", Lake(given.folder / "month")
    if not path.exists():
        make(path, given.rows)
    received = Received("0" * 16, "vendor", "calls", "calls", path.name, "0" * 64, 1, "2026-11-02T00:00:00+00:00")
    file = record(lake, received)
    origin = Origin("vendor", file.file_id, None, "CN", b"a key for measuring only", "Asia/Shanghai")
    steps = {
        "standardise": lambda: standardise_file(lake, contract(), ITEM, file, path, origin),
        "lay days": lambda: lay_days(lake, "vendor", VENDOR_CALLS, DAYS),
        "ask rules": lambda: judge(lake, contract(), DAYS),
    }
    for name, step in steps.items():
        started = time.perf_counter()
        peak_mb(reset=True)
        step()
        sys.stdout.write(f"{name:12} {time.perf_counter() - started:7.1f} s {peak_mb():8.0f} MB\n")


if __name__ == "__main__":
    main()
