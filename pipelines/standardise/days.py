"""Canonical rows by file → the day partitions that all later steps read.

One file may fill many days, and one day many files: a day is laid anew when any of its files changed. A row that stands
in several files (rolling exports, corrections under another name) is kept once (`overlaps.py`); the same row twice in
one file stays twice: that is evidence.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.intake.manifest import Received, delivered, in_force
from pipelines.lake import VERSION, Lake, sha
from pipelines.standardise.by_file import by_file, counts
from pipelines.standardise.feeds import TABLE_OF
from pipelines.standardise.files import fills
from pipelines.standardise.overlaps import Noted, keep_note, once
from pipelines.tables import Table

_ROWS_AT_ONCE = 1_500_000


@dataclass(frozen=True)
class Laid:
    """What laying the days of one table did: rows per day, and rows that stood in another file too."""

    table: Table
    rows: dict[str, int]
    repeated: dict[str, Noted]


def lay_days(lake: Lake, source: str, table: Table, days: Iterable[date]) -> Laid:
    """Writes the day partitions of one table for these days, as far as their files changed."""
    holders = _holders(lake, source, table)
    laid = Laid(table, {}, {})
    stale: dict[str, _Stale] = {}
    for day in sorted({day.isoformat() for day in days}):
        files = holders.get(day, [])
        stamp = sha("day", VERSION, [(held.path.parent.name, held.stamp) for held in files])
        partition = _partition(table, source, day)
        if not files:
            lake.drop(table, **partition)
            keep_note(lake, table, source, day, Noted())
        elif not lake.is_fresh(table, stamp, **partition):
            stale[day] = _Stale(stamp, [held.path for held in files], sum(held.rows for held in files))
        laid.rows[day] = 0
    for group in _groups(stale):
        _lay(lake, source, table, group, laid)
    for day in laid.rows:
        path = lake.path(table, **_partition(table, source, day))
        laid.rows[day] = pl.scan_parquet(path).select(pl.len()).collect().item() if path.exists() else 0
    return laid


def _groups(stale: dict[str, "_Stale"]) -> Iterator[dict[str, "_Stale"]]:
    """Days in portions that fit into memory: a file may hold a whole month of a large client."""
    group: dict[str, _Stale] = {}
    for day, item in stale.items():
        if group and sum(other.rows for other in group.values()) + item.rows > _ROWS_AT_ONCE:
            yield group
            group = {}
        group[day] = item
    if group:
        yield group


def _lay(lake: Lake, source: str, table: Table, stale: dict[str, "_Stale"], laid: Laid) -> None:
    sources = sorted({path for item in stale.values() for path in item.paths})
    frames = _rows_of(table, sources, stale)
    shared = [day for day, item in stale.items() if len(item.paths) > 1]
    beside = _beside(sources, shared) if shared and "call_id" in table.schema else None
    objects = {place: path.parent.parent.name.removeprefix("object=") for place, path in enumerate(sources)}
    for day, item in stale.items():
        places = [sources.index(path) for path in item.paths]
        near = None if beside is None or day not in shared else beside.filter(_is_next_to(day)).drop("day")
        rows, noted = once(table, frames[day], places, beside=near, objects=objects)
        lake.write(table, rows, item.stamp, **_partition(table, source, day))
        keep_note(lake, table, source, day, noted)
        laid.repeated[day] = noted


def _beside(paths: list[Path], days: Iterable[str]) -> pl.DataFrame:
    """The calls of the days around these, by what names them: a correction may move a call to another day."""
    around = {date.fromisoformat(day) + timedelta(days=step) for day in days for step in (-1, 1)}
    files = [
        pl.scan_parquet(path, hive_partitioning=False)
        .filter(pl.col("day").is_in(sorted(around)))
        .select("day", "call_id", "leg", "caller_key", place=pl.lit(place, pl.Int64))
        for place, path in enumerate(paths)
    ]
    return pl.concat(files).collect()


def _is_next_to(day: str) -> pl.Expr:
    own = date.fromisoformat(day)
    return pl.col("day").is_in([own - timedelta(days=1), own + timedelta(days=1)])


def _partition(table: Table, source: str, day: str) -> dict[str, str]:
    return {"vendor": source, "day": day} if "vendor" in table.partitions else {"day": day}


@dataclass(frozen=True)
class _Held:
    """A by-file partition that holds rows of a day."""

    path: Path
    stamp: str
    rows: int


@dataclass(frozen=True)
class _Stale:
    """What a day is to be laid from."""

    stamp: str
    paths: list[Path]
    rows: int


def _holders(lake: Lake, source: str, table: Table) -> dict[str, list[_Held]]:
    """Per day, the by-file partitions that hold rows of it, with their stamps, in order of reception."""
    found: dict[str, list[_Held]] = {}
    kept = [file for file in in_force(lake, source) if file.feed in TABLE_OF and table in fills(file.feed)]
    for file in sorted(kept, key=delivered):
        where = {"source": source, "object": file.object, "file": file.file_id}
        stamp = lake.stamp(by_file(table), **where)
        if stamp is not None:
            path = lake.path(by_file(table), **where)
            for day, rows in _days_in(lake, file, table).items():
                found.setdefault(day, []).append(_Held(path, stamp, rows))
    return found


def _days_in(lake: Lake, file: Received, table: Table) -> dict[str, int]:
    """Rows by day that a file has in a table."""
    tally = counts(lake, file) or {}
    own = tally if table is TABLE_OF[file.feed] else tally.get("derived", {}).get(table.name, {})
    days: dict[str, int] = own.get("days", {})
    return days


def _rows_of(table: Table, paths: list[Path], stale: Iterable[str]) -> dict[str, pl.DataFrame]:
    """Rows of the stale days, each file read once; `place` says which of the paths a row is from."""
    wanted = [date.fromisoformat(day) for day in stale]
    files = [pl.scan_parquet(path, hive_partitioning=False) for path in paths]
    rows = pl.concat([file.with_columns(place=pl.lit(place, pl.Int64)) for place, file in enumerate(files)])
    parts = rows.filter(pl.col("day").is_in(wanted)).collect().partition_by("day", as_dict=True)
    return {key[0].isoformat(): part for key, part in parts.items()}
