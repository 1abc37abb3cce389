"""Pulls the files of a contract for given days from its server into the landing zone, as sent.

Local folders only, through fsspec, so that other servers need another file system and no other code. What a file holds
is not looked at, except that an empty one is refused.
"""

import glob
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
from pipelines.intake.manifest import Received, in_force, record
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
        template = f"{contract.server.path}/{item.pattern}" if contract.server.path else item.pattern
        dated = "{month}" in template or "{day}" in template
        for day in days:
            month = f"{day:%Y-%m}"
            pattern = template.replace("{month}", month).replace("{day}", day.isoformat())
            pattern = pattern.replace("{vendor}", contract.source)
            found.setdefault((item.name, pattern), Place(item, pattern, month if dated else None))
    return list(found.values())


def pull(root: Path, lake: Lake, contract: Contract, days: Iterable[date]) -> list[Received]:
    """Receives every file there is for these days; TieoutError names all that cannot be used, the rest is kept."""
    files = fsspec.filesystem("file")
    faults, items = [], []
    for place in places(contract, days):
        found = files.glob(f"{glob.escape(str(root))}/{place.pattern}")
        for path in sorted(path for path in found if not files.isdir(path)):
            try:
                items.append(_receive(root, lake, contract, place, files, str(path)))
            except TieoutError as error:
                faults += error.faults
    if faults:
        raise TieoutError(faults)
    return items


def require(root: Path, lake: Lake, contract: Contract, month: str, feed: str) -> None:
    """Raises TieoutError where no file of a feed that nothing can be done without has been received for a month."""
    first = date.fromisoformat(f"{month}-01")
    wanted = [place for place in places(contract, [first]) if place.item.feed == feed]
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


def _receive(root: Path, lake: Lake, contract: Contract, place: Place, files: Any, path: str) -> Received:
    digest, size = _land(root / "landing" / contract.source, files, path)
    item = Received(
        file_id=digest[:16],
        source=contract.source,
        object=place.item.name,
        feed=place.item.feed,
        file=str(Path(path).relative_to(root)),
        sha256=digest,
        size_bytes=size,
        received_utc=datetime.now(UTC).isoformat(timespec="seconds"),
        month=place.month,
    )
    return record(lake, item)


def _land(folder: Path, files: Any, path: str) -> tuple[str, int]:
    """Copies a file under its SHA-256, readable by its owner alone; returns the hash and the size in bytes."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.parent.chmod(0o700)
    handle, beside = tempfile.mkstemp(dir=folder)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as target, files.open(path, "rb") as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                size += target.write(chunk)
        if size == 0:
            raise fault(path, "an empty file (0 bytes)", "a header line at least", "ask the sender to deliver it again")
        shutil.move(beside, folder / digest.hexdigest())
    except OSError as error:
        hint = "give the user who runs tieout the right to read it, or have it delivered again"
        raise fault(path, f"a file that cannot be received: {error.strerror}", "a readable file", hint) from None
    finally:
        Path(beside).unlink(missing_ok=True)
    return digest.hexdigest(), size
