"""What an engineer should know of a source's deliveries: late, missing, unfinished, overlapping and corrected files.

Read from the lake (`deliveries`, `delivery_changes`, the manifests), told as `Fault`s. A correction, and a row that
stands in two files, accuse nobody: they are told so that nobody counts twice. Nothing is judged here.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise

import polars as pl

from pipelines.contract.model import Contract
from pipelines.errors import Fault
from pipelines.intake.manifest import Received, delivered, in_force, pulls, received, tally
from pipelines.lake import Lake
from pipelines.standardise.changes import changes_name
from pipelines.standardise.overlaps import Noted, kept_notes
from pipelines.tables import DELIVERIES, REJECTS

_MOST = 5
_CUT = ("cells where the header has", "quote opens and never closes", "quote is not closed")
"""Reasons of readers that the last record has, too, where the upload of its file broke off."""


def deliveries_told(lake: Lake, contract: Contract, days: Iterable[date]) -> list[Fault]:
    """Everything about one source's deliveries that touches these days, the gravest first."""
    wanted = sorted(set(days))
    months = sorted({f"{day:%Y-%m}" for day in wanted})
    frames = [lake.read(DELIVERIES, source=contract.source, month=month) for month in months]
    rows = _touching(pl.concat(frames) if frames else DELIVERIES.empty(), wanted)
    return [
        *_missing(contract, rows),
        *_late(contract, rows),
        *_unfinished(lake, contract),
        *_cut_off(lake, contract, wanted),
        *_headers(lake, contract, wanted),
        *_corrected(lake, contract, wanted),
        *_overlapping(lake, contract, wanted),
        *_elsewhere(lake, contract, months),
    ]


def _touching(rows: pl.DataFrame, days: list[date]) -> pl.DataFrame:
    """Rows of periods that share a day with these."""
    if not days:
        return rows.clear()
    return rows.filter(pl.col("period_start") <= days[-1], pl.col("period_end") >= days[0])


def _missing(contract: Contract, rows: pl.DataFrame) -> Iterator[Fault]:
    for (name,), part in rows.filter(state="missing").group_by("object", maintain_order=True):
        due = part["due_utc"][0]
        until = f", the first due until {_day(due)}" if due is not None else "; later ones have come"
        found = f"no file for {_listed(_periods(part))}{until}"
        hint = "ask the sender for it; what it would show is not measured until it has come"
        yield Fault(f"{contract.source}, {name}", found, f"a file for each period ({contract.file})", hint)


def _late(contract: Contract, rows: pl.DataFrame) -> Iterator[Fault]:
    for (name,), part in rows.filter(state="late").group_by("object", maintain_order=True):
        told = [
            f"{row['file']} (due until {_day(row['due_utc'])}, first listed {_day(row['arrived_utc'])}, "
            f"not there yet on {_day(row['earlier_pull_utc'])})"
            for row in part.iter_rows(named=True)
        ]
        hint = "ask the sender why"
        allowed = f"a file by the end of the day on which it is due ({contract.file}: slaProperties)"
        yield Fault(f"{contract.source}, {name}", f"late: {_listed(told)}", allowed, hint)


def _unfinished(lake: Lake, contract: Contract) -> Iterator[Fault]:
    for item in pulls(lake, contract.source).passed_over:
        hint = "run tieout again when the upload is done, or remove what an upload that failed has left"
        yield Fault(item.file, f"{item.reason}: passed over", f"a whole file of {item.object}", hint)


def _cut_off(lake: Lake, contract: Contract, days: list[date]) -> Iterator[Fault]:
    """Files whose last record is rejected for its shape: perhaps all that has come of it."""
    for file in in_force(lake, contract.source):
        counts = tally(lake, file) or {}
        if not counts.get("rejected") or not _touches(lake, file, days):
            continue
        cells = lake.read(REJECTS, source=file.source, object=file.object, file=file.file_id)
        broken = cells.filter(pl.col("row") == counts["rows_read"], pl.col("reason").str.contains_any(list(_CUT)))
        for row in broken.head(1).iter_rows(named=True):
            found = f"the last record is not whole ({row['reason']}): the upload may have broken off"
            hint = "ask the sender how many records the file has, and for the whole of it under the same name"
            yield Fault(f"{file.file}: line {row['line']}", found, "a file that was sent to its end", hint)


def _headers(lake: Lake, contract: Contract, days: list[date]) -> Iterator[Fault]:
    """Columns that came or went since the delivery before, by reception, whether that is still in force or not."""
    for item in contract.objects:
        known = sorted(received(lake, contract.source, item.name), key=delivered)
        named = [(file, tally(lake, file) or {}) for file in known]
        headers = [(file, counts["header"]) for file, counts in named if counts.get("header")]
        for (_, before), (file, now) in pairwise(headers):
            if set(before) == set(now) or file.superseded_by is not None or not _touches(lake, file, days):
                continue
            came, went = [x for x in now if x not in before], [x for x in before if x not in now]
            told = [f"{verb} {', '.join(names)}" for verb, names in (("new:", came), ("gone:", went)) if names]
            hint = f"ask the sender whether the columns still mean the same, then correct {contract.file}"
            found = f"another header than in the delivery before; {'; '.join(told)}"
            yield Fault(f"{file.file}: header", found, "the columns of the delivery before", hint)


