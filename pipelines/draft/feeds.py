"""What a file is for (calls, claims, …), with the columns for its roles and figures, and how long its periods last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pipelines.contract.vocabulary import INHOUSE
from pipelines.draft.roles import Match, figures_of, roles_of
from pipelines.draft.types import Profile
from pipelines.draft.words import WORDS

_DAY = 86_400
_EITHER_SIDE = ("forecast", "trunks", "surveys", "quality_scores")


@dataclass(frozen=True)
class Purpose:
    """A feed, its columns by role, its figures, what is missing. `others` report a figure once more."""

    feed: str
    roles: Mapping[str, Match]
    figures: Sequence[Match] = ()
    missing: Sequence[str] = ()
    others: Sequence[Match] = ()


def purpose_of(columns: Sequence[Profile], source: str) -> Purpose:
    """The feed that the columns fit best; calls where nothing fits, with what is missing."""
    feeds = [name for name in WORDS["needs"] if _may_send(name, source)]
    found = [_as(feed, columns) for feed in feeds]
    whole = [item for item in found if not item.missing]
    return max(whole or found[:1], key=_weight)


def _may_send(feed: str, source: str) -> bool:
    """Whose files a feed can be in: the client's log is the client's alone, calls and reports are the vendors'."""
    return feed in _EITHER_SIDE or (feed == "inhouse_calls") == (source == INHOUSE)


def _as(feed: str, columns: Sequence[Profile]) -> Purpose:
    roles = roles_of(columns, feed)
    missing = [role for role in WORDS["needs"][feed] if role not in roles]
    if feed != "claims":
        return Purpose(feed, roles, missing=missing)
    if {"figure", "value"} <= set(roles):
        return Purpose(feed, roles, missing=missing)
    taken = {match.column.place for role, match in roles.items() if role not in ("figure", "value")}
    roles = {role: match for role, match in roles.items() if role not in ("figure", "value")}
    figures, others = figures_of([column for column in columns if column.place not in taken])
    return Purpose(feed, roles, figures, missing or ([] if figures else ["figure"]), others)


def _weight(item: Purpose) -> float:
    """How much of the file a feed explains. A file with a caller in each row reports no figures, it holds calls."""
    known = sum(match.score for match in (*item.roles.values(), *item.figures))
    caller = item.roles.get("caller")
    return known + 3 * (item.feed in ("calls", "inhouse_calls") and caller is not None and caller.score > 0)


def period_of(starts: Sequence[datetime], *, has_clock: bool) -> tuple[str, str]:
    """`tieout.period` from the distances of the period starts, and on what it rests."""
    distinct = sorted(set(starts))
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(distinct)]
    if not gaps:
        return ("hour", "one start only: hour is a guess") if has_clock else ("day", "one start only: day is a guess")
    gap = int(min(gaps))
    if gap >= 28 * _DAY:
        return "month", "the starts lie a month apart"
    if gap == 7 * _DAY:
        return "week", "the starts lie seven days apart"
    if gap >= _DAY:
        return "day", "the starts lie a day apart" if gap == _DAY else "the starts lie days apart"
    if gap == 3600:
        return "hour", "the starts lie an hour apart"
    if gap > 0 and _DAY % gap == 0:
        return f"interval:{gap}", f"the starts lie {gap} s apart"
    return "hour", f"the starts lie {gap} s apart, which does not divide a day: hour is a guess"
