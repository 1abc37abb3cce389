"""Erlang B, C and A against published tables to their printed precision, against slow sums, and against a played queue.

What is printed where:
[VoIP] D. Collins, Carrier Grade Voice over IP, 2nd ed. (McGraw-Hill 2003), appendix A: load by channels and blocking.
[Westbay] Erlang B calculator's manual: fifteen lines at one blocked call in a hundred.
[TETRA] J. Dunlop, D. Girma, J. Irvine, Digital Mobile Communications and the TETRA System (Wiley 1999), A.4: load by
channels and chance of waiting, and the worked example beside it.
[CRAN] R package ErlangC 0.1.0, README: 100 calls in 30 minutes, 180 s each, 20 s, the trade press's usual example.
[GMR] Garnett, Mandelbaum, Reiman, M&SOM 4 (2002), table 1, also in Mandelbaum and Zeltyn (2005): 50 agents, 48 calls a
minute, one minute each, patience of two minutes, with and without patience.
[pyworkforce] its guide to Erlang A: 100 calls in 30 minutes, 3 minutes each, patience of 5 minutes, 13 agents, 20 s.
"""

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.measure.capacity.erlang import Outlook, erlang_a, erlang_b, erlang_c, staff_needed
from tests.measure import erlang_oracle as oracle

BLOCKED = (0.0001, 0.0005, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.02, 0.03, 0.04, 0.05)
COLLINS = {
    1: (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.1),
    2: (0.0, 0.0, 0.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.4),
    3: (0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    4: (0.2, 0.4, 0.4, 0.5, 0.6, 0.7, 0.7, 0.7, 0.8, 0.8, 0.8, 0.9, 1.1, 1.3, 1.4, 1.5),
    5: (0.5, 0.6, 0.8, 0.9, 1.0, 1.1, 1.1, 1.2, 1.2, 1.3, 1.3, 1.4, 1.7, 1.9, 2.1, 2.2),
    6: (0.7, 1.0, 1.1, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.8, 1.9, 1.9, 2.3, 2.5, 2.8, 3.0),
    7: (1.1, 1.4, 1.6, 1.8, 1.9, 2.1, 2.2, 2.2, 2.3, 2.4, 2.4, 2.5, 2.9, 3.2, 3.5, 3.7),
    8: (1.4, 1.8, 2.1, 2.3, 2.5, 2.6, 2.7, 2.8, 2.9, 3.0, 3.1, 3.1, 3.6, 4.0, 4.3, 4.5),
    9: (1.8, 2.3, 2.6, 2.9, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 4.3, 4.7, 5.1, 5.4),
}
"""[VoIP]: channels → the load in erlangs at which that share is blocked, one decimal."""


@pytest.mark.parametrize("lines", COLLINS)
def test_erlang_b_is_the_printed_table(lines: int) -> None:
    """At half a printed digit less too few are blocked, at half a digit more too many."""
    for share, load in zip(BLOCKED, COLLINS[lines], strict=True):
        assert erlang_b(max(load - 0.05, 0), lines) <= share <= erlang_b(load + 0.05, lines), (lines, share)


def test_erlang_b_is_the_printed_example() -> None:
    assert erlang_b(8.1075, 15) <= 0.01 <= erlang_b(8.1085, 15)  # [Westbay]: 8.108


@pytest.mark.parametrize(("agents", "share", "load"), [(8, 0.05, 3.87), (10, 0.01, 4.08)])
def test_erlang_c_is_the_printed_table(agents: int, share: float, load: float) -> None:
    """[TETRA], two decimals."""
    assert erlang_c(load - 0.005, agents, 1, 0).waits <= share <= erlang_c(load + 0.005, agents, 1, 0).waits


def test_erlang_c_has_the_printed_late_share() -> None:
    """[TETRA]: of those who wait, so many wait longer than one handling time: 0.016 of 8 channels, 0.0022 of 10."""
    late = {
        agents: (1 - outlook.within) / outlook.waits for agents in (8, 10) for outlook in [erlang_c(3.87, agents, 1, 1)]
    }
    assert (round(late[8], 3), round(late[10], 4)) == (0.016, 0.0022)


def test_erlang_c_is_the_usual_example() -> None:
    """[CRAN]: load 10, 14 agents, and the row of 11."""
    found = erlang_c(10, 14, 180, 20)
    assert round(found.waits, 7) == 0.1741319
    assert round(found.within, 5) == 0.88835
    assert round(found.mean_wait_s, 12) == 7.835937011777
    assert round(found.occupancy, 7) == 0.7142857
    eleven = erlang_c(10, 11, 180, 20)
    assert (round(eleven.waits, 7), round(eleven.within, 7)) == (0.6821182, 0.3896138)
    assert staff_needed(100, 180, 1800, 0.8, 20) == 14


def test_erlang_a_is_the_printed_comparison() -> None:
    """[GMR]: 3.1 % give up, 3.7 s of wait, 3 in the queue, 93 % busy; without patience 20.8 s, 17 and 96 %."""
    with_patience, without = erlang_a(48, 50, 60, 20, 120), erlang_c(48, 50, 60, 20)
    assert round(100 * with_patience.abandons, 1) == 3.1
    assert (round(with_patience.mean_wait_s, 1), round(without.mean_wait_s, 1)) == (3.7, 20.8)
    assert (round(48 / 60 * with_patience.mean_wait_s), round(48 / 60 * without.mean_wait_s)) == (3, 17)
    assert (round(100 * with_patience.occupancy), round(100 * without.occupancy)) == (93, 96)


def test_the_printed_tenth_waits_longest() -> None:
    """[GMR]: 90 of 100 wait at most 58.1 s without patience."""
    assert erlang_c(48, 50, 60, 58.05).within <= 0.9 <= erlang_c(48, 50, 60, 58.15).within


def test_erlang_a_is_the_printed_example() -> None:
    """[pyworkforce], three decimals, its mean wait in minutes; one agent less is not enough."""
    found = erlang_a(10, 13, 180, 20, 300)
    shown = (found.within, found.occupancy, found.abandons, found.waits, found.mean_wait_s / 60)
    assert tuple(round(value, 3) for value in shown) == (0.858, 0.750, 0.025, 0.226, 0.125)
    assert staff_needed(100, 180, 1800, 0.8, 20, 300) == 13


LOADS = st.fractions(Fraction(1, 20), Fraction(40), max_denominator=20)


@given(LOADS, st.integers(0, 60))
def test_b_and_c_equal_exact_fractions(load: Fraction, agents: int) -> None:
    assert erlang_b(float(load), agents) == pytest.approx(float(oracle.b(load, agents)), rel=1e-9)
    if agents > load:
        assert erlang_c(float(load), agents, 200, 20).waits == pytest.approx(float(oracle.c(load, agents)), rel=1e-9)


@settings(max_examples=25)
@given(st.floats(0.2, 12), st.integers(1, 14), st.floats(30, 400), st.floats(0, 90), st.floats(5, 900))
def test_a_equals_the_chain_of_states(load: float, agents: int, aht: float, threshold: float, patience: float) -> None:
    assume(patience / aht * load < 40 and agents * threshold / aht < 40)
    found, expected = erlang_a(load, agents, aht, threshold, patience), oracle.a(load, agents, aht, threshold, patience)
    for name, value in expected.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-6, abs=1e-8), name


