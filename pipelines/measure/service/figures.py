"""Counts of `tallies.sql` → the figures of service: offered to handling time, for the month and for each day."""

from collections.abc import Collection, Mapping, Sequence

from pipelines.measure.bounds import Open, mean_bounds, share_bounds, share_pct
from pipelines.measure.catalogue import BY_ID
from pipelines.measure.measured import Measured
from pipelines.measure.service.levels import SERVICE_LEVELS, Rules

Tally = Mapping[str, int]

_MEANS = {
    "asa": ("wait_s", "waited", "queue_s", ("queue_s",)),
    "talk_time": ("talk_s", "talked", "talk_s", ("talk_s",)),
    "aht": ("handle_s", "handled", "handle_s", ("talk_s", "hold_s", "acw_s")),
}
"""Means: the tally of seconds, that of calls, the column of doubtful values, and what must be delivered."""


def service_figures(
    tally: Tally, scope: str, rules: Rules, roles: Collection[str | None], doubtful: Mapping[str, Sequence[float]]
) -> list[Measured]:
    """All figures of one scope. `roles` are the columns that the vendor delivers; `doubtful` has the times of answered
    calls that no leg confirms, per column.
    """
    return [
        *_counts(tally, scope),
        *_shares(tally, scope, rules),
        _mean("asa", tally, scope, roles, doubtful),
        _mean("talk_time", tally, scope, roles, doubtful),
        _mean("aht", tally, scope, roles, doubtful),
    ]


def _offered(tally: Tally) -> int:
    return tally["answered"] + tally["abandoned"] + tally["overflowed"] + tally["lone"]


def _open_offered(tally: Tally) -> int:
    return tally["open_answered"] + tally["open_abandoned"] + tally["open_overflowed"]


def _counts(tally: Tally, scope: str) -> list[Measured]:
    """Counts, with bounds where records lack a leg, legs may lack a record, or an outcome is not known."""
    unknown, maybe = tally["unknown"], tally["maybe"]
    return [
        _count("offered", scope, _offered(tally), _open_offered(tally), unknown + maybe),
        _count("answered", scope, tally["answered"], tally["open_answered"], unknown),
        _count("abandoned", scope, tally["abandoned"], tally["open_abandoned"], unknown + tally["lone"] + maybe),
    ]


def _count(figure: str, scope: str, value: int, drop: int, add: int) -> Measured:
    low, high = (float(value - drop), float(value + add)) if drop or add else (None, None)
    return Measured(figure, scope, float(value), low, high, value, BY_ID[figure].code)


def _shares(tally: Tally, scope: str, rules: Rules) -> list[Measured]:
    """Shares of the offered calls. A leg without a record is offered and not answered: leaving out must not pay."""
    lone, add = tally["lone"], tally["unknown"] + tally["maybe"]
    offered, open_offered = _offered(tally), _open_offered(tally)
    answered, left = tally["answered"], tally["abandoned"] + lone
    open_in, open_left = tally["open_answered"], tally["open_abandoned"]
    return [
        _share("answered_pct", scope, answered, offered, Open(open_in, open_offered - open_in, up=lone, add=add)),
        _share("abandon_rate", scope, left, offered, Open(open_left, open_offered - open_left, down=lone, add=add)),
        _service_level(tally, scope, rules, Open(up=lone, add=add)),
    ]


def _share(figure: str, scope: str, part: int, base: int, left: Open, definition: str | None = None) -> Measured:
    low, high = share_bounds(part, base, left)
    words = definition or BY_ID[figure].code
    if base <= 0:
        return Measured(figure, scope, None, definition=words, status="not_measurable", reason="nothing_to_count")
    return Measured(figure, scope, share_pct(part, base), low, high, base, words)


def _service_level(tally: Tally, scope: str, rules: Rules, left: Open) -> Measured:
    """The service level by the terms' definition; a leg without a record counts as abandoned after the threshold.

    A call whose wait was not delivered counts as beyond the threshold, and is left open.
    """
    words = rules.code
    unwaited = tally["unwaited_answered"] + tally["unwaited_abandoned"]
    if unwaited and not tally["waited"]:
        return Measured(
            "service_level", scope, None, None, None, None, words, "not_measurable", "column_missing:queue_s"
        )
    numerator, denominator, _ = SERVICE_LEVELS[rules.service_level]
    if rules.service_level == "SL1":  # only answered calls count: a lone leg can but join them
        left = Open(add=left.add + left.up)
    left = _open_waits(tally, rules, left)
    full = {**tally, "abandoned": tally["abandoned"] + tally["lone"]}
    part, base = _sum(numerator, full), _sum(denominator, full)
    open_part, open_base = _sum(numerator, full, "open_"), _sum(denominator, full, "open_")
    drop_out = min(max(open_base - open_part, 0) + left.drop_out, base - part)
    doubt = Open(open_part, drop_out, left.up, left.down, left.add)
    return _share("service_level", scope, part, base, doubt, words)


def _open_waits(tally: Tally, rules: Rules, left: Open) -> Open:
    """Adds what calls without a wait leave open: answered ones may be in time; abandoned ones, in definitions that
    look at their wait, may be so too (SL4, SL5) or leave the base (SL3, SL6).
    """
    answered, abandoned = tally["unwaited_answered"], tally["unwaited_abandoned"]
    up = answered + (abandoned if rules.service_level in ("SL4", "SL5") else 0)
    out = abandoned if rules.service_level in ("SL3", "SL6") else 0
    return Open(left.drop_in, left.drop_out + out, left.up + up, left.down, left.add)


def _sum(formula: str, tally: Tally, prefix: str = "") -> int:
    """A sum of tallies written as `a + b - c`; with a prefix, of the tallies under that prefix."""
    total, sign = 0, 1
    for word in formula.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        else:
            total += sign * tally[f"{prefix}{word}"]
    return total


def _mean(
    figure: str, tally: Tally, scope: str, roles: Collection[str | None], doubtful: Mapping[str, Sequence[float]]
) -> Measured:
    """A mean over the answered calls whose times were delivered."""
    total, count, values, needs = _MEANS[figure]
    code, missing = BY_ID[figure].code, [name for name in needs if name not in roles]
    if not tally["answered"] or not tally[count]:
        reason = f"column_missing:{', '.join(missing)}" if missing else "nothing_to_count"
        return Measured(figure, scope, None, None, None, 0, code, "not_measurable", reason)
    low, high = mean_bounds(float(tally[total]), tally[count], doubtful.get(values, ()))
    return Measured(figure, scope, float(tally[total] / tally[count]), low, high, tally[count], code)
