"""A delivery checked before it is sent or loaded: the same steps as at night, in a folder that is thrown away.

Needs the contract and the files alone: no workspace, no lake, no in-house log, and no key (callers are keyed with a
random one that is forgotten). What is told is what the client's engineer would be told; see `pipelines/told.py`. Which
object a file is for stands in `naming.py`, how all of it is shown in `shown.py`.
"""

import hashlib
import os
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from checks.preflight.naming import NOWHERE, Named, country_of, named
from checks.rules.beside import WITHOUT
from checks.rules.deliver import answers, judge
from checks.vague.lint import vague_fields
from pipelines import told
from pipelines.contract.model import Contract
from pipelines.errors import Fault, TieoutError, fault
from pipelines.intake.manifest import Received, in_force, record
from pipelines.lake import Lake
from pipelines.plain import clean
from pipelines.standardise.by_file import counts
from pipelines.standardise.days import lay_days
from pipelines.standardise.feeds import Origin
from pipelines.standardise.files import fills, standardise_file
from pipelines.standardise.numbers import hide_numbers
from pipelines.standardise.queue_logs import fold_logs
from pipelines.tables import REJECTS, RULE_RESULTS

_CHUNK = 1 << 20
_COUNTS = ("rows_read", "accepted", "rejected", "left_out", "left_out_by", "extra_columns", "rewritten", "days")
_NOT_HERE = f"{told.MOST} are shown: correct those, then run the preflight again"


