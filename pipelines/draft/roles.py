"""What a column is probably for: the words of its head, and cells that can be what the role needs.

The words stand in `headers.yaml`. What a whole file is for is decided in `feeds.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.draft.types import Profile
from pipelines.draft.words import WORDS, best, tokens

_LEAST = 0.34
_WITHIN = re.compile(r"\d+ ?(s\b|sec|秒)")
_AS_RATE: Mapping[str, str | None] = {
    "answered": "answered_pct",
    "abandoned": "abandon_rate",
    "offered": None,
    "attempts": None,
}
_FCR = {"fcr_2h": r"\b2 ?(h|小时)|两小时|2小时", "fcr_7d": r"\b7 ?(d|天|日)|168 ?h|七天|七日|7天|7日"}
_DAYS_ONLY = ("period_start", "period_end", "hired", "left", "issued_at", "at_utc")
_NUMBERS = ("score", "scale", "calls", "capacity", "fault_a", "fault_b", "fault_c")


@dataclass(frozen=True)
class Match:
    """A role (or a figure) and the column found for it; `score` is 1 where the head is one of the words itself."""

    role: str
    column: Profile
    score: float


def words_of(feed: str) -> Mapping[str, list[str]]:
    """The words for each role of a feed, in order of preference among equals."""
    own: dict[str, list[str]] = WORDS["roles"][feed]
    if feed != "inhouse_calls":
        return own
    names = {"offered_utc": "arrived_utc"}
    kept = ("call_id", "leg", "caller", "called", "reason", "agent_id", "offered_utc", "answered_utc", "ended_utc")
    calls: dict[str, list[str]] = WORDS["roles"]["calls"]
    return {**own, **{names.get(role, role): calls[role] for role in (*kept, "outcome")}}


def roles_of(columns: Sequence[Profile], feed: str) -> dict[str, Match]:
    """The likeliest column for each role of a feed; each column and each role once."""
    has_day = any(column.time and column.time.kind == "date" for column in columns)
    found = [
        (-score * _trust(role, column), order, column.place, Match(role, column, score))
        for order, (role, words) in enumerate(words_of(feed).items())
        for column in columns
        if column.filled
        and _can_be(role, column, feed, has_day=has_day)
        and (score := best(column.head, words)) >= _LEAST
    ]
    chosen = _greedy([match for *_, match in sorted(found, key=lambda item: item[:3])])
    if feed in ("calls", "inhouse_calls"):
        _guess(chosen, columns, feed)
    return chosen


def _trust(role: str, column: Profile) -> float:
    """Beside a number of the caller, a column with the caller's name is no identity."""
    return 0.6 if role == "caller" and column.caller is None else 1.0


def _greedy(ranked: Sequence[Match]) -> dict[str, Match]:
    chosen: dict[str, Match] = {}
    taken: set[int] = set()
    for match in ranked:
        if match.role not in chosen and match.column.place not in taken:
            chosen[match.role] = match
            taken.add(match.column.place)
    return chosen


def _guess(chosen: dict[str, Match], columns: Sequence[Profile], feed: str) -> None:
    """The indispensable roles by the cells alone, where no head names them."""
    start = "arrived_utc" if feed == "inhouse_calls" else "offered_utc"
    tests: tuple[tuple[str, Callable[[Profile], bool]], ...] = (
        ("caller", lambda column: column.caller is not None and not column.time and column.number_time is None),
        (start, _is_moment),
        ("call_id", lambda column: column.is_unique and column.count > 1 and column.time is None),
    )
    for role, test in tests:
        taken = {match.column.place for match in chosen.values()}
        fit = [column for column in columns if column.place not in taken and test(column)]
        if role not in chosen and fit:  # of several unique columns an id is the longest
            likely = max(fit, key=lambda column: column.longest) if role == "call_id" else fit[0]
            chosen[role] = Match(role, likely, 0.0)


def _is_moment(column: Profile) -> bool:
    is_counted = column.number_time in ("epoch_s", "epoch_ms")
    return column.is_full and (is_counted or (column.time is not None and column.time.kind == "timestamp"))


def figures_of(columns: Sequence[Profile]) -> tuple[list[Match], list[Match]]:
    """The figure that each column reports, in the file's order, and columns that report one of these once more."""
    ranked = []
    for column in columns:
        if not (column.numbers or column.clocked) or (column.time and column.time.kind != "clock"):
            continue
        scores = {figure: best(column.head, words) for figure, words in WORDS["figures"].items()}
        order = sorted(scores, key=lambda figure: -scores[figure])
        if scores[order[0]] >= _LEAST and (figure := _refined(order[0], column)):
            ranked.append(Match(figure, column, scores[order[0]]))
    chosen = _greedy(sorted(ranked, key=lambda match: (-match.score, match.column.place)))
    return [match for match in ranked if chosen[match.role] is match], [
        match for match in ranked if chosen[match.role] is not match
    ]


def _refined(figure: str, column: Profile) -> str | None:
    """A share of the answered is no count, one within seconds is a service level, and FCR has its window."""
    if is_share(column):
        figure = _AS_RATE.get(figure, figure) or ""
    if figure == "answered_pct" and _WITHIN.search(column.head.casefold()):
        return "service_level"
    if figure == "fcr_24h":
        return next((name for name, text in _FCR.items() if re.search(text, column.head.casefold())), figure)
    return figure or None


def is_share(column: Profile) -> bool:
    """Whether a column holds shares: cells with %, or a head that says so."""
    printed = column.numbers is not None and column.numbers.unit == "pct"
    return printed or "率" in column.head or bool({"pct", "percent", "percentage", "rate"} & set(tokens(column.head)))


def _can_be(role: str, column: Profile, feed: str, *, has_day: bool) -> bool:
    """Whether the cells of a column can be what a role needs."""
    kind = column.time.kind if column.time else None
    if role in _DAYS_ONLY or (feed == "trunks" and role == "from_utc"):
        return kind in ("date", "timestamp") or column.number_time is not None or (kind == "clock" and has_day)
    if role.endswith("_utc"):
        return kind == "timestamp" or column.number_time is not None or (kind == "clock" and has_day)
    if role.endswith("_s") or role == "value":
        return column.clocked is not None or (column.numbers is not None and column.numbers.least >= 0)
    if kind in ("timestamp", "date") and not (column.caller and column.numbers) and role != "call_id":
        return False
    if role in _NUMBERS:
        return column.numbers is not None and column.clocked is None
    if role in ("invited", "passed"):
        return bool(column.codes) and column.distinct <= 3
    if role in ("outcome", "direction", "is_billed", "state"):
        few = column.numbers is None or column.distinct * 3 <= column.count  # counts are no codes
        return bool(column.codes) and few and column.clocked is None and column.caller is None
    if role == "call_id":
        return column.distinct * 2 > column.count and kind != "date" and column.clocked is None
    if role == "figure":
        return bool(column.codes) and column.numbers is None
    return column.clocked is None and (role in ("caller", "score") or not _is_fraction(column))


def _is_fraction(column: Profile) -> bool:
    return column.numbers is not None and not column.numbers.is_whole
