"""Erlang's formulas: how many callers meet busy, wait or give up, and how many agents an agreed service level needs.

Pure arithmetic on loads in erlangs (calls per second × handling seconds). Which calls and seconds go in is decided in
`staff.py`. Callers come at random at an even rate within the interval; handling times and patience are exponential.

Sources: A. K. Erlang (1917) for B and C; C. Palm (1946) for patience. O. Garnett, A. Mandelbaum, M. Reiman, "Designing
a Call Center with Impatient Customers", Manufacturing & Service Operations Management 4 (2002) 208-227, appendix;
A. Mandelbaum, S. Zeltyn, "The Palm/Erlang-A Queue, with Applications to Call Centers" (2005), sections 3 and 4.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

MOST_AGENTS = 1_000_000
"""Beyond this a target is taken to be out of reach."""


@dataclass(frozen=True)
class Outlook:
    """What callers can expect: shares of all callers from 0 to 1, and seconds. `within` is answered within T."""

    waits: float
    abandons: float
    mean_wait_s: float
    within: float
    occupancy: float


def erlang_b(load: float, lines: int) -> float:
    """Share of calls that find all lines taken and are lost, by the recursion 1/B(n) = 1 + n/load × 1/B(n - 1)."""
    _check(load, lines)
    return 0.0 if load == 0 and lines else 1 / _inverse_b(load, lines)


def erlang_c(load: float, agents: int, aht_s: float, threshold_s: float) -> Outlook:
    """What callers who wait for ever can expect. With no more agents than load the queue grows without end."""
    _check(load, agents, aht_s)
    if load == 0 and agents:
        return Outlook(0.0, 0.0, 0.0, 1.0, 0.0)
    if agents <= load:
        return Outlook(1.0, 0.0, math.inf, 0.0, 1.0)
    waits = _waits(load, agents, _inverse_b(load, agents))
    within = 1 - waits * math.exp(-(agents - load) * threshold_s / aht_s)
    return Outlook(waits, 0.0, waits * aht_s / (agents - load), within, load / agents)


def erlang_a(load: float, agents: int, aht_s: float, threshold_s: float, patience_s: float) -> Outlook:
    """What callers expect who give up after `patience_s` on average; `within` counts answered callers only.

    Let c and b be the rates of arriving and of being served, per patience; then j callers wait with a chance in
    proportion to x(j) = c^j ÷ ((b + 1) … (b + j)), and "all agents busy, nobody waiting" has the chance
    1 ÷ (1/B + Σ x(j)). The part served by T follows from the same sum with c × exp(-T / patience). All terms are
    positive and kept as logarithms, so that nothing over- or underflows. Stable under any load.
    """
    _check(load, agents, aht_s)
    if patience_s <= 0:
        raise ValueError(f"patience of {patience_s} s")
    if load == 0 and agents:
        return Outlook(0.0, 0.0, 0.0, 1.0, 0.0)
    if not agents:
        return Outlook(1.0, 1.0, patience_s, 0.0, 1.0)
    return _palm(load, agents, aht_s, threshold_s, patience_s, _inverse_b(load, agents))


@lru_cache(maxsize=100_000)
def staff_needed(
    calls: float, aht_s: float, interval_s: float, target: float, threshold_s: float, patience_s: float | None = None
) -> int:
    """Fewest agents at work with whom at least `target` (0 to 1) of the callers are answered within `threshold_s`.

    By Erlang A with a mean patience, by Erlang C without. `calls` arrive in `interval_s`. ValueError where the
    target is not between 0 and 1, or no number of agents reaches it.
    """
    if not 0 <= target < 1:
        raise ValueError(f"a share of {target} cannot be staffed for: it must be at least 0 and below 1")
    load = calls * aht_s / interval_s
    if load <= 0:
        return 0
    if patience_s is None:
        return _by_c(load, aht_s, target, threshold_s)
    inverse = [1.0]

    def is_enough(agents: int) -> bool:
        for lines in range(len(inverse), agents + 1):
            inverse.append(1 + lines / load * inverse[-1])
        return agents > 0 and _palm(load, agents, aht_s, threshold_s, patience_s, inverse[agents]).within >= target

    return _fewest(is_enough, int(load))


def _by_c(load: float, aht_s: float, target: float, threshold_s: float) -> int:
    """Erlang C, agent by agent: one pass of the recursion gives the answer for every number."""
    inverse, agents = 1.0, 0
    while agents < MOST_AGENTS:
        agents += 1
        inverse = 1 + agents / load * inverse
        late = math.exp(-(agents - load) * threshold_s / aht_s) if agents > load else 1.0
        if agents > load and 1 - _waits(load, agents, inverse) * late >= target:
            return agents
    raise ValueError(f"no staff answers {target:.2%} of a load of {load:.1f} erlangs in time")


def _fewest(is_enough: Callable[[int], bool], guess: int) -> int:
    """The smallest number that is enough, where more is never worse: in growing steps from the guess, then halving."""
    low, high, step = -1, max(guess, 1), 1
    while not is_enough(high):
        low, high, step = high, high + step, step * 2
        if high > MOST_AGENTS:
            raise ValueError("no staff reaches the target")
    if low < 0:
        step = 1
        while high - step > 0 and is_enough(high - step):
            high, step = high - step, step * 2
        low = max(high - step, 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _check(load: float, agents: int, aht_s: float = 1.0) -> None:
    if load < 0 or agents < 0 or aht_s <= 0:
        raise ValueError(f"load {load}, agents {agents}, handling time {aht_s} s")


def _inverse_b(load: float, lines: int) -> float:
    """1/B; infinite where nobody is ever lost as far as a float can tell."""
    inverse = 1.0
    for line in range(1, lines + 1):
        inverse = 1 + line / load * inverse
    return inverse


def _waits(load: float, agents: int, inverse: float) -> float:
    """Erlang C's share of callers who wait, from 1/B."""
    return agents / (agents + (agents - load) * (inverse - 1))


