"""Delimited text (CSV and its kin): RFC 4180 quoting, one header line unless the contract says otherwise.

The file is transcoded once, as a stream, to UTF-8 with record and line numbers in front; records with too few or
too many cells and quotes that never close become rejects on the way. What is left is read lazily by Polars as text.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import polars as pl

from pipelines.contract.model import FeedObject, Server
from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats.raw import REJECT_SCHEMA, Raw, raw_columns

csv.field_size_limit(sys.maxsize)


@dataclass
class _Tally:
    """What the stream has seen so far."""

    rows: int = 0
    rejects: list[tuple[int, int, str, str, str]] = field(default_factory=list)

    def reject(self, line: int, reason: str, text: str) -> None:
        self.rejects.append((self.rows, line, "", reason, text))


def read_delimited(path: Path, name: str, item: FeedObject, server: Server, scratch: Path) -> Raw:
    """Reads `path` (shown to users as `name`); `scratch` is a folder for the transcoded copy.

    Raises TieoutError where the header lacks a column of the contract, or bytes are not of the encoding.
    """
    tally = _Tally()
    copy = scratch / "transcoded.csv"
    try:
        with path.open(encoding=_codec(server.encoding), newline="") as source, copy.open("w", newline="") as target:
            header = _transcode(source, target, name, item, server.delimiter, tally)
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise fault(
            f"{name}: byte {error.start}",
            f"0x{byte:02x}, which is not {server.encoding}",
            f"text in {server.encoding}",
            "correct servers[0].encoding in the contract, or have the file sent in it",
        ) from None
    rejects = pl.DataFrame(tally.rejects, schema=REJECT_SCHEMA, orient="row")
    wanted = raw_columns(item)
    schema = {"row": pl.Int64, "line": pl.Int64, **dict.fromkeys(header, pl.String)}
    frame = pl.scan_csv(copy, schema=schema, has_header=False).select("row", "line", *wanted)
    extra = tuple(column for column in header if column not in wanted)
    return Raw(frame, rejects, tally.rows, extra)


def _codec(encoding: str) -> str:
    """Python's codec; UTF-8 with its byte order mark taken off."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def _transcode(
    source: IO[str], target: IO[str], name: str, item: FeedObject, delimiter: str, tally: _Tally
) -> list[str]:
    """Copies all good records, numbered; returns the header's columns."""
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    writer = csv.writer(target)
    for _ in range(item.skip_rows):
        next(reader, None)
    header = _header(next(reader, []) if item.header else [], name, item)
    for row, line, cells in _records(reader, len(header), tally):
        writer.writerow([row, line, *cells])
    return header


def _header(cells: list[str], name: str, item: FeedObject) -> list[str]:
    """The file's columns in order, checked against the contract."""
    if not item.header:
        return [column.raw for column in item.columns if column.expression is None]
    header = [cell.strip() for cell in cells]
    faults = [
        Fault(
            f"{name}: line {item.skip_rows + 1} (header)",
            f"no column {wanted!r}; the file has {', '.join(header) or 'none'}",
            f"the columns of {item.name!r} in the contract",
            "ask the sender for the column, or correct the property's physicalName",
        )
        for wanted in raw_columns(item)
        if wanted not in header
    ]
    faults += [
        Fault(f"{name}: header", f"column {cell!r} twice", "each column once", "ask the sender for distinct names")
        for cell in sorted({cell for cell in header if header.count(cell) > 1})
    ]
    if faults:
        raise TieoutError(faults)
    return header


def _records(reader: Any, width: int, tally: _Tally) -> Iterator[tuple[int, int, list[str]]]:
    """Record number, first line, cells of each record with the right number of cells; blank lines are no records."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            tally.rows += 1
            span = f"lines {line} to {reader.line_num}" if reader.line_num > line else f"line {line}"
            tally.reject(line, f"quoting is broken, {span} unreadable: {error}", "")
            continue
        if not cells:
            continue
        tally.rows += 1
        if len(cells) == width:
            yield tally.rows, line, cells
        else:
            tally.reject(line, f"{len(cells)} cells where the header has {width}", "")
