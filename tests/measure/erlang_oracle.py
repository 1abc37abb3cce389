"""Erlang's formulas the slow and obvious way: exact fractions, a long chain of states, and a queue that is played."""

import random
from collections.abc import Iterator
from fractions import Fraction
from math import exp, factorial
from typing import Any

import simpy


def b(load: Fraction, lines: int) -> Fraction:
    """Share of calls lost, from the states of the loss system."""
    states = [load**k / factorial(k) for k in range(lines + 1)]
    return states[-1] / sum(states)


def c(load: Fraction, agents: int) -> Fraction:
    """Share of callers who wait, from the states of the queue without end; load below agents."""
    waiting = load**agents / factorial(agents) * agents / (agents - load)
    return waiting / (sum(load**k / factorial(k) for k in range(agents)) + waiting)


def a(load: float, agents: int, aht: float, threshold: float, patience: float) -> dict[str, float]:
    """Waits, abandons, mean wait and answered in time, state by state, with more callers waiting than ever do."""
    arrive, serve, leave = load / aht, agents / aht, 1 / patience
    states = [1.0]
    for k in range(1, agents + 400):
        states.append(states[-1] * arrive / (min(k, agents) / aht + max(k - agents, 0) * leave))
    whole = sum(states)
    states = [state / whole for state in states]
    queue = sum((k - agents) * state for k, state in enumerate(states) if k > agents)
    abandons = queue * leave / arrive
    on_time = sum(states[:agents]) + _served(states[agents:], serve, leave, threshold)
    return {"waits": sum(states[agents:]), "abandons": abandons, "mean_wait_s": queue / arrive, "within": on_time}


def _served(found: list[float], serve: float, leave: float, threshold: float) -> float:
    """Chance to be served within T, of callers who find so many waiting; by the uniformised chain.

    `place` i: i callers ahead. Each step a caller moves up, is served (from place 0), gives up, or nothing happens.
    """
    places = [chance for chance in found if chance > 1e-13] or [0.0]
    most = serve + (len(places) + 1) * leave
    rates = [(serve + place * leave) / most for place in range(len(places))]
    mean, served, on_time, n = most * threshold, 0.0, 0.0, 0
    weight = exp(-mean)  # the chance of so many steps by T
    while n < mean + 12 * mean**0.5 + 60:
        on_time += weight * served
        served += places[0] * rates[0]
        stay = [chance * (1 - rate - leave / most) for chance, rate in zip(places, rates, strict=True)]
        come = [*(chance * rate for chance, rate in zip(places[1:], rates[1:], strict=True)), 0.0]
        places = [one + other for one, other in zip(stay, come, strict=True)]
        n += 1
        weight *= mean / n
    return on_time


def played(load: float, agents: int, aht: float, threshold: float, patience: float, calls: int) -> dict[str, float]:
    """The same four figures of a queue that is played call by call; the first tenth warms up."""
    chance, world = random.Random(20261), simpy.Environment()
    desk, seen = simpy.Resource(world, agents), []

    def caller() -> Iterator[Any]:
        start = world.now
        with desk.request() as place:
            got = yield place | world.timeout(chance.expovariate(1 / patience))
            seen.append((place in got, world.now - start))
            if place in got:
                yield world.timeout(chance.expovariate(1 / aht))

    def arrivals() -> Iterator[Any]:
        for gap in (chance.expovariate(load / aht) for _ in range(calls)):
            yield world.timeout(gap)
            world.process(caller())

    world.process(arrivals())
    world.run()
    kept = seen[calls // 10 :]
    waited = [wait for _, wait in kept]
    return {
        "waits": sum(wait > 0 for wait in waited) / len(kept),
        "abandons": sum(not served for served, _ in kept) / len(kept),
        "mean_wait_s": sum(waited) / len(kept),
        "within": sum(served and wait <= threshold for served, wait in kept) / len(kept),
    }
