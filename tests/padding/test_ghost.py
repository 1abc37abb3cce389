"""A billed call without a leg: proven only where no innocent reading is left."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.measure.worlds import T0, Small, at
from tests.padding.cases import findings, ghost, honest, known, verdicts

START = 50_000
PROVEN, PROBABLE = {1: ("ghost", "proven")}, {1: ("ghost", "probable")}


def alone(**other: Any) -> Small:
    """One answered record with a number and no leg."""
    world = Small()
    ghost(world, START, **other)
    return world


def test_an_answered_record_without_a_leg_in_a_log_that_is_whole() -> None:
    (finding,) = findings(alone())
    assert (finding["detector"], finding["certainty"], finding["linked_call_id"]) == ("ghost", "proven", None)
    assert "anna" in finding["explanation"]
    assert finding["innocent_reading"].startswith("checked")


@pytest.mark.parametrize(
    "differs",
    [
        {"outcome": "abandoned"},
        {"outcome": "overflowed"},
        {"outcome": "unknown"},
        {"is_billed": False},
        {"is_covered": False},
        {"in_month": False},
    ],
    ids=str,
)
def test_what_accuses_nobody(differs: dict[str, Any]) -> None:
    assert verdicts(alone(**differs)) == {}


@pytest.mark.parametrize(
    "differs",
    [
        {"caller": None},
        {"direction": None},
        {"direction": None, "caller": 99},
        {"match_class": "no_number", "reason": "a leg without number lies at that time"},
        {"reason": "the clock offset of that day is not known"},
    ],
    ids=str,
)
def test_what_the_record_itself_leaves_open(differs: dict[str, Any]) -> None:
    assert verdicts(alone(**differs)) == PROBABLE


def with_leg(passed: int, caller: int | None, **other: Any) -> Callable[[Small], None]:
    """A leg without a partner, passed on to this vendor."""
    return lambda world: world.link(None, world.leg(passed - 30, passed, caller), **other) and None


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (with_leg(START + 60, 99), PROBABLE),  # the same caller, beyond the tolerance
        (with_leg(START + 3600, 99), PROBABLE),  # an hour off: a clock
        (with_leg(START - 86_400, 99), PROBABLE),  # a day off: a date
        (with_leg(START + 86_400, 99, is_absent=True), PROVEN),  # rang again on a day that is not delivered yet
        (with_leg(START + 20, 5), PROBABLE),  # another number at that time
        (with_leg(START + 600, 5), PROVEN),
        (with_leg(START + 600, None), PROBABLE),  # no number, minutes off
        (with_leg(START + 7200, None), PROVEN),
    ],
)
def test_legs_without_a_partner(more: Callable[[Small], None], expected: dict[int, tuple[str, str]]) -> None:
    world = alone()
    more(world)
    assert verdicts(world) == expected


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"vendor": "elsewhere", "passed": START - 20}, PROBABLE),  # a route mapped to another vendor
        ({"vendor": None, "passed": START - 20}, PROBABLE),  # a route that nobody knows
        ({"passed": None}, PROBABLE),  # passed on, but the log has no time for it
        ({"passed": None, "arrived": START - 3000}, PROBABLE),
        ({"passed": None, "arrived": START - 3000, "agent_id": "in1"}, PROBABLE),  # our own agent had it, until when?
        ({"passed": None, "arrived": START - 3000, "agent_id": "in1", "ended_utc": at(START - 2000)}, PROVEN),
        ({"passed": START - 3000, "arrived": START - 3010, "leg_ended_utc": at(START - 300)}, PROBABLE),
        ({"vendor": "elsewhere", "passed": START - 9000, "arrived": START - 9000}, PROVEN),
    ],
    ids=str,
)
def test_other_rows_of_the_same_caller(row: dict[str, Any], expected: dict[int, tuple[str, str]]) -> None:
    world = alone()
    row = {"arrived": START - 30, **row}
    leg = world.leg(row.pop("arrived"), row.pop("passed"), 99, row.pop("vendor", "elsewhere"), **row)
    if leg["vendor_id"] == "agents":
        world.link(None, leg)
    assert verdicts(world) == expected


def test_a_leg_passed_on_twice_and_a_second_line() -> None:
    world = alone()
    honest(world, START - 400, 99, agent="ben")
    assert verdicts(world) == PROBABLE


def test_a_transfer_after_a_long_talk_is_no_ghost_where_the_log_shows_no_end() -> None:
    world = alone()
    honest(world, START - 5000, 99, talk=4900, agent="ben")
    assert verdicts(world) == PROBABLE


def test_a_further_leg_under_the_same_id() -> None:
    world = alone(call_id="77", leg="2")
    honest(world, START - 9000, 99, call_id="77", leg="1", file_id="file of agents")
    assert verdicts(world) == PROBABLE


def test_a_piece_of_a_dropped_line_is_never_proven() -> None:
    world = Small()
    honest(world, START - 130, 99)
    ghost(world, START + 5, 99)
    (finding,) = findings(world)
    assert finding["certainty"] == "probable"
    assert "dropped line" in finding["innocent_reading"]


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("+86 532 1000 0001", PROBABLE),
        ("053210000001", PROBABLE),  # as dialled at home
        ("10000001", PROBABLE),
        (None, PROBABLE),  # the vendor does not say
        ("053210000002", PROVEN),
    ],
)
def test_numbers_that_callers_may_dial_past_us(called: str | None, expected: dict[int, tuple[str, str]]) -> None:
    world = alone(called=called)
    assert verdicts(world, direct_numbers=["+8653210000001"]) == expected
    assert verdicts(world) == PROVEN


def test_nothing_is_proven_where_nobody_vouches_for_the_log() -> None:
    assert verdicts(alone(), vouched=()) == PROBABLE
    day = T0 + timedelta(days=1)
    assert verdicts(alone(), vouched=[(day, day + timedelta(days=1))]) == PROBABLE


def test_the_last_minutes_that_are_vouched_for_leave_the_clock_open() -> None:
    until = at(START + 200)
    assert verdicts(alone(), vouched=[(T0, until)]) == PROBABLE
    assert verdicts(alone(), vouched=[(T0, at(START + 300))]) == PROVEN


def test_a_row_of_our_log_that_could_not_be_read() -> None:
    assert verdicts(alone(), lost=[(at(START - 900), at(START - 100))]) == PROBABLE
    assert verdicts(alone(), lost=[(at(START - 900), at(START - 301))]) == PROVEN


AROUND = (at(START - 3600), at(START + 3600))


def test_gaps_of_our_log_are_the_business_of_the_links() -> None:
    """A gap of another vendor's route is none of these calls'; which count, `links.is_covered` says."""
    assert verdicts(alone(), more=[known("gap", "route", [AROUND])]) == PROVEN
    assert verdicts(alone(is_covered=False)) == {}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("declared", "the client's word"),
        ("numbered", "the numbers of our log's rows"),
        ("counted", "the closing lines"),
    ],
)
def test_what_vouches_for_the_log_is_named(kind: str, words: str) -> None:
    (finding,) = findings(alone(), vouched=(), more=[known("vouched", kind, [AROUND])])
    assert finding["certainty"] == "proven"
    assert f"it rests on {words}" in finding["innocent_reading"]


def test_records_outweigh_a_word_and_numbers_outweigh_closing_lines() -> None:
    both = [known("vouched", "counted", [AROUND])]
    (finding,) = findings(alone(), more=both)
    assert "the closing lines" in finding["innocent_reading"]
    (finding,) = findings(alone(), more=[*both, known("vouched", "numbered", [AROUND])])
    assert "the numbers" in finding["innocent_reading"]


def test_two_that_vouch_in_turn_leave_the_minutes_between_them_open() -> None:
    turns = [(at(START - 3600), at(START)), (at(START + 1), at(START + 3600))]
    assert verdicts(alone(), vouched=turns) == PROBABLE


def test_a_hole_in_the_numbers_wins_over_whoever_vouches() -> None:
    hole = known("lost", "number", [(at(START - 900), at(START + 900))])
    (finding,) = findings(alone(), more=[hole, known("vouched", "numbered", [AROUND])])
    assert finding["certainty"] == "probable"
    assert "numbers of our own log have a hole" in finding["innocent_reading"]


def test_calls_beside_others_whose_legs_lie_at_another_time() -> None:
    """A clock that was set: this caller's number is withheld in our log, but its neighbour's leg shows the shift."""
    world = alone()
    ghost(world, START + 600, 5)
    world.link(None, world.leg(START + 4200, START + 4200, 5))
    assert verdicts(world) == {1: ("ghost", "probable"), 2: ("ghost", "probable")}


def test_half_of_the_legs_around_found_no_record() -> None:
    world = alone()
    for n, seconds in enumerate((400, 600, 800)):
        world.link(None, world.leg(START + seconds, START + seconds, 200 + n))
    assert verdicts(world) == PROBABLE
    for n in range(4):
        honest(world, START + 900 + n, 300 + n, agent="ben")
    assert verdicts(world) == PROVEN


def test_a_proven_duplicate_is_no_ghost_as_well() -> None:
    world = Small()
    honest(world, START, 1)
    ghost(world, START + 5, 1)
    assert [row["detector"] for row in findings(world)] == ["duplicate"]


def some_without_a_leg(apart: int, honest_calls: int) -> Small:
    """Three records without a leg, so many seconds apart, among honest calls of a week."""
    world = Small()
    for number in range(3):
        ghost(world, START + apart * number, 90 + number)
    for number in range(honest_calls):
        honest(world, START + 5000 + 5400 * number, 1000 + number)
    return world


def test_where_many_lack_their_legs_our_log_may_lack_them() -> None:
    together, scattered = some_without_a_leg(400, 60), some_without_a_leg(13 * 3600, 60)
    assert set(verdicts(together).values()) == {("ghost", "probable")}
    assert "many of the vendor's calls" in findings(together)[0]["innocent_reading"]
    assert set(verdicts(scattered).values()) == {("ghost", "proven")}


def test_unbroken_numbers_of_our_log_say_that_it_lacks_none() -> None:
    numbered = known("vouched", "numbered", [(T0 - timedelta(days=40), T0 + timedelta(days=40))])
    found = verdicts(some_without_a_leg(400, 60), more=[numbered])
    assert set(found.values()) == {("ghost", "proven")}
