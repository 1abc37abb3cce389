"""The XML parts of an .xlsx workbook, element by element: sheets, shared strings, styles, relations.

As ECMA-376-1:2016 (18.2, 18.3, 18.4, 18.8) lays them down. A part comes in pieces, and what is complete can be taken in
between. How the archive is opened, and what is refused, stands in `workbook.py`.
"""

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from pipelines.formats.number_format import BUILT_IN, GENERAL

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")

Attributes = dict[str, str]


class DamagedError(ValueError):
    """What no workbook can have; its text shows no cell."""


class Cell(NamedTuple):
    """`text` as stored: a number in `number`, true or false in `boolean`, #N/A and the like in `error`.

    `date` is a date written out as in ISO 8601. `uncomputed` is a formula whose result was never stored.
    """

    kind: Literal["text", "number", "boolean", "error", "date", "uncomputed"]
    text: str
    code: str = GENERAL


Row = tuple[int, dict[int, Cell]]
"""Number of a row as Excel shows it, and its filled cells by column, from 0."""


class Parser:
    """Takes the elements of one part, by their names without namespace."""

    def start(self, tag: str, given: Attributes) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Text inside an element."""


@dataclass
class RelationsParser(Parser):
    """What a part refers to inside the archive: id, kind, target."""

    links: list[tuple[str, str, str]] = field(default_factory=list)

    def start(self, tag: str, given: Attributes) -> None:
        """One reference."""
        if tag == "Relationship" and given.get("TargetMode") != "External":
            self.links.append((given["Id"], given["Type"].rpartition("/")[2], given["Target"]))


@dataclass
class BookParser(Parser):
    """The sheets in their order (name, id of the reference, state), and where days are counted from."""

    sheets: list[tuple[str, str, str]] = field(default_factory=list)
    is_1904: bool = False

    def start(self, tag: str, given: Attributes) -> None:
        """One sheet."""
        if tag == "workbookPr":
            self.is_1904 = given.get("date1904") in ("1", "true", "on")
        elif tag == "sheet":
            link = next(text for key, text in given.items() if key.rpartition(":")[2] == "id")
            self.sheets.append((given["name"].strip(), link, given.get("state", "visible")))


@dataclass
class StylesParser(Parser):
    """Number formats by the number that cells name them with."""

    named: dict[int, str] = field(default_factory=dict)
    used: list[int] = field(default_factory=list)
    is_inside: bool = False

    def start(self, tag: str, given: Attributes) -> None:
        """A format that is defined here, or a style that uses one."""
        if tag == "numFmt":
            self.named[int(given["numFmtId"])] = given["formatCode"]
        elif tag == "cellXfs":
            self.is_inside = True
        elif tag == "xf" and self.is_inside:
            self.used.append(int(given.get("numFmtId", 0)))

    def end(self, tag: str) -> None:
        """The list of styles ends."""
        if tag == "cellXfs":
            self.is_inside = False

    def codes(self) -> list[str]:
        """The format of each style, in order."""
        return [self.named.get(number) or BUILT_IN.get(number, GENERAL) for number in self.used]


class TextParser(Parser):
    """Gathers the text of `t` elements; readings that are printed above Japanese words (`rPh`) are not part of it."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.is_text = False
        self.is_reading = False

    def start(self, tag: str, given: Attributes) -> None:
        """Text begins, or a reading."""
        if tag == "t":
            self.is_text = not self.is_reading
        elif tag == "rPh":
            self.is_reading = True

    def end(self, tag: str) -> None:
        """Text ends, or a reading."""
        if tag == "t":
            self.is_text = False
        elif tag == "rPh":
            self.is_reading = False

    def data(self, text: str) -> None:
        """A piece of text."""
        if self.is_text:
            self.pieces.append(text)

    def take(self) -> str:
        """The text so far, which is then forgotten."""
        text = "".join(self.pieces)
        self.pieces.clear()
        return _unescaped(text) if "_x" in text else text


def _unescaped(text: str) -> str:
    """`_x000D_` is a character that XML cannot hold; half a pair of them is no character at all."""
    whole = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class StringsParser(TextParser):
    """The texts that cells name by number."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def end(self, tag: str) -> None:
        """A text is complete."""
        super().end(tag)
        if tag == "si":
            self.texts.append(self.take())


class SheetParser(TextParser):
    """Rows that are complete wait in `done`."""

    def __init__(self, strings: tuple[str, ...], codes: tuple[str, ...]) -> None:
        super().__init__()
        self.done: list[Row] = []
        self.strings, self.codes = strings, codes
        self.row = 0
        self.cells: dict[int, Cell] = {}
        self.column = -1
        self.kind = self.code = ""
        self.is_formula = False
        self.columns: dict[str, int] = {}

    def start(self, tag: str, given: Attributes) -> None:
        """A row, a cell, or what it holds."""
        if tag == "c":
            self.column = self._place(given["r"]) if "r" in given else self.column + 1
            self.kind = given.get("t", "n")
            style = int(given.get("s", 0))
            self.code = self.codes[style] if 0 <= style < len(self.codes) else GENERAL
            self.is_formula = False
        elif tag == "v":
            self.is_text = True
        elif tag == "f":
            self.is_formula = True
        elif tag == "row":
            self.row = int(given["r"]) if "r" in given else self.row + 1
            if not 1 <= self.row <= MOST_ROWS:
                raise DamagedError(f"row {self.row}")
            self.column = -1
        else:
            super().start(tag, given)

    def end(self, tag: str) -> None:
        """A cell is complete, or a row."""
        if tag == "v":
            self.is_text = False
        elif tag == "c":
            self._finish()
        elif tag == "row":
            if self.cells:
                self.done.append((self.row, self.cells))
                self.cells = {}
        else:
            super().end(tag)

    def _finish(self) -> None:
        stored = self.take()
        if not 0 <= self.column < MOST_COLUMNS:
            raise DamagedError(f"column {self.column + 1}")
        cell = self._cell(stored)
        if cell is not None:
            self.cells[self.column] = cell

    def _cell(self, stored: str) -> Cell | None:
        if not stored.strip():
            return Cell("uncomputed", "") if self.is_formula and self.kind != "str" else None
        if self.kind == "n":
            return Cell("number", stored.strip(), self.code)
        if self.kind == "s":
            text = self.strings[_index(stored)]
            return Cell("text", text) if text.strip() else None
        if self.kind == "b":
            return Cell("boolean", "true" if stored.strip() in ("1", "true") else "false")
        return Cell({"e": "error", "d": "date"}.get(self.kind, "text"), stored)  # type: ignore[arg-type]

    def _place(self, reference: str) -> int:
        """`AB12` → 27."""
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            if not re.fullmatch("[A-Z]{1,3}", letters):
                raise DamagedError("a cell without a place")
            place = 0
            for letter in letters:
                place = place * 26 + ord(letter) - 64
            self.columns[letters] = place - 1
        return self.columns[letters]


def _index(stored: str) -> int:
    place = int(stored)
    if place < 0:
        raise DamagedError(f"shared string {place}")
    return place
