"""JSON lines: one object a line; also one array of objects, one object alone, or objects one after the other.

A raw column is a dotted path into the object (`Queue.Name`, `participants.0.purpose`), or `{file}`. What a record lacks
is null. A number is that number, whatever sign `tieout.decimal` says that the file's text has before its decimals.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

from pipelines.contract.vocabulary import INDISPENSABLE, REJECTS_THE_ROW
from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats.collect import Collector
from pipelines.formats.header import FILE
from pipelines.formats.json_objects import SAMPLE, Piece, objects
from pipelines.formats.json_text import Printed, Unreadable, at, cell, parse, paths
from pipelines.formats.raw import Batch, Raw, Source, lies_in_file, raw_columns, with_decimal_comma


def read_json_lines(source: Source) -> Raw:
    """Reads a file of JSON objects, batch by batch. LINE is the line on which a record starts.

    The header names the paths of the first thousand records. TieoutError where a column without which the feed cannot
    be used stands in none of them (a path that is misspelt would else reject every row), or where none can be read.
    """
    pieces = objects(source)
    first = list(islice(pieces, SAMPLE))
    records = _sampled(first)
    if not records and len(first) == SAMPLE:
        found, hint = f"no JSON object among the first {SAMPLE} records", "correct tieout.format, or have JSON sent"
        raise fault(source.name, found, "JSON objects, one a line", hint)
    header = _header(records)
    _check(source, header, len(records))
    return Raw(header, _batches(source, first, pieces))


def _batches(source: Source, first: list[Piece], pieces: Iterator[Piece]) -> Iterator[Batch]:
    collected = Collector(raw_columns(source.item))
    name, commas = PurePosixPath(source.name).name, with_decimal_comma(source.item)
    for known in (first, pieces):
        for piece in known:
            add(collected, piece, name, commas)
            if collected.is_full:
                yield collected.batch()
    yield collected.batch()


def add(collected: Collector, piece: Piece, name: str, commas: Collection[str]) -> None:
    """One piece of the file `name` as a row, or as a reject with what is wrong.

    Numbers of the columns `commas` are printed with a decimal comma.
    """
    if piece.text is None:
        collected.reject(piece.line, piece.problem)
        return
    try:
        record = parse(piece.text)
        cells = {column: _cell(at(record, column), column in commas) for column in collected.columns}
    except Unreadable as problem:
        collected.reject(piece.line, str(problem))
        return
    collected.row(piece.line, cells | {FILE: name} if FILE in cells else cells)


def _cell(value: Any, has_comma: bool) -> str | None:
    return value.replace(".", ",") if has_comma and isinstance(value, Printed) else cell(value)


def _sampled(first: list[Piece]) -> list[dict[str, Any]]:
    """The records among the first pieces that can be read."""
    records = []
    for piece in first:
        if piece.text is not None:
            with suppress(Unreadable):
                records.append(parse(piece.text))
    return records


def _header(records: list[dict[str, Any]]) -> tuple[str, ...]:
    """The paths of these records, in the order in which they appear."""
    found: dict[str, None] = {}
    for record in records:
        with suppress(RecursionError):
            found |= dict.fromkeys(paths(record))
    return tuple(found)


def _check(source: Source, header: tuple[str, ...], records: int) -> None:
    """A caller that few records hold may be withheld in all of them; without the others no row can be accepted."""
    roles = REJECTS_THE_ROW if records < SAMPLE else INDISPENSABLE
    needed = roles.get(source.item.feed, ())
    missing = [
        column.raw
        for column in source.item.columns
        if records
        and column.role in needed
        and lies_in_file(column)
        and column.raw != FILE
        and not _is_in(column.raw, header)
    ]
    if missing:
        allowed, hint = f"the columns of {source.item.name!r} in the contract", "correct the property's physicalName"
        has = f"; the records have {', '.join(header) or 'none'}"
        raise TieoutError([Fault(source.name, f"nothing under {path!r}{has}", allowed, hint) for path in missing])


def _is_in(path: str, header: tuple[str, ...]) -> bool:
    """Whether a record has the path, or an array or an empty value on the way to it, or values below it."""
    return any(f"{path}.".startswith(f"{known}.") or known.startswith(f"{path}.") for known in header)
