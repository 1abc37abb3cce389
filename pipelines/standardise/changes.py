"""A corrected file against the one whose place it took: which records were added, removed or changed, and in what.

A correction accuses nobody; it is kept and shown. Records that are the same word for word are put aside by a print of
their content, so that only what differs is ever read whole. Of one pair of files the counts are exact, and at most
`MOST` records are kept each; both contents stay in the landing zone. The same call in two files that are both in force
is the business of `overlaps.py`.
"""

import datetime
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.model import Contract, FeedObject
from pipelines.intake.manifest import Received, in_force, received, replaced_by
from pipelines.lake import VERSION, Lake, sha
from pipelines.standardise.numbers import hide_numbers, mask
from pipelines.standardise.overlaps import NO_CONTENT
from pipelines.tables import (
    AGENT_STATES,
    CLAIMS,
    DELIVERY_CHANGES,
    FORECAST,
    INHOUSE_CALLS,
    QUALITY_SCORES,
    QUEUE_EVENTS,
    ROSTER,
    SURVEYS,
    TRUNKS,
    VENDOR_CALLS,
    Table,
)

MOST = 100_000
"""Records of each kind that are kept of one pair of files and table."""
_AT_ONCE = 2_000_000

_RECORD: Mapping[str, tuple[str, ...]] = {
    VENDOR_CALLS.name: ("call_id", "leg"),
    INHOUSE_CALLS.name: ("call_id", "leg"),
    CLAIMS.name: ("field", "queue", "period_start_utc", "period_s"),
    QUEUE_EVENTS.name: ("call_id", "event_utc", "event"),
    AGENT_STATES.name: ("agent_id", "from_utc"),
    ROSTER.name: ("agent_id", "planned_from_utc"),
    TRUNKS.name: ("from_utc",),
    FORECAST.name: ("queue", "period_start_utc", "issued_utc"),
    SURVEYS.name: ("call_id", "caller_key", "at_utc"),
    QUALITY_SCORES.name: ("scored_by", "call_id", "agent_id", "at_utc"),
}
_KEYS = ("caller_key", "staff_key")
_NUMBERS = ("called", "transfer_to")
_KINDS = ("added", "removed", "changed")


def changes(
    table: Table, new: pl.LazyFrame, old: pl.LazyFrame, most: int = MOST
) -> tuple[pl.DataFrame, dict[str, int]]:
    """Differences of two files' rows of one canonical table: at most `most` of each kind, and how many there are.

    The frame has the columns of `DELIVERY_CHANGES`, where source and object are still null. Records are matched by what
    names them (a call's id and leg, a figure and its period), the n-th with the n-th among those that differ.
    """
    new_rows, old_rows = _differing(table, new, old)
    places = _place_of(table)
    by = [name for name in _RECORD[table.name] if name in table.schema]
    new_rows = new_rows.with_columns(nth=pl.int_range(pl.len()).over(by))
    old_rows = old_rows.with_columns(nth=pl.int_range(pl.len()).over(by))
    pairs = new_rows.join(
        old_rows, on=[*by, "nth"], how="full", nulls_equal=True, suffix="_old", maintain_order="left_right"
    )
    pairs = pairs.select(*places, *(f"{name}_old" for name in places), kind=_kind()).sort(
        "row", "row_old", nulls_last=True
    )
    counts = {kind: pairs.filter(pl.col("kind") == kind).height for kind in _KINDS}
    told = pl.concat([pairs.filter(pl.col("kind") == kind).head(most) for kind in _KINDS])
    return _told(table, told, new, old), counts


def _place_of(table: Table) -> list[str]:
    """Where a record stands in its file: its row; in a wide report, its row and figure."""
    return [name for name in table.key if name != "file_id"]


def _kind() -> pl.Expr:
    added, removed = pl.col("row_old").is_null(), pl.col("row").is_null()
    return pl.when(added).then(pl.lit("added")).when(removed).then(pl.lit("removed")).otherwise(pl.lit("changed"))


