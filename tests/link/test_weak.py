"""Pairs without a number, by the digits that show or by time alone, and the doubts of those that are left."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.link.worlds import CLOCK, Linked, alone, day, leg, legs, linked, pairs, record, records

NO_LEG = "the vendor shows no usable number, and no leg that is left at that time can be its own"
SEVERAL = "the vendor shows no usable number, and several could belong together at that time"
LEG_NEAR = "a leg without number lies at that time"
LEG_SEVERAL = "our log shows no usable number, and several could belong together at that time"
NO_CLOCK = "the clock offset of that day is not known"
RECORD_NEAR = "a record without number lies at that time"
MANY = 250
"""Callers who ring once: so many pairs are believed in what they show of routes and durations."""


def classes(found: Linked) -> dict[str, tuple[str, float]]:
    """Record to class and confidence, the thirty left out."""
    rows = found.links.filter(pl.col("side") == "pair").select("vendor_call_id", "match_class", "confidence").rows()
    return {name: (match_class, sure) for name, match_class, sure in rows if int(name[1:]) <= 9000}


# by time


def test_a_record_without_number_takes_the_only_leg_of_that_time(tmp_path: Path) -> None:
    found = day(tmp_path, [(None, 3600.0)], [(1, 3604.0)])
    assert pairs(found) == {"v1": "h1"}
    row = found.links.filter(pl.col("vendor_call_id") == "v1").select("match_class", "confidence", "options", "reason")
    assert row.row(0) == ("time", 0.7, 1, "no number, the only ones at that time")


def test_a_leg_without_number_takes_the_only_record_of_that_time(tmp_path: Path) -> None:
    assert classes(day(tmp_path, [(1, 3600.0)], [(None, 3604.0)])) == {"v1": ("time", 0.7)}


def test_two_numbers_that_differ_are_never_paired_by_time(tmp_path: Path) -> None:
    assert alone(day(tmp_path, [(1, 3600.0)], [(2, 3600.0)])) == [
        ("inhouse", "inhouse_only"),
        ("vendor", "vendor_only"),
    ]


@pytest.mark.parametrize(("at", "is_paired"), [(3605.0, True), (3595.0, True), (3605.001, False), (3594.999, False)])
def test_without_a_number_only_seconds_may_lie_between(tmp_path: Path, at: float, is_paired: bool) -> None:
    """The clock of this day shows no spread: five seconds, though numbers are matched within thirty."""
    found = day(tmp_path, [(None, at)], [(1, 3600.0)])
    assert bool(pairs(found)) == is_paired
    if not is_paired:
        doubt = [("inhouse", "no_number", RECORD_NEAR), ("vendor", "no_number", NO_LEG)]
        assert alone(found, "reason") == doubt


def test_the_spread_of_the_clock_widens_the_window(tmp_path: Path) -> None:
    """Calls lie up to six seconds off: twice the spread and five seconds are enough for fifteen, not for twenty."""
    vendor = [record(9001 + n, caller, at + n % 13 - 6) for n, (caller, at) in enumerate(CLOCK)]
    vendor += [record(1, None, 3615.0), record(2, None, 7220.0)]
    inhouse = [leg(9001 + n, caller, at) for n, (caller, at) in enumerate(CLOCK)] + legs([(1, 3600.0), (2, 7200.0)])
    found = linked(tmp_path, vendor, inhouse)
    assert 5 <= float(found.offsets["spread_s"][0]) <= 6
    assert pairs(found) == {"v1": "h1"}


def test_the_window_is_never_wider_than_the_tolerance(tmp_path: Path) -> None:
    found = day(tmp_path, [(None, 3603.0), (None, 7202.0)], [(1, 3600.0), (2, 7200.0)], tolerance_s=2)
    assert pairs(found) == {"v2": "h2"}
    assert alone(found) == [("inhouse", "inhouse_only"), ("vendor", "no_number")]


def test_where_two_legs_could_belong_to_a_record_none_is_taken(tmp_path: Path) -> None:
    found = day(tmp_path, [(None, 3600.0)], [(1, 3601.0), (2, 3602.0)])
    assert alone(found, "reason") == [
        ("inhouse", "no_number", RECORD_NEAR),
        ("inhouse", "no_number", RECORD_NEAR),
        ("vendor", "no_number", SEVERAL),
    ]


def test_where_two_records_could_belong_to_a_leg_none_is_taken(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3601.0), (2, 3602.0)], [(None, 3600.0)])
    assert alone(found, "reason") == [
        ("inhouse", "no_number", LEG_SEVERAL),
        ("vendor", "no_number", LEG_NEAR),
        ("vendor", "no_number", LEG_NEAR),
    ]


def test_a_leg_that_has_its_partner_by_number_is_not_taken_by_time(tmp_path: Path) -> None:
    found = day(tmp_path, [(None, 3600.0), (1, 3601.0)], [(1, 3600.0)])
    assert pairs(found) == {"v2": "h1"}
    assert alone(found, "reason") == [("vendor", "no_number", NO_LEG)]


def test_a_leg_without_number_is_a_doubt_for_every_record_within_the_tolerance(tmp_path: Path) -> None:
    """Too far for a pair; but nobody says that a record has no leg while one without number lies half a minute away."""
    found = day(tmp_path, [(1, 3600.0), (2, 3659.999), (3, 3660.001)], [(None, 3630.0)])
    assert alone(found, "vendor_call_id", "reason")[1:] == [
        ("vendor", "no_number", "v1", LEG_NEAR),
        ("vendor", "no_number", "v2", LEG_NEAR),
        ("vendor", "vendor_only", "v3", "no leg of this caller within the tolerance"),
    ]


def test_a_leg_that_is_taken_by_time_is_no_doubt_for_others(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3600.0), (2, 3620.0)], [(None, 3600.0)])
    assert pairs(found) == {"v1": "h1"}
    assert alone(found, "vendor_call_id") == [("vendor", "vendor_only", "v2")]


def test_without_a_known_offset_nothing_is_taken_by_time(tmp_path: Path) -> None:
    found = linked(tmp_path, records([(None, 3600.0)]), legs([(1, 3600.0)]))
    assert found.offsets["basis"].to_list() == ["none"]
    assert alone(found, "reason") == [("inhouse", "no_number", NO_CLOCK), ("vendor", "no_number", NO_CLOCK)]


def test_without_a_known_offset_nobody_says_that_a_call_has_no_partner(tmp_path: Path) -> None:
    """Not within the tolerance, but within the fourteen hours that two clocks may stand apart."""
    hours = 3600.0
    found = linked(tmp_path, records([(1, 24 * hours)]), legs([(2, 10 * hours), (3, 10 * hours - 1), (4, 38 * hours)]))
    assert alone(found, "reason") == [
        ("inhouse", "no_number", NO_CLOCK),
        ("inhouse", "inhouse_only", "no record of this caller within the tolerance"),
        ("inhouse", "no_number", NO_CLOCK),
        ("vendor", "no_number", NO_CLOCK),
    ]


# by the digits that show


def masked(folder: Path, theirs: list[str | None], ours: list[str | None]) -> Linked:
    """Masked records, a second apart, and legs of callers 1, 2, … a second apart, with what shows of their numbers."""
    vendor = [record(n, None, 3600.0 + n, caller_mask=mask) for n, mask in enumerate(theirs, 1)]
    inhouse = [leg(n, n, 3600.0 + n, caller_mask=mask) for n, mask in enumerate(ours, 1)]
    return day(folder, vendor, inhouse)


@pytest.mark.parametrize("shown", ["138******34", "138********", "*********34", "******34", "138****"])
def test_digits_that_agree_find_their_leg_among_several(tmp_path: Path, shown: str) -> None:
    found = masked(tmp_path, [shown], ["139******56", "138******34"])
    assert pairs(found) == {"v1": "h2"}
    row = found.links.filter(pl.col("vendor_call_id") == "v1").select("match_class", "confidence", "options", "reason")
    assert row.row(0) == ("mask", 0.9, 1, "the digits that show agree, the only ones at that time")


@pytest.mark.parametrize("shown", ["138******56", "139******34", "******56", "139********", "**********5"])
def test_one_digit_that_contradicts_is_enough_to_part_them(tmp_path: Path, shown: str) -> None:
    found = masked(tmp_path, [shown], ["138******34"])
    assert alone(found, "reason") == [("inhouse", "no_number", RECORD_NEAR), ("vendor", "no_number", NO_LEG)]


def test_two_legs_with_the_same_digits_are_not_told_apart(tmp_path: Path) -> None:
    found = masked(tmp_path, ["138******34"], ["138******34", "138******34"])
    assert pairs(found) == {}
    assert [kind for _, kind in alone(found)] == ["no_number"] * 3


def test_digits_on_one_side_only_leave_it_to_the_time(tmp_path: Path) -> None:
    assert classes(masked(tmp_path, ["138******34"], [None])) == {"v1": ("time", 0.7)}
    assert classes(masked(tmp_path, [None], ["138******34"])) == {"v1": ("time", 0.7)}
    assert classes(masked(tmp_path, ["138********"], ["*********34"])) == {"v1": ("time", 0.7)}


def test_one_digit_that_agrees_says_little(tmp_path: Path) -> None:
    assert classes(masked(tmp_path, ["**********4"], ["138******34"])) == {"v1": ("time", 0.7)}
    assert classes(masked(tmp_path, ["1*********4"], ["138******34"])) == {"v1": ("mask", 0.9)}


def test_what_the_digits_have_settled_is_out_of_the_way_of_the_rest(tmp_path: Path) -> None:
    """Two masked records find their legs; then one without any digit and one leg are left."""
    found = masked(tmp_path, ["138******34", "139******56", None], ["139******56", "138******34", "150******78"])
    assert classes(found) == {"v1": ("mask", 0.9), "v2": ("mask", 0.9), "v3": ("time", 0.7)}
    assert pairs(found) == {"v1": "h2", "v2": "h1", "v3": "h3"}


def test_a_masked_leg_and_a_record_with_its_number(tmp_path: Path) -> None:
    """It may be the client's log that hides digits."""
    vendor = [record(1, 1, 3600.0, caller_mask="138******34"), record(2, 2, 3601.0, caller_mask="138******56")]
    found = day(tmp_path, vendor, [leg(1, None, 3602.0, caller_mask="*********56")])
    assert pairs(found) == {"v2": "h1"}


