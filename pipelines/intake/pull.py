"""Pulls the files of a contract for given days from its server into the landing zone, as sent.

Local folders only, through fsspec, so that other servers need another file system and little other code. What a file
holds is not looked at, except that an empty one is refused, and one that changes while it is copied. What is passed
over, and why, stands in `look.py`.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import fsspec

from pipelines.contract.model import Contract, FeedObject
from pipelines.contract.vocabulary import FEEDS_READ
from pipelines.errors import Fault, TieoutError, fault
from pipelines.intake.look import look
from pipelines.intake.manifest import PassedOver, Pulls, Received, in_force, pulls, record, save_pulls
from pipelines.intake.renames import follow_renames, template
from pipelines.lake import Lake

FEEDS = FEEDS_READ
"""The feeds that this release reads; others may stand in a contract."""

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Place:
    """Where one kind of file lies for one period: a glob below the workspace, and the month that its path names."""

    item: FeedObject
    pattern: str
    month: str | None


def places(contract: Contract, days: Iterable[date]) -> list[Place]:
    """The globs to look at for these local days, each once, in order."""
    found: dict[tuple[str, str], Place] = {}
    for item in (item for item in contract.objects if item.feed in FEEDS):
        path = template(contract, item)
        dated = "{month}" in path or "{day}" in path
        for day in days:
            month = f"{day:%Y-%m}"
            pattern = path.replace("{month}", month).replace("{day}", day.isoformat())
            found.setdefault((item.name, pattern), Place(item, pattern, month if dated else None))
    return list(found.values())


@dataclass(frozen=True)
class _Run:
    """One pull: of whom, where to, when, and what is known of the pulls before."""

    root: Path
    lake: Lake
    contract: Contract
    now: str
    before: Pulls


def pull(
    root: Path, lake: Lake, contract: Contract, days: Iterable[date], at: datetime | None = None
) -> list[Received]:
    """Receives every file there is for these days; TieoutError names all that cannot be used, the rest is kept.

    Unfinished files are passed over and noted. Manifests of objects that the contract renamed or dropped are put right.
    `at` is the moment of the pull (with a zone), at which all its files are received; now, where it is not given.
    """
    now = (at or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    run = _Run(root, lake, contract, now, pulls(lake, contract.source))
    files = fsspec.filesystem("file")
    follow_renames(lake, contract)
    faults: list[Fault] = []
    items: list[Received] = []
    passed_over: dict[str, PassedOver] = {}
    wanted = places(contract, days)
    for place in wanted:
        looked = look(files, root, place.pattern, template(contract, place.item))
        faults += looked.faults
        for path, reason in looked.passed_over.items():
            name = str(Path(path).relative_to(root))
            passed_over[name] = PassedOver(name, place.item.name, reason)
        for path in looked.files:
            try:
                items.append(_receive(run, place, files, path))
            except TieoutError as error:
                faults += error.faults
    _note_pull(run, wanted, passed_over)
    if faults:
        raise TieoutError(faults)
    return items


def _note_pull(run: _Run, looked: list[Place], found: dict[str, PassedOver]) -> None:
    """Notes when the places were looked at, and what still lies unfinished, in these and in earlier ones."""
    looked_utc = {**run.before.looked_utc, **{place.pattern: run.now for place in looked}}
    still = {item.file: item for item in run.before.passed_over if os.path.lexists(run.root / item.file)}
    left = tuple(item for _, item in sorted((still | found).items()))
    save_pulls(run.lake, run.contract.source, Pulls(run.before.first_utc or run.now, looked_utc, left))


def require(root: Path, lake: Lake, contract: Contract, month: str, *feeds: str) -> None:
    """Raises TieoutError where no file has been received for a month of the first of these feeds that there is.

    Nothing can be done without one of them; the later ones stand in for the first where the contract lacks it. Where an
    object is said to hold the calls that came in, a file of what was dialled does not stand in for it.
    """
    first = date.fromisoformat(f"{month}-01")
    feed = next((name for name in feeds if contract.feed(name)), feeds[0])
    wanted = [place for place in places(contract, [first]) if place.item.feed == feed]
    wanted = [place for place in wanted if place.item.direction == "inbound"] or wanted
    if not wanted:
        hint = "ask the sender for it, and describe the file in the contract"
        raise fault(contract.file, f"no schema object with the feed {feed}", "one at least", hint)
    have = {item.month for place in wanted for item in in_force(lake, contract.source, place.item.name)}
    if not have & {month, None}:
        raise TieoutError(
            Fault(
                str(root / place.pattern),
                f"no file ({contract.source}, feed {feed}, month {month})",
                "at least one file that matches, with at least a header line",
                f"put the delivery there, or correct servers[0].path in {contract.file}",
            )
            for place in wanted
        )


def _receive(run: _Run, place: Place, files: Any, path: str) -> Received:
    digest, size = _land(run.root / "landing" / run.contract.source, files, path)
    item = Received(
        file_id=digest[:16],
        source=run.contract.source,
        object=place.item.name,
        feed=place.item.feed,
        file=str(Path(path).relative_to(run.root)),
        sha256=digest,
        size_bytes=size,
        received_utc=run.now,
        month=place.month,
        earlier_pull_utc=run.before.looked_utc.get(place.pattern),
    )
    return record(run.lake, item)


def _land(folder: Path, files: Any, path: str) -> tuple[str, int]:
    """Copies a file under its SHA-256, readable by its owner alone; returns the hash and the size in bytes."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.parent.chmod(0o700)
    handle, beside = tempfile.mkstemp(dir=folder)
    digest, size = hashlib.sha256(), 0
    try:
        before = _state(files, path)
        with os.fdopen(handle, "wb") as target, files.open(path, "rb") as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += target.write(chunk)
        if _state(files, path) != before or size != before[0]:
            hint = "run tieout again when the upload is done; have files uploaded under another name, then renamed"
            raise fault(path, "a file that is still being written", "a file that no longer changes", hint)
        if size == 0:
            raise fault(path, "an empty file (0 bytes)", "a header line at least", "ask the sender to deliver it again")
        shutil.move(beside, folder / digest.hexdigest())
    except OSError as error:
        hint = "give the user who runs tieout the right to read it, or have it delivered again"
        raise fault(path, f"a file that cannot be received: {error.strerror}", "a readable file", hint) from None
    finally:
        Path(beside).unlink(missing_ok=True)
    return digest.hexdigest(), size


def _state(files: Any, path: str) -> tuple[int, object]:
    """Size in bytes and moment of the last change: a file that keeps both while it is read is taken as whole."""
    facts = files.info(path)
    return facts["size"], facts.get("mtime")
