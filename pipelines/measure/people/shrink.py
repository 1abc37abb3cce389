"""Empirical Bayes: how far agents truly differ, and each agent's value drawn towards what is expected of it.

Arrays in, arrays out; which calls are counted, and what is expected of an agent, stand in `spread.py`. Both models ask
how probable the agents' results are under each size of the spread between them, and then take all sizes by their
probability, so that few agents do not look surer than they are. The prior is flat on the variance between agents, which
is known to give intervals that hold: Morris, C. N., Parametric empirical Bayes inference, JASA 78 (1983) 47-55.

Shares: resolved calls of an agent are beta-binomial, the beta around the expected share. Means: normal around the
expected mean, as in Gelman and others, Bayesian Data Analysis (3rd ed.), section 5.4. An agent with few calls stays at
what is expected; one with many keeps its own value.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, expit, logit
from scipy.stats import beta, norm

Floats = NDArray[np.float64]

FEWEST = 5
"""Agents below which no spread is told."""
_COARSE, _FINE, _NODES = 40, 41, 7
_DROP = 12.0
"""Log units below the best: what is less probable than that adds nothing."""
_EDGE = 1e-12
"""Nearer to 0 or 1 no group's share is taken to lie; at 0 and 1 themselves there is no beta."""
_SURELY_ABOVE_0 = 3.841 / 2
"""Log units by which some spread must explain more than none before its interval leaves 0 out."""


@dataclass(frozen=True)
class Shrunk:
    """By agent: value, 95 % interval, and `chance`, twice the probability that the agent lies on the other side of what
    is expected. `spread`: standard deviation between agents, the likeliest one (0 where chance alone explains them),
    and its 95 % interval.
    """

    value: Floats
    low: Floats
    high: Floats
    chance: Floats
    spread: float
    spread_low: float
    spread_high: float


def shrink_shares(good: Floats, base: Floats, expected: Floats) -> Shrunk:
    """Shares (0 to 1): `good` of `base` calls of each agent, where `expected` is the share expected of its calls.

    Raises ValueError with fewer than FEWEST agents, or an agent without calls.
    """
    _check(good, base)
    edge = 0.5 / base.sum()
    around = np.clip(expected, edge, 1 - edge)
    sizes = _sizes(np.geomspace(1e-3, 0.95, _COARSE), lambda some: _share_nodes(some, good, base, around, 1)[0].max(1))
    chances, a, b = _share_nodes(sizes, good, base, around, _NODES)
    weights = _weights(chances + np.log(sizes)[:, None])
    value, variance = _mixed(weights, a / (a + b), a * b / ((a + b) ** 2 * (a + b + 1)))
    strength = value * (1 - value) / variance - 1
    law = beta(value * strength, (1 - value) * strength)
    below = law.cdf(expected)
    share = good.sum() / base.sum()
    none = float((good * np.log(around) + (base - good) * np.log1p(-around)).sum())
    alone = _share_likelihood(sizes[:, None], np.zeros((len(sizes), 1)), good, base, around)[0][:, 0]
    unit = np.sqrt(max(share * (1 - share), edge))
    spread = unit * np.array(_spread(sizes, alone, none, weights.sum(axis=1)))
    low, high = (np.asarray(law.ppf(q), dtype=np.float64) for q in (0.025, 0.975))
    return Shrunk(value, low, high, 2 * np.minimum(below, 1 - below), *map(float, spread))


def shrink_means(mean: Floats, variance: Floats, expected: Floats) -> Shrunk:
    """Means in any unit: `variance` is that of each agent's mean, `expected` the mean expected of its calls.

    Raises ValueError with fewer than FEWEST agents, or a variance that is not above 0.
    """
    _check(mean, variance)
    off = mean - expected
    reach = float(np.sqrt(np.mean((off - off.mean()) ** 2) + variance.min()))
    sizes = _sizes(reach * np.geomspace(1e-3, 20, _COARSE), lambda some: _mean_law(some, off, variance)[0])
    chances, middle, spare = _mean_law(sizes, off, variance)
    weights = _weights((chances + np.log(sizes))[:, None])
    value, total = _mixed(weights, middle[:, None], spare[:, None])
    half, below = norm.ppf(0.975) * np.sqrt(total), norm.cdf(-value / np.sqrt(total))
    none = float(_mean_law(np.zeros(1), off, variance)[0][0])
    spread = _spread(sizes, chances, none, weights[:, 0])
    value = value + expected
    return Shrunk(value, value - half, value + half, 2 * np.minimum(below, 1 - below), *spread)


