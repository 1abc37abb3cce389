"""Means of times: waits, rings, talk, hold, after-call work, and all handling together, with what is open in them.

Means are over the delivered records less those proven. A call whose time was not delivered is in none of them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from pipelines.measure.bounds import Histogram, mean_bounds
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.service.levels import ASAS, Rules, terms_of
from pipelines.measure.service.states import OFFERED
from pipelines.measure.service.tally import Tally

Doubts = Mapping[tuple[str, str], Histogram]
"""(time, class) → values of calls that may not exist, or, of class unknown, whose outcome is not told."""


@dataclass(frozen=True)
class Mean:
    """A mean: seconds of calls of some classes ÷ those calls. `is_part`: only calls with more than none of that time.

    `more` are classes whose time counts, but not their calls.
    """

    figure: str
    time: str
    calls: str
    needs: tuple[str, ...]
    groups: tuple[str, ...] = ("answered",)
    is_part: bool = False
    more: tuple[str, ...] = ()


MEANS = (
    Mean("queue_time", "wait_s", "waits", ("queue_s",), OFFERED, is_part=True),
    Mean("abandon_time", "wait_s", "waits", ("queue_s",), ("abandoned",)),
    Mean("aht", "handle_s", "handles", ("talk_s", "hold_s", "acw_s")),
    Mean("talk_time", "talk_s", "talks", ("talk_s",)),
    Mean("hold_time", "hold_s", "on_hold", ("hold_s",), is_part=True),
    Mean("hold_per_call", "hold_s", "holds", ("hold_s",)),
    Mean("acw", "acw_s", "acws", ("acw_s",)),
)


def means(tally: Tally, rules: Rules, roles: Collection[str], doubts: Doubts) -> list[Measured]:
    """Every mean of one scope. `roles` are the columns that the vendor delivers."""
    asa = mean(_asa(rules), tally, roles, doubts, rules.asa)
    return [asa, *(mean(each, tally, roles, doubts, kpi(each.figure).code) for each in MEANS)]


def rings(tally: Tally, cadence_s: float | None, country: str, roles: Collection[str], doubts: Doubts) -> Measured:
    """Ringing time of answered calls in rings of the country's length; not measurable where that is not known."""
    if cadence_s is None:
        return not_measurable("rings", f"no_ring_cadence:{country}", tally.scope)
    code = f"{kpi('rings').code} {cadence_s:g} s"
    found = mean(Mean("rings", "ring_s", "rings", ("ring_s",)), tally, roles, doubts, code)
    value, low, high = (None if each is None else each / cadence_s for each in (found.value, found.low, found.high))
    return Measured("rings", tally.scope, value, low, high, found.n, found.definition, found.status, found.reason)


def mean(of: Mean, tally: Tally, roles: Collection[str], doubts: Doubts, code: str) -> Measured:
    """One mean of one scope."""
    count = _count(of, tally)
    if not count:
        missing = [name for name in of.needs if name not in roles]
        reason = f"column_missing:{', '.join(missing)}" if missing else "nothing_to_count"
        return Measured(of.figure, tally.scope, None, None, None, 0, code, "not_measurable", reason)
    value = tally.sum(of.time, (*of.groups, *of.more)) / count
    low, high = _bounds(of, tally, doubts)
    low, high = None if low is None else min(low, value), None if high is None else max(high, value)
    return Measured(of.figure, tally.scope, value, low, high, count, code)


def _asa(rules: Rules) -> Mean:
    """The agreed speed of answer, read off its definition."""
    definition = ASAS[rules.asa]
    timed, counted = (
        tuple(name.partition("_")[2] for _, name in terms_of(formula)) for formula in (definition.part, definition.base)
    )
    return Mean("asa", "wait_s", "waits", ("queue_s",), counted, more=tuple(sorted({*timed} - {*counted})))


def _count(of: Mean, tally: Tally, *, sure: bool = False) -> int:
    """Calls of the mean; of calls that queued, those that waited more than no time."""
    if of.is_part and of.calls == "waits":
        kept = (
            row["waits"]
            for profile, row in tally.rows
            if _is_queued(of, profile.group, profile.is_queued) and not (sure and profile.is_open)
        )
        return sum(int(value) for value in kept)
    return int(tally.sum(of.calls, of.groups, sure=sure))


def _is_queued(of: Mean, group: str, is_queued: bool | None) -> bool:
    return group in of.groups and bool(is_queued)


def _bounds(of: Mean, tally: Tally, doubts: Doubts) -> tuple[float | None, float | None]:
    """Lowest and highest mean: a doubtful call may be there or not, one of unknown outcome may be of any class."""
    count = _count(of, tally, sure=True)
    free, added = (_values(of, doubts, groups) for groups in ((*of.groups, "unknown"), (*of.more, "unknown")))
    sure = float(tally.sum(of.time, (*of.groups, *of.more), sure=True))
    if not of.more:
        return mean_bounds(sure, count, free)
    added = [pair for pair in added if pair[0] > 0]
    if not free and not added:
        return None, None
    low = mean_bounds(sure, count, free)[0] if free else sure / count
    own = _values(of, doubts, of.groups)
    on_top = sure + sum(value * often for value, often in added)
    if count or own:
        return low, mean_bounds(on_top, count, own)[1] if own else on_top / count
    return low, on_top


def _values(of: Mean, doubts: Doubts, groups: Iterable[str]) -> list[tuple[float, int]]:
    found = [pair for group in groups for pair in doubts.get((of.time, group), ())]
    return [pair for pair in found if pair[0] > 0] if of.is_part else found
