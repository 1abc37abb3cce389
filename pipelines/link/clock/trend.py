"""How steadily the vendor's clock drifts: from day to day, and within the days.

Both are looked for apart. A clock that runs wrong and is set right each night drifts within the days only; one that is
off by a little more each day, by hand or by a job at night, from day to day only.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from pipelines.link.clock.peaks import DAY, FEWEST_PAIRS, SECOND, Micros, in_windows, median, pile
from pipelines.link.clock.spans import Day, Span
from pipelines.link.clock.steps import LEAST_MOVE

LEAST_DRIFT_S = 0.5
"""Seconds a day. Less adds up to half a reach in a month, and each day has an offset of its own anyway."""
LEAST_INNER_S = 20
"""Seconds a day that only the inside of days shows. Less is a few seconds in twelve hours: busier hours with longer
delays look the same."""
SURE = 3.0
"""Standard deviations that the order of the days' offsets must be from no order at all (Mann-Kendall): 1 in 370."""
_LEAST_LINE = DAY // 4
"""A line through less than six hours says more of the calls than of the clock. In a true drift each half of the day
brings its share, at least a quarter; a step or a busy hour bends the line."""
_STEEPEST_S = 180
"""Drifts are tried up to here, in seconds a day: an oscillator that runs off by more is broken."""
_STEEPER = 2.0
"""Standard deviations of luck by which a drift must fill the windows more than none to be looked at: lines through the
days and the fit decide."""
_MOST_PAIRS = 20_000
"""Pairs of one day (or of all days as one) that trying drifts looks at: more say no more."""
_NEARBY = 5 * DAY
"""Days this near together are compared first: only few of such pairs straddle a step."""

_Floats = npt.NDArray[np.float64]


def between_days(found: Sequence[Span], reach: int) -> float:
    """Drift from day to day in microseconds a day, 0 where it is not significant or too small to matter.

    Theil-Sen over the spans' levels, each pair of spans only where the clock did not move between them.
    """
    at = np.array([span.heart for span in found], dtype=np.float64)
    level = np.array([span.at_heart for span in found], dtype=np.float64)
    earlier, later = np.triu_indices(len(found), k=1)
    apart = at[later] - at[earlier]
    wide = apart >= DAY / 2
    earlier, later, apart = earlier[wide], later[wide], apart[wide]
    slopes = (level[later] - level[earlier]) / apart * DAY
    if not len(slopes):
        return 0.0
    slope = float(np.median(slopes[apart <= _NEARBY])) if (apart <= _NEARBY).any() else float(np.median(slopes))
    for _ in range(2):
        piece = _unmoved(at, level, slope, reach)
        same = piece[earlier] == piece[later]
        if not same.any():
            return 0.0
        slope = float(np.median(slopes[same]))
    order = float(np.sign(slopes[same]).sum())
    sizes = np.bincount(piece).astype(np.float64)
    deviation = float(np.sqrt((sizes * (sizes - 1) * (2 * sizes + 5)).sum() / 18))
    is_sure = abs(order) > SURE * deviation and order * slope > 0
    return slope if is_sure and abs(slope) >= LEAST_DRIFT_S * SECOND else 0.0


def within_days(days: Sequence[Day], reach: int) -> float:
    """Drift that the insides of the days show, in microseconds a day; 0 where it is too small to tell."""
    return _inner(days, reach, LEAST_INNER_S * SECOND)


def over_month(days: Sequence[Day], reach: int) -> float:
    """The same for days of which few speak for themselves: all their pairs are looked at as those of one long day."""
    whole = in_one(days)
    return _inner([whole], reach, LEAST_DRIFT_S * SECOND) if whole else 0.0


def in_one(days: Sequence[Day]) -> Day | None:
    """All days as one; None where there is none."""
    if not days:
        return None
    at = np.concatenate([day.at for day in days])
    return Day(days[0].day, days[0].first_us, days[-1].last_us, at, np.concatenate([day.delta for day in days]))


def carried(days: Sequence[Span], inner: float) -> float:
    """Which of no drift and `inner` explains the levels from day to day, where these are too few for a trend."""
    pairs = [(before, after) for before, after in pairwise(days) if before.day is not after.day]
    moves = [after.level - before.level for before, after in pairs]
    drifts = [inner * (after.day.middle_us - before.day.middle_us) / DAY for before, after in pairs]
    left = [abs(move - drift) for move, drift in zip(moves, drifts, strict=True)]
    return inner if left and np.median(left) < np.median(np.abs(moves)) else 0.0


def _inner(days: Sequence[Day], reach: int, least: float) -> float:
    """The steepness that fills the days' fullest windows most; then the median of lines through each day's pairs.

    0 where it is less than `least`, or on most days no drift but a bend.
    """
    slope = _steepest(days, reach)
    for _ in range(4):
        lines = [line for day in days if (line := _line(day, slope, reach)) is not None]
        if not lines:
            return 0.0
        slope += float(np.median([more for more, _ in lines]))
    straight = [is_straight for _, is_straight in lines]
    return slope if abs(slope) >= least and 2 * sum(straight) > len(straight) else 0.0


def _unmoved(at: _Floats, level: _Floats, slope: float, reach: int) -> Micros:
    """Numbers the stretches in which no level lies off the trend from the one before by more than a step."""
    moves = np.diff(level) - np.diff(at) * (slope / DAY)
    return np.concatenate(([0], np.cumsum(np.abs(moves) >= LEAST_MOVE * reach)))


def _steepest(days: Sequence[Day], reach: int) -> float:
    """The drift with which the days' fullest windows hold most pairs; 0 unless it holds clearly more than none."""
    longest = max((int(np.ptp(day.at)) for day in days if len(day.at)), default=0)
    if not longest:
        return 0.0
    step = reach * DAY / longest
    tried = range(-ceil(_STEEPEST_S * SECOND / step), ceil(_STEEPEST_S * SECOND / step) + 1)
    few = [_thinned(day) for day in days if len(day.delta) >= FEWEST_PAIRS]
    held = {place: sum(_fullest(day, place * step, reach) for day in few) for place in tried}
    best = max(held, key=lambda place: (held[place], -abs(place), place))
    return best * step if held[best] > held[0] + _STEEPER * sqrt(held[0]) else 0.0


def _thinned(day: Day) -> Day:
    every = len(day.delta) // _MOST_PAIRS + 1
    return replace(day, at=day.at[::every], delta=day.delta[::every])


def _fullest(day: Day, slope: float, reach: int) -> int:
    bins = day.level(slope) // (2 * reach // 3)
    return int(in_windows(np.bincount(bins - bins.min())).max())


def _line(day: Day, slope: float, reach: int) -> tuple[float, bool] | None:
    """What the day's pairs drift over and above `slope`, and whether with it they drift all day.

    None where too few of them pile up, or in too few hours.
    """
    levels = day.level(slope)
    found = pile(levels, reach)
    if found is None or found[1] < FEWEST_PAIRS:
        return None
    is_core = np.abs(levels - found[0]) <= reach
    at, level = day.at[is_core] - day.middle_us, levels[is_core] - found[0]
    if at[-1] - at[0] < _LEAST_LINE:
        return None
    at_less, level_less = at - at.mean(), level - level.mean()
    more = float((at_less * level_less).sum() / (at_less**2).sum()) * DAY
    first, middle, last = (median(third) for third in np.array_split(day.delta[is_core], 3))
    quarter = (last - first) / 4
    return more, min((middle - first) / quarter, (last - middle) / quarter) >= 1 if quarter else False
