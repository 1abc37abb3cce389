"""95 % intervals: of a share of independent calls, and of differences between shares or means where callers repeat.

Pure arithmetic on arrays. A month's own value is no sample and has bounds (`bounds.py`), not an interval: what is here
serves comparisons, agents, surveys and samples. Wilson, E. B.: Probable inference, the law of succession, and
statistical inference, JASA 22 (1927); differences by the method of variance estimates recovery: Newcombe, R. G.,
Statistics in Medicine 17 (1998) 873-890, with correlation as in Zou, G. Y. and Donner, A., 27 (2008) 1693-1702.
How often the intervals hold the truth stands in docs/calibration.md.
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

LEVEL = 0.95
DRAWS = 999
DOUBT, ENOUGH = 0.5, 30.0
"""How many callers of the rarer outcome weigh as much as the doubt about them, and how many remove it."""
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Interval:
    """A value and the ends of its 95 % interval, all in the value's unit."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Sides:
    """Callers by kind, and what one caller of each kind adds to both sides of a comparison.

    `callers` (kinds): how many there are of each. `base` and `part` (2, kinds, strata): contacts, and those that count,
    or the seconds of a mean; side 0 is the one judged, side 1 the other. A stratum is a reason.
    """

    callers: NDArray[np.int64]
    base: Floats
    part: Floats

    def only(self, strata: NDArray[np.int64]) -> "Sides":
        """These strata alone."""
        return Sides(self.callers, self.base[:, :, strata], self.part[:, :, strata])


@dataclass(frozen=True)
class Drawn:
    """Sums of `base` and `part` (2, draws, strata) over callers that were drawn anew."""

    base: Floats
    part: Floats

    def only(self, strata: NDArray[np.int64]) -> "Drawn":
        """These strata alone."""
        return Drawn(self.base[:, :, strata], self.part[:, :, strata])


@dataclass(frozen=True)
class Spread:
    """Values of both sides, the variance of each and their covariance as drawing anew shows them.

    `callers`: for each side how many callers with equally many contacts would tell as much: few where some call often.
    """

    values: Floats
    covariance: Floats
    callers: Floats


def seed(*names: object) -> list[int]:
    """A seed from names (vendor, month, figure): the same draws for the same comparison, on every machine."""
    found = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
    return [int.from_bytes(found[at : at + 4], "big") for at in range(0, 32, 4)]


def wilson(part: float, base: float, quantile: float | None = None) -> Interval:
    """Share (0 to 1) of `part` in `base` independent calls; neither 0 nor 1 gives an interval without width.

    `base` may be a number of effective calls. Raises ValueError where there is no call.
    """
    if base <= 0:
        raise ValueError("a share of no calls has no interval")
    z = norm.ppf((1 + LEVEL) / 2) if quantile is None else quantile
    share = part / base
    middle = (share + z * z / (2 * base)) / (1 + z * z / base)
    half = z / (1 + z * z / base) * math.sqrt(share * (1 - share) / base + z * z / (4 * base * base))
    low = 0.0 if share <= 0 else max(middle - half, 0.0)
    high = 1.0 if share >= 1 else min(middle + half, 1.0)
    return Interval(share, low, high)


def drawn(sides: Sides, seeds: list[int], draws: int = DRAWS) -> Drawn:
    """Callers drawn anew, as many as there are, with replacement.

    Drawing how many there are of each kind by a multinomial is the same law as drawing the callers one by one.
    """
    clusters = int(sides.callers.sum())
    picked = np.random.default_rng(seeds).multinomial(clusters, sides.callers / clusters, size=draws).astype(np.float64)
    return Drawn(picked @ sides.base, picked @ sides.part)


def spread(sides: Sides, anew: Drawn, weights: Floats | None = None) -> Spread:
    """Values of both sides, and how they vary when callers are drawn anew.

    `weights` (strata, sum 1) standardises: each side's value is the weighted mean of its values by stratum. Without
    them strata are added up. A draw in which a stratum is empty takes the value that it had, and adds no spread.
    """
    base, part = _sums(sides)
    values = _values(base[:, None], part[:, None], weights)[:, 0]
    by_draw = _values(anew.base, anew.part, weights)
    clusters = int(sides.callers.sum())
    filled = np.where(np.isnan(by_draw), values[:, None], by_draw)
    callers = np.array([_equal(sides.callers, rows.sum(axis=1)) for rows in sides.base])
    return Spread(values, np.cov(filled) * clusters / max(clusters - 1, 1), callers)


def _sums(sides: Sides) -> tuple[Floats, Floats]:
    """Base and part (2, strata) of all callers."""
    return np.einsum("k,ski->si", sides.callers, sides.base), np.einsum("k,ski->si", sides.callers, sides.part)


def _values(base: Floats, part: Floats, weights: Floats | None) -> Floats:
    """(2, draws) values; not a number where a stratum is empty."""
    if weights is None:
        base, part, weights = base.sum(axis=2, keepdims=True), part.sum(axis=2, keepdims=True), np.ones(1)
    shares = np.divide(part, base, out=np.full_like(part, np.nan), where=base > 0)
    return np.asarray(shares @ weights)


