"""In which unit a column of durations is: what is printed, what the head says, what the times beside it show.

Units of figures and durations only; what a column is for is decided in `roles.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from statistics import median

from pipelines.draft.roles import Match
from pipelines.draft.types import Profile
from pipelines.draft.words import raw_tokens

_LONGEST_CALL_S = 86_400
_LONG = ("talk_s", "aht", "talk_time")
"""Durations of minutes by nature, so that small numbers with decimals are minutes, not seconds."""
_BETWEEN = {"talk_s": ("answered_utc", "ended_utc"), "queue_s": ("offered_utc", "answered_utc")}
_COUNTED = {"epoch_s": 1.0, "epoch_ms": 0.001, "excel_serial": 86_400.0}
_PER_SECOND = {"s": 1.0, "ms": 1000.0, "min": 1 / 60, "h": 1 / 3600}
_HEADS = {
    "ms": ("毫秒", "ms", "msec", "milliseconds"),
    "min": ("分钟", "分", "min", "mins", "minutes"),
    "s": ("秒", "s", "sec", "secs", "seconds"),
    "h": ("小时", "h", "hours", "hrs"),
}
_TOO_SHORT_S = 5
_ALIKE, _ROWS = 0.2, 2_000


def unit_of(role: str, column: Profile, shown: str | None = None) -> tuple[str, str]:
    """The unit of a column of durations and a comment where it is a guess. `shown`: what the times beside it say."""
    numbers, head = column.numbers, set(raw_tokens(column.head))
    if numbers is None:
        return "s", ""
    if numbers.unit in _PER_SECOND:
        return str(numbers.unit), ""
    for unit, words in _HEADS.items():
        if any(word in head if word.isascii() else word in column.head for word in words):
            return unit, ""
    if shown is not None:
        return shown, f"the unit is not printed; {shown} agrees with the times beside it"
    if numbers.most > _LONGEST_CALL_S:
        return "ms", f"? up to {numbers.most:g}: more than a day in seconds, so taken for milliseconds"
    if role in _LONG and not numbers.is_whole and numbers.most <= 60:
        return "min", f"? up to {numbers.most:g}, with decimals: taken for minutes"
    return "s", f"? the file does not say the unit; up to {numbers.most:g}, taken for seconds"


def shown_units(roles: Mapping[str, Match], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """By role, the unit in which a duration agrees with the times from its start to its end, where they show one."""
    found = {}
    for role, (start, end) in _BETWEEN.items():
        if not {role, start, end} <= set(roles) or roles[role].column.numbers is None:
            continue
        unit = _agreeing(rows, *(roles[name].column for name in (role, start, end)))
        if unit is not None:
            found[role] = unit
    return found


def _agreeing(rows: Sequence[Sequence[str]], duration: Profile, start: Profile, end: Profile) -> str | None:
    begins, ends = _seconds(start), _seconds(end)
    ratios = []
    for row in rows[:_ROWS]:
        first, last, text = begins(row[start.place]), ends(row[end.place]), row[duration.place]
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            continue
        if first is not None and last is not None and last - first >= _TOO_SHORT_S:
            ratios.append(value / (last - first))
    if not ratios:
        return None
    usual = median(ratios)
    near = [unit for unit, scale in _PER_SECOND.items() if abs(usual / scale - 1) <= _ALIKE]
    return near[0] if near else None


def _seconds(column: Profile) -> Callable[[str], float | None]:
    """Reads a cell of a column of whole times as seconds from some fixed moment."""
    pattern = column.time.format if column.time and column.time.kind == "timestamp" else None
    scale = _COUNTED.get(column.number_time or "")

    def read(text: str) -> float | None:
        try:
            if pattern is not None:
                return datetime.strptime(text.strip(), pattern).replace(tzinfo=UTC).timestamp()
            return float(text) * scale if scale is not None else None
        except ValueError:
            return None

    return read
