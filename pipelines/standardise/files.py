"""Received files → canonical rows by file, with their rejects and counts.

A file is standardised once, as long as it, the contract, the program and the key stay the same. Which days the rows
belong to is the business of `days.py`; which file is in force, of `pipelines/intake/manifest.py`.
"""

import dataclasses
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pipelines.contract.model import Contract, FeedObject
from pipelines.contract.workspace import Workspace
from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats import READERS, Source
from pipelines.intake.manifest import Received, in_force
from pipelines.lake import VERSION, Lake, sha
from pipelines.standardise.by_file import by_file, counts, write_counts
from pipelines.standardise.changes import superseded, write_changes
from pipelines.standardise.feeds import TABLE_OF, Origin, Standardising
from pipelines.standardise.numbers import key_id
from pipelines.standardise.queue_logs import DERIVED, fold_logs
from pipelines.tables import AGENT_STATES, REJECTS, Table


def fills(feed: str) -> tuple[Table, ...]:
    """The tables that a feed's files fill."""
    return (TABLE_OF[feed], *(DERIVED if feed == "queue_events" else ()))


def standardise_files(space: Workspace, lake: Lake, contract: Contract, days: Iterable[date]) -> None:
    """Standardises every file in force that may hold these days and is not fresh.

    TieoutError names all files that cannot be used, when the others are done; another key than before stops at once.
    """
    months = {f"{day:%Y-%m}" for day in days}
    key = space.key()
    _same_key(lake, key)
    faults: list[Fault] = []
    for item in (item for item in contract.objects if item.feed in TABLE_OF):
        files = in_force(lake, contract.source, item.name)
        # What was replaced is read by the same contract and program, or old and new would differ by those.
        replaced = [old for _, others in superseded(lake, contract.source, item.name) for old in others]
        for file in (file for file in (*files, *replaced) if file.month is None or file.month in months):
            origin = Origin(contract.source, file.file_id, file.month, space.country, key, space.time_zone)
            landed = space.dir / "landing" / contract.source / file.sha256
            try:
                standardise_file(lake, contract, item, file, landed, origin)
            except TieoutError as error:
                faults += error.faults
        if item.feed == "queue_events":
            # Records of single calls say more than the log; both together would be every call twice.
            derived = (AGENT_STATES,) if contract.feed("calls") else DERIVED
            fold_logs(lake, item, files, space.time_zone, derived)
    write_changes(lake, contract, lambda item: fills(item.feed) if item.feed in TABLE_OF else (), by_file)
    if faults:
        raise TieoutError(faults)


def standardise_file(
    lake: Lake, contract: Contract, item: FeedObject, file: Received, landed: Path, origin: Origin
) -> None:
    """One file, which lies at `landed` → its canonical rows, rejects and counts, unless they are there already."""
    table = by_file(TABLE_OF[item.feed])
    where = {"source": contract.source, "object": item.name, "file": file.file_id}
    facts = dataclasses.asdict(item) | {"server": dataclasses.asdict(contract.server)}
    known = (key_id(origin.key), origin.country, origin.client_zone)
    stamp = sha("file", VERSION, file.sha256, file.month, facts, *known)
    if lake.is_fresh(table, stamp, **where) and (counts(lake, file) or {}).get("inputs_sha") == stamp:
        return
    with tempfile.TemporaryDirectory(prefix="tieout-") as scratch:
        raw = READERS[item.format](Source(landed, file.file, item, contract.server, Path(scratch)))
        work = Standardising(raw, item, origin, file.file, Path(scratch))
        lake.write_batches(table, work.frames(), stamp, **where)
        lake.write_batches(REJECTS, work.reject_frames(), stamp, **where)
    write_counts(lake, file, {**work.counts, "key_id": known[0], "inputs_sha": stamp})  # the last: now it is done


def _same_key(lake: Lake, key: bytes) -> None:
    """Two keys in one lake, whoever's files they stand in, would make every match fail silently."""
    for file in in_force(lake, "*"):
        known = (counts(lake, file) or {}).get("key_id")
        if known not in (None, key_id(key)):
            raise fault(
                f"{lake.root}: {file.file}",
                f"callers keyed with another key (key_id {known}; the key now set has {key_id(key)})",
                "one key for the whole lake",
                "set the earlier key again, or run `tieout rekey`, which rebuilds the lake from what was received",
            )
