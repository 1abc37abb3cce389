"""Days and half hours that met the agreed service level, of those with calls."""

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

import polars as pl

from pipelines.contract.terms_model import Range, TermsVersion
from pipelines.measure.bounds import Pair, ratio_bounds
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.service.levels import SERVICE_LEVELS, Rules
from pipelines.measure.service.states import Profile
from pipelines.measure.service.tally import Share, share

Counted = Mapping[Profile, int]
_QUARTER_S = 900


def target_pct(terms: TermsVersion) -> float:
    """The agreed service level in percent; what is usual where the terms name none."""
    agreed = terms.targets.get("service_level")
    named = agreed.low if isinstance(agreed, Range) else agreed
    return named if named is not None else kpi("service_level").target["low"]


def met(figure: str, scope: str, levels: Sequence[Share], rules: Rules, target: float) -> Measured:
    """The share of days or half hours that met it; one without a call is none of them. `levels` has each one's."""
    code = f"{rules.code} >= {target:g} %"
    goal = Fraction(str(target)) / 100
    told = [level.value for level in levels if level.value is not None]
    if not told:
        return not_measurable(figure, "nothing_to_count", scope)
    low, high = ratio_bounds([(1, _cases(level, goal)) for level in levels])
    ends = tuple(None if end is None else float(100 * end) for end in (low, high))
    value = 100 * sum(level >= goal for level in told) / len(told)
    return Measured(figure, scope, value, ends[0], ends[1], len(told), code)


def _cases(level: Share, goal: Fraction) -> set[Pair]:
    """How one day may count: met, missed, or without a call."""
    ends = [end for end in (level.value, level.low, level.high) if end is not None]
    met_or_missed: set[Pair] = {(int(end >= goal), 1) for end in ends}
    return met_or_missed | ({(0, 0)} if level.can_be_none else set())


def half_hours(quarters: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows of `service_quarters.sql` as `half` (start, whole seconds since 1970) and `day` on the client's clock.

    Quarters of an hour bear every clock change and every zone of today; a half hour begins at :00 or :30 by the clock.
    """
    start = pl.from_epoch(pl.col("quarter") * _QUARTER_S).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    late = (start.dt.minute() % 30 >= 15).cast(pl.Int64)
    return quarters.with_columns(half=(pl.col("quarter") - late) * _QUARTER_S, day=start.dt.date())


def levels_of(halves: pl.DataFrame, rules: Rules) -> list[tuple[str, Share]]:
    """The service level of each half hour, with the day that it lies on."""
    ratio = SERVICE_LEVELS[rules.service_level]
    groups: dict[tuple[str, int], list[tuple[Profile, int]]] = {}
    for row in halves.sort("half").iter_rows(named=True):
        groups.setdefault((str(row["day"]), row["half"]), []).append((Profile.of(row), int(row["calls"])))
    return [(day, share(ratio, calls)) for (day, _), calls in groups.items()]


def half_hours_met(
    quarters: pl.DataFrame, zone: str, rules: Rules, target: float, days: Collection[str]
) -> list[Measured]:
    """`sl_halfhours_met` of the month, and of each of these days."""
    levels = levels_of(half_hours(quarters, zone), rules)
    by_day: dict[str, list[Share]] = {}
    for day, level in levels:
        by_day.setdefault(day, []).append(level)
    whole = met("sl_halfhours_met", "all", [level for _, level in levels], rules, target)
    own = (met("sl_halfhours_met", f"day:{day}", by_day[day], rules, target) for day in sorted(by_day) if day in days)
    return [whole, *own]
