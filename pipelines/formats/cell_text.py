"""One cell of a workbook → its text: dates, times, numbers, shares; and a figure as it is printed.

Cells come from `workbook.py`; what their number formats mean stands in `number_format.py`.
"""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from math import isfinite

from pipelines.contract.model import Column
from pipelines.formats.number_format import kind_of, printed
from pipelines.formats.workbook_xml import Cell

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)
_LONGEST = 400  # characters of a number; the largest one of a workbook has 309 digits
_DAY_MS = 86_400_000
_YEAR = 366  # days; a time of day that counts more of them is a moment of which only the hour is shown
_LAST_DAY = 2_958_466
_DAYS_TO_1904 = 1462
_NOT_STRFTIME = ("epoch_s", "epoch_ms", "excel_serial")
_SWAPPED = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class CellText:
    """How the cells of one column are read: by its `column` in the contract (None where only expressions read it).

    `decimal` is the sign before decimals in the file's text: numbers are written with it, to be read alike.
    """

    column: Column | None
    decimal: str
    is_1904: bool

    @property
    def is_figure(self) -> bool:
        """Whether the text as printed matters."""
        return self.column is not None and (self.column.figure is not None or self.column.role == "value")

    def text(self, cell: Cell) -> str | None:
        """The cell's value as text; None for a formula that was never computed."""
        if cell.kind == "text":
            return cell.text
        if cell.kind == "uncomputed":
            return None
        if cell.kind == "date":
            return self._iso(cell.text)
        value = _value(cell)
        if value is None:
            return cell.text
        if self.column is not None and self.column.format == "excel_serial":
            return self._number(value + _DAYS_TO_1904 if self.is_1904 else value)
        kind = kind_of(cell.code)
        if kind in ("time", "elapsed", "date", "moment"):
            return self._time(float(value), kind) or self._number(value)
        if kind == "percent" and self.is_figure and self.column is not None and self.column.unit in ("pct", None):
            value = value.scaleb(2)
        return self._number(value)

    def printed(self, cell: Cell) -> str | None:
        """The text that the cell shows; its value as text where its number format is not understood."""
        value = _value(cell)
        shown = None if value is None else printed(value, cell.code)
        if shown is None:
            return self.text(cell)
        return shown.translate(_SWAPPED) if self.decimal == "," else shown

    def _number(self, value: Decimal) -> str:
        text = f"{value:f}" if value else "0"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace(".", self.decimal)

    def _time(self, days: float, kind: str) -> str | None:
        """None where the number is no time: the last day of February 1900 never was."""
        milliseconds = round(days * _DAY_MS) if 0 <= days < _LAST_DAY else -1
        if milliseconds < 0:
            return None
        is_timestamp = self.column is not None and self.column.logical_type == "timestamp"
        if kind == "elapsed" or (kind == "time" and days < _YEAR):
            return _hms(milliseconds)
        if kind == "time" and not is_timestamp:
            return _hms(milliseconds % _DAY_MS)
        if not self.is_1904 and (days < 1 or 60 <= days < 61):
            return None
        start = datetime(1904, 1, 1) if self.is_1904 else datetime(1899, 12, 31 if days < 60 else 30)  # noqa: DTZ001
        return self._moment(start + timedelta(milliseconds=milliseconds), is_date=kind == "date")

    def _iso(self, text: str) -> str:
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError:
            return text
        return text if moment.tzinfo else self._moment(moment, is_date=len(text.strip()) <= len("2026-10-01"))

    def _moment(self, moment: datetime, *, is_date: bool) -> str:
        """As the column's own format writes it, unless that would drop hours, minutes or seconds that are there."""
        logical = self.column.logical_type if self.column is not None else "string"
        pattern = self.column.format if self.column is not None else None
        if logical == "date":
            moment = datetime.combine(moment.date(), time())
        if pattern is not None and pattern not in _NOT_STRFTIME and not _loses(pattern, moment):
            return moment.strftime(pattern)
        if logical == "date" or (is_date and logical != "timestamp" and moment.time() == time()):
            return str(moment.date())
        return str(moment)


def _value(cell: Cell) -> Decimal | None:
    """The number as the shortest text that stands for it; None for what is no number."""
    stored = cell.text
    if cell.kind != "number" or len(stored) > _LONGEST or not _NUMBER.fullmatch(stored):
        return None
    if stored.isdigit():
        return Decimal(stored)
    number = float(stored)
    return Decimal(repr(number)) if isfinite(number) else None


def _hms(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    text = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{rest:03d}" if rest else text


def _loses(pattern: str, moment: datetime) -> bool:
    """Whether the format is too coarse for a time: fractions of seconds may go, more may not."""
    codes = set(re.findall("%-?(.)", pattern))
    if codes & set("STcXrs"):
        return False
    seconds = moment.second
    if codes & set("MR"):
        return seconds != 0
    minutes = seconds or moment.minute
    return bool(minutes) if codes & set("HIkl") else bool(minutes or moment.hour)
