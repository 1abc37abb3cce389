"""Bounds hold the value, and are exactly the least and the most of all cases that stay open."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.measure.bounds import Open, mean_bounds, ratio_bounds, share_bounds, share_pct

FEW = st.integers(0, 3)


def test_nothing_open_has_no_bounds() -> None:
    assert share_bounds(3, 4, Open()) == (None, None)
    assert mean_bounds(10.0, 2, []) == (None, None)


def test_a_case_by_hand() -> None:
    """8 of 10 answered; two of the answered ones have no leg, one leg has no record, one outcome is not known."""
    low, high = share_bounds(8, 10, Open(drop_in=2, up=1, add=1))
    assert low == pytest.approx(100 * 6 / 9)
    assert high == pytest.approx(100 * 10 / 11)


@given(FEW, FEW, FEW, FEW, FEW, FEW, FEW)
def test_shares_equal_brute_force(
    sure_in: int, sure_out: int, drop_in: int, drop_out: int, up: int, down: int, add: int
) -> None:
    part, base = sure_in + drop_in + down, sure_in + sure_out + drop_in + drop_out + up + down
    left = Open(drop_in, drop_out, up, down, add)
    low, high = share_bounds(part, base, left)
    cases = []
    ranges = [range(n + 1) for n in (drop_in, drop_out, up, down, add, add)]
    for gone_in, gone_out, rise, fall, joins, joins_in in product(*ranges):
        if joins_in <= joins and base - gone_in - gone_out + joins:
            cases.append(100 * (part - gone_in + rise - fall + joins_in) / (base - gone_in - gone_out + joins))
    if left.is_nothing or not cases:
        assert (low, high) == (None, None)
        return
    assert (low, high) == pytest.approx((min(cases), max(cases)))
    value = share_pct(part, base)
    assert value is None or min(cases) - 1e-9 <= value <= max(cases) + 1e-9


@given(
    st.lists(st.integers(0, 50), max_size=4),
    st.lists(st.integers(0, 50), min_size=1, max_size=6),
)
def test_means_equal_brute_force(sure: list[int], doubtful: list[int]) -> None:
    cases = []
    for choice in product((False, True), repeat=len(doubtful)):
        kept = [*sure, *(value for value, stays in zip(doubtful, choice, strict=True) if stays)]
        if kept:
            cases.append(sum(kept) / len(kept))
    histogram = [(float(value), doubtful.count(value)) for value in sorted(set(doubtful))]
    assert mean_bounds(float(sum(sure)), len(sure), histogram) == pytest.approx((min(cases), max(cases)))


PAIRS = st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=3)


@given(st.lists(st.tuples(st.integers(1, 3), PAIRS), min_size=1, max_size=3))
def test_ratios_equal_brute_force(groups: list[tuple[int, set[tuple[int, int]]]]) -> None:
    each = [sorted(pairs) for count, pairs in groups for _ in range(count)]
    cases = []
    for way in product(*each):
        part, base = (sum(pair[n] for pair in way) for n in (0, 1))
        if base:
            cases.append(Fraction(part, base))
    is_open = any(len(pairs) > 1 for _, pairs in groups)
    assert ratio_bounds(groups) == ((min(cases), max(cases)) if is_open and cases else (None, None))


def test_a_ratio_of_nothing_open_has_no_bounds() -> None:
    assert ratio_bounds([(5, [(1, 1)]), (3, [(0, 1)])]) == (None, None)
    assert ratio_bounds([]) == (None, None)