def test_a_is_what_a_played_queue_shows() -> None:
    expected = oracle.played(9.0, 9, 180.0, 20.0, 150.0, 40_000)
    found = erlang_a(9.0, 9, 180.0, 20.0, 150.0)
    for name, margin in {"waits": 0.02, "abandons": 0.006, "mean_wait_s": 1.0, "within": 0.02}.items():
        assert abs(getattr(found, name) - expected[name]) < margin, name


@given(st.floats(0.1, 3000), st.integers(1, 3500), st.floats(1, 3600), st.floats(0, 600), st.floats(1, 1e7))
def test_a_stays_a_probability_at_any_size(load: float, agents: int, aht: float, late: float, patience: float) -> None:
    assume(load * patience / aht < 1e6)
    found = erlang_a(load, agents, aht, late, patience)
    for share in (found.waits, found.abandons, found.within):
        assert -1e-9 <= share <= 1 + 1e-9
    assert found.abandons <= found.waits + 1e-9
    assert found.abandons <= erlang_b(load, agents) + 1e-9  # Garnett, Mandelbaum, Reiman 2002, appendix
    assert found.within <= 1 - found.abandons + 1e-9
    assert erlang_a(load, agents + 1, aht, late, patience).within >= found.within - 1e-9


@given(st.floats(0.1, 60), st.integers(1, 90), st.floats(0, 120))
def test_endless_patience_is_erlang_c(load: float, agents: int, threshold: float) -> None:
    assume(agents > load * 1.05)
    a, c = erlang_a(load, agents, 200, threshold, 2e8), erlang_c(load, agents, 200, threshold)
    assert a.waits == pytest.approx(c.waits, abs=1e-4)
    assert a.within == pytest.approx(c.within, abs=1e-4)


@given(
    st.integers(1, 400),
    st.floats(20, 600),
    st.sampled_from([0.5, 0.8, 0.95]),
    st.sampled_from([0, 20, 60]),
    st.sampled_from([None, 30.0, 240.0]),
)
def test_staff_needed_is_the_fewest_that_are_enough(
    calls: int, aht: float, target: float, threshold: float, patience: float | None
) -> None:
    found, load = staff_needed(calls, aht, 1800, target, threshold, patience), calls * aht / 1800

    def outlook(agents: int) -> Outlook:
        if patience is None:
            return erlang_c(load, agents, aht, threshold)
        return erlang_a(load, agents, aht, threshold, patience)

    assert outlook(found).within >= target - 1e-9
    assert found == 1 or outlook(found - 1).within < target + 1e-9


def test_what_has_no_answer_says_so() -> None:
    assert staff_needed(0, 180, 1800, 0.8, 20) == 0
    assert erlang_b(0, 3) == 0
    assert erlang_c(5, 5, 180, 20).mean_wait_s == math.inf
    with pytest.raises(ValueError, match="below 1"):
        staff_needed(10, 180, 1800, 1.0, 20)
    with pytest.raises(ValueError, match="patience"):
        erlang_a(5, 5, 180, 20, 0)
    with pytest.raises(ValueError, match="load"):
        erlang_b(-1, 3)
