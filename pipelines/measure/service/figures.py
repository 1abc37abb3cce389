"""Tallies of one scope → its figures of service: how many came, how many were answered, and how soon.

`measured` is over the legs that were passed on united with the delivered records that are not proven, pairs once; a leg
without a record is offered and not answered, so that leaving calls out does not pay. What only records tell (answered
calls, transfers, who queued) is over the delivered records. Means are in `means.py`.
"""

from dataclasses import dataclass

from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.service.levels import ABANDON_RATES, NEED_RINGING, SERVICE_LEVELS, Ratio, Rules
from pipelines.measure.service.states import OFFERED
from pipelines.measure.service.tally import Keep, Share, Tally, everything, records

OFFERED_CALLS = "answered + abandoned + overflowed"
_ANSWERED = Ratio("answered", OFFERED_CALLS, "answered ÷ offered")
_SHORT = Ratio("abandoned_short", OFFERED_CALLS, "abandoned short ÷ offered")
_QUEUED = Ratio("queued", OFFERED_CALLS, "waited ÷ offered")
_TRANSFERRED = Ratio("transferred", "answered", "transferred ÷ answered")


@dataclass(frozen=True)
class Told:
    """What the vendor's records can tell: the columns delivered, whether a transfer would show in them, and whether any
    record of the month was delivered at all.
    """

    roles: frozenset[str]
    transfers: bool
    is_delivered: bool = True


def service_figures(tally: Tally, rules: Rules, told: Told) -> list[Measured]:
    """Counts and shares of one scope."""
    missing = _nothing_told(tally, told)
    if missing is not None:
        every = ("attempts", "offered", "answered", "abandoned", "answered_pct", "abandon_rate", "short_abandon_rate")
        figures = (*every, "service_level", "queued_pct", "transfer_rate")
        return [not_measurable(figure, missing, tally.scope) for figure in figures]
    return [
        _count("attempts", tally, f"{OFFERED_CALLS} + blocked"),
        _count("offered", tally, OFFERED_CALLS),
        _count("answered", tally, "answered", records, records),
        _count("abandoned", tally, "abandoned", records),
        share_figure("answered_pct", tally.scope, tally.share(_ANSWERED)),
        _abandon_rate(tally, rules),
        _short_abandon_rate(tally),
        service_level(tally, rules),
        _queued(tally),
        _transfers(tally, told),
    ]


def service_level(tally: Tally, rules: Rules, figure: str = "service_level") -> Measured:
    """The service level by the terms' definition; not measurable where what it looks at was not delivered."""
    missing = _level_missing(tally, rules)
    if missing:
        return Measured(figure, tally.scope, None, None, None, None, rules.code, "not_measurable", missing)
    return share_figure(figure, tally.scope, tally.share(SERVICE_LEVELS[rules.service_level]), rules.code)


def _level_missing(tally: Tally, rules: Rules) -> str | None:
    is_waitless = tally.is_untold("is_in_t", ("answered", "abandoned"))
    if is_waitless or tally.is_untold("is_in_t", ("answered",)):
        return "column_missing:queue_s"
    if rules.service_level in NEED_RINGING and tally.is_untold("is_rung", ("abandoned", "overflowed")):
        return "column_missing:ring_s"
    return None


def _nothing_told(tally: Tally, told: Told) -> str | None:
    """Why nothing can be counted: no record came, or none of the scope tells its outcome. 0 would be wrong."""
    if not told.is_delivered and not tally.rows:
        return "feed_missing:calls"
    groups = {profile.group for profile, _ in tally.rows if records(profile)}
    return "column_missing:outcome" if groups == {"unknown"} else None


def _count(figure: str, tally: Tally, formula: str, keep: Keep = everything, may: Keep = everything) -> Measured:
    """A count of the calls to `keep`, with bounds where some may not be, or more of those that `may`."""
    value, low, high = tally.count(formula, keep, may)
    is_open = (low, high) != (value, value)
    ends = (float(low) if is_open else None, float(high) if is_open else None)
    return Measured(figure, tally.scope, float(value), ends[0], ends[1], value, kpi(figure).code)


def _abandon_rate(tally: Tally, rules: Rules) -> Measured:
    flag = {"AB3": "is_short", "AB4": "is_in_t"}.get(rules.abandon_rate)
    if flag is not None and tally.is_untold(flag, ("abandoned",)):
        reason = "column_missing:queue_s"
        return Measured(
            "abandon_rate", tally.scope, None, definition=rules.abandon_code, status="not_measurable", reason=reason
        )
    return share_figure("abandon_rate", tally.scope, tally.share(ABANDON_RATES[rules.abandon_rate]), rules.abandon_code)


def _short_abandon_rate(tally: Tally) -> Measured:
    if tally.is_untold("is_short", ("abandoned",)):
        return not_measurable("short_abandon_rate", "column_missing:queue_s", tally.scope)
    return share_figure("short_abandon_rate", tally.scope, tally.share(_SHORT))


def _queued(tally: Tally) -> Measured:
    """Over the delivered records: of a leg without one nobody knows whether it queued."""
    if tally.is_untold("is_queued", OFFERED):
        return not_measurable("queued_pct", "column_missing:queue_s", tally.scope)
    return share_figure("queued_pct", tally.scope, tally.share(_QUEUED, records))


def _transfers(tally: Tally, told: Told) -> Measured:
    """Over the answered records; not measurable where no column would show a transfer."""
    found = tally.share(_TRANSFERRED, records)
    if not told.transfers and not found.part:
        return not_measurable("transfer_rate", "column_missing:transfer_to", tally.scope)
    return share_figure("transfer_rate", tally.scope, found)


def share_figure(figure: str, scope: str, found: Share, definition: str | None = None) -> Measured:
    """A share in percent, with its bounds."""
    code = definition or kpi(figure).code
    if found.value is None:
        return Measured(figure, scope, None, definition=code, status="not_measurable", reason="nothing_to_count")
    low, high = (None if each is None else float(100 * each) for each in (found.low, found.high))
    return Measured(figure, scope, float(100 * found.value), low, high, found.base, code)
