"""Means and shares of monitored calls and surveys with their 95 % intervals, and what to expect of next month. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from scipy.stats import t

FEWEST_MONTHS = 3
"""Months below which nothing is expected of the next one."""
_KEPT = 0.5
"""How much of last month's distance from the mean stays: few months cannot tell a level that holds (1) from months that
stand each for themselves (0)."""


@dataclass(frozen=True)
class Mean:
    """A mean of `n` values, the variance of that mean, and its 95 % interval; the last three need two values."""

    n: int
    value: float
    variance: float | None
    low: float | None
    high: float | None


def mean_of(n: int, total: float, square: float) -> Mean:
    """From count, sum and sum of squares (n at least 1); by Student's t."""
    value = total / n
    if n < 2:
        return Mean(n, value, None, None, None)
    variance = max(square - n * value * value, 0.0) / (n - 1) / n
    half = float(t.ppf(0.975, n - 1)) * math.sqrt(variance)
    return Mean(n, value, variance, value - half, value + half)


def change(now: Mean, last: Mean) -> tuple[float, float | None, float | None]:
    """This month's mean less last month's, and its 95 % interval. Welch, B. L., Biometrika 34 (1947) 28-35."""
    off = now.value - last.value
    if now.variance is None or last.variance is None:
        return off, None, None
    both = now.variance + last.variance
    if both <= 0:
        return off, off, off
    freedom = both**2 / (now.variance**2 / (now.n - 1) + last.variance**2 / (last.n - 1))
    half = float(t.ppf(0.975, freedom)) * math.sqrt(both)
    return off, off - half, off + half


def expectation(months: Sequence[Mean]) -> tuple[float, float, float] | None:
    """Next month's mean score and its 95 % interval, from the months so far in order; None below FEWEST_MONTHS.

    Between the mean of the months and the last one: how much of its distance counts depends on how much months differ
    beyond what their samples explain, and then half of it stays. The interval holds months as different as these were,
    from each other or from one to the next.
    """
    k, values = len(months), [each.value for each in months]
    if k < FEWEST_MONTHS:
        return None
    mean = sum(values) / k
    spread = sum((value - mean) ** 2 for value in values) / (k - 1)
    steps = sum((b - a) ** 2 for a, b in pairwise(values)) / (k - 1)
    known = [each.variance for each in months if each.variance is not None]
    noise = sum(known) / len(known) if known else 0.0
    last = months[-1].variance if months[-1].variance is not None else noise
    between = max(spread - noise, 0.0)
    kept = _KEPT * (between / (between + last) if between > 0 else 0.0)
    value = mean + kept * (values[-1] - mean)
    scale = max(spread, steps / 2, noise) * (1 + 1 / k + kept**2 * (1 - 1 / k))
    half = float(t.ppf(0.975, k - 1)) * math.sqrt(scale)
    return value, value - half, value + half
