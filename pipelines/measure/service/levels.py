"""Definitions behind one name, as data: service levels, abandon rates, speeds of answer. The terms say which counts.

Each is a quotient of sums over tallies. A tally counts calls of one state (see `states.py`); those of speeds of answer
are seconds and calls that have a wait. Nothing is computed here but such a sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple


class Ratio(NamedTuple):
    """One definition: what is counted ÷ what it is a share of, both as `a + b - c` over tallies, and in words."""

    part: str
    base: str
    words: str


SERVICE_LEVELS = {
    "SL1": Ratio("in_t", "answered", "answered within T ÷ answered"),
    "SL2": Ratio("in_t", "answered + abandoned", "answered within T ÷ (answered + abandoned)"),
    "SL3": Ratio("in_t", "answered + abandoned - abandoned_in_t", "answered within T ÷ (answered + abandoned after T)"),
    "SL4": Ratio(
        "in_t + abandoned_in_t", "answered + abandoned", "(answered + abandoned within T) ÷ (answered + abandoned)"
    ),
    "SL5": Ratio(
        "in_t + abandoned_short", "answered + abandoned", "(answered within T + short) ÷ (answered + abandoned)"
    ),
    "SL6": Ratio(
        "in_t", "answered + abandoned - abandoned_short", "answered within T ÷ (answered + abandoned - short)"
    ),
    "SL7": Ratio(
        "in_t + abandoned_in_t + callback_in_t",
        "answered + abandoned + overflowed",
        "left the queue within T by answer, abandon or callback request ÷ queued",
    ),
    "SL8": Ratio(
        "in_t", "answered + abandoned + overflowed", "answered within T ÷ (answered + abandoned + overflowed)"
    ),
    "SL9": Ratio(
        "in_t + abandoned_in_t + overflowed_in_t",
        "answered + abandoned + overflowed",
        "(answered + missed within T) ÷ (answered + missed)",
    ),
    "SL10": Ratio(
        "in_t",
        "answered + abandoned + overflowed - rung",
        "answered within T ÷ (offered - rung at an agent without answer)",
    ),
}
"""Service levels. Missed are calls that left without an agent. SL11 is no sum but a rule for means: see `average`."""

ABANDON_RATES = {
    "AB1": Ratio("abandoned", "answered + abandoned + overflowed", "abandoned ÷ offered"),
    "AB2": Ratio("abandoned", "answered", "abandoned ÷ answered"),
    "AB3": Ratio(
        "abandoned - abandoned_short",
        "answered + abandoned + overflowed - abandoned_short",
        "abandoned ÷ offered, both without short ones",
    ),
    "AB4": Ratio("abandoned - abandoned_in_t", "answered + abandoned + overflowed", "abandoned after T ÷ offered"),
}

ASAS = {
    "ASA1": Ratio("wait_answered", "waits_answered", "wait of answered calls ÷ answered"),
    "ASA2": Ratio(
        "wait_answered + wait_abandoned + wait_overflowed",
        "waits_answered + waits_abandoned + waits_overflowed",
        "wait of all calls ÷ all calls",
    ),
    "ASA3": Ratio("wait_answered + wait_abandoned + wait_overflowed", "waits_answered", "wait of all calls ÷ answered"),
}
"""Speeds of answer: `wait_*` are seconds of the calls of a class, `waits_*` those calls, of calls with a wait told."""

NEED_SHORT = ("SL5", "SL6", "AB3")
"""Definitions that the short-abandon threshold t decides."""
NEED_RINGING = ("SL10",)
"""Definitions that need to know of calls without an answer whether they rang at an agent."""
TWINS = (("SL5", "SL4"), ("SL6", "SL3"))
"""With t = T the first of each pair is the second, by algebra: a list of candidates has only one of them."""


@dataclass(frozen=True)
class Rules:
    """What the terms decide: ids of definitions, the service level's threshold and bound (<= or <), short abandons."""

    service_level: str
    threshold_s: int
    bound: str
    short_abandon_s: int
    abandon_rate: str = "AB1"
    asa: str = "ASA1"

    @property
    def code(self) -> str:
        """The service level's definition, as `SL5 T=20 <= t=5`."""
        return _code(self.service_level, self)

    @property
    def abandon_code(self) -> str:
        """The abandon rate's, as `AB1`, `AB3 t=5` or `AB4 T=20 <=`."""
        is_timed = self.abandon_rate == "AB4"
        return _code(self.abandon_rate, self) if is_timed else self.abandon_rate + _short(self.abandon_rate, self)


def _code(name: str, rules: Rules) -> str:
    return f"{name} T={rules.threshold_s} {rules.bound}{_short(name, rules)}"


def _short(name: str, rules: Rules) -> str:
    return f" t={rules.short_abandon_s}" if name in NEED_SHORT else ""


@cache
def terms_of(formula: str) -> tuple[tuple[int, str], ...]:
    """`a + b - c` as signs and names: (1, a), (1, b), (-1, c)."""
    found, sign = [], 1
    for word in formula.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            found.append((sign, word))
    return tuple(found)


def summed(formula: str, tally: Mapping[str, int]) -> int:
    """The sum that a formula names; KeyError where a tally is missing."""
    return sum(sign * tally[name] for sign, name in terms_of(formula))


def average(levels: Sequence[float | None], empty: float | None = None) -> float | None:
    """The mean of intervals' values; an interval of None (nothing offered) counts as `empty`, or not at all.

    SL11 is any definition averaged with `empty=100`.
    """
    told = [value if value is not None else empty for value in levels]
    kept = [value for value in told if value is not None]
    return sum(kept) / len(kept) if kept else None
