"""Which record of a call reported twice is named, and how sure we are."""

from typing import Any

import pytest

from tests.measure.worlds import Small
from tests.padding.cases import Verdicts, findings, ghost, honest, record, verdicts


def twins(later: int = 6, **other: Any) -> tuple[Small, Verdicts]:
    """An honest call and, seconds later, a second record like it without a leg; `other` is what differs."""
    world = Small()
    honest(world, 1000, 1)
    ghost(world, 1000 + later, **{"caller": 1, **other})
    return world, verdicts(world)


@pytest.mark.parametrize("call_id", ["v1", "another"])
def test_two_alike_with_one_leg_between_them(call_id: str) -> None:
    world, found = twins(call_id=call_id)
    assert found == {2: ("duplicate", "proven")}
    (finding,) = findings(world)
    assert finding["linked_call_id"] == "v1"
    assert "h1" in finding["explanation"]


def test_a_record_with_a_leg_of_its_own_is_never_accused() -> None:
    world = Small()
    honest(world, 1000, 1)
    honest(world, 1006, 1)
    honest(world, 1008, 1, call_id="v1")
    assert verdicts(world) == {}


def test_the_one_matched_to_the_leg_stays_unaccused_even_if_it_comes_later() -> None:
    world = Small()
    ghost(world, 1000, 1)
    honest(world, 1004, 1)
    assert verdicts(world) == {1: ("duplicate", "proven")}


def test_of_a_group_without_any_leg_the_first_stays_unaccused_and_the_rest_is_to_be_explained() -> None:
    world = Small()
    for second in (1000, 1004, 1008):
        ghost(world, second, 1, is_covered=False)
    assert verdicts(world) == {2: ("duplicate", "probable"), 3: ("duplicate", "probable")}


def test_two_alike_without_any_leg_in_a_log_that_is_whole_are_two_ghosts() -> None:
    world = Small()
    ghost(world, 1000, 1)
    ghost(world, 1004, 1, agent="anna")
    assert verdicts(world) == {1: ("ghost", "proven"), 2: ("ghost", "proven")}


def test_three_records_of_one_leg() -> None:
    world = Small()
    honest(world, 1000, 1)
    ghost(world, 1004, 1)
    ghost(world, 1008, 1)
    assert verdicts(world) == {2: ("duplicate", "proven"), 3: ("duplicate", "proven")}


@pytest.mark.parametrize(
    "differs",
    [
        {"agent": "ben", "call_id": "v1"},  # a transfer under one id
        {"talk": 33, "call_id": "v1"},  # a second stretch of talk under one id
        {"outcome": "abandoned", "talk": None, "agent": None, "call_id": "v1"},  # a second queue under one id
        {"caller": None, "call_id": "v1"},
        {"caller": None},  # alike, but no number is shown
        {"direction": None},
        {"is_covered": False},
        {"match_class": "no_number", "reason": "a leg without number lies at that time"},
        {"file_id": "a later file", "call_id": "v1"},  # a correction
    ],
    ids=str,
)
def test_what_is_to_be_explained_only(differs: dict[str, Any]) -> None:
    _, found = twins(**differs)
    assert found == {2: ("duplicate", "probable")}


@pytest.mark.parametrize(
    "differs", [{"agent": "ben"}, {"talk": 121}, {"later": 11}, {"leg": "2", "call_id": "v1"}, {"talk": 0}], ids=str
)
def test_what_is_no_duplicate(differs: dict[str, Any]) -> None:
    _, found = twins(**differs)
    assert found.get(2, ("", ""))[0] != "duplicate"
    assert found.get(2, ("", ""))[1] != "proven"


def test_an_id_used_again_on_another_day_is_not_proven() -> None:
    _, found = twins(later=86_400, call_id="v1")
    assert found[2] == ("duplicate", "probable")


def test_an_id_used_twice_for_two_callers_who_both_have_their_leg() -> None:
    world = Small()
    honest(world, 1000, 1, call_id="77")
    honest(world, 1006, 2, call_id="77")
    assert verdicts(world) == {}


def test_the_same_id_while_the_first_still_runs_is_one_call() -> None:
    _, found = twins(later=60, call_id="v1")
    assert found == {2: ("duplicate", "proven")}


def test_a_record_that_is_not_billed_is_not_accused() -> None:
    _, found = twins(is_billed=False)
    assert found == {}


def test_the_partner_that_proves_is_taken_before_one_that_does_not() -> None:
    world = Small()
    honest(world, 0, 5, call_id="77", talk=40)
    honest(world, 90_000, 1, call_id="77")
    ghost(world, 90_005, 1, call_id="77")
    assert verdicts(world) == {3: ("duplicate", "proven")}


def test_a_leg_left_over_at_that_time_may_be_the_other_call() -> None:
    world, found = twins()
    assert found[2][1] == "proven"
    world.link(None, world.leg(960, 1003, 8))
    assert verdicts(world) == {2: ("duplicate", "probable")}


def test_records_of_other_months_are_not_looked_at() -> None:
    world = Small()
    honest(world, 1000, 1)
    world.link(record(world, 1005, 1), None, in_month=False)
    assert verdicts(world) == {}


@pytest.mark.parametrize("call_id", ["6.02E+11", "#####"])
def test_an_id_that_a_spreadsheet_flattened_makes_no_duplicates(call_id: str) -> None:
    world = Small()
    honest(world, 1000, 1, call_id=call_id)
    ghost(world, 5000, 2, call_id=call_id, is_covered=False)
    assert "duplicate" not in {detector for detector, _ in verdicts(world).values()}
    ghost(world, 5004, 2, call_id=call_id, is_covered=False)
    assert verdicts(world)[3][0] == "duplicate"  # by its content: caller, agent and talk time are the same