def _corrected(lake: Lake, contract: Contract, days: list[date]) -> Iterator[Fault]:
    earlier = {(item.object, item.file_id): item for item in received(lake, contract.source)}
    for file in in_force(lake, contract.source):
        for file_id, tables in (lake.read_json(changes_name(file)) or {}).items():
            before = earlier.get((file.object, file_id))
            if before is None or before.superseded_by is None:
                continue
            if not _touches(lake, file, days) and not _touches(lake, before, days):  # a day may be gone altogether
                continue
            for table, counts in tables.items():
                if any(counts.values()):
                    against = f"against the earlier one, received {before.received_utc[:10]}"
                    found = f"a corrected file: {_rows(counts)} {against}"
                    hint = "nothing, where the sender announced it; the differences stand in table delivery_changes"
                    yield Fault(f"{file.file}: {table}", found, "the last file under a name counts", hint)


def _rows(counts: dict[str, int]) -> str:
    """`3 rows added, 1 removed, 12 changed`: each kind that there is."""
    told = [(kind, counts[kind]) for kind in ("added", "removed", "changed") if counts[kind]]
    first, *others = told
    noun = "row" if first[1] == 1 else "rows"
    return ", ".join([f"{first[1]:,} {noun} {first[0]}", *(f"{count:,} {kind}" for kind, count in others)])


def _overlapping(lake: Lake, contract: Contract, days: list[date]) -> Iterator[Fault]:
    notes, wanted = kept_notes(lake, contract.source), {day.isoformat() for day in days}
    files = {file.file_id: file for file in received(lake, contract.source)}
    for table in sorted({table for table, _ in notes}):
        own = {day: noted for (name, day), noted in notes.items() if name == table and day in wanted}
        repeated, corrected = (sum(getattr(note, kind) for note in own.values()) for kind in ("repeated", "corrected"))
        if repeated:
            other = f", {corrected} of them with other content" if corrected else ""
            noun = "row" if repeated == 1 else "rows"
            pairs = _between(own.values(), files)
            names = [f"{one.file} and {later.file}" for one, later, *_ in pairs]
            between = f"; in {_listed(names, '; in ')}" if names else ""
            found = f"{repeated:,} {noun} that a later file holds too{other} ({_listed(sorted(own))}){between}"
            hint = "nothing, where exports are meant to overlap; each row counts once, from the file received last"
            yield Fault(f"{contract.source}, {table}", found, "each row in one file", hint)
            yield from _undecided(contract, table, pairs)


_Pair = tuple[Received, Received, int, int]


def _between(notes: Iterable[Noted], files: Mapping[str, Received]) -> list[_Pair]:
    """Rows left out, and those with other content, by earlier and later file; most rows first."""
    sums: dict[tuple[str, str], list[int]] = {}
    for one, later, repeated, corrected in (pair for note in notes for pair in note.files):
        own = sums.setdefault((one, later), [0, 0])
        own[:] = own[0] + repeated, own[1] + corrected
    ordered = sorted(sums.items(), key=lambda item: (-item[1][0], item[0]))
    known = [(pair, counts) for pair, counts in ordered if pair[0] != pair[1] and set(pair) <= set(files)]
    return [(files[one], files[later], repeated, corrected) for (one, later), (repeated, corrected) in known]


def _undecided(contract: Contract, table: str, pairs: Iterable[_Pair]) -> Iterator[Fault]:
    """Files of one pull that contradict each other: which was meant to be the last, only their names can say."""
    unsure = [pair for pair in pairs if pair[3] and delivered(pair[0])[0] == delivered(pair[1])[0]]
    if unsure:
        told = [f"{later.file} was taken, not {one.file} ({corrected:,} rows)" for one, later, _, corrected in unsure]
        found = f"files that came in one pull say different things of the same rows: {_listed(told, '; ')}"
        hint = "ask the sender which counts; if it is the other, put its content under the name of the one taken, too"
        yield Fault(f"{contract.source}, {table}", found, "a correction that comes after what it corrects", hint)


def _elsewhere(lake: Lake, contract: Contract, months: list[str]) -> Iterator[Fault]:
    """One content under the paths of two months: one of them lacks its own file."""
    for file in in_force(lake, contract.source):
        for path, month in zip(file.also_seen, file.also_months, strict=True):
            if month != file.month and month in months:
                hint = "ask the sender for the month's own file; the content counts once, for the path seen first"
                found = f"the same content as {file.file}"
                yield Fault(path, found, "a file with the records of its own month", hint)


def _touches(lake: Lake, file: Received, days: list[date]) -> bool:
    """Whether a file is of one of these months, or has rows on one of these days."""
    own = (tally(lake, file) or {}).get("days", {})
    wanted = {day.isoformat() for day in days}
    return file.month in {day[:7] for day in wanted} if file.month is not None else bool(wanted & set(own))


def _periods(rows: pl.DataFrame) -> list[str]:
    pairs = rows.select("period_start", "period_end").iter_rows()
    return [f"{first}" if first == last else f"{first} to {last}" for first, last in pairs]


def _day(moment: object) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _listed(names: list[str], between: str = ", ") -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return between.join(names[:_MOST]) + more
