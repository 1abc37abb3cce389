"""The client's own side: calls that its staff took or could have; and the vendor's calls by the client's clock."""

from collections.abc import Collection, Mapping

from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured

OWN = "OWN"
"""Definition of the client's own figures: calls that were never passed on."""
_NEEDS = {
    "offered": ("outcome",),
    "answered": ("outcome or agent_id",),
    "answered_pct": ("outcome",),
    "abandon_rate": ("outcome",),
    "asa": ("outcome or agent_id", "answered_utc"),
    "talk_time": ("outcome or agent_id", "answered_utc", "ended_utc"),
    "transfer_rate": ("outcome", "transferred"),
}
_CLIENT_CLOCK = {
    "asa_client_clock": ("waits", "wait_us", ("transferred_utc", "leg_answered_utc")),
    "talk_time_client_clock": ("talks", "talk_us", ("leg_answered_utc", "leg_ended_utc")),
}
CLIENT_CLOCK_ROLES = ("leg_answered_utc",)
"""Without these no leg has a time of its own."""


def own_figures(counts: Mapping[str, int], own_roles: Collection[str], *, transfers: bool = True) -> list[Measured]:
    """From the row of `own_calls.sql`; a call of neither outcome nor agent may have been any, and widens the bounds.

    `transfers`: whether the log's outcomes would show one. Where no call has such an outcome but those that were passed
    on to a vendor, the word says just that, and nothing of the client's own.
    """
    answered, unknown = counts["answered"], counts["unknown"]
    offered = answered + counts["abandoned"] + counts["overflowed"]
    left = Open(add=unknown)
    measured = [
        _count("offered", offered, unknown),
        _count("answered", answered, unknown),
        _share("answered_pct", answered, offered, left),
        _share("abandon_rate", counts["abandoned"], offered, left),
        _mean("asa", counts["wait_us"], counts["waits"]),
        _mean("talk_time", counts["talk_us"], counts["talks"]),
        _share("transfer_rate", counts["transferred"], answered, left),
    ]
    is_shown = counts["transferred"] or (transfers and not counts["passed_on"])
    known = {*own_roles} | ({"transferred"} if is_shown else set())
    return [_checked(figure, known) for figure in measured]


def _checked(figure: Measured, own_roles: Collection[str]) -> Measured:
    """The figure, unless the client's log does not deliver what it needs."""
    lacking = [need for need in _NEEDS[figure.id] if not {*need.split(" or ")} & {*own_roles}]
    if not lacking:
        return figure
    named = dict.fromkeys("outcome" if need == "transferred" else need for need in lacking)
    reason = f"own_column_missing:{', '.join(named)}"
    return Measured(figure.id, "all", None, definition=OWN, status="not_measurable", reason=reason, side="inhouse")


def _count(figure: str, value: int, unknown: int) -> Measured:
    low, high = (float(value), float(value + unknown)) if unknown else (None, None)
    return Measured(figure, "all", float(value), low, high, value, OWN, side="inhouse")


def _share(figure: str, part: int, base: int, left: Open) -> Measured:
    if not base:
        return _nothing(figure)
    low, high = share_bounds(part, base, left)
    return Measured(figure, "all", share_pct(part, base), low, high, base, OWN, side="inhouse")


def _mean(figure: str, total_us: int, count: int) -> Measured:
    if not count:
        return _nothing(figure)
    return Measured(figure, "all", total_us / count / 1_000_000, n=count, definition=OWN, side="inhouse")


def _nothing(figure: str) -> Measured:
    return Measured(
        figure, "all", None, definition=OWN, status="not_measurable", reason="nothing_to_count", side="inhouse"
    )


def client_clock(counts: Mapping[str, int] | None, own_roles: Collection[str]) -> list[Measured]:
    """Wait and talk of the vendor's answered calls as the client's log saw their legs; `counts` of `leg_times.sql`."""
    found = []
    for figure, (calls, total, needs) in _CLIENT_CLOCK.items():
        code = kpi(figure).code
        missing = [role for role in needs if role not in own_roles]
        if counts is None or missing or not counts[calls]:
            reason = f"own_column_missing:{', '.join(missing)}" if missing else "nothing_to_count"
            found.append(Measured(figure, "all", None, definition=code, status="not_measurable", reason=reason))
        else:
            value = counts[total] / counts[calls] / 1_000_000
            found.append(Measured(figure, "all", value, n=counts[calls], definition=code))
    return found
