"""The spans and the drift that explain the pairs of all days best, and what they say of days with few pairs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.link.clock.peaks import CHANCE_OF_PILE, DAY, FEWEST_PAIRS, SECOND, chance, pile
from pipelines.link.clock.spans import Day, Span, spans, speaks
from pipelines.link.clock.steps import DEEPEST, LEAST_SHARE
from pipelines.link.clock.trend import LEAST_INNER_S, between_days, carried, in_one, over_month, within_days

_AS_GOOD = 0.99
"""The month's drift is believed rather than none, and none rather than the days' own, while it fits about as well."""


@dataclass(frozen=True)
class Fit:
    """The spans of the days that speak for themselves; drift within the days and between them (microseconds a day)."""

    spans: list[Span]
    inner: float
    trend: float = 0.0

    @property
    def score(self) -> float:
        """Pairs explained, each the less the farther off."""
        return sum(span.closeness for span in self.spans)


def fitted(days: Sequence[Day], reach: int) -> Fit:
    """The spans with the drift within days that explains them best, and the drift from day to day."""
    still = _fit(days, 0.0, reach)
    sparse = over_month(days, reach) if _is_sparse(days, still) else 0.0
    trend = between_days(still.spans, reach) or sparse
    steep = within_days(days, reach)
    fits = [_fit(days, trend, reach) if trend else still, still]
    if steep and abs(steep - trend) > SECOND:
        fits.append(_fit(days, steep, reach))
    best = max(fit.score for fit in fits)
    chosen = next(fit for fit in fits if fit.score >= _AS_GOOD * best)
    trend = between_days(chosen.spans, reach) or sparse
    if chosen.inner and trend and SECOND / 10 < abs(trend - chosen.inner) <= LEAST_INNER_S * SECOND:
        chosen = _fit(days, trend, reach)
    return Fit(chosen.spans, chosen.inner, trend or carried(chosen.spans, chosen.inner))


def fitted_month(days: Sequence[Day], trend: float, reach: int) -> tuple[list[Span], bool]:
    """Spans of all days looked at as one long day, for days of which none speaks for itself.

    Without enough pairs in all there is one span at the best guess, and False. No spans where there are no pairs.
    """
    whole = in_one(days)
    if whole is None or not len(whole.delta):
        return [], False
    levels = whole.level(trend)
    level, pairs = pile(levels, reach) or (0, 0)
    is_enough = pairs >= FEWEST_PAIRS and chance(levels, level, reach) <= CHANCE_OF_PILE
    return spans(whole, trend, reach, deepest=DEEPEST if is_enough else 0), is_enough


def neighbour(day: Day, fit: Fit, reach: int) -> tuple[Span, int, int]:
    """The span before or after whose clock explains more of the day's few pairs, else the nearer; level, and pairs."""
    earlier = [span for span in fit.spans if span.day.day < day.day][-1:]
    later = [span for span in fit.spans if span.day.day > day.day][:1]
    levels = day.level(fit.inner)
    choices: list[tuple[int, int, int, Span, int]] = []
    for span in earlier + later:
        level = _level_on(span.day, span.level, fit.trend, day)
        pairs = int(np.count_nonzero(np.abs(levels - level) <= reach))
        choices.append((-pairs, abs((span.day.day - day.day).days), len(choices), span, level))
    less_pairs, _, _, span, level = min(choices, key=lambda choice: choice[:3])
    return span, level, -less_pairs


def _is_sparse(days: Sequence[Day], fit: Fit) -> bool:
    """Whether fewer than half of the days with pairs speak for themselves."""
    return 2 * len({span.day.day for span in fit.spans}) < sum(len(day.delta) > 0 for day in days)


def _fit(days: Sequence[Day], slope: float, reach: int) -> Fit:
    known = [(day, level) for day in days if (level := speaks(day, slope, reach)) is not None]
    found: list[list[Span]] = []
    for place, (day, _) in enumerate(known):
        before = _level_on(*known[place - 1], slope, day) if place else None
        after = _level_on(*known[place + 1], slope, day) if place + 1 < len(known) else None
        found.append(spans(day, slope, reach, (before, after)))
    shares = [sum(span.records[0] for span in each) / sum(span.records[1] for span in each) for each in found]
    usual = float(np.median(shares)) if shares else 0.0
    kept = [each for each, share in zip(found, shares, strict=True) if share >= LEAST_SHARE * usual]
    return Fit([span for each in kept for span in each], slope)


def _level_on(day: Day, level: int, slope: float, to: Day) -> int:
    """The level of one day, drifted on to the middle of another."""
    return level + round(slope * (to.middle_us - day.middle_us) / DAY)
