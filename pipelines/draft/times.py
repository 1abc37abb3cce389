"""How the cells of a column write dates and times: strftime codes found by trying, and what else they could be.

Times as numbers (epochs, serials of spreadsheets) are in `types.py`.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

_CODES = {
    "%Y": r"(?:19|20|21)\d\d",
    "%y": r"\d\d",
    "%m": r"(?:1[0-2]|0?[1-9])",
    "%d": r"(?:[12]\d|3[01]|0?[1-9])",
    "%b": r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "%B": r"(?:January|February|March|April|May|June|July|August|September|October|November|December)",
    "%H": r"(?:2[0-3]|[01]?\d)",
    "%I": r"(?:1[0-2]|0?[1-9])",
    "%M": r"[0-5]\d",
    "%S": r"[0-5]\d",
    "%f": r"\d{3,6}",
    "%p": r"[AaPp][Mm]",
    "%z": r"(?:[+-]\d\d:?\d\d|Z)",
}
DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    *("%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%y/%m/%d", "%y-%m-%d", "%d-%m-%y", "%y%m%d", "%d-%b-%Y"),
    *("%d %b %Y", "%b %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %B %Y", "%d-%b-%y", "%d/%b/%Y"),
)
MONTHS = ("%Y-%m", "%Y/%m", "%Y年%m月", "%Y.%m", "%Y%m")
CLOCKS = (
    *("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%I:%M:%S%p", "%I:%M%p", "%H.%M.%S"),
    *("%H时%M分%S秒", "%H时%M分", "%H:%M:%S,%f"),
)
_TIGHT = ("%H%M%S", "%H%M")
_TAILS = ("", *(f"{gap}{clock}{zone}" for gap in (" ", "T", "  ") for clock in CLOCKS for zone in ("", "%z", " %z")))
_TIGHT_TAILS = (*_TAILS, *_TIGHT, *(f"{gap}{clock}" for gap in (" ", "T") for clock in _TIGHT))
_TRIED = 40
_WORTH = 0.98
_MOST_EXAMPLES = 4_000


@dataclass(frozen=True)
class TimeFormat:
    """`kind`: a whole timestamp, a date alone or a time of day alone. `note` says what the choice rests on."""

    kind: Literal["timestamp", "date", "clock"]
    format: str
    note: str = ""


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A regular expression for the texts that a format stands for."""
    parts = re.split(r"(%[a-zA-Z])", pattern)
    flags = re.IGNORECASE
    padded = pattern.startswith(("%Y%m", "%y%m")) or "%H%M" in pattern
    codes = {code: text.replace("0?[1-9]", "0[1-9]") for code, text in _CODES.items()} if padded else _CODES
    return re.compile("".join(codes.get(part, re.escape(part)) for part in parts), flags)


def time_format_of(values: Sequence[str]) -> TimeFormat | None:
    """The format of (nearly) all of the filled cells, or None where they are no dates or times."""
    distinct = sorted(set(values))
    if not distinct or not any(sign.isdigit() for sign in distinct[0]):
        return None
    step = max(1, len(distinct) // _TRIED)
    tried = distinct[::step]
    fitting = [pattern for pattern in _candidates(tried) if _share(pattern, distinct) >= _WORTH]
    if not fitting:
        return None
    chosen, note = _chosen(fitting, distinct[: _MOST_EXAMPLES * 2 : 2] if len(distinct) > _MOST_EXAMPLES else distinct)
    misses = sum(not compiled(chosen).fullmatch(value) for value in distinct)
    if misses:
        note = "; ".join(filter(None, [note, f"{misses} of {len(distinct)} values are written otherwise"]))
    is_clock, is_date = not any(code in chosen for code in ("%d", "%m", "%b", "%B")), "%M" not in chosen
    return TimeFormat("clock" if is_clock else "date" if is_date else "timestamp", chosen, note)


def _candidates(tried: Sequence[str]) -> list[str]:
    """Formats of some of the values, each in the order of the lists."""
    found: dict[str, int] = {}
    for value in tried:
        for pattern in _formats(value):
            found[pattern] = found.get(pattern, 0) + 1
    return [pattern for pattern, often in found.items() if often >= len(tried) * 0.8]


def _formats(value: str) -> list[str]:
    clocks = [clock for clock in CLOCKS if compiled(clock).fullmatch(value)]
    dated = []
    for day in DATES:
        if match := compiled(day).match(value):
            rest = value[match.end() :]
            tails = _TIGHT_TAILS if re.fullmatch("(%[a-zA-Z]){3}", day) else _TAILS
            dated += [day + tail for tail in tails if compiled(tail).fullmatch(rest)]
    months = [month for month in MONTHS if compiled(month).fullmatch(value)]
    return clocks + dated + months


def _share(pattern: str, values: Sequence[str]) -> float:
    match = compiled(pattern).fullmatch
    return sum(match(value) is not None for value in values) / len(values)


def _chosen(fitting: Sequence[str], values: Sequence[str]) -> tuple[str, str]:
    """Of several readings the one whose days lie closest together; the rest becomes a note in plain words."""
    if len(fitting) == 1:
        return fitting[0], ""
    spans = {pattern: _span(pattern, values) for pattern in fitting}
    most = max(_share(pattern, values) for pattern in fitting)
    full = [pattern for pattern in fitting if _share(pattern, values) == most]
    ranked = sorted(full, key=lambda pattern: (spans[pattern], full.index(pattern)))
    chosen, others = ranked[0], ranked[1:]
    if not others or spans[chosen] is None:
        return chosen, ""
    shown = ", ".join(f"{other} ({_days(spans[other])})" for other in others)
    if spans[others[0]] == spans[chosen]:
        return chosen, f"could be {shown} as well: in the sample no day is beyond 12; ask"
    return chosen, f"could be {shown}; this way the sample covers only {_days(spans[chosen])}"


def _days(count: float) -> str:
    return "1 day" if count == 1 else f"{count:.0f} days"


def _span(pattern: str, values: Sequence[str]) -> float:
    """Days from the first to the last value under a format, both counted."""
    code = pattern.replace("%S,%f", "%S").replace("%S.%f", "%S").replace(" %z", "").replace("%z", "")
    found = []
    for value in itertools.islice(values, _MOST_EXAMPLES):
        text = re.sub(r"([.,]\d{3,6})?\s*([+-]\d\d:?\d\d|Z)?$", "", value) if code != pattern else value
        try:
            found.append(datetime.strptime(text, code))  # noqa: DTZ007 (only the distance between two of them counts)
        except ValueError:
            continue
    return (max(found) - min(found)).days + 1 if found else float("inf")
