"""Records of cells → where the table in them begins and ends: title lines, header lines, a closing line with totals.

Works on any grid: the records of a delimited file as well as the rows of a sheet.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.draft.words import WORDS
from pipelines.formats.header import joined

Cells = Sequence[str]
DELIMITERS = (",", ";", "\t", "|", "^", "\x1f")
_LOOKED_AT = 400
_MOST_HEADERS = 3
_VALUE = re.compile(
    r"[-+]?[\d.,:/\- %年月日时分秒]*\d[\d.,:/\- %年月日时分秒TZ]*([AaPp][Mm])?|[\d*xX+]{7,}|[0-9a-fA-F-]{12,}"
)


@dataclass(frozen=True)
class Grid:
    """`skip_rows` lines lie above the header; `rows` are the records with as many cells as `header`."""

    skip_rows: int
    header_rows: int
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    trailer: str | None
    notes: tuple[str, ...] = ()


def records_of(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Line (from 1) and cells of each record that is not blank."""
    reader, line = csv.reader(text.splitlines(keepends=True), delimiter=delimiter), 1
    found: list[tuple[int, list[str]]] = []
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return found
        except csv.Error:
            cells = []
        if cells:
            found.append((line, [cell.strip() for cell in cells]))
        line = reader.line_num + 1


def delimiter_of(text: str) -> str | None:
    """The sign that cuts most records into the same number of cells; None where each line is one cell."""
    head = "".join(text.splitlines(keepends=True)[:_LOOKED_AT])
    best: tuple[float, int, str] = (0.0, 0, "")
    for delimiter in DELIMITERS:
        if delimiter not in head:
            continue
        widths = Counter(len(cells) for _, cells in records_of(head, delimiter))
        width, often = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        if width > 1:
            best = max(best, (round(often / widths.total(), 1), width, delimiter))
    return best[2] or None


def grid_of(records: Sequence[tuple[int, Cells]], *, is_whole: bool = True) -> Grid:
    """The table in the records (line and cells). `is_whole`: the last record is the file's last one."""
    widths = Counter(len(cells) for _, cells in records)
    width = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    first = _first(records, width)
    body = records[first:]
    notes = []
    footer = _footer(body) if is_whole else None
    if footer is not None and footer < len(body) - 1:
        notes.append(f"{len(body) - 1 - footer} line(s) below the totals line become rejects: have them left out")
    trailer = _totals_word(body[footer][1]) if footer is not None else None
    inner = [cells for _, cells in (body[:footer] if footer is not None else body)]
    header_rows = _header_rows(inner, width)
    if any(len(cells) != width for cells in inner[:header_rows]):
        header_rows = 0
    header = _names(inner[:header_rows], width)
    rows = tuple(tuple(cells) for cells in inner[header_rows:] if len(cells) == width)
    if ragged := len(inner) - header_rows - len(rows):
        notes.append(f"{ragged} record(s) of the sample have not {width} cells; such records become rejects")
    return Grid(records[first][0] - 1, header_rows, header, rows, trailer, tuple(notes))


def _first(records: Sequence[tuple[int, Cells]], width: int) -> int:
    """The place of the first record of the table: titles fill one cell, or have another width."""
    for place, (_, cells) in enumerate(records):
        filled = [cell for cell in cells if cell]
        if len(cells) == width and (len(filled) >= 2 or width == 1):
            return place
    return 0


def _footer(body: Sequence[tuple[int, Cells]]) -> int | None:
    """The place of a closing line with totals among the last few records."""
    for place in range(len(body) - 1, max(len(body) - 6, 0), -1):
        if _totals_word(body[place][1]):
            return place
    return None


def _totals_word(cells: Cells) -> str | None:
    first = next((cell for cell in cells if cell), "")
    folded = unicodedata.normalize("NFKC", first).casefold()
    word = next((word for word in WORDS["totals"] if folded.startswith(word)), None)
    if word is None or (word.isascii() and folded[len(word) :][:1].isalnum()):
        return None
    return first[: len(word)]


def is_value(cell: str) -> bool:
    """Whether a cell looks like data (a number, a time, an identity), not like the head of a column."""
    return bool(_VALUE.fullmatch(unicodedata.normalize("NFKC", cell)))


def _header_rows(inner: Sequence[Cells], width: int) -> int:
    """How many records name the columns: those with words where the records below have values."""
    below = [cells for cells in inner[_MOST_HEADERS:] if len(cells) == width] or list(inner[1:])
    if not below:
        return 1
    typed = [
        place
        for place in range(width)
        if sum(is_value(cells[place]) for cells in below if len(cells) > place)
        > len([cells for cells in below if len(cells) > place and cells[place]]) * 0.6
    ]
    count = 0
    for cells in inner[:_MOST_HEADERS]:
        if len(cells) != width or any(is_value(cells[place]) for place in typed if cells[place]):
            break
        if count and not any(cells[place] for place in typed):
            break
        count += 1
    return count if typed else int(len(set(inner[0])) == len(inner[0]))


def _names(lines: Sequence[Cells], width: int) -> tuple[str, ...]:
    """The heads as the readers know them, or c1, c2 … where the file names none."""
    if not lines:
        return tuple(f"c{place}" for place in range(1, width + 1))
    return tuple(joined(lines))
