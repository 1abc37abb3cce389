"""Counts of one window → first-contact resolution, where callers came again, calls really taken off the client.

A month's own value has bounds: callers without a number, and times in which a contact would not be seen.
"""

from dataclasses import dataclass, replace

from pipelines.measure.bounds import share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, Status, not_measurable
from pipelines.measure.resolution.counts import Counts

CALLBACKS = {
    "callback_inhouse": "inhouse",
    "repeat_any": "next",
    "repeat_same_vendor": "same_vendor",
    "repeat_other_vendor": "other_vendor",
}
_NO_AGENTS = "own_column_missing:outcome, agent_id"


@dataclass(frozen=True)
class Sight:
    """What is known beside the counts of one window.

    `name`: the window, as 24h. `closes`: ISO date on which the last one that is open will be over. `unended`: answered
    calls without an end, outside the base. `sees_inhouse`: the client's log tells which calls its own agents handled.
    `unseen_outbound`: why the calls that the vendor makes are not seen, None if they are. `definition`: what of the
    unit and the reasons differs from calls and any reason. `has_others`: there are other vendors.
    """

    name: str
    closes: str
    unended: int = 0
    sees_inhouse: bool = True
    unseen_outbound: str | None = None
    definition: str = ""
    has_others: bool = True


def fcr_figure(counts: Counts, sight: Sight, scope: str = "all") -> Measured:
    """Resolved ÷ closed. Low: whoever may have come unseen did; high: everyone who cannot be judged was resolved."""
    part, base = counts["resolved"], counts["closed"]
    bounds = _bounds(part, base, counts["unknown"], down=counts["resolved_unsure"])
    return _agreed(_share(f"fcr_{sight.name}", counts, sight, part, base, bounds, scope), sight)


def strict_figure(counts: Counts, sight: Sight) -> Measured:
    """As FCR, with a call back by the vendor's agent counted as unresolved."""
    figure = f"fcr_strict_{sight.name}"
    if sight.unseen_outbound:
        return not_measurable(figure, sight.unseen_outbound)
    part, base = counts["strict"], counts["closed"]
    bounds = _bounds(part, base, counts["unknown"], down=counts["strict_unsure"])
    return _agreed(_share(figure, counts, sight, part, base, bounds), sight)


def place_figures(counts: Counts, sight: Sight) -> list[Measured]:
    """Where callers came again, any reason, and whom the vendor called back; each ÷ calls with a number.

    Low: only those seen; high: whoever may have come unseen, or shows no number, did.
    """
    found = [_place(name, place, counts, sight) for name, place in CALLBACKS.items()]
    figure = f"agent_callback_{sight.name}"
    if sight.unseen_outbound:
        return [*found, not_measurable(figure, sight.unseen_outbound)]
    return [*found, _place("agent_callback", "agent_callback", counts, sight)]


def diverted_figure(counts: Counts, sight: Sight) -> Measured:
    """Answered less those back within 24 h. Low: all whose callers may be back are."""
    if not sight.sees_inhouse:
        return not_measurable("net_diverted", _NO_AGENTS)
    answered, left = counts["answered"], counts["answered"] - counts["back"]
    if not answered:
        return not_measurable("net_diverted", "nothing_to_count")
    low, high = (float(left - counts["unsure"]), float(left)) if counts["unsure"] else (None, None)
    status, reason = _state(counts, sight)
    return Measured("net_diverted", "all", float(left), low, high, answered, kpi("net_diverted").code, status, reason)


def no_number_figure(without: int, answered: int) -> Measured:
    """Share of the answered calls whose caller shows no usable number: what FCR cannot judge."""
    if not answered:
        return not_measurable("no_number_share", "nothing_to_count")
    share = share_pct(without, answered)
    return Measured("no_number_share", "all", share, n=answered, definition=kpi("no_number_share").code)


def _place(name: str, place: str, counts: Counts, sight: Sight) -> Measured:
    figure = f"{name}_{sight.name}"
    if place == "inhouse" and not sight.sees_inhouse:
        return not_measurable(figure, _NO_AGENTS)
    part, base = counts[place], counts["numbered"]
    can_be_there = place != "other_vendor" or sight.has_others
    bounds = _bounds(part, base, counts["unnumbered"], up=counts[f"{place}_unsure"]) if can_be_there else (None, None)
    return _share(figure, counts, sight, part, base, bounds)


def _bounds(part: int, base: int, unknown: int, down: int = 0, up: int = 0) -> tuple[float | None, float | None]:
    """Lowest and highest share; (None, None) where nothing is left open."""
    if not base or not (unknown or down or up):
        return None, None
    return share_pct(part - down, base + unknown), share_pct(part + up + unknown, base + unknown)


def _share(
    figure: str,
    counts: Counts,
    sight: Sight,
    part: int,
    base: int,
    bounds: tuple[float | None, float | None],
    scope: str = "all",
) -> Measured:
    """A share of the windows that are over; provisional as long as one is open."""
    status, reason = _state(counts, sight)
    if base == 0 and status == "final":
        return not_measurable(figure, "nothing_to_count", scope)
    return Measured(figure, scope, share_pct(part, base), *bounds, base, kpi(figure).code, status, reason)


def _state(counts: Counts, sight: Sight) -> tuple[Status, str | None]:
    if counts["still_open"]:
        return "provisional", f"window_open:{sight.closes}"
    return "final", f"unended:{sight.unended}" if sight.unended else None


def _agreed(figure: Measured, sight: Sight) -> Measured:
    """With the unit and the reasons in its definition's code, where they are not calls and any."""
    return replace(figure, definition=f"{figure.definition} {sight.definition}".strip())
