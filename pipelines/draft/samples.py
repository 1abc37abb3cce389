"""A sample file → its format and its first records as text cells by column, with what was noticed on the way.

The start and the end of a file are looked at, not the middle of a large one. Whole files are read in
`pipelines/formats/`; this is a look before there is a contract to read them by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.draft import sniff
from pipelines.draft.grid import Grid, delimiter_of, grid_of, records_of
from pipelines.errors import fault
from pipelines.formats.cell_text import CellText
from pipelines.formats.encodings import detect_encoding
from pipelines.formats.number_format import kind_of
from pipelines.formats.unpack import is_packed, opened
from pipelines.formats.workbook import Sheet, Workbook, open_workbook
from pipelines.formats.workbook_xml import Cell, Row

HEAD_BYTES, TAIL_BYTES = 4 << 20, 1 << 16
MOST_ROWS = 20_000
_CAN_READ = "a delimited text, xlsx, parquet, JSON lines, or an export of one of the systems in the docs"


@dataclass(frozen=True)
class Sample:
    """What one file showed. `header` and `rows` are empty where the format knows its own columns."""

    path: Path
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    grid: Grid | None = None
    notes: tuple[str, ...] = ()

    @property
    def header(self) -> tuple[str, ...]:
        """The heads of the columns, or c1, c2 … where the file names none."""
        return self.grid.header if self.grid else ()


def sample_of(path: Path) -> Sample:
    """Looks at one file. Raises TieoutError where it is missing, empty, or of a kind that cannot be read."""
    try:
        if sniff.is_workbook(path):
            return _workbook(path)
        with opened(path, str(path)) as file:
            head, tail = _ends(file)
        notes = ("a packed file: it is read as it is",) if is_packed(path) else ()
    except OSError as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else f"cannot be opened: {error.strerror}"
        raise fault(path, found, "a file that an export made", "correct the path, or ask for the file again") from None
    if not head.strip():
        raise fault(path, "an empty file", _CAN_READ, "take a file with some records")
    if problem := sniff.refused(head):
        raise fault(path, *problem)
    return _parquet(path) if head.startswith(b"PAR1") else _text(path, head, tail, notes)


def _ends(file: BinaryIO) -> tuple[bytes, bytes]:
    """Start and end of a file's content; the end is empty where the start is all there is."""
    head, tail = file.read(HEAD_BYTES), b""
    while chunk := file.read(1 << 20):
        tail = (tail + chunk)[-TAIL_BYTES:]
    return head, tail


def _text(path: Path, head: bytes, tail: bytes, notes: tuple[str, ...]) -> Sample:
    encoding = detect_encoding(head)
    if encoding is None:
        raise fault(path, "bytes that are no text in any encoding known here", _CAN_READ, "ask what wrote the file")
    text = head.decode("utf-8-sig" if encoding == "utf-8" else encoding, errors="replace")
    name = sniff.text_format(text)
    if name == "json_lines":
        return Sample(path, name, encoding, grid=_grid_of_json(path, text), notes=notes)
    if name is not None:
        quality = ("a CMR: voice quality only, so all its records are left out",) * ("numberPacketsSent" in text[:4000])
        return Sample(path, name, encoding, notes=(*notes, *quality))
    delimiter = delimiter_of(text)
    if delimiter is None:
        found = "lines that no delimiter cuts into columns"
        raise fault(path, found, _CAN_READ, "ask for the export as CSV")
    records = records_of(text if not tail else text[: text.rindex("\n") + 1], delimiter)
    if tail:
        records = records[:MOST_ROWS] + _last(tail, encoding, delimiter)
        notes = (*notes, "a large file: its start and its end were looked at")
    grid = grid_of(records)
    if name := sniff.cells_format(grid):
        return Sample(path, name, encoding, delimiter, notes=notes)
    return Sample(path, "delimited", encoding, delimiter, grid=grid, notes=(*notes, *grid.notes))


def _last(tail: bytes, encoding: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The last records of a large file, for the sake of its closing line."""
    whole = tail[tail.find(b"\n") + 1 :] if not encoding.startswith("utf-16") else b""
    return records_of(whole.decode(encoding, errors="replace"), delimiter)[-5:]


def _grid_of_json(path: Path, text: str) -> Grid:
    rows = sniff.flat_records(text, MOST_ROWS)
    if not rows:
        hint = "ask for JSON lines, one record a line, or for CSV"
        raise fault(path, "JSON that is neither lines of records nor a known system's", "one object a line", hint)
    header = tuple(dict.fromkeys(key for row in rows for key in row))
    return Grid(0, 1, header, tuple(tuple(row.get(key, "") for key in header) for row in rows), None)


def _parquet(path: Path) -> Sample:
    try:
        batch = next(pq.ParquetFile(path).iter_batches(batch_size=MOST_ROWS), None)
    except (OSError, pa.ArrowException) as error:
        found = f"a parquet file that is damaged ({type(error).__name__})"
        raise fault(path, found, "a whole file", "have the file sent again") from None
    if batch is None:
        raise fault(path, "a parquet file with no rows", _CAN_READ, "take a file with some records")
    frame = pl.DataFrame(pa.Table.from_batches([batch]))
    whole = [name for name, kind in frame.schema.items() if not kind.is_nested()]
    texts = frame.select(pl.col(whole).cast(pl.String, strict=False).fill_null(""))
    return Sample(path, "parquet", grid=Grid(0, 1, tuple(texts.columns), tuple(texts.rows()), None))


def _workbook(path: Path) -> Sample:
    """The sheet with most records; `*` where several sheets have its columns, as in one sheet a queue."""
    book = open_workbook(path, str(path))
    tables = {sheet.name: _rows(book, sheet) for sheet in book.sheets if sheet.is_visible}
    grids = {name: grid_of(rows) for name, rows in tables.items() if len(rows) > 1 and len(rows[0][1]) > 1}
    if not grids:
        raise fault(path, "a workbook with no table in it", _CAN_READ, "take a file with some records")
    name = max(grids, key=lambda item: len(grids[item].rows))
    alike = [other for other in grids if grids[other].header == grids[name].header]
    others = [sheet.name for sheet in book.sheets if sheet.name not in alike]
    sheet = "*" if len(alike) > 1 and not others else name if others else None
    notes = (f"sheets that are not drafted: {', '.join(others)}",) if others else ()
    return Sample(path, "xlsx", sheet=sheet, grid=grids[name], notes=(*notes, *grids[name].notes))


def _rows(book: Workbook, sheet: Sheet) -> list[tuple[int, list[str]]]:
    """Row numbers and cells as text, all of one width: a sheet's right edge is its last filled column."""
    read = CellText(None, ".", book.is_1904)
    rows = [
        (number, {place: _shown(read, cell) for place, cell in cells.items()}) for number, cells in _first(book, sheet)
    ]
    width = max((place + 1 for _, cells in rows for place, text in cells.items() if text), default=0)
    return [(number, [cells.get(place, "") for place in range(width)]) for number, cells in rows]


def _first(book: Workbook, sheet: Sheet) -> Iterator[Row]:
    return islice(book.rows(sheet), MOST_ROWS)


def _shown(read: CellText, cell: Cell) -> str:
    """A share keeps its % sign, which tells the unit; all else is the text that the reader gives."""
    text = read.printed(cell) if cell.kind == "number" and kind_of(cell.code) == "percent" else read.text(cell)
    return " ".join((text or "").split())
