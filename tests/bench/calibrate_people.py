"""How often the agents' intervals hold the truth: agents drawn from known laws, then judged as the measure step does.

`simulate_and_check` is the way in; `tests/measure/test_people_calibration.py` holds it to limits.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.measure.people.spread import mean_spread, share_spread

QUEUES = ("cards", "loans")
_SHARES = (0.88, 0.72)
_SECONDS = (240.0, 420.0)


@dataclass(frozen=True)
class Held:
    """Share (0 to 1) of intervals that hold the truth: of agents, and of the spread between them; and how many."""

    agents: float
    spread: float
    intervals: int
    worlds: int


def simulate_and_check(
    kind: str, seed: int, worlds: int, agents: int = 30, calls: int = 120, spread: float = 0.04
) -> Held:
    """`kind` is fcr (spread as a share, 0.04 is four points) or aht (spread in seconds); `calls` is the mean number.

    Callers do not repeat in these worlds. Handling times are gamma (coefficient of variation 0.8), cut by nothing.
    """
    rng = np.random.default_rng([seed, len(kind)])
    inside = covered = total = 0
    for _ in range(worlds):
        cells, truth, between = (_share_world if kind == "fcr" else _mean_world)(rng, agents, calls, spread)
        found = (share_spread if kind == "fcr" else mean_spread)(cells)
        assert found.shrunk is not None
        judged = found.agents.join(truth, on="agent_id")
        unit = 0.01 if kind == "fcr" else 1.0
        inside += judged.filter(pl.col("truth").is_between(pl.col("low") * unit, pl.col("high") * unit)).height
        total += judged.height
        covered += found.shrunk.spread_low <= between <= found.shrunk.spread_high
    return Held(inside / total, covered / worlds, total, worlds)


def _mix(rng: np.random.Generator, agents: int, calls: int) -> np.ndarray:
    """Calls by agent and queue: agents differ in how much they work, and in what."""
    busy = rng.gamma(2.0, calls / 2.0, agents)
    lean = rng.beta(2.0, 2.0, agents)
    return np.maximum(np.rint(np.stack([busy * lean, busy * (1 - lean)], axis=1)), 1).astype(int)


def _share_world(
    rng: np.random.Generator, agents: int, calls: int, spread: float
) -> tuple[pl.DataFrame, pl.DataFrame, float]:
    """Each agent has a share of its own around what its mix makes expected; the calls follow it."""
    counts = _mix(rng, agents, calls)
    expected = counts @ np.array(_SHARES) / counts.sum(axis=1)
    whole = float((counts.sum(axis=0) * np.array(_SHARES)).sum() / counts.sum())
    rho = spread**2 / (whole * (1 - whole))
    own = rng.beta(expected * (1 / rho - 1), (1 - expected) * (1 / rho - 1)) if spread else expected
    logits = np.log(own / (1 - own)) - np.log(expected / (1 - expected))
    by_queue = [1 / (1 + np.exp(-(np.log(q / (1 - q)) + logits))) for q in _SHARES]
    scale = own / ((counts * np.stack(by_queue, axis=1)).sum(axis=1) / counts.sum(axis=1))
    rows = [
        {
            "agent_id": f"A{n:03}",
            "queue": queue,
            "reason": "",
            "closed": int(counts[n, q]),
            "resolved": int(rng.binomial(counts[n, q], min(by_queue[q][n] * scale[n], 1.0))),
        }
        for n in range(agents)
        for q, queue in enumerate(QUEUES)
    ]
    truth = pl.DataFrame({"agent_id": [f"A{n:03}" for n in range(agents)], "truth": own})
    return pl.DataFrame(rows), truth, spread


def _mean_world(
    rng: np.random.Generator, agents: int, calls: int, spread: float
) -> tuple[pl.DataFrame, pl.DataFrame, float]:
    counts = _mix(rng, agents, calls)
    off = rng.normal(0.0, spread, agents) if spread else np.zeros(agents)
    rows = []
    for n in range(agents):
        for q, queue in enumerate(QUEUES):
            mean = _SECONDS[q] + off[n]
            times = rng.gamma(1 / 0.64, mean * 0.64, counts[n, q])
            sums = {"total_s": float(times.sum()), "square_s2": float((times**2).sum())}
            count = int(counts[n, q])
            rows.append({"agent_id": f"A{n:03}", "queue": queue, "reason": "", "handled": count, "full_ms": 0, **sums})
    own = counts @ np.array(_SECONDS) / counts.sum(axis=1) + off
    return pl.DataFrame(rows), pl.DataFrame({"agent_id": [f"A{n:03}" for n in range(agents)], "truth": own}), spread