def _check(values: Floats, sizes: Floats) -> None:
    if len(values) < FEWEST or (sizes <= 0).any():
        raise ValueError(f"{len(values)} agents, {FEWEST} are needed, each with calls")


def _share_nodes(
    sizes: Floats, good: Floats, base: Floats, around: Floats, nodes: int
) -> tuple[Floats, Floats, Floats]:
    """Log probability by size of the spread and by shift of the group's mean, and the agents' betas (sizes, nodes, k).

    The shift is looked at where Fisher's information says it lies, up to three standard errors off.
    """
    pq, rho = around * (1 - around), (sizes**2)[:, None]
    weight = 1 / (rho + (1 - rho) / base)
    known = (weight * pq).sum(axis=1)
    middle, error = (weight * (good / base - around)).sum(axis=1) / known, 1 / np.sqrt(known)
    steps = np.linspace(-3, 3, nodes) if nodes > 1 else np.zeros(1)
    chances, a, b = _share_likelihood(sizes[:, None], middle[:, None] + error[:, None] * steps, good, base, around)
    return chances + np.log(error)[:, None], a, b


def _share_likelihood(
    sizes: Floats, shifts: Floats, good: Floats, base: Floats, around: Floats
) -> tuple[Floats, Floats, Floats]:
    strength = (1 / sizes**2 - 1)[..., None]
    centre = np.clip(expit(logit(around) + shifts[..., None]), _EDGE, 1 - _EDGE)
    prior_a, prior_b = strength * centre, strength * (1 - centre)
    a, b = prior_a + good, prior_b + (base - good)
    return (betaln(a, b) - betaln(prior_a, prior_b)).sum(axis=-1), a, b


def _mean_law(sizes: Floats, off: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Log probability by size of the spread, the group's mean taken out; the agents' means and variances (sizes, k)."""
    tau2 = (sizes**2)[:, None]
    weight = 1 / (tau2 + variance)
    known = weight.sum(axis=1, keepdims=True)
    centre = (weight * off).sum(axis=1, keepdims=True) / known
    chances = 0.5 * (np.log(weight).sum(axis=1) - np.log(known[:, 0]) - (weight * (off - centre) ** 2).sum(axis=1))
    kept = tau2 * weight
    return chances, kept * off + (1 - kept) * centre, kept * variance + (1 - kept) ** 2 / known


def _sizes(coarse: Floats, chance_of: Callable[[Floats], Floats]) -> Floats:
    """Sizes of the spread, evenly, over the stretch in which they have a chance."""
    chances = chance_of(coarse)
    alive = np.flatnonzero(chances > chances.max() - _DROP)
    low = coarse[max(alive[0] - 1, 0)] if alive[0] > 0 else coarse[0]
    high = coarse[min(alive[-1] + 1, len(coarse) - 1)]
    finer = np.linspace(low, high, _FINE)
    again = chance_of(finer)
    alive = np.flatnonzero(again > again.max() - _DROP)
    return np.linspace(finer[max(alive[0] - 1, 0)], finer[min(alive[-1] + 1, _FINE - 1)], _FINE)


def _weights(chances: Floats) -> Floats:
    weights = np.exp(chances - chances.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _mixed(weights: Floats, means: Floats, variances: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of each agent's mixture."""
    value = np.tensordot(weights, means, 2)
    return value, np.tensordot(weights, variances + (means - value) ** 2, 2)


def _spread(sizes: Floats, chances: Floats, none: float, weights: Floats) -> tuple[float, float, float]:
    """The likeliest spread and its 95 % interval; `none` is the log probability of no spread at all."""
    top = int(chances.argmax())
    best = float(sizes[top])
    if 0 < top < len(sizes) - 1:  # the summit of the parabola through three points
        left, middle, right = chances[top - 1 : top + 2]
        best += float((sizes[1] - sizes[0]) * (left - right) / (2 * (left - 2 * middle + right)))
    passed = np.cumsum(weights) - weights / 2
    low, high = np.interp([0.025, 0.975], passed / weights.sum(), sizes)
    gain = float(chances.max()) - none
    return (best if gain > 0 else 0.0), (float(low) if gain > _SURELY_ABOVE_0 else 0.0), float(high)
