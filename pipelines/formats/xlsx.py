"""Workbooks (.xlsx, .xlsm): one table a sheet, each under its own header, one after another in the workbook's order.

Which sheets: `tieout.sheet`, a name or a pattern (`*` is all of them), else the first one that is shown. Hidden sheets,
rows and columns are data like any other. ROW counts the records of all sheets; LINE is the row's number in Excel.

The text of a cell is its value and not its print: a date as the column's own format writes it, else as ISO 8601; a time
of day or an elapsed time as h:mm:ss, beyond a day too; a number with all its digits and no exponent; an error as #N/A.
A row of totals may be followed by notes, of one cell each: they are left out, and counted.
A figure's column has its print beside it (column name + PRINTED). A row is rejected where the file itself has lost the
value: a formula that nobody computed, or an identifier of more than 15 digits kept as a number.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Literal

from pipelines.contract.model import Column, FeedObject
from pipelines.errors import Fault, TieoutError, fault
from pipelines.formats.cell_text import CellText
from pipelines.formats.collect import Collector
from pipelines.formats.header import PSEUDO, check_header, joined
from pipelines.formats.raw import PRINTED, Batch, Raw, Source, lies_in_file, raw_columns
from pipelines.formats.workbook import Sheet, Workbook, open_workbook
from pipelines.formats.workbook_xml import Cell, Row

_FILE, _SHEET = PSEUDO
_IDENTIFIERS = ("call_id", "caller")
_KEPT_DIGITS = 15
_MOST_NOTES = 50
BELOW = "notes below the closing row"


@dataclass(frozen=True)
class _Table:
    """A sheet whose header is known; its records stand below row `above`."""

    sheet: Sheet
    header: tuple[str, ...]
    above: int


def read_xlsx(source: Source) -> Raw:
    """Reads a workbook.

    Raises TieoutError for a file that is no whole and plain workbook, that lacks the sheet, or where a sheet lacks a
    column of the contract.
    """
    book = open_workbook(source.path, source.name)
    tables = [_table(book, sheet, source.item) for sheet in _chosen(book, source)]
    filled = [table for table in tables if table.header] or tables[:1]
    faults = [one for table in filled for one in _faults(table, source)]
    if faults:
        raise TieoutError(faults)
    header = tuple(dict.fromkeys(name for table in filled for name in table.header))
    return Raw(header, _batches(book, filled, source))


def _chosen(book: Workbook, source: Source) -> list[Sheet]:
    """The sheets that the contract names. Names of sheets hold no `*`, and their case does not count."""
    wanted = source.item.sheet
    if wanted is None:
        chosen = [sheet for sheet in book.sheets if sheet.is_visible][:1]
    else:
        chosen = [sheet for sheet in book.sheets if fnmatchcase(sheet.name.casefold(), wanted.strip().casefold())]
    if not chosen:
        found = f"no sheet {wanted!r}" if wanted else "no sheet that is shown"
        names = ", ".join(sheet.name for sheet in book.sheets) or "none"
        hint = "correct tieout.sheet: a sheet's name, or `*` for all of them"
        raise fault(source.name, found, f"one of the workbook's sheets: {names}", hint)
    return chosen


def _table(book: Workbook, sheet: Sheet, item: FeedObject) -> _Table:
    """Title rows are skipped by their number; blank rows above the header are none."""
    if not item.header_rows:
        names = [column.raw for column in item.columns if lies_in_file(column) and column.raw not in PSEUDO]
        return _Table(sheet, tuple(dict.fromkeys(names)), item.skip_rows)
    lines: list[Mapping[int, Cell]] = []
    first = 0
    for number, cells in book.rows(sheet):
        if number <= item.skip_rows:
            continue
        first = first or number
        if number >= first + item.header_rows or len(lines) == item.header_rows:
            break
        lines += [{}] * (number - first - len(lines)) + [cells]
    return _Table(sheet, _names(lines, book), first + item.header_rows - 1 if lines else item.skip_rows)


def _names(lines: list[Mapping[int, Cell]], book: Workbook) -> tuple[str, ...]:
    """The columns' names, joined top-down; a column without a heading of its own has none. Line breaks are blanks."""
    width = max((max(line) + 1 for line in lines if line), default=0)
    text = CellText(None, ".", book.is_1904).text
    cells = [
        [" ".join((text(line[place]) or "").split()) if place in line else "" for place in range(width)]
        for line in lines
    ]
    named = [any(place in line for line in lines) for place in range(width)]
    return tuple(name if is_named else "" for name, is_named in zip(joined(cells), named, strict=True))