@dataclass
class Flight:
    """What came of it: each file with its counts, the rules' answers, what was found, what cannot be used at all.

    `vague` are reported figures that leave a question open; `notes` are worth knowing and no findings; `refused` names
    the files that cannot be used.
    """

    files: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    rules: pl.DataFrame = field(default_factory=RULE_RESULTS.empty)
    found: list[Fault] = field(default_factory=list)
    unusable: list[Fault] = field(default_factory=list)
    vague: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings or open questions, 2 unusable."""
        return 2 if self.unusable else 1 if self.found or self.vague else 0


def preflight(files: Sequence[Path], contract: Contract, country: str | None = None, language: str = "en") -> Flight:
    """Checks `files` against a contract; `country` (two letters) reads callers' numbers without a country code.

    A file that cannot be used is told and stops no other. Raises TieoutError where `country` is none.
    """
    country_of(None, country)
    with TemporaryDirectory(prefix="tieout-preflight-", ignore_cleanup_errors=True) as folder:
        work = _Work(Flight(), Lake(Path(folder)), contract, country)
        for path, name in _shown(files, work.flight.notes):
            work.fly(path, name)
        work.ask(language)
        return work.flight


def _shown(files: Sequence[Path], notes: list[str]) -> list[tuple[Path, str]]:
    """Each file once, with the name that it is told by: its own, or its path where two files have the same name."""
    once: dict[str, Path] = {}
    for path in files:
        if once.setdefault(os.path.realpath(path), path) is not path:
            notes.append(f"{path.name} was named twice; it is checked once")
    often = Counter(path.name for path in once.values())
    return [(path, path.name if often[path.name] == 1 else str(path)) for path in once.values()]


@dataclass
class _Work:
    """The checking of one delivery, file by file, then as a whole."""

    flight: Flight
    lake: Lake
    contract: Contract
    country: str | None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    flown: list[tuple[Named, Received]] = field(default_factory=list)

    def fly(self, path: Path, name: str) -> None:
        """One file; what makes it unusable is noted."""
        try:
            digest = _sha256(path)
            for fitting in named(path, self.contract):
                self._read(path, name, digest, fitting)
        except TieoutError as error:
            self.flight.unusable += [clean(item) for item in error.faults]
        except OSError as error:
            self.flight.unusable.append(_cannot(error, path))
        else:
            return
        self.flight.refused.append(name)

    def _read(self, path: Path, name: str, digest: str, fitting: Named) -> None:
        """One file as one object, through reading and standardising."""
        item, flight = fitting.item, self.flight
        if (first := self.seen.setdefault((digest, item.name), name)) != name:
            hint = "send one of the two: the same content counts once"
            flight.found.append(Fault(name, f"the same content as {first}", "each file with content of its own", hint))
            return
        file = record(self.lake, self._received(path, name, digest, fitting))
        tally = self._standardised(path, file, fitting)
        if file.month is None and fitting.has_month and (month := _usual_month(tally["days"])):
            file = replace(file, month=month)
            tally = self._standardised(path, file, fitting)
        kept = {key: tally[key] for key in _COUNTS} | {"extra_columns": [*map(hide_numbers, tally["extra_columns"])]}
        flight.files.append({"file": name, "object": item.name, "feed": item.feed, "month": file.month, **kept})
        self.flown.append((fitting, file))

    def _received(self, path: Path, name: str, digest: str, fitting: Named) -> Received:
        now, size = datetime.now(UTC).isoformat(timespec="seconds"), path.stat().st_size
        item, source = fitting.item, self.contract.source
        return Received(digest[:16], source, item.name, item.feed, name, digest, size, now, fitting.month)

    def _standardised(self, path: Path, file: Received, fitting: Named) -> dict[str, Any]:
        zone = fitting.item.time_zone
        origin = Origin(file.source, file.file_id, file.month, country_of(zone, self.country), self.key, zone or "UTC")
        standardise_file(self.lake, self.contract, fitting.item, file, path, origin)
        return counts(self.lake, file) or {}

    def ask(self, language: str) -> None:
        """The rules, over all days of all files; and what the reported figures leave open."""
        source, flight = self.contract.source, self.flight
        days = self._days()
        for item in {name.item.name: name.item for name, _ in self.flown}.values():
            if item.feed == "queue_events":
                fold_logs(self.lake, item, in_force(self.lake, source, item.name), item.time_zone or "UTC")
            for table in fills(item.feed):
                if "day" in table.partitions:
                    lay_days(self.lake, source, table, days)
        for _, file in self.flown:
            flight.found += map(clean, self._in_rows(file))
        judge(self.lake, self.contract, days)
        flight.rules = answers(self.lake, source, days)
        told_of = flight.rules.filter(pl.col("detail").is_in([*WITHOUT.values()]).fill_null(value=False).not_())
        flight.found += map(clean, [*_held_back(told_of, source), *told.broken(told_of, source)])
        if any(name.item.feed == "claims" for name, _ in self.flown):
            flight.vague = vague_fields(self.contract, language).to_dicts()
        flight.notes += self._noted()

    def _in_rows(self, file: Received) -> Iterator[Fault]:
        """What was found in the rows of a file, before any rule is asked."""
        cells = self.lake.read(REJECTS, source=file.source, object=file.object, file=file.file_id)
        yield from told.rejected(cells, file.file, self.contract.file, _NOT_HERE)
        yield from told.counted(counts(self.lake, file) or {}, file.file, self.contract.file)

    def _days(self) -> list[date]:
        """The days of all rows. What is kept by file has none: it is asked on the first of its month, or this one."""
        days = {date.fromisoformat(day) for file in self.flight.files for day in file["days"]}
        dayless = [name for name, _ in self.flown if "file" in fills(name.item.feed)[0].partitions]
        now = f"{datetime.now(UTC):%Y-%m}"
        return sorted(days | {date.fromisoformat(f"{name.month or now}-01") for name in dayless})

    def _noted(self) -> Iterator[str]:
        """What is worth knowing, and nothing to correct."""
        for file in self.flight.files:
            if file["extra_columns"]:
                yield f"{file['file']}: columns that the contract does not read: {', '.join(file['extra_columns'])}"
        zones = {name.item.time_zone for name, _ in self.flown if name.item.role("caller") is not None}
        for zone in sorted(zone or "no zone" for zone in zones if country_of(zone, self.country) == NOWHERE):
            lacking = "callers' numbers without a country code were not read; say --country"
            yield f"no country is known for the clock of the files ({zone}): {lacking}"


def _usual_month(days: dict[str, int]) -> str | None:
    """The month of most rows, where there are rows of several: dates turned round lie outside it."""
    months: Counter[str] = Counter()
    for day, rows in days.items():
        months[day[:7]] += rows
    return months.most_common(1)[0][0] if len(months) > 1 else None


def _held_back(rules: pl.DataFrame, source: str) -> Iterator[Fault]:
    """Error rules that the data breaks: at the client they hold their days back."""
    red = rules.filter((pl.col("state") == "broken") & (pl.col("severity") == "error")).sort("rule", "day")
    for (rule, day), part in red.group_by("rule", "day", maintain_order=True):
        hint = "correct the rows before the file is sent: later steps leave the day out"
        yield Fault(f"{source}, {day}: rule {rule}", told.in_words(part), part["sentence"][0], hint)


def _sha256(path: Path) -> str:
    """The hash of a file's content. TieoutError where there is no file, or nothing in it."""
    if path.is_dir():
        raise fault(path, "a folder", "files to check", "name the files in it, as in folder/*.csv")
    if not path.is_file():
        raise fault(path, "no such file", "a file to check", "correct the path")
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    if size == 0:
        raise fault(path, "an empty file (0 bytes)", "a header line at least", "export it again")
    return digest.hexdigest()


def _cannot(error: OSError, path: Path) -> Fault:
    """The file, or the folder for temporary files, cannot be read or written."""
    where = error.filename or path
    return clean(Fault(str(where), f"cannot be used: {error.strerror or error}", "a file that can be read", _RIGHTS))


_RIGHTS = "give yourself the right to read it; where the disk is full, set TMPDIR to a folder with more room"
