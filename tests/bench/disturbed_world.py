"""Workspaces with a disturbed month: a real bank's where its data lies beside this checkout, else the simulated one's.

What is done to the rows stands in `disturb.py`. Only one vendor is disturbed; the deliveries of other vendors and other
months are taken out, and so are daily reports, which no link reads.
"""

import csv
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from data.simulate import Size, write_world
from data.simulate.vendors import HABITS
from data.simulate.world import VENDORS
from tests.bench.disturb import Disturbance, Row, Source, Truth, disturb

BANK = Path(__file__).parents[3] / "shared" / "data" / "bank"
BANK_MONTHS: Mapping[str, str] = {"1999-01": "january", "1999-02": "february"}


@dataclass(frozen=True)
class World:
    """A workspace on disk with one disturbed month, and the truth about it."""

    directory: Path
    month: str
    vendor: str
    truth: Truth


def bank_world(directory: Path, month: str, seed: int, by: Disturbance) -> World:
    """One of the bank's months, laid into a new folder."""
    shutil.copytree(BANK / "workspace", directory, copy_function=shutil.copyfile)
    for path in [directory, *directory.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    drop = directory / "drop" / month
    subprocess.run([sys.executable, BANK / "split.py", BANK / f"{BANK_MONTHS[month]}.txt.gz", drop], check=True)
    (drop / "vendor_daily.csv").unlink()
    log = _read(drop / "inhouse.csv")
    passed = [row["call_id"] for row in log if row["transferred"]]  # the split writes both sides in one order
    calls = drop / "vendor_calls.csv"
    source = Source(_read(calls), log, passed, lambda row: bool(row["transferred"]), _plain)
    return World(directory, month, "agents", _lay(source, seed, by, calls, drop / "inhouse.csv", month))


def simulated_world(directory: Path, seed: int, size: Size, by: Disturbance) -> World:
    """The first month of a simulated world, seen with the honest vendor alone."""
    made = write_world(directory, seed=seed, size=size)
    month, vendor = made.months[0], "honest"
    for other in {*made.vendors} - {vendor}:
        shutil.rmtree(directory / "vendors" / other)
        shutil.rmtree(directory / "drop" / other)
    for later in made.months[1:]:
        shutil.rmtree(directory / "drop" / "inhouse" / later)
        shutil.rmtree(directory / "drop" / vendor / later)
    calls = directory / "drop" / vendor / month / "calls.csv"
    calls.with_name("daily_report.csv").unlink()
    log = directory / "drop" / "inhouse" / month / "inhouse.csv"
    place = calls.relative_to(directory).as_posix()
    partners = [row["inhouse_call_id"] for row in _read(directory / "truth" / "pairs.csv") if row["file"] == place]
    source = Source(_read(calls), _read(log), partners, _is_honest, _chinese, HABITS[vendor].offset_s)
    return World(directory, month, vendor, _lay(source, seed, by, calls, log, month))


def _lay(source: Source, seed: int, by: Disturbance, calls: Path, log: Path, month: str) -> Truth:
    """Writes both files anew; the month is in the seed, or two months would lose the same places."""
    found = disturb(source, f"{seed}/{month}", by)
    for path, rows in ((calls, found.calls), (log, found.log)):
        with path.open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, rows[0], lineterminator="\n")
            out.writeheader()
            out.writerows(rows)
    return found.truth


def _read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _is_honest(row: Row) -> bool:
    """A leg of the honest vendor."""
    return row["route"] == VENDORS["honest"].route and bool(row["transferred"])


def _plain(text: str) -> str:
    """A number of the bank, which both sides print alike; "" where none is printed."""
    return text if text.isdigit() else ""


def _chinese(text: str) -> str:
    """A simulated number without the country's code and the trunk's zero; "" where none is printed."""
    digits = text.removeprefix("+86").removeprefix("0")
    return digits if digits.isdigit() else ""