# what the pairs by number teach


def taught(folder: Path, callers: int, vendor: list[dict[str, Any]], inhouse: list[dict[str, Any]]) -> Linked:
    """Besides: callers who ring once, of queue a by route x and of queue b by route y; records last a second longer."""
    ours, theirs = [], []
    for n in range(callers):
        at, way = 40_000.0 + 60 * n, n % 2
        ours.append(record(1000 + n, 1000 + n, at, queue="ab"[way], ended_utc=ended(at, 61)))
        theirs.append(leg(1000 + n, 1000 + n, at, route="xy"[way], leg_ended_utc=ended(at, 60)))
    return day(folder, vendor + ours, inhouse + theirs)


def ended(at: float, lasted: float) -> Any:
    return record(0, None, at + lasted)["offered_utc"]


def weak_pairs(found: Linked) -> dict[str, str]:
    return {name: leg for name, leg in pairs(found).items() if int(name[1:]) < 1000}


@pytest.mark.parametrize(
    ("callers", "queue", "route", "is_paired"),
    [
        (2 * MANY, "a", "x", True),
        (2 * MANY, "a", "y", False),  # each has many pairs, and they have none with each other
        (2 * MANY, None, "y", True),
        (2 * MANY, "a", None, True),
        (2 * MANY, "c", "y", True),  # nobody knows this queue
        (MANY, "a", "y", True),  # 125 pairs of either: not enough to say
    ],
)
def test_a_route_that_never_leads_to_a_queue_parts_them(
    tmp_path: Path, callers: int, queue: str | None, route: str | None, is_paired: bool
) -> None:
    found = taught(tmp_path, callers, [record(1, None, 3600.0, queue=queue)], [leg(1, 1, 3600.0, route=route)])
    assert weak_pairs(found) == ({"v1": "h1"} if is_paired else {})