def _palm(load: float, agents: int, aht_s: float, threshold_s: float, patience_s: float, inverse: float) -> Outlook:
    """Erlang A from 1/B(load, agents). `arrivals` and `leaving` are rates in units of the patience."""
    arrivals, leaving = load * patience_s / aht_s, agents * patience_s / aht_s
    waiting = _series(arrivals, leaving)  # Σ over j ≥ 1 of x(j), as a logarithm
    log_all = np.logaddexp(_log(inverse), waiting)  # 1/π; the j = 0 term stands in 1/B
    busy = math.exp(np.logaddexp(0.0, waiting) - log_all)
    served_late = leaving / arrivals * math.exp(waiting - log_all)
    abandons = max(busy - served_late, 0.0)
    kept = math.exp(-threshold_s / patience_s)
    # the density of the wait that a caller of endless patience would have, at T over its value at 0
    slope = arrivals * (1 - kept) - leaving * threshold_s / patience_s
    # over `kept` in front of the series: its terms start with arrivals × kept, the others' with arrivals
    after = leaving / arrivals * math.exp(slope + _series(arrivals * kept, leaving) - log_all)
    within = 1 - busy + max(served_late - after, 0.0)
    return Outlook(busy, abandons, abandons * patience_s, min(within, 1.0), load * (1 - abandons) / agents)


def _series(arrivals: float, leaving: float) -> float:
    """Logarithm of Σ over j ≥ 1 of arrivals^j ÷ ((leaving + 1) … (leaving + j)): all terms that matter."""
    if arrivals <= 0:
        return -math.inf
    count = math.ceil(max(0.0, arrivals - leaving) + 10 * math.sqrt(arrivals) + 60)
    terms = np.cumsum(math.log(arrivals) - np.log(leaving + np.arange(1, count + 1)))
    most = float(terms.max())
    return most + math.log(float(np.exp(terms - most).sum()))


def _log(value: float) -> float:
    return math.inf if math.isinf(value) else math.log(value)
