"""Where differences pile up, and whether chance alone could have piled them.

A difference is a record's time less a leg's time of the same caller. What belongs together lies within seconds of the
clocks' difference; what does not is strewn over 28 hours. When the pile moves is spans.py's question.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import gammainc

Micros = npt.NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400 * SECOND
FEWEST_PAIRS = 20
"""Pairs that a span of time needs to speak for itself; with fewer, one odd caller moves the median by seconds."""
LEAST_REACH_S = 15
"""A call is passed on within seconds; half of thirty holds that. Half the tolerance where that is wider: what is nearer
together than that is paired all the same."""
CHANCE_OF_PILE = 1e-9
"""A day has some 3,400 places where chance could pile pairs up: with this, one day in 300,000 speaks out of turn."""
_AROUND = 3600 * SECOND
"""How far to either side of a pile the strewn pairs are counted: near enough to be as dense as under the pile."""


def reach_us(tolerance_s: int) -> int:
    """How far from the middle of its pile a difference still counts as part of it, in microseconds."""
    return max(LEAST_REACH_S * SECOND, tolerance_s * SECOND // 2)


def pile(deltas: Micros, reach: int) -> tuple[int, int] | None:
    """Middle of the fullest window twice `reach` wide and the pairs within `reach` of it; None without differences.

    Of windows that are equally full the one nearest to zero is taken.
    """
    if not len(deltas):
        return None
    width = 2 * reach // 3
    bins = deltas // width
    lowest = int(bins.min())
    windows = in_windows(np.bincount(bins - lowest + 1, minlength=3))
    fullest = np.flatnonzero(windows == windows.max()) + lowest - 1
    near = int(fullest[np.argmin(np.abs(fullest))])
    inside = deltas[(bins >= near - 1) & (bins <= near + 1)]
    middle = median(inside)
    core = deltas[np.abs(deltas - middle) <= reach]
    return median(core), len(core)


def in_windows(counts: Micros) -> Micros:
    """Counts per bin (last axis) → counts per window of three bins, named by its middle bin."""
    windows = counts.copy()
    windows[..., 1:] += counts[..., :-1]
    windows[..., :-1] += counts[..., 1:]
    return windows


def median(deltas: Micros) -> int:
    """The lower median: a difference that really occurs."""
    return int(np.partition(deltas, (len(deltas) - 1) // 2)[(len(deltas) - 1) // 2])


def chance(deltas: Micros, middle: int, reach: int, apart_from: tuple[int, ...] = ()) -> float:
    """Chance that as many strewn pairs fall within `reach` of `middle`, by how dense they lie around it (Poisson).

    Piles at `apart_from` are no strewn pairs and are left out.
    """
    found = int(np.count_nonzero(np.abs(deltas - middle) <= reach))
    strewn = np.abs(deltas - middle) <= _AROUND
    for other in (middle, *apart_from):
        strewn &= np.abs(deltas - other) > 2 * reach
    expected = float(np.count_nonzero(strewn)) * reach / max(_AROUND - 2 * reach, reach)
    return float(gammainc(found, expected)) if found and expected else float(not found)
