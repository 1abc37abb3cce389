"""Crowds of one caller's records and legs against scipy's dense assignment, which knows nothing of time."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest
from scipy.optimize import linear_sum_assignment

from pipelines.link import assign as module
from pipelines.link.assign import assign

SECOND = 1_000_000
TOLERANCE = 30 * SECOND
SLACK = SECOND


class Crowd(NamedTuple):
    """Times of one caller's records and legs, microseconds, in order."""

    records: list[int]
    legs: list[int]


class Found(NamedTuple):
    """Pairs (places of the record and the leg, options, is ambiguous), and who is left with how many options."""

    pairs: list[tuple[int, int, int, bool]]
    records: dict[int, int]
    legs: dict[int, int]


def drawn(random: Random, most: int, spread_s: int) -> Crowd:
    """Whole and half seconds, so that many choices are equally good."""
    records, legs = (
        sorted(random.randrange(0, 2 * spread_s) * SECOND // 2 for _ in range(random.randint(1, most))) for _ in "ab"
    )
    return Crowd(records, legs)


def solved(crowds: Sequence[Crowd]) -> list[Found]:
    """All crowds at once; the refs of crowd 7 begin at 7,000."""
    rows = [
        (caller, time, side, 1000 * caller + place)
        for caller, crowd in enumerate(crowds)
        for side, times in enumerate(crowd)
        for place, time in enumerate(times)
    ]
    schema = {"caller_key": pl.UInt64, "t_us": pl.Int64, "side": pl.Int32, "ref": pl.Int64}
    frame = pl.DataFrame(rows, schema=schema, orient="row").sort("caller_key", "t_us", "side", "ref")
    frame = frame.with_columns(is_first=pl.col("caller_key") != pl.col("caller_key").shift(1, fill_value=2**63))
    found = [Found([], {}, {}) for _ in crowds]
    for call, leg, options, ambiguous in assign(frame, TOLERANCE).iter_rows():
        here = found[(leg if call is None else call) // 1000]
        if leg is None:
            here.records[call % 1000] = options
        elif call is None:
            here.legs[leg % 1000] = options
        else:
            assert call // 1000 == leg // 1000
            here.pairs.append((call % 1000, leg % 1000, options, ambiguous))
    return found


def ideal(records: Sequence[int], legs: Sequence[int]) -> tuple[int, int]:
    """How many pairs there can be, and how little they are apart in all."""
    apart = np.abs(np.subtract.outer(np.array(records, dtype=np.int64), np.array(legs, dtype=np.int64)))
    worth = np.where(apart <= TOLERANCE, (TOLERANCE + 1) * (len(records) + 1) - apart, 0)
    chosen = linear_sum_assignment(worth, maximize=True)
    is_pair = apart[chosen] <= TOLERANCE
    return int(is_pair.sum()), int(apart[chosen][is_pair].sum())


def check(crowd: Crowd, found: Found) -> None:
    """Everybody once, no choice better, calls in their order, options counted."""
    records, legs = crowd
    paired, taken = [pair[0] for pair in found.pairs], [pair[1] for pair in found.pairs]
    assert sorted([*paired, *found.records]) == list(range(len(records)))
    assert sorted([*taken, *found.legs]) == list(range(len(legs)))
    assert [leg for _, leg in sorted(zip(paired, taken, strict=True))] == sorted(taken)
    apart = [abs(records[record] - legs[leg]) for record, leg in zip(paired, taken, strict=True)]
    assert (len(apart), sum(apart)) == ideal(records, legs)
    assert max(apart, default=0) <= TOLERANCE
    near = np.abs(np.subtract.outer(np.array(records), np.array(legs))) <= TOLERANCE
    options, rivals = near.sum(axis=1), near.sum(axis=0)
    assert all(told == max(options[record], rivals[leg]) for record, leg, told, _ in found.pairs)
    assert all(told == options[record] for record, told in found.records.items())
    assert all(told == rivals[leg] for leg, told in found.legs.items())


def is_open(crowd: Crowd, record: int, leg: int) -> bool:
    """Whether as many pairs, at most a second more apart in all, can be had without the record or without the leg."""
    records, legs = crowd
    pairs, apart = ideal(records, legs)
    without = ideal(records[:record] + records[record + 1 :], legs), ideal(records, legs[:leg] + legs[leg + 1 :])
    return any(some == pairs and more <= apart + SLACK for some, more in without)


@pytest.mark.parametrize("spread_s", [10, 40, 90])
def test_thousands_of_small_crowds(spread_s: int) -> None:
    random = Random(spread_s)
    crowds = [drawn(random, 8, spread_s) for _ in range(3000)]
    every = solved(crowds)
    for crowd, found in zip(crowds, every, strict=True):
        check(crowd, found)
        for record, leg, _, ambiguous in found.pairs:
            assert ambiguous == is_open(crowd, record, leg), (crowd, record, leg)
    assert {pair[3] for found in every for pair in found.pairs} == {True, False}


@pytest.mark.parametrize(("most", "spread_s"), [(8, 40), (300, 900)])
def test_a_crowd_too_large_for_a_table_is_as_exact_and_all_ambiguous(
    monkeypatch: pytest.MonkeyPatch, most: int, spread_s: int
) -> None:
    random = Random(most)
    crowds = [drawn(random, most, spread_s) for _ in range(1500 if most < 10 else 3)]
    dense = solved(crowds)
    monkeypatch.setattr(module, "LARGEST_TABLE", 0)
    for crowd, found, other in zip(crowds, solved(crowds), dense, strict=True):
        check(crowd, found)
        check(crowd, other)
        assert all(ambiguous for *_, ambiguous in found.pairs)


def test_crowds_of_three_hundred_on_each_side() -> None:
    random = Random(1)
    times = [[sorted(random.randrange(spread) for _ in range(300)) for _ in "ab"] for spread in (SECOND, 600 * SECOND)]
    crowds = [Crowd(*each) for each in times] + [Crowd([0] * 300, [0] * 299), Crowd([5], list(range(300)))]
    for crowd, found in zip(crowds, solved(crowds), strict=True):
        check(crowd, found)


def test_what_is_said_at_the_ends_of_a_second() -> None:
    """Leaving out the first record costs exactly a second more, or a little more than that."""
    exactly, more = solved([Crowd([-1_000_000, 2_000_000], [0]), Crowd([-1_000_000, 2_000_001], [0])])
    assert exactly.pairs == [(0, 0, 2, True)]
    assert more.pairs == [(0, 0, 2, False)]
    assert more.records == {1: 1}


def test_many_crowds_of_one_caller_stay_apart() -> None:
    frame = pl.DataFrame(
        [(7, 0, 0, 1, True), (7, 1, 1, 1, False), (7, 2, 0, 2, False), (7, 90 * SECOND, 0, 3, True)],
        schema={"caller_key": pl.UInt64, "t_us": pl.Int64, "side": pl.Int32, "ref": pl.Int64, "is_first": pl.Boolean},
        orient="row",
    )
    found = assign(frame, TOLERANCE).sort("call_ref")
    assert found.select("call_ref", "leg_ref").rows() == [(1, 1), (2, None)]


def test_no_crowd_at_all() -> None:
    assert solved([]) == []
