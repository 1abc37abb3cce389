"""What the cells of one column are: times, durations, numbers, numbers of callers, codes.

Which of these a column is for is decided in `roles.py`, by its head as well.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipelines.draft.times import TimeFormat, time_format_of

_HMS = re.compile(r"\d{1,4}:[0-5]\d:[0-5]\d")
_MS = re.compile(r"\d{1,4}:[0-5]\d")
_MASKED = re.compile(r"(?=.*[*xX])(?=.*\d)\+?[\d*xX -]{5,20}")
_KEYED = re.compile(r"[0-9a-fA-F]{16}|\d{17,20}")
_PHONE = re.compile(r"\+?[\d() -]{5,22}")
_LOCAL = 7
_EXTENSION = re.compile(r"\d{3,4}")
"""Taken for a number beside enough of them that have `_LOCAL` signs or more."""
_WITHHELD = {"", "-", "0", "anonymous", "withheld", "unknown", "private", "匿名", "未知", "隐藏", "未提供"}
_NUMBER = re.compile(
    r"(?P<sign>[-+]?)(?P<digits>\d[\d.,\u00a0' ]*|[.,]\d+)(?P<unit>%|s|sec|secs|min|mins|ms|秒|分钟|分|h|小时)?"
)
_UNITS = {
    "%": "pct",
    "s": "s",
    "sec": "s",
    "secs": "s",
    "秒": "s",
    "min": "min",
    "mins": "min",
    "分钟": "min",
    "分": "min",
}
_UNITS |= {"ms": "ms", "h": "h", "小时": "h"}
_ENOUGH = 0.98
_FROM, _TO = 946_684_800, 2_000_000_000
"""2000 to 2033 in seconds since 1970; from there on it could be a North American phone number."""
_SERIAL = (36_526, 48_714)
FEW, _LONGEST_CODE = 30, 60
"""A column with more different values, or with longer ones, holds no codes."""


@dataclass(frozen=True)
class Numbers:
    """Cells that are numbers: whole ones or not, their decimal sign, the unit printed behind them, their range."""

    is_whole: bool
    decimal: Literal[".", ","]
    unit: str | None
    least: float
    most: float
    note: str = ""


@dataclass(frozen=True)
class Profile:
    """What is known of one column from its cells. `codes` are its values, the most frequent first, where they are few.

    `is_span`: cells like `08:00-08:30`, of which `time` is the first half.
    """

    head: str
    place: int
    count: int
    filled: int
    distinct: int
    time: TimeFormat | None = None
    numbers: Numbers | None = None
    clocked: Literal["hms", "ms"] | None = None
    caller: Literal["phone", "masked", "keyed"] | None = None
    codes: tuple[str, ...] = ()
    is_span: bool = False
    longest: int = 0

    @property
    def is_unique(self) -> bool:
        """Whether every cell is filled, each with another value."""
        return self.count > 0 and self.distinct == self.count

    @property
    def is_full(self) -> bool:
        """Whether no cell is empty."""
        return self.count > 0 and self.filled == self.count

    @property
    def number_time(self) -> str | None:
        """The format word of numbers that can be points in time."""
        if self.numbers is None or self.filled == 0:
            return None
        low, high = self.numbers.least, self.numbers.most
        words = {"epoch_s": (_FROM, _TO), "epoch_ms": (_FROM * 1000, _TO * 1000), "excel_serial": _SERIAL}
        return next((word for word, (least, most) in words.items() if least <= low and high <= most), None)


def profile(head: str, place: int, cells: Sequence[str]) -> Profile:
    """What the cells of the column with this head, at this place of the file, are."""
    filled = [unicodedata.normalize("NFKC", cell).strip() for cell in cells if cell.strip()]
    often = Counter(filled)
    spans = [value for value in filled if re.search(r"\d ?[-~—–至] ?\d{1,2}:", value)]
    is_span = bool(filled) and len(spans) == len(filled)
    looked = [re.split(r" ?[-~—–至] ?(?=\d{1,2}:)", value)[0] for value in filled] if is_span else filled
    return Profile(
        head,
        place,
        len(cells),
        len(filled),
        len(often),
        time=time_format_of(looked),
        numbers=_numbers(filled),
        clocked="hms" if _all(_HMS, filled) else "ms" if _all(_MS, filled) else None,
        caller=_caller(filled),
        codes=_codes(cells),
        is_span=is_span,
        longest=max(map(len, filled), default=0),
    )


def _codes(cells: Sequence[str]) -> tuple[str, ...]:
    """The different values as the file writes them, the most frequent first; none where they are many."""
    often = Counter(cell.strip() for cell in cells if cell.strip())
    if len(often) > FEW or any(len(value) > _LONGEST_CODE for value in often):
        return ()
    return tuple(sorted(often, key=lambda value: (-often[value], value)))


def _all(pattern: re.Pattern[str], values: Sequence[str]) -> bool:
    return bool(values) and sum(pattern.fullmatch(value) is not None for value in values) >= len(values) * _ENOUGH


def _caller(values: Sequence[str]) -> Literal["phone", "masked", "keyed"] | None:
    known = [value for value in values if value.casefold() not in _WITHHELD]
    if not known:
        return None
    if _all(_KEYED, known) and any(len(value) > 16 or not value.isdigit() for value in known):
        return "keyed"
    masked = sum(_MASKED.fullmatch(value) is not None for value in known)
    if masked > len(known) / 2:
        return "masked"
    numbers = [value for value in known if _PHONE.fullmatch(value)]
    extensions = [value for value in known if _EXTENSION.fullmatch(value)]
    are_beside = sum(len(value) >= _LOCAL for value in numbers) >= len(known) / 2
    return "phone" if len(numbers) + len(extensions) * are_beside >= len(known) * 0.9 else None


def _numbers(values: Sequence[str]) -> Numbers | None:
    matches = [match for value in values if (match := _NUMBER.fullmatch(value.casefold()))]
    if not values or len(matches) < len(values) * _ENOUGH:
        return None
    texts = [match["digits"].replace("\u00a0", "").replace(" ", "").replace("'", "") for match in matches]
    decimal, note = _decimal(texts)
    read = [_read(text, decimal) for text in texts]
    found = [value for value in read if value is not None]
    if len(found) < len(values) * _ENOUGH:
        return None
    signed = [-value if match["sign"] == "-" else value for match, value in zip(matches, found, strict=False)]
    units = Counter(match["unit"] for match in matches)
    unit = _UNITS.get(units.most_common(1)[0][0] or "")
    whole = all(not part for value in texts for part in [_fraction(value, decimal)])
    return Numbers(whole, decimal, unit, min(signed), max(signed), note)


def _decimal(texts: Sequence[str]) -> tuple[Literal[".", ","], str]:
    """The decimal sign: of two signs the later one; a comma is decimal where it does not always group three digits."""
    commas, points = [text for text in texts if "," in text], [text for text in texts if "." in text]
    both = [text for text in texts if "," in text and "." in text]
    if both:
        return ("," if both[0].rindex(",") > both[0].rindex(".") else "."), ""
    if commas and not points:
        if any(not re.fullmatch(r"\d{1,3}(,\d{3})+", text) for text in commas):
            return ",", ""
        return ".", "a comma always stands before three digits: read as thousands"
    if points and not commas and any(text.count(".") > 1 for text in points):
        return ",", ""
    return ".", ""


def _fraction(text: str, decimal: str) -> str:
    return text.rpartition(decimal)[2] if decimal in text else ""


def _read(text: str, decimal: str) -> float | None:
    group = "," if decimal == "." else "."
    try:
        return float(text.replace(group, "").replace(decimal, "."))
    except ValueError:
        return None
