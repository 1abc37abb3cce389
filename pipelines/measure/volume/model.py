"""Daily counts as a product of effects, fitted so that a few odd days do not bend them: arrays in, arrays out.

A log-linear model of counts whose variance is `dispersion` times their mean (quasi-Poisson; McCullagh and Nelder,
Generalized Linear Models, 1989, chapter 6), each effect held to a normal prior, far-off days weighed down as Huber
does, with his proposal 2 for the dispersion (Robust Statistics, 1981, chapter 7). Calendars stand in `expected.py`.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import stats

Floats = npt.NDArray[np.float64]

FAR = 2.5
"""Standard deviations beyond which a day counts less."""
_ROUNDS, _ENOUGH, _STEP = 100, 1e-7, 2.0
_BLOCK = 100
_START = 4
"""Rounds before odd days are looked for: until then nothing is known of what is usual."""


@dataclass(frozen=True)
class Fit:
    """What was learned: effects (logarithms), their covariance, and how far counts scatter.

    `dispersion` is variance over mean, never below 1; `freedom` the days less the effects.
    """

    effects: Floats
    covariance: Floats
    dispersion: float
    freedom: int

    def mean(self, design: Floats) -> Floats:
        """Expected counts of days, a row of effects each."""
        return np.asarray(np.exp(design @ self.effects))

    def interval(self, design: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Between which whole counts new days lie, each for itself."""
        mean = self.mean(design)
        unsure = np.einsum("ij,jk,ik->i", design, self.covariance, design)
        return self._bounds(mean, self.dispersion * mean + mean**2 * unsure, confidence)

    def sum_interval(
        self, design: Floats, level_sd: float = 0.0, freedom: int | None = None, confidence: float = 0.95
    ) -> tuple[float, float]:
        """Between which whole counts the sum of new days lies; they share what is not known of the effects.

        `level_sd` is how far (as a logarithm) the level of all of them may lie beside the effects', and `freedom` how
        much that was learned from.
        """
        mean = self.mean(design)
        slope, total = mean @ design, float(mean.sum())
        variance = self.dispersion * total + slope @ self.covariance @ slope + (total * level_sd) ** 2
        found = self._bounds(np.array([total]), np.array([variance]), confidence, freedom)
        return float(found[0][0]), float(found[1][0])

    def _bounds(
        self, mean: Floats, variance: Floats, confidence: float, freedom: int | None = None
    ) -> tuple[Floats, Floats]:
        """Quantiles of counts of that mean and variance (negative binomial), wider where few days were learned from."""
        tail = (1 - confidence) / 2
        wider = float(stats.t.ppf(1 - tail, freedom or self.freedom) / stats.norm.ppf(1 - tail)) ** 2
        spread = np.maximum(variance * wider, mean * (1 + 1e-6))
        size = mean**2 / (spread - mean)
        law = stats.nbinom(size, size / (size + mean))
        return np.asarray(law.ppf(tail)), np.asarray(law.ppf(1 - tail))


def fit(counts: Floats, design: Floats, prior_sd: Floats, start: Floats | None = None) -> Fit:
    """Effects of the columns of `design` on `counts`; `prior_sd` says how far each may lie from 0.

    ValueError with no more days than effects. `start` are effects to begin from.
    """
    freedom = len(counts) - design.shape[1]
    if freedom < 1:
        raise ValueError(f"{len(counts)} days for {design.shape[1]} effects")
    effects = _first(counts, design, prior_sd) if start is None else start
    held = np.diag(1 / prior_sd**2)
    dispersion, weights = 1.0, np.ones(len(counts))
    first = _START if start is None else 0
    for turn in range(_ROUNDS):
        mean = np.exp(np.clip(design @ effects, -20, 25))
        if turn >= first:
            weights, dispersion = _weighed(counts, mean, freedom, dispersion if turn > first else None)
        information = _gram(design, weights * mean) + dispersion * held
        slope = design.T @ (weights * (counts - mean)) - dispersion * held @ effects
        step = np.clip(np.linalg.solve(information, slope), -_STEP, _STEP)
        effects = effects + step
        if turn > first and float(np.abs(step).max()) < _ENOUGH:
            break
    covariance: Floats = np.asarray(dispersion * np.linalg.inv(information), dtype=np.float64)
    return Fit(np.asarray(effects, dtype=np.float64), covariance, dispersion, freedom)


def _gram(design: Floats, weights: Floats) -> Floats:
    """design' × weights × design, in blocks too small for threads: those take longer here, and sum in any order."""
    blocks = range(0, len(design), _BLOCK)
    parts = [design[at : at + _BLOCK].T @ (design[at : at + _BLOCK] * weights[at : at + _BLOCK, None]) for at in blocks]
    return np.asarray(np.sum(parts, axis=0))


def _first(counts: Floats, design: Floats, prior_sd: Floats) -> Floats:
    """Effects to begin from: those of the logarithms."""
    told = np.log(np.maximum(counts, 0.5))
    return np.asarray(np.linalg.solve(_gram(design, np.ones(len(counts))) + np.diag(1 / prior_sd**2), design.T @ told))


def _weighed(counts: Floats, mean: Floats, freedom: int, dispersion: float | None) -> tuple[Floats, float]:
    """How much each day counts, and the dispersion; it begins from the middle residual, which odd days do not move."""
    residual = (counts - mean) / np.sqrt(np.maximum(mean, 1e-3))
    if dispersion is None:
        lost = len(counts) / freedom
        dispersion = max((float(np.median(np.abs(residual))) / 0.6745) ** 2 * lost, 1.0)
    kept = np.minimum(residual**2, FAR**2 * dispersion)
    dispersion = max(float(kept.sum()) / (freedom * _kept_share()), 1.0)
    far = np.abs(residual) / np.sqrt(dispersion)
    return np.minimum(1.0, FAR / np.maximum(far, FAR)), dispersion


@cache
def _kept_share() -> float:
    """The mean of a standard normal's square, cut off at FAR squared."""
    beyond = 2 * float(stats.norm.sf(FAR))
    return 1 - 2 * FAR * float(stats.norm.pdf(FAR)) - beyond + FAR**2 * beyond