def _faults(table: _Table, source: Source) -> list[Fault]:
    where = f"{source.name}: sheet {table.sheet.name!r}: row {table.above} (header)"
    try:
        check_header(list(filter(None, table.header)), where, source.item, PSEUDO)
    except TieoutError as error:
        return error.faults
    return []


def _sheet_columns(item: FeedObject) -> list[str]:
    return [name for name in raw_columns(item) if name not in PSEUDO]


def _batches(book: Workbook, tables: list[_Table], source: Source) -> Iterator[Batch]:
    """At least one batch a sheet, as each may have its own closing row."""
    item = source.item
    readings = {name: CellText(_column(item, name), item.decimal, book.is_1904) for name in _sheet_columns(item)}
    printed = [f"{name}{PRINTED}" for name, reading in readings.items() if reading.is_figure]
    collected = Collector([*raw_columns(item), *printed])
    for table in tables:
        record = _recorder(table, readings, {_SHEET: table.sheet.name, _FILE: PurePosixPath(source.name).name})
        closing = None
        below = (row for row in book.rows(table.sheet) if row[0] > table.above)
        for part, row in _parts(below, item.trailer):
            if part == "record":
                _collect(collected, record, row)
            elif part == "note":
                collected.leave_out(BELOW)
            else:
                cells, _ = record(row[1])
                closing = {name: text for name, text in cells.items() if text and name in readings}
            if collected.is_full:
                yield collected.batch()
        yield replace(collected.batch(), closing=closing)


def _parts(rows: Iterator[Row], trailer: str | None) -> Iterator[tuple[Literal["record", "closing", "note"], Row]]:
    """What each row of a sheet is. Only its end shows whether a row of totals was the closing one."""
    held: list[Row] = []
    for row in rows:
        is_closing = _is_closing(row, trailer)
        if is_closing or len(row[1]) > 1 or len(held) > _MOST_NOTES:
            yield from (("record", one) for one in held)
            held = []
        if is_closing or held:
            held.append(row)
        else:
            yield "record", row
    yield from (("note" if place else "closing", row) for place, row in enumerate(held))


_Record = Callable[[Mapping[int, Cell]], tuple[dict[str, str | None], list[str]]]


def _recorder(table: _Table, readings: Mapping[str, CellText], named: Mapping[str, str]) -> _Record:
    """What makes of a row's cells their texts by raw column, and the reasons why the row cannot be used."""
    places = [(name, table.header.index(name), reading) for name, reading in readings.items()]

    def record(cells: Mapping[int, Cell]) -> tuple[dict[str, str | None], list[str]]:
        texts: dict[str, str | None] = dict(named)
        troubles = []
        for name, place, reading in places:
            cell = cells.get(place)
            if cell is None:
                continue
            if trouble := _trouble(cell, reading.column):
                troubles.append(f"{name}: {trouble}")
            texts[name] = reading.text(cell)
            if reading.is_figure:
                texts[f"{name}{PRINTED}"] = reading.printed(cell)
        return texts, troubles

    return record


def _trouble(cell: Cell, column: Column | None) -> str | None:
    """A phone number has at most 15 digits, and of an id with more, two calls would share the digits that are left."""
    if cell.kind == "uncomputed":
        return "a formula whose result the workbook does not hold (open it in Excel and save it)"
    if cell.kind == "number" and column is not None and column.role in _IDENTIFIERS and len(cell.text) > _KEPT_DIGITS:
        whole = (CellText(None, ".", False).text(cell) or "").partition(".")[0]
        if len(whole.lstrip("-")) > _KEPT_DIGITS:
            return f"a number of {len(whole)} digits, of which a workbook keeps {_KEPT_DIGITS} (send it as text)"
    return None


def _collect(collected: Collector, record: _Record, row: Row) -> None:
    texts, troubles = record(row[1])
    if troubles:
        collected.reject(row[0], "; ".join(troubles))
    else:
        collected.row(row[0], texts)


def _is_closing(row: Row, trailer: str | None) -> bool:
    if trailer is None:
        return False
    first = row[1][min(row[1])]
    return first.text.strip().startswith(trailer.strip())


def _column(item: FeedObject, raw: str) -> Column | None:
    """The column of the contract that says how a raw column's cells are written; of several, the one that matters."""

    def weight(column: Column) -> tuple[bool, bool]:
        return column.figure is not None or column.role == "value", column.role is not None

    named = [column for column in item.columns if column.raw == raw and column.expression is None]
    return max(named, key=weight, default=None)