def test_the_route_tells_two_legs_apart(tmp_path: Path) -> None:
    inhouse = [leg(1, 1, 3600.0, route="x"), leg(2, 2, 3601.0, route="y")]
    assert weak_pairs(taught(tmp_path, 2 * MANY, [record(1, None, 3600.0, queue="b")], inhouse)) == {"v1": "h2"}


@pytest.mark.parametrize(
    ("callers", "lasted", "is_paired"),
    [
        (MANY, 61, True),
        (MANY, 63, True),  # two seconds beyond what is usual
        (MANY, 64, False),
        (MANY, 59, True),
        (MANY, 58, False),
        (MANY, None, True),  # the record does not say how long it lasted
        (150, 600, True),  # too few pairs to know what is usual
    ],
)
def test_a_duration_that_does_not_fit_parts_them(
    tmp_path: Path, callers: int, lasted: int | None, is_paired: bool
) -> None:
    """The leg lasts a minute, and a record usually a second longer than its leg."""
    vendor = [record(1, None, 3600.0, ended_utc=None if lasted is None else ended(3600, lasted))]
    found = taught(tmp_path, callers, vendor, [leg(1, 1, 3600.0, leg_ended_utc=ended(3600, 60))])
    assert weak_pairs(found) == ({"v1": "h1"} if is_paired else {})


def test_the_duration_tells_two_legs_apart(tmp_path: Path) -> None:
    vendor = [record(1, None, 3600.0, ended_utc=ended(3600, 301))]
    inhouse = [leg(n, n, 3600.0, leg_ended_utc=ended(3600, lasted)) for n, lasted in ((1, 60), (2, 300))]
    assert weak_pairs(taught(tmp_path, MANY, vendor, inhouse)) == {"v1": "h2"}
