"""A delivery checked before it is sent or loaded: the same steps as at night, in a folder that is thrown away.

Needs the contract and the files alone: no workspace, no lake, no in-house log, and no key (callers are keyed with a
random one that is forgotten). What is told is what the client's engineer would be told; see `pipelines/told.py`.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files as resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from checks.rules.deliver import answers, judge
from checks.vague.lint import vague_fields
from pipelines import told
from pipelines.contract.model import Contract, FeedObject
from pipelines.contract.vocabulary import FEEDS_READ
from pipelines.errors import Fault, TieoutError, fault
from pipelines.intake.manifest import Received, record
from pipelines.lake import Lake
from pipelines.standardise.by_file import counts
from pipelines.standardise.days import lay_days
from pipelines.standardise.feeds import Origin
from pipelines.standardise.files import fills, standardise_file
from pipelines.tables import REJECTS, RULE_RESULTS

_CHUNK = 1 << 20
_COUNTS = ("rows_read", "accepted", "rejected", "left_out")


@dataclass
class Flight:
    """What came of it: each file with its counts, the rules' answers, what was found, what cannot be used at all."""

    files: list[dict[str, Any]] = field(default_factory=list)
    rules: pl.DataFrame = field(default_factory=RULE_RESULTS.empty)
    found: list[Fault] = field(default_factory=list)
    unusable: list[Fault] = field(default_factory=list)
    vague: list[dict[str, Any]] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings, 2 unusable."""
        return 2 if self.unusable else 1 if self.found else 0


def preflight(files: Sequence[Path], contract: Contract, country: str | None = None, language: str = "en") -> Flight:
    """Checks `files` against a contract; `country` reads callers' numbers without a country code.

    Raises TieoutError where a file is missing or fits no object of the contract; what is wrong inside files is told.
    """
    matched = _matched(files, contract)
    flight = Flight()
    with TemporaryDirectory(prefix="tieout-preflight-") as folder:
        lake, key = Lake(Path(folder)), secrets.token_bytes(32)
        for path, item, month in matched:
            _fly(flight, lake, contract, path, item, month, country or _country(item.time_zone), key)
        days = sorted({date.fromisoformat(day) for file in flight.files for day in file["days"]})
        for table in dict.fromkeys(table for _, item, _ in matched for table in fills(item.feed)):
            if "day" in table.partitions:
                lay_days(lake, contract.source, table, days)
        judge(lake, contract, days)
        flight.rules = answers(lake, contract.source, days)
    flight.found += [*_held_back(flight.rules, contract.source), *told.broken(flight.rules, contract.source)]
    reported = any(item.feed == "claims" for _, item, _ in matched)
    flight.vague = vague_fields(contract, language).to_dicts() if reported else []
    return flight


def _fly(
    flight: Flight,
    lake: Lake,
    contract: Contract,
    path: Path,
    item: FeedObject,
    month: str | None,
    country: str,
    key: bytes,
) -> None:
    """One file through reading and standardising."""
    digest = _sha256(path)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    received = Received(
        digest[:16], contract.source, item.name, item.feed, path.name, digest, path.stat().st_size, now, month
    )
    file = record(lake, received)
    origin = Origin(contract.source, file.file_id, month, country, key, item.time_zone or "UTC")
    try:
        standardise_file(lake, contract, item, file, path, origin)
    except TieoutError as error:
        flight.unusable += error.faults
        return
    tally = counts(lake, file) or {}
    cells = lake.read(REJECTS, source=file.source, object=file.object, file=file.file_id)
    kept = {name: tally[name] for name in (*_COUNTS, "left_out_by", "extra_columns", "days")}
    flight.files.append({"file": path.name, "object": item.name, "feed": item.feed, **kept})
    flight.found += [*told.rejected(cells, path.name, contract.file), *told.counted(tally, path.name, contract.file)]


def _held_back(rules: pl.DataFrame, source: str) -> Iterator[Fault]:
    """Error rules that the data breaks: at the client they hold their days back."""
    red = rules.filter((pl.col("state") == "broken") & (pl.col("severity") == "error")).sort("rule", "day")
    for (rule, day), part in red.group_by("rule", "day", maintain_order=True):
        hint = "correct the rows before the file is sent: later steps leave the day out"
        yield Fault(f"{source}, {day}: rule {rule}", told.in_words(part), part["sentence"][0], hint)


def _matched(files: Sequence[Path], contract: Contract) -> list[tuple[Path, FeedObject, str | None]]:
    """Each file with the object that its name fits, and the month that its path names."""
    faults, found = [], []
    for path in files:
        if not path.is_file():
            faults.append(Fault(str(path), "no such file", "a file to check", "correct the path"))
            continue
        fitting = [(item, month) for item in contract.objects for month in _fits(path, item)]
        if fitting:
            found.append((path, *fitting[0]))
        else:
            allowed = ", ".join(item.pattern for item in contract.objects if item.feed in FEEDS_READ)
            hint = "give the file the name under which it will be sent, or correct physicalName"
            faults.append(Fault(str(path), f"a name that no object of {contract.file} has", allowed, hint))
    if faults:
        raise TieoutError(faults)
    return found


def _fits(path: Path, item: FeedObject) -> Iterator[str | None]:
    """The month of a file whose name fits the object's pattern, None where it names none; nothing without a fit."""
    if item.feed not in FEEDS_READ:
        return
    parts = re.split(r"(\{month\}|\{day\}|\{vendor\}|\*\*?|\?)", item.pattern.rpartition("/")[2])
    month, day = r"(?P<month>\d{4}-\d{2})", r"(?P<day>\d{4}-\d{2}-\d{2})"
    meaning = {"{month}": month, "{day}": day, "{vendor}": r"[\w-]+", "*": ".*", "**": ".*", "?": "."}
    with suppress(re.error):  # a pattern that names the month twice
        match = re.fullmatch("".join(meaning.get(part, re.escape(part)) for part in parts), path.name)
        if match:
            named = match.groupdict()
            yield (named.get("month") or named.get("day") or "")[:7] or None


def _country(zone: str | None) -> str:
    """The country that a time zone lies in: how its numbers are written, where nobody says it. ZZ is none."""
    table = resources("tzdata") / "zoneinfo" / "zone.tab"
    lines = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    return next((line[0] for line in lines if line[2] == zone), "ZZ")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    if path.stat().st_size == 0:
        raise fault(path, "an empty file (0 bytes)", "a header line at least", "export it again")
    return digest.hexdigest()
