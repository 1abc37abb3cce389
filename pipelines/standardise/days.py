"""Received files → canonical rows by file, and from those the day partitions that all later steps read.

A file is standardised once, as long as it, the contract and the key stay the same. One file may fill many days, and
one day many files: a day is laid anew when any of its files changed. A row that stands in several files (rolling
exports) is kept once, from the file received first; the same row twice in one file stays twice: that is evidence.
"""

import dataclasses
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.model import Contract, FeedObject
from pipelines.contract.workspace import Workspace
from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats import READERS
from pipelines.intake.manifest import Received, in_force
from pipelines.lake import VERSION, Lake, sha
from pipelines.standardise.feeds import TABLE_OF, Origin, standardise
from pipelines.standardise.numbers import key_id
from pipelines.tables import REJECTS, Table


@dataclass(frozen=True)
class Laid:
    """What laying the days of one table did: rows per day, and rows that stood in another file already."""

    table: Table
    rows: dict[str, int]
    repeated: dict[str, int]


def by_file(table: Table) -> Table:
    """The same table, one partition a received file."""
    return replace(table, name=f"{table.name}_by_file", partitions=("source", "object", "file"))


def standardise_files(space: Workspace, lake: Lake, contract: Contract, days: Iterable[date]) -> None:
    """Standardises every file in force that may hold these days and is not fresh.

    TieoutError names all files that cannot be used, when the others are done; another key than before stops at once.
    """
    months = {f"{day:%Y-%m}" for day in days}
    _same_key(lake, space.key())
    faults: list[Fault] = []
    for item in (item for item in contract.objects if item.feed in TABLE_OF):
        for file in in_force(lake, contract.source, item.name):
            if file.month is None or file.month in months:
                try:
                    _standardise_file(space, lake, contract, item, file)
                except TieoutError as error:
                    faults += error.faults
    if faults:
        raise TieoutError(faults)


def lay_days(lake: Lake, source: str, table: Table, days: Iterable[date]) -> Laid:
    """Writes the day partitions of one table for these days, as far as their files changed."""
    holders = _holders(lake, source, table)
    laid = Laid(table, {}, {})
    stale: dict[str, tuple[str, list[Path]]] = {}
    for day in sorted({day.isoformat() for day in days}):
        files = holders.get(day, [])
        stamp = sha("day", VERSION, [(path.parent.name, own) for path, own in files])
        partition = _partition(table, source, day)
        if not files:
            lake.drop(table, **partition)
        elif not lake.is_fresh(table, stamp, **partition):
            stale[day] = stamp, [path for path, _ in files]
        laid.rows[day] = 0
    sources = sorted({path for _, paths in stale.values() for path in paths})
    frames = _rows_of(table, sources, stale)
    for day, (stamp, paths) in stale.items():
        rows, repeated = _once(table, frames[day], [sources.index(path) for path in paths])
        lake.write(table, rows, stamp, **_partition(table, source, day))
        laid.repeated[day] = repeated
    for day in laid.rows:
        path = lake.path(table, **_partition(table, source, day))
        laid.rows[day] = pl.scan_parquet(path).select(pl.len()).collect().item() if path.exists() else 0
    return laid


def _partition(table: Table, source: str, day: str) -> dict[str, str]:
    return {"vendor": source, "day": day} if "vendor" in table.partitions else {"day": day}


def _standardise_file(space: Workspace, lake: Lake, contract: Contract, item: FeedObject, file: Received) -> None:
    """One file → its canonical rows, rejects and counts, unless they are there already."""
    table = by_file(TABLE_OF[item.feed])
    where = {"source": contract.source, "object": item.name, "file": file.file_id}
    key = space.key()
    facts = dataclasses.asdict(item) | {"server": dataclasses.asdict(contract.server)}
    stamp = sha("file", VERSION, file.sha256, file.month, facts, key_id(key), space.country, space.time_zone)
    if lake.is_fresh(table, stamp, **where):
        return
    origin = Origin(contract.source, file.file_id, file.month, space.country, key, space.time_zone)
    landed = space.dir / "landing" / contract.source / file.sha256
    with tempfile.TemporaryDirectory(prefix="tieout-") as scratch:
        raw = READERS[item.format](landed, file.file, item, contract.server, Path(scratch))
        result = standardise(raw, item, origin, file.file)
    lake.write(REJECTS, result.rejects, stamp, **where)
    lake.write_json(_counts(file), {**result.counts, "key_id": key_id(key), "inputs_sha": stamp})
    lake.write(table, result.frame, stamp, **where)


def _counts(file: Received) -> str:
    return f"_manifests/counts/{file.source}/{file.object}/{file.file_id}"


def counts(lake: Lake, file: Received) -> dict[str, Any] | None:
    """What the manifest says about a file's rows: read, accepted, rejected, left out, unknown codes, days."""
    return lake.read_json(_counts(file))


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


def _holders(lake: Lake, source: str, table: Table) -> dict[str, list[tuple[Path, str]]]:
    """Per day, the by-file partitions that hold rows of it, with their stamps, in order of reception."""
    found: dict[str, list[tuple[Path, str]]] = {}
    kept = [file for file in in_force(lake, source) if TABLE_OF.get(file.feed) is table]
    for file in sorted(kept, key=lambda file: (file.received_utc, file.file, file.file_id)):
        where = {"source": source, "object": file.object, "file": file.file_id}
        stamp = lake.stamp(by_file(table), **where)
        if stamp is not None:
            path = lake.path(by_file(table), **where)
            for day in (lake.read_json(_counts(file)) or {}).get("days", {}):
                found.setdefault(day, []).append((path, stamp))
    return found


def _rows_of(table: Table, paths: list[Path], stale: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Rows of the stale days, each file read once; `place` says which of the paths a row is from."""
    wanted = [date.fromisoformat(day) for day in stale]
    if not wanted:
        return {}
    files = [pl.scan_parquet(path, hive_partitioning=False) for path in paths]
    rows = pl.concat([file.with_columns(place=pl.lit(place, pl.Int64)) for place, file in enumerate(files)])
    parts = rows.filter(pl.col("day").is_in(wanted)).collect().partition_by("day", as_dict=True)
    return {key[0].isoformat(): part for key, part in parts.items()}


def _once(table: Table, rows: pl.DataFrame, places: list[int]) -> tuple[pl.DataFrame, int]:
    """Keeps a row that several files hold once, from the first of `places`; repeats within one file stay.

    One content may be received for two objects of a contract: then no row of it counts for both.
    """
    if len(places) < 2:
        return rows.drop("place"), 0
    content = [name for name in table.schema if name not in ("file_id", "row", "audit_month")]
    order = pl.col("place").replace_strict(places, list(range(len(places))), return_dtype=pl.Int64)
    numbered = rows.sort(order, "row").with_columns(nth=pl.int_range(pl.len()).over([*content, "place"]))
    kept = numbered.unique([*content, "nth"], keep="first", maintain_order=True)
    kept = kept.unique(list(table.key), keep="first", maintain_order=True).drop("nth", "place")
    return kept, rows.height - kept.height
