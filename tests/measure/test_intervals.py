"""Intervals: printed values, callers drawn one by one, what they lean on. How often they hold: `make calibrate`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from pipelines.measure.intervals import (
    Interval,
    Sides,
    chance,
    drawn,
    holm,
    joined,
    mean_difference,
    seed,
    share_difference,
    spread,
    wilson,
)

SEEDS = seed("south", "2026-10", "fcr_24h", "inhouse")


def alone(own: tuple[int, int], other: tuple[int, int]) -> Sides:
    """Callers with one contact each: resolved and not, of both sides."""
    base = np.array([[[1.0], [1.0], [0.0], [0.0]], [[0.0], [0.0], [1.0], [1.0]]])
    part = np.array([[[1.0], [0.0], [0.0], [0.0]], [[0.0], [0.0], [1.0], [0.0]]])
    return Sides(np.array([own[0], own[1], other[0], other[1]]), base, part)


@given(st.integers(1, 500), st.data())
def test_wilson_is_that_of_scipy(n: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, n))
    low, high = binomtest(hits, n).proportion_ci(method="wilson")
    found = wilson(hits, n)
    assert (found.value, found.low, found.high) == pytest.approx((hits / n, low, high), abs=1e-9)


def test_neither_none_nor_all_gives_a_width_of_zero() -> None:
    assert (wilson(0, 20).low, wilson(20, 20).high) == (0.0, 1.0)
    assert wilson(0, 20).high == pytest.approx(0.1611, abs=1e-4)
    assert wilson(20, 20).low == pytest.approx(1 - 0.1611, abs=1e-4)
    with pytest.raises(ValueError, match="no calls"):
        wilson(0, 0)


def test_the_difference_of_newcombes_paper() -> None:
    """56 of 70 against 48 of 80: 0.2, from 0.0524 to 0.3339 (Newcombe 1998, table II, example a, method 10)."""
    found = joined(wilson(56, 70), wilson(48, 80))
    assert (found.value, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_callers_who_ring_once_give_nearly_what_independent_calls_give() -> None:
    sides = alone((560, 140), (480, 320))
    _, found = share_difference(sides, drawn(sides, SEEDS))
    plain = joined(wilson(560, 700), wilson(480, 800))
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high), abs=0.003)


def test_the_same_calls_from_fewer_callers_tell_less() -> None:
    """A hundred callers with seven calls each that all end alike know no more than a hundred calls."""
    few = alone((80, 20), (480, 320))
    heavy = Sides(few.callers, few.base * np.array([7, 1])[:, None, None], few.part * np.array([7, 1])[:, None, None])
    _, narrow = share_difference(alone((560, 140), (480, 320)), drawn(alone((560, 140), (480, 320)), SEEDS))
    _, wide = share_difference(heavy, drawn(heavy, SEEDS))
    _, hundred = share_difference(few, drawn(few, SEEDS))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
    assert (wide.low, wide.high) == pytest.approx((hundred.low, hundred.high), abs=1e-9)


def test_the_draws_follow_from_the_names_alone() -> None:
    sides = alone((56, 14), (48, 32))
    again, other = drawn(sides, SEEDS), drawn(sides, seed("south", "2026-10", "fcr_24h", "2026-09"))
    assert np.array_equal(drawn(sides, SEEDS).part, again.part)
    assert not np.array_equal(other.part, again.part)
    assert SEEDS[:2] == [2638131696, 3029567217]


@given(st.integers(0, 2**32))
def test_drawing_kinds_is_drawing_callers(number: int) -> None:
    """Mean, variance and covariance of the sums, when callers are drawn one by one and when kinds are."""
    rng = np.random.default_rng(number)
    kinds = rng.integers(0, 4, size=(2, 5, 2)).astype(float)
    sides = Sides(rng.integers(1, 9, size=5), kinds, np.minimum(kinds, 2))
    draws, clusters = 4_000, int(sides.callers.sum())
    who = np.repeat(np.arange(5), sides.callers)[rng.integers(0, clusters, size=(draws, clusters))]
    one_by_one = sides.base[:, who].sum(axis=2).transpose(0, 2, 1).reshape(4, draws)
    by_kind = drawn(sides, [number], draws).base.transpose(0, 2, 1).reshape(4, draws)
    scale = np.sqrt(np.cov(one_by_one).diagonal().max()) + 1e-9
    assert np.abs(one_by_one.mean(axis=1) - by_kind.mean(axis=1)).max() < 6 * scale * math.sqrt(2 / draws)
    assert np.abs(np.cov(one_by_one) - np.cov(by_kind)).max() < 12 * scale**2 * math.sqrt(2 / draws)


def test_a_caller_on_both_sides_ties_them() -> None:
    """The same hundred callers in both months, each with the same luck in both: the difference is known exactly."""
    both = Sides(np.array([80, 20]), np.ones((2, 2, 1)), np.array([[[1.0], [0.0]]] * 2))
    apart = alone((80, 20), (80, 20))
    _, tied = share_difference(both, drawn(both, SEEDS))
    _, free = share_difference(apart, drawn(apart, SEEDS))
    assert tied.high - tied.low < 0.5 * (free.high - free.low)


def test_standardised_values_are_weighted_by_the_reasons() -> None:
    base = np.array([[[1.0, 0], [1, 0], [0, 1], [0, 1]]] * 2)
    part = np.array([[[1.0, 0], [0, 0], [0, 1], [0, 0]]] * 2)
    sides = Sides(np.array([90, 10, 40, 60]), base, part)
    found = spread(sides, drawn(sides, SEEDS), np.array([0.25, 0.75]))
    assert found.values == pytest.approx([0.25 * 0.9 + 0.75 * 0.4] * 2)


def test_one_reason_always_settled_and_another_never_still_has_an_interval() -> None:
    """Nothing varies within the reasons, yet a hundred callers are no proof that it never will."""
    base = np.array([[[1.0, 0], [0, 1]]] * 2)
    part = np.array([[[1.0, 0], [0, 0]]] * 2)
    sides = Sides(np.array([50, 50]), base, part)
    _, found = share_difference(sides, drawn(sides, SEEDS), np.array([0.5, 0.5]))
    assert found.value == 0.0
    assert found.low < -0.05 < 0.05 < found.high


def test_a_mean_has_students_interval() -> None:
    """Two callers in five talk for 100 s, the others for 200 s, on both sides alike."""
    base = np.array([[[1.0], [1.0], [0.0], [0.0]], [[0.0], [0.0], [1.0], [1.0]]])
    part = base * np.array([100.0, 200.0, 100.0, 200.0])[None, :, None]
    sides = Sides(np.array([40, 60, 40, 60]), base, part)
    _, found = mean_difference(sides, drawn(sides, SEEDS))
    half = 1.984 * math.sqrt(2 * 100**2 * 0.4 * 0.6 / 99)
    assert (found.value, found.high) == pytest.approx((0.0, half), rel=0.06, abs=1e-9)


def test_chance_is_read_off_the_interval() -> None:
    assert chance(Interval(0.1, 0.0, 0.2)) == pytest.approx(0.05)
    assert chance(Interval(-0.1, -0.2, 0.0)) == pytest.approx(0.05)
    assert chance(Interval(0.0, -0.1, 0.1)) == 1.0
    assert chance(Interval(0.2, 0.2, 0.2)) == 0.0


@pytest.mark.parametrize(
    ("chances", "stay"),
    [
        ([0.01, 0.04, 0.03], [True, False, False]),
        ([0.01, 0.02, 0.03], [True, True, True]),
        ([0.02, 0.03, 0.04], [False, False, False]),
        ([], []),
    ],
)
def test_of_many_differences_only_the_sure_ones_stay(chances: list[float], stay: list[bool]) -> None:
    assert holm(chances) == stay