def _differing(table: Table, new: pl.LazyFrame, old: pl.LazyFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of either side beyond what both hold word for word, in order, with what names the record."""
    prints = [_prints(table, side) for side in (new, old)]
    uneven, places = _uneven(*prints), _place_of(table)
    found = []
    for side, own in zip((new, old), prints, strict=True):
        suspect = own.join(uneven, on="print").sort(places)
        beyond = suspect.filter(pl.int_range(pl.len()).over("print") >= pl.col("common")).select(places)
        names = list(dict.fromkeys([*places, *_RECORD[table.name]]))
        rows = side.select(names).join(beyond.lazy(), on=places, how="semi").collect(engine="streaming")
        found.append(rows.sort(places))
    return found[0], found[1]


def _uneven(new: pl.DataFrame, old: pl.DataFrame) -> pl.DataFrame:
    """Prints that the sides do not hold equally often, and how often both do; in portions, to spare memory."""
    portions = 1 + (new.height + old.height) // _AT_ONCE
    found = []
    for portion in range(portions):
        own = [side.filter(pl.col("print") % portions == portion) for side in (new, old)]
        tallies = [side.group_by("print").len(name) for side, name in zip(own, ("new", "old"), strict=True)]
        both = tallies[0].join(tallies[1], on="print", how="full", coalesce=True).fill_null(0)
        differing = both.filter(pl.col("new") != pl.col("old"))
        found.append(differing.select("print", common=pl.min_horizontal("new", "old")))
    return pl.concat(found)


def _prints(table: Table, side: pl.LazyFrame) -> pl.DataFrame:
    """A print of each record's content: two that are equal say the same, word for word."""
    content = [name for name in table.schema if name not in NO_CONTENT]
    return side.select(*_place_of(table), print=pl.struct(content).hash()).collect(engine="streaming")


def _told(table: Table, pairs: pl.DataFrame, new: pl.LazyFrame, old: pl.LazyFrame) -> pl.DataFrame:
    """The differing records as rows of `DELIVERY_CHANGES`, each read whole."""
    after, before = _whole(table, pairs, new, ""), _whole(table, pairs, old, "_old")
    names = {"file_id": _file_of(new), "replaced_file_id": _file_of(old), "table": table.name}
    places = _place_of(table)
    lines = []
    for pair in pairs.iter_rows(named=True):
        mine = after.get(tuple(pair[name] for name in places))
        theirs = before.get(tuple(pair[f"{name}_old"] for name in places))
        lines.append({**names, **_line(table, pair["kind"], mine, theirs)})
    frame = pl.DataFrame(lines, schema={name: DELIVERY_CHANGES.schema[name] for name in _LINE}, orient="row")
    return DELIVERY_CHANGES.fit(frame)


_LINE = (
    *("file_id", "replaced_file_id", "table", "kind", "call_id", "leg", "field"),
    *("row", "replaced_row", "columns", "before", "after"),
)


def _whole(table: Table, pairs: pl.DataFrame, side: pl.LazyFrame, suffix: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Whole rows of one side by their place in the file."""
    wanted = pairs.select(pl.col(f"row{suffix}").alias("row")).drop_nulls().unique()
    rows = side.select(*table.schema.names()).join(wanted.lazy(), on="row", how="semi").collect(engine="streaming")
    places = _place_of(table)
    return {tuple(row[name] for name in places): row for row in rows.iter_rows(named=True)}


def _file_of(side: pl.LazyFrame) -> str | None:
    found = side.select(pl.col("file_id").first()).collect()
    return found["file_id"][0] if found.height else None


def _line(table: Table, kind: str, mine: Mapping[str, Any] | None, theirs: Mapping[str, Any] | None) -> dict[str, Any]:
    """One difference. What stays the same in a changed record is not told again."""
    one: Mapping[str, Any] = mine or theirs or {}
    content = [name for name in table.schema if name not in NO_CONTENT]
    if mine is not None and theirs is not None:
        content = [name for name in content if mine[name] != theirs[name]]
    return {
        "kind": kind,
        **{name: one.get(name) for name in ("call_id", "leg", "field")},
        "row": mine["row"] if mine else None,
        "replaced_row": theirs["row"] if theirs else None,
        "columns": ",".join(content) if kind == "changed" else None,
        "before": _shown(theirs, content, kind) if theirs else None,
        "after": _shown(mine, content, kind) if mine else None,
    }


def _shown(row: Mapping[str, Any], names: Sequence[str], kind: str) -> str:
    """Cells as JSON, empty ones only where they differ from something. A key is shown as the mask beside it."""
    shown: dict[str, Any] = {}
    for name in names:
        if name in _KEYS:
            beside = name.replace("_key", "_mask")
            shown[beside] = row[beside]
        elif row[name] is not None or kind == "changed":
            shown[name] = _cell(name, row[name])
    return json.dumps(shown, ensure_ascii=False)


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, str):
        return mask(value) if name in _NUMBERS and sum(map(str.isdigit, value)) > 5 else hide_numbers(value)
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def superseded(lake: Lake, source: str, object_name: str = "*") -> list[tuple[Received, list[Received]]]:
    """Each file in force that took the place of others, with those; in order of file name."""
    by_successor: dict[tuple[str, str | None], list[Received]] = {}
    for item in sorted(received(lake, source, object_name), key=lambda one: (one.received_utc, one.file)):
        by_successor.setdefault((item.object, item.superseded_by), []).append(item)
    files = in_force(lake, source, object_name)
    return [(file, others) for file in files if (others := by_successor.get((file.object, file.file_id)))]


def write_changes(
    lake: Lake,
    contract: Contract,
    tables_of: Callable[[FeedObject], Sequence[Table]],
    by_file: Callable[[Table], Table],
) -> None:
    """Keeps what each correction in force changed, as table `delivery_changes`, where both files were standardised.

    `tables_of` names the canonical tables that an object's files fill, `by_file` where their rows lie by file. The
    exact counts stand in `_manifests/changes/`, by earlier file and table.
    """
    for item in contract.objects:
        for file, others in superseded(lake, contract.source, item.name):
            _write(lake, file, others, tables_of(item), by_file)


def _write(
    lake: Lake, file: Received, others: Sequence[Received], tables: Sequence[Table], by_file: Callable[[Table], Table]
) -> None:
    where = {"source": file.source, "object": file.object, "file": file.file_id}
    pairs = list(_pairs(lake, file, others, [(table, by_file(table)) for table in tables]))
    stamp = sha("changes", VERSION, MOST, lake.stamps(path for _, _, *paths in pairs for path in paths))
    if not pairs or lake.is_fresh(DELIVERY_CHANGES, stamp, **where):
        return
    frames, counts = [DELIVERY_CHANGES.empty()], dict[str, dict[str, dict[str, int]]]()
    for table, other, mine, theirs in pairs:
        sides = [pl.scan_parquet(path, hive_partitioning=False) for path in (mine, theirs)]
        frame, counted = changes(table, sides[0], sides[1], MOST)
        named = {
            "source": file.source,
            "object": file.object,
            "file_id": file.file_id,
            "replaced_file_id": other.file_id,
        }
        frames.append(frame.with_columns(pl.lit(text).alias(name) for name, text in named.items()))
        counts.setdefault(other.file_id, {})[table.name] = counted
    lake.write_json(changes_name(file), counts)
    lake.write(DELIVERY_CHANGES, pl.concat(frames), stamp, **where)


def changes_name(file: Received) -> str:
    """Name of the counts of what a file changed: by earlier file and table, by kind."""
    return f"_manifests/changes/{file.source}/{file.object}/{file.file_id}"


def _pairs(
    lake: Lake, file: Received, others: Sequence[Received], tables: Sequence[tuple[Table, Table]]
) -> Iterator[tuple[Table, Received, Path, Path]]:
    """Table by table, the file and each that it replaced. One that was never read stands aside for its predecessor."""
    for other in others:
        for table, kept in tables:
            mine = lake.path(kept, source=file.source, object=file.object, file=file.file_id)
            seen = {file.file_id}
            stand_ins = [other]
            while stand_ins and mine.exists():
                earlier = stand_ins.pop(0)
                theirs = lake.path(kept, source=file.source, object=file.object, file=earlier.file_id)
                if theirs.exists():
                    yield table, earlier, mine, theirs
                elif earlier.file_id not in seen:
                    stand_ins += replaced_by(lake, earlier)
                seen.add(earlier.file_id)
