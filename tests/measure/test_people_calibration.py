"""Agents' intervals hold the truth as often as they say. Seeds are fixed; the limits leave room for few worlds."""

import pytest

from tests.bench.calibrate_people import simulate_and_check

WORLDS = 40


@pytest.mark.parametrize(
    ("kind", "agents", "calls", "spread"),
    [("fcr", 30, 120, 0.05), ("fcr", 60, 60, 0.03), ("aht", 30, 120, 40.0), ("aht", 12, 200, 25.0)],
)
def test_intervals_hold_the_truth(kind: str, agents: int, calls: int, spread: float) -> None:
    found = simulate_and_check(kind, 1, WORLDS, agents, calls, spread)
    assert found.intervals == WORLDS * agents
    assert 0.925 <= found.agents <= 0.98
    assert 0.875 <= found.spread <= 1.0


@pytest.mark.parametrize("kind", ["fcr", "aht"])
def test_where_agents_do_not_differ_the_interval_of_the_spread_begins_at_0(kind: str) -> None:
    found = simulate_and_check(kind, 2, WORLDS, 20, 80, 0.0)
    assert found.spread >= 0.9
    assert found.agents >= 0.97
