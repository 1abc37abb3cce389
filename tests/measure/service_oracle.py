"""Service by plain loops: what each definition counts, and every way in which what is open may turn out. No SQL in it.

A fate is one way that a call may have been: None (it never was), or a dict of class, wait and the rest. Brute force
tries all fates of all calls together; so it is for worlds of a handful of calls.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from tests.measure.worlds import Row, Small

ANSWERED = ("answered", "transferred")
ABANDONED = ("abandoned", "short_abandoned")
OVERFLOWED = ("overflowed", "voicemail", "callback_requested")
CLASSES = {
    **dict.fromkeys(ANSWERED, "answered"),
    **dict.fromkeys(ABANDONED, "abandoned"),
    **dict.fromkeys(OVERFLOWED, "overflowed"),
    "blocked": "blocked",
}
Fate = dict[str, Any] | None
Pair = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Agreed:
    """What the terms say: threshold, its bound, short abandon."""

    threshold: int = 20
    bound: str = "<="
    short: int = 5

    def is_in_time(self, wait: Any) -> bool:
        if wait is None:
            return False
        return bool(wait <= self.threshold if self.bound == "<=" else wait < self.threshold)


@dataclass(frozen=True)
class Case:
    """One call: how it is counted, every way it may have been, and whether it is a record."""

    told: Fate
    fates: tuple[Fate, ...]
    is_record: bool
    start: Any = None


def cases(world: Small, scope: str, agreed: Agreed) -> list[Case]:
    """The calls of a scope: the month (`all`), `day:…` or `queue:…`."""
    calls = {(row["file_id"], row["row"]): row for row in world.calls}
    legs = {(row["file_id"], row["row"]): row for row in world.legs}
    wrong = {(row["file_id"], row["row"]) for row in world.findings if row["certainty"] == "proven"}
    found = []
    for link in world.links:
        where = link["file_id"], link["row"]
        own = (legs if link["side"] == "inhouse" else calls)[where]
        kind, _, name = scope.partition(":")
        if not link["in_month"] or (kind == "day" and name != str(own["booked_day"])):
            continue
        if link["side"] == "inhouse":
            if not link["is_absent"]:
                is_sure = link["match_class"] == "inhouse_only" and link["is_covered"] and kind != "queue"
                found.append(_leg(own, is_sure, agreed))
        elif where not in wrong and (kind != "queue" or own.get("queue") == name):
            found.append(_record(own, link["side"] == "vendor", agreed))
    return found


def _leg(own: Row, is_sure: bool, agreed: Agreed) -> Case:
    """A leg without a record: surely offered, or perhaps nothing; it may have ended in any way."""
    ways: list[Fate] = [
        {"class": name, "wait": wait, "short": None, "ring": ring, "transferred": moved, "callback": back}
        for name in ("answered", "abandoned", "overflowed")
        for wait in (0, agreed.short, agreed.short + 1, agreed.threshold, agreed.threshold + 1)
        for ring, moved, back in product((0, 9), (False, True), (False, True))
    ]
    given_up = {"class": "abandoned", "wait": None, "short": False, "ring": None, "transferred": False}
    told: Fate = {**given_up, "callback": False} if is_sure else None
    start = own["transferred_utc"] or own["arrived_utc"]
    return Case(told, tuple(ways) if is_sure else (None, *ways), is_record=False, start=start)


def _record(own: Row, is_alone: bool, agreed: Agreed) -> Case:
    group = CLASSES.get(str(own["outcome"]))
    as_told: dict[str, Any] = {
        "class": group,
        "wait": own.get("queue_s"),
        "short": True if own["outcome"] == "short_abandoned" else None,
        "ring": own.get("ring_s"),
        "transferred": own["outcome"] == "transferred" or own.get("transfer_to") is not None,
        "callback": own["outcome"] == "callback_requested",
        **{name: own.get(name) for name in ("talk_s", "hold_s", "acw_s")},
    }
    waits = [own["queue_s"]] if own.get("queue_s") is not None else None
    waits = waits or [0, agreed.short, agreed.short + 1, agreed.threshold, agreed.threshold + 1]
    rings = [own["ring_s"]] if own.get("ring_s") is not None else [0, 9]
    groups = [group] if group else ["answered", "abandoned", "overflowed", "blocked"]
    moved = [as_told["transferred"]] if group else [False, True]
    backs = [as_told["callback"]] if group else [False, True]
    ways: list[Fate] = [
        {**as_told, "class": name, "wait": wait, "ring": ring, "transferred": away, "callback": back}
        for name, wait, ring, away, back in product(groups, waits, rings, moved, backs)
    ]
    if is_alone or not group:
        ways.append(None)
    return Case(as_told if group else None, tuple(ways), is_record=True, start=own["offered_utc"])


def adds(figure: str, fate: Fate, agreed: Agreed) -> Pair:
    """What a call adds to a figure's part and base."""
    if fate is None:
        return Fraction(0), Fraction(0)
    answered, abandoned, overflowed = (fate["class"] == name for name in ("answered", "abandoned", "overflowed"))
    offered, in_time, wait = answered or abandoned or overflowed, agreed.is_in_time(fate["wait"]), fate["wait"]
    short = fate["short"] if fate["short"] is not None else wait is not None and wait <= agreed.short
    rang = fate["ring"] is not None and fate["ring"] > 0
    queued = wait is not None and wait > 0
    part, base = {
        "attempts": (offered or fate["class"] == "blocked", False),
        "offered": (offered, False),
        "answered": (answered, False),
        "abandoned": (abandoned, False),
        "SL1": (answered and in_time, answered),
        "SL2": (answered and in_time, answered or abandoned),
        "SL3": (answered and in_time, answered or (abandoned and not in_time)),
        "SL4": ((answered or abandoned) and in_time, answered or abandoned),
        "SL5": ((answered and in_time) or (abandoned and short), answered or abandoned),
        "SL6": (answered and in_time, answered or (abandoned and not short)),
        "SL7": ((answered or abandoned or fate["callback"]) and offered and in_time, offered),
        "SL8": (answered and in_time, offered),
        "SL9": (offered and in_time, offered),
        "SL10": (answered and in_time, answered or (offered and not rang)),
        "AB1": (abandoned, offered),
        "AB2": (abandoned, answered),
        "AB3": (abandoned and not short, offered and not (abandoned and short)),
        "AB4": (abandoned and not in_time, offered),
        "answered_pct": (answered, offered),
        "short_abandon_rate": (abandoned and short, offered),
        "queued_pct": (offered and queued, offered),
        "transfer_rate": (answered and fate["transferred"], answered),
    }[figure]
    if figure == "SL7" and overflowed and not fate["callback"]:
        part = False
    return Fraction(int(part)), Fraction(int(base))