def _equal(callers: NDArray[np.int64], contacts: Floats) -> float:
    """(sum of contacts)² ÷ sum of contacts², over callers; 0 where there is no contact."""
    squares = float(callers @ contacts**2)
    return float(callers @ contacts) ** 2 / squares if squares > 0 else 0.0


def share_difference(sides: Sides, anew: Drawn, weights: Floats | None = None) -> tuple[Spread, Interval]:
    """Share of side 0 less that of side 1 (0 to 1), and its interval.

    Drawing anew says how much a share varies; Wilson's interval of as many independent calls as would vary alike says
    how it leans near 0 and 1. The two sides are joined by their distances from the value.
    """
    found = spread(sides, anew, weights)
    own, other = (_as_wilson(sides, found, weights, side) for side in (0, 1))
    own_var, other_var = np.diag(found.covariance)
    tied = found.covariance[0, 1] / math.sqrt(own_var * other_var) if own_var > 0 and other_var > 0 else 0.0
    return found, joined(own, other, tied)


def mean_difference(sides: Sides, anew: Drawn, weights: Floats | None = None) -> tuple[Spread, Interval]:
    """Mean of side 0 less that of side 1 in the unit of `part`, and its interval by Student's t."""
    found = spread(sides, anew, weights)
    (own, tied), (_, other) = found.covariance
    half = _quantile(float(found.callers.min())) * math.sqrt(max(own + other - 2 * tied, 0.0))
    value = float(found.values[0] - found.values[1])
    return found, Interval(value, value - half, value + half)


def joined(own: Interval, other: Interval, tied: float = 0.0) -> Interval:
    """The difference of two values with intervals, whose estimates have the correlation `tied`."""
    low = _distance(own.value - own.low, other.high - other.value, tied)
    high = _distance(own.high - own.value, other.value - other.low, tied)
    value = own.value - other.value
    return Interval(value, value - low, value + high)


def _distance(own: float, other: float, tied: float) -> float:
    return math.sqrt(max(own * own + other * other - 2 * tied * own * other, 0.0))


def _as_wilson(sides: Sides, found: Spread, weights: Floats | None, side: int) -> Interval:
    """Wilson's interval with the number of independent calls that would vary as the callers do."""
    share = min(max(float(found.values[side]), 0.0), 1.0)
    calls = _calls(sides, found, weights, side) if 0 < share < 1 else _calls_at_the_end(sides, weights, side)
    return wilson(share * calls, calls, _quantile(float(found.callers[side])))


def _calls(sides: Sides, found: Spread, weights: Floats | None, side: int) -> float:
    """As many independent calls as vary alike.

    What few callers show of their likeness is little: the fewer callers are of the rarer outcome, the nearer the
    variance is taken to that of callers whose calls all end alike. And less than independent calls vary is luck.
    """
    share, base, part = float(found.values[side]), sides.base[side], sides.part[side]
    alone = _variance_alone(sides, weights, side)
    contacts, parts = base.sum(axis=1), part.sum(axis=1)
    all_alike = alone * float(sides.callers @ contacts) / float(found.callers[side])
    rarer = min(float(sides.callers[parts > 0].sum()), float(sides.callers[parts < contacts].sum()))
    seen = max(float(found.covariance[side, side]), alone)
    doubt = DOUBT / (DOUBT + rarer) if rarer < ENOUGH else 0.0
    variance = doubt * max(seen, all_alike) + (1 - doubt) * seen
    return share * (1 - share) / variance if variance > 0 else _calls_at_the_end(sides, weights, side)


def _quantile(callers: float) -> float:
    return float(t.ppf((1 + LEVEL) / 2, max(callers - 1, 1)))


def _variance_alone(sides: Sides, weights: Floats | None, side: int) -> float:
    """The variance of the share if every call stood alone."""
    base, part = (sums[side] for sums in _sums(sides))
    if weights is None:
        base, part, weights = base.sum(keepdims=True), part.sum(keepdims=True), np.ones(1)
    shares = part / base
    return float((weights**2 * shares * (1 - shares) / base).sum())


def _calls_at_the_end(sides: Sides, weights: Floats | None, side: int) -> float:
    """At 0 or 100 % nothing varies: as many calls as there are callers, fewer where weights are unequal."""
    base = sides.base[side]
    if weights is None:
        return float(sides.callers[base.sum(axis=1) > 0].sum())
    callers = np.array([sides.callers[rows > 0].sum() for rows in base.T], dtype=np.float64)
    return float(1 / (weights**2 / callers).sum())


def chance(difference: Interval) -> float:
    """How probable a difference at least so large would be if there were none, read off the interval."""
    value = difference.value
    half = value - difference.low if value > 0 else difference.high - value
    return float(2 * norm.sf(norm.ppf((1 + LEVEL) / 2) * abs(value) / half)) if half > 0 else float(value == 0)


def holm(chances: list[float], level: float = 1 - LEVEL) -> list[bool]:
    """Which differences stay when several are looked at: the chance that any one of them is none stays below `level`.

    Holm, S.: A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6 (1979).
    """
    order = sorted(range(len(chances)), key=lambda at: (chances[at], at))
    stays = [False] * len(chances)
    for rank, at in enumerate(order):
        if chances[at] > level / (len(chances) - rank):
            break
        stays[at] = True
    return stays
