"""The clock offset of each day, read off records of which some have no leg at all."""

from pathlib import Path
from random import Random

import polars as pl
import pytest

from tests.link.worlds import Call, legs, linked, moment, records

DAY_S = 86_400


def month(seed: int, days: int, calls_a_day: int, ghosts: float) -> tuple[list[Call], list[Call]]:
    """Legs, and records up to 3 s beside them; ghosts come from callers who ring at other times of the same days."""
    random = Random(seed)
    inhouse, vendor = [], []
    for day in range(days):
        at = [DAY_S * day + random.uniform(8 * 3600, 20 * 3600) for _ in range(calls_a_day)]
        today = [(random.randrange(400), round(when)) for when in at]
        inhouse += today
        vendor += [(caller, when + random.choice([0, 1, 1, 2, 3])) for caller, when in today]
        vendor += [
            (random.choice(today)[0], DAY_S * day + random.uniform(8 * 3600, 20 * 3600))
            for _ in range(int(ghosts * calls_a_day))
        ]
    return vendor, inhouse


@pytest.mark.parametrize("offset", [0, 137, -3600, 28_800, -50_000])
def test_the_offset_is_found_through_a_tenth_of_ghosts(tmp_path: Path, offset: int) -> None:
    vendor, inhouse = month(seed=offset, days=3, calls_a_day=150, ghosts=0.1)
    late = [(caller, at + offset) for caller, at in vendor]
    found = linked(tmp_path, records(late), legs(inhouse))
    days = found.offsets.filter(pl.col("basis") == "day")
    assert days["pairs"].sum() >= 0.8 * len(inhouse)
    assert all(abs(float(seconds) - offset - 1) <= 1 for seconds in days["offset_s"])
    assert found.links.filter(pl.col("side") == "pair").height == len(inhouse)


def test_each_day_speaks_for_its_own_clock(tmp_path: Path) -> None:
    vendor, inhouse = month(seed=3, days=4, calls_a_day=60, ghosts=0)
    drifting = [(caller, at + 40 * (at // DAY_S)) for caller, at in vendor]
    found = linked(tmp_path, records(drifting), legs(inhouse)).offsets.sort("day")
    assert [round(float(seconds) / 40) for seconds in found["offset_s"]] == [0, 1, 2, 3]
    assert found["basis"].to_list() == ["day"] * 4


def test_a_day_with_few_pairs_takes_the_offset_of_the_month(tmp_path: Path) -> None:
    busy = [(number, 36_007.0 + 60 * number) for number in range(40)]
    quiet = [(100 + number, DAY_S + 36_007.0 + 60 * number) for number in range(19)]
    vendor = [(caller, at + 500) for caller, at in busy] + [(caller, at + 504) for caller, at in quiet]
    found = linked(tmp_path, records(vendor), legs([*busy, *quiet]))
    assert found.offsets.sort("day").select("offset_s", "pairs", "basis").rows() == [
        (500, 40, "day"),
        (500, 59, "month"),
    ]
    assert found.links.filter(pl.col("side") == "pair").height == 59


def test_too_few_pairs_in_all_say_nothing_of_the_clock(tmp_path: Path) -> None:
    inhouse = [(number, 36_007.0 + 60 * number) for number in range(19)]
    found = linked(tmp_path, records([(caller, at + 90) for caller, at in inhouse]), legs(inhouse))
    assert found.offsets.select("day", "offset_s", "pairs", "basis").rows() == [(moment(0).date(), 90, 19, "none")]


def test_callers_who_ring_all_day_do_not_drown_the_offset(tmp_path: Path) -> None:
    """A switchboard's calls of one hour were left out and those of the next made up: sixty pairs, an hour apart."""
    rare = [(number, 36_007.0 + 900 * number) for number in range(25)]
    left_out = [(999, 36_007.0 + 60 * number) for number in range(60)]
    made_up = [(caller, at + 3600) for caller, at in left_out]
    found = linked(
        tmp_path, records([(caller, at + 137) for caller, at in [*rare, *made_up]]), legs([*rare, *left_out])
    )
    assert found.offsets["offset_s"].to_list() == [137]
    assert found.links.filter(pl.col("side") == "pair").height == 25


def test_between_two_offsets_with_as_many_pairs_the_smaller_is_believed(tmp_path: Path) -> None:
    inhouse = [(number, 36_007.0 + 60 * number) for number in range(25)]
    for folder, apart in (("late", 7200), ("early", -7200)):
        vendor = [*inhouse, *((caller, at + apart) for caller, at in inhouse)]
        found = linked(tmp_path / folder, records(vendor), legs(inhouse))
        assert found.offsets["offset_s"].to_list() == [0]
