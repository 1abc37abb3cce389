"""What state a call is in, and in which others it could be: from which every share and its bounds are counted.

A state is the set of tallies that a call counts in (`answered` and `in_t`, say); the empty set is a call that does not
count, or never was. A record that no leg confirms may not exist; what was not told may be so or not; a leg without a
record may have been anything. Sums over states are exact bounds, because each call is free of all others.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from pipelines.measure.service.levels import Ratio, terms_of

State = frozenset[str]
NOTHING: State = frozenset()
OFFERED = ("answered", "abandoned", "overflowed")
BOTH = (False, True)


class Profile(NamedTuple):
    """What is told of calls that are alike. Flags that hang on a time are None where that was not told."""

    kind: str
    group: str
    """Class of the call: answered, abandoned, overflowed, blocked or unknown; none of a leg without a record."""
    is_open: bool
    is_in_t: bool | None
    is_short: bool | None
    is_transferred: bool
    is_callback: bool
    is_queued: bool | None
    is_rung: bool | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Profile":
        """From a row of `service_scopes.sql`."""
        flags = ("is_open", "is_in_t", "is_short", "is_transferred", "is_callback", "is_queued", "is_rung")
        return cls(row["kind"], row["class"], *(row[name] for name in flags))


def _state(group: str, in_t: bool, short: bool, queued: bool, rung: bool, transferred: bool, callback: bool) -> State:
    """The tallies of one call of which all is known."""
    told = {
        "answered": {"in_t": in_t, "transferred": transferred, "queued": queued},
        "abandoned": {"abandoned_in_t": in_t, "abandoned_short": short, "rung": rung, "queued": queued},
        "overflowed": {"overflowed_in_t": in_t, "callback_in_t": callback and in_t, "rung": rung, "queued": queued},
        "blocked": {},
    }[group]
    return frozenset({group, *(name for name, is_so in told.items() if is_so)})


@cache
def point(profile: Profile) -> State:
    """The state that is counted: what is not told is not so; a leg that surely has no record was abandoned late."""
    if profile.kind == "leg":
        return NOTHING if profile.is_open else frozenset({"abandoned"})
    if profile.group == "unknown":
        return NOTHING
    flags = (profile.is_in_t, profile.is_short, profile.is_queued, profile.is_rung)
    in_t, short, queued, rung = (bool(flag) for flag in flags)
    return _state(profile.group, in_t, short, queued, rung, profile.is_transferred, profile.is_callback)


@cache
def options(profile: Profile) -> frozenset[State]:
    """Every state that such a call may be in, the one that is counted among them."""
    groups: tuple[str, ...] = (profile.group,)
    if profile.kind == "leg":
        groups = OFFERED
    elif profile.group == "unknown":
        groups = (*OFFERED, "blocked")
    may_be_none = profile.is_open or profile.group == "unknown"
    found = {state for group in groups for state in _ways(profile, group)}
    return frozenset(found | ({NOTHING} if may_be_none else set()))


def _ways(profile: Profile, group: str) -> Iterator[State]:
    is_told = profile.kind == "record"
    flags = (profile.is_in_t, profile.is_short, profile.is_queued, profile.is_rung)
    hung = [(flag,) if is_told and flag is not None else BOTH for flag in flags]
    is_known = is_told and profile.group != "unknown"
    named = [(flag,) if is_known else BOTH for flag in (profile.is_transferred, profile.is_callback)]
    for in_t, short, queued, rung, transferred, callback in product(*hung, *named):
        yield _state(group, in_t, short, queued, rung, transferred, callback)


@cache
def worth(ratio: Ratio, state: State) -> tuple[int, int]:
    """What a call in a state adds to a definition's part and to its base."""
    part, base = (sum(sign for sign, name in terms_of(formula) if name in state) for formula in ratio[:2])
    return part, base


@cache
def worths(ratio: Ratio, profile: Profile) -> frozenset[tuple[int, int]]:
    """What such a call may add, over all states that it may be in."""
    return frozenset(worth(ratio, state) for state in options(profile))
