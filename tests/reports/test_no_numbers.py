"""No caller's number, in any spelling, in anything that leaves the landing zone: neither in the lake nor in out/."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pypdf

from tests.reports.road import Audited

DIGITS = re.compile(r"\d[\d\-. ()]{5,}\d")
LENGTH = 11  # of a national number; a country code stands before it


def numbers(directory: Path) -> set[str]:
    """The last digits of every caller's number in the deliveries."""
    found = set()
    for file in directory.glob("drop/*/*/*.csv"):
        with file.open(encoding="utf-8", newline="") as opened:
            rows = csv.DictReader(opened, delimiter=";" if "vague" in file.parts else ",")
            found |= {re.sub(r"\D", "", row["caller"])[-LENGTH:] for row in rows if row.get("caller")}
    return {number for number in found if len(number) == LENGTH}


def texts(file: Path) -> Iterator[str]:
    """Everything that can be read in a file: Parquet and PDF are unpacked."""
    if file.suffix == ".parquet":
        frame = pl.read_parquet(file, hive_partitioning=False)
        for name in frame.columns:
            yield from frame[name].cast(pl.String).drop_nulls().unique().to_list()
    elif file.suffix == ".pdf":
        yield from (page.extract_text() for page in pypdf.PdfReader(file).pages)
    else:
        yield file.read_text(encoding="utf-8")


def leaks(file: Path, known: set[str]) -> set[str]:
    """The known numbers that stand in a file, whatever stands between their digits."""
    found = set()
    for text in texts(file):
        for match in DIGITS.findall(text):
            run = re.sub(r"\D", "", match)
            found |= {run[at : at + LENGTH] for at in range(len(run) - LENGTH + 1)} & known
    return found


def test_no_callers_number_leaves_the_landing_zone(small: Audited) -> None:
    known = numbers(small.space.dir)
    assert len(known) > 1_000
    files = [path for root in (small.space.out, small.space.lake) for path in root.rglob("*") if path.is_file()]
    assert len(files) > 100
    assert {str(path): leaked for path in files if (leaked := leaks(path, known))} == {}


def test_the_search_finds_a_number_where_there_is_one(small: Audited, tmp_path: Path) -> None:
    known = numbers(small.space.dir)
    number = min(known)
    spelt = f"+86 {number[:3]}-{number[3:7]}-{number[7:]}"
    (tmp_path / "a.json").write_text(json.dumps({"caller": spelt}), encoding="utf-8")
    pl.DataFrame({"caller": [f"86{number}"], "n": [int(number)]}).write_parquet(tmp_path / "a.parquet")
    assert leaks(tmp_path / "a.json", known) == leaks(tmp_path / "a.parquet", known) == {number}
    [landed] = [path for path in (small.space.dir / "drop" / "honest").rglob("calls.csv") if "2026-10" in path.parts]
    assert leaks(landed, known)
