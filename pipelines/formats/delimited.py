"""Delimited text (CSV and its kin): RFC 4180 quoting, one header line unless the contract says otherwise.

The file is transcoded once, as a stream, to UTF-8 with record and line numbers in front; records with too few or
too many cells and quotes that never close become rejects on the way. What is left is read lazily by Polars as text.
"""

import codecs
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import polars as pl

from pipelines.contract.model import FeedObject, Server
from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats.raw import LINE, REJECT_SCHEMA, ROW, Raw, lies_in_file, raw_columns

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
    codec = _codec(server.encoding)
    try:
        with path.open(encoding=codec, newline="") as source, copy.open("w", encoding="utf-8", newline="") as target:
            extra = _transcode(source, target, name, item, server.delimiter, tally)
    except UnicodeError as error:
        raise fault(
            f"{name}{_place(path, codec)}",
            f"{_bytes(error)}, which is not {server.encoding}",
            f"text in {server.encoding}",
            "correct servers[0].encoding in the contract, or have the file sent in it",
        ) from None
    rejects = pl.DataFrame(tally.rejects, schema=REJECT_SCHEMA, orient="row")
    schema = {ROW: pl.Int64, LINE: pl.Int64, **dict.fromkeys(raw_columns(item), pl.String)}
    return Raw(pl.scan_csv(copy, schema=schema, has_header=False), rejects, tally.rows, extra)


def _codec(encoding: str) -> str:
    """Python's codec; UTF-8 with its byte order mark taken off."""
    return "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding


def _place(path: Path, codec: str) -> str:
    """Where the first byte stands that is not of the encoding: a reader only knows its place in a block."""
    decoder, read = codecs.getincrementaldecoder(codec)(), 0
    with path.open("rb") as source:
        try:
            while chunk := source.read(1 << 16):
                read += len(chunk)
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return f": byte {read - len(error.object) + error.start}"
        except UnicodeError:
            return ""
    return ""


def _bytes(error: UnicodeError) -> str:
    return f"0x{error.object[error.start]:02x}" if isinstance(error, UnicodeDecodeError) else str(error)


def _transcode(
    source: IO[str], target: IO[str], name: str, item: FeedObject, delimiter: str, tally: _Tally
) -> tuple[str, ...]:
    """Copies the columns of the contract of all good records, numbered; returns the names of the other columns."""
    for _ in range(item.skip_rows):
        source.readline()
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    writer = csv.writer(target)
    header, wanted = _header(reader, name, item), raw_columns(item)
    places = [header.index(column) for column in wanted]
    for row, line, cells in _records(reader, len(header), item.skip_rows, tally):
        writer.writerow([row, line, *(cells[place] for place in places)])
    return tuple(column for column in header if column not in wanted)


def _header(reader: Any, name: str, item: FeedObject) -> list[str]:
    """The file's columns in order, checked against the contract."""
    if not item.header:
        return list(dict.fromkeys(column.raw for column in item.columns if lies_in_file(column)))
    where = f"{name}: line {item.skip_rows + 1} (header)"
    try:
        header = [cell.strip() for cell in next(reader, [])]
    except csv.Error as error:
        hint = "have the file sent with its quotes doubled, or correct tieout.skip_rows"
        raise fault(where, f"broken quoting: {error}", "a header line", hint) from None
    faults = [
        Fault(
            where,
            f"no column {wanted!r}; the file has {', '.join(header) or 'none'}",
            f"the columns of {item.name!r} in the contract",
            "ask the sender for the column, or correct the property's physicalName",
        )
        for wanted in raw_columns(item)
        if wanted not in header
    ]
    faults += [
        Fault(where, f"column {cell!r} twice", "each column once", "ask the sender for distinct names")
        for cell in sorted({cell for cell in header if cell and header.count(cell) > 1})
    ]
    if faults:
        raise TieoutError(faults)
    return header


def _records(reader: Any, width: int, skipped: int, tally: _Tally) -> Iterator[tuple[int, int, list[str]]]:
    """Record number, first line, cells of each record with the right number of cells; blank lines are no records.

    `skipped` lines lie before the reader's first.
    """
    while True:
        line = skipped + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            tally.rows += 1
            last = skipped + reader.line_num
            span = f"lines {line} to {last}" if last > line else f"line {line}"
            tally.reject(line, f"quoting is broken, {span} unreadable: {error}", "")
            continue
        if not cells:
            continue
        tally.rows += 1
        if len(cells) == width:
            yield tally.rows, line, cells
        else:
            tally.reject(line, f"{len(cells)} cells where the header has {width}", "")
