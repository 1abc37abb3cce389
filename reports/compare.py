"""When a reported figure differs from the measured one, and when a target is met. Pure rules, no words.

The verdict and the tables ask the same functions, so a figure that is marked in print is one that the verdict counted.
"""

from decimal import Decimal
from typing import Literal

from pipelines.measure.catalogue import has, kpi
from reports.scorecard import Figure

TargetState = Literal["met", "not_met", "open", "stated", "none"]

PERCENT_UNITS = frozenset({"%", "pct"})


def span(figure: Figure) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest value that the records allow, in the figure's unit; None where nothing is measured."""
    if figure.measured is None:
        return None
    values = [Decimal(str(value)) for value in (figure.measured, figure.low, figure.high) if value is not None]
    return min(values), max(values)


def gap(figure: Figure) -> Decimal | None:
    """How far the reported value lies outside what the records allow, in the figure's unit; None without both sides.

    Inside the bounds the gap is zero: what unmatched and withheld calls leave open is not held against anybody.
    """
    allowed = span(figure)
    if allowed is None or figure.reported is None or figure.status == "not_measurable":
        return None
    reported = Decimal(str(figure.reported))
    return max(allowed[0] - reported, reported - allowed[1], Decimal(0))


def differs(figure: Figure, count_pct: Decimal, points: Decimal) -> bool:
    """Whether the gap is beyond tolerance: `points` for percentages, `count_pct` of the measured value for the rest."""
    distance = gap(figure)
    if distance is None or figure.measured is None:
        return False
    if figure.unit in PERCENT_UNITS:
        return distance > points
    return distance * 100 > count_pct * abs(Decimal(str(figure.measured)))


def sense(figure_id: str) -> Literal["higher", "lower"] | None:
    """Which way a figure is good, as the catalogue says; None where neither way is (handling time, counts)."""
    return kpi(figure_id).better if has(figure_id) else None


def target_range(figure: Figure) -> tuple[Decimal | None, Decimal | None]:
    """The target as (at least, at most), in the figure's unit; None for an open end."""
    target = figure.target
    if isinstance(target, dict):
        low, high = target.get("low"), target.get("high")
        return (None if low is None else Decimal(str(low)), None if high is None else Decimal(str(high)))
    if target is None:
        return None, None
    way = sense(figure.id)
    value = Decimal(str(target))
    return (value if way == "higher" else None, value if way == "lower" else None)


def target_state(figure: Figure) -> TargetState:
    """`open` where the bounds reach over the target, `stated` where nothing says which way the target is meant."""
    least, most = target_range(figure)
    allowed = span(figure)
    if figure.target is None:
        return "none"
    if least is None and most is None:
        return "stated"
    if allowed is None or figure.status == "not_measurable":
        return "open"
    low, high = allowed
    if (least is None or low >= least) and (most is None or high <= most):
        return "met"
    if (least is not None and high < least) or (most is not None and low > most):
        return "not_met"
    return "open"