MEANS: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "ASA1": ("answered", lambda call: call["wait"]),
    "queue_time": ("answered abandoned overflowed", lambda call: call["wait"] or None),
    "abandon_time": ("abandoned", lambda call: call["wait"]),
    "ASA2": ("answered abandoned overflowed", lambda call: call["wait"]),
    "talk_time": ("answered", lambda call: call["talk_s"]),
    "hold_time": ("answered", lambda call: call["hold_s"] or None),
    "hold_per_call": ("answered", lambda call: call["hold_s"]),
    "acw": ("answered", lambda call: call["acw_s"]),
    "aht": ("answered", lambda call: _together(call["talk_s"], call["hold_s"], call["acw_s"])),
    "rings": ("answered", lambda call: call["ring"]),
}
"""Classes whose calls count, and the seconds of one."""


def _together(*times: Any) -> Any:
    return None if None in times else sum(times)


def adds_to_mean(figure: str, fate: Fate) -> Pair:
    """Seconds and calls; a call whose time was not told adds nothing."""
    if fate is None:
        return Fraction(0), Fraction(0)
    if figure == "ASA3":
        is_answered = fate["class"] == "answered"
        waited = fate["class"] in ("answered", "abandoned", "overflowed") and fate["wait"] is not None
        return (Fraction(fate["wait"]), Fraction(int(is_answered))) if waited else (Fraction(0), Fraction(0))
    groups, seconds = MEANS[figure]
    time = seconds(fate) if fate["class"] in groups.split() else None
    return (Fraction(0), Fraction(0)) if time is None else (Fraction(time), Fraction(1))


def ratio(pairs: Iterable[Pair]) -> Fraction | None:
    """Part ÷ base; None without a base."""
    kept = list(pairs)
    base = sum(pair[1] for pair in kept)
    return Fraction(sum(pair[0] for pair in kept)) / base if base else None


def outcomes(options: Iterable[Iterable[Pair]]) -> Iterator[list[Pair]]:
    """Every way in which the calls may turn out together."""
    yield from (list(way) for way in product(*(sorted(set(pairs)) for pairs in options)))


def ends(options: list[list[Pair]]) -> tuple[Fraction | None, Fraction | None]:
    """Least and most that part ÷ base can be; (None, None) where there is only one way."""
    if all(len(set(pairs)) < 2 for pairs in options):
        return None, None
    found = [value for way in outcomes(options) if (value := ratio(way)) is not None]
    return (min(found), max(found)) if found else (None, None)
