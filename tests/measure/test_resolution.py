"""First-contact resolution and callbacks: cases by hand, and the SQL against plain loops on random worlds."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.resolution.figures import (
    Sight,
    diverted_figure,
    fcr_figure,
    no_number_figure,
    place_figures,
    strict_figure,
)
from tests.measure import oracle
from tests.measure.drawn_contacts import SPOT, worlds
from tests.measure.worlds import WINDOWS, Small, at, contacts, follow

HOUR, DAY = 3_600, 86_400
FAR = 40 * DAY


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


Count = Callable[..., dict[str, dict[str, int]]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture
def counts(engine: Engine, folder: Path) -> Count:
    """Window → its counts; by keyword the blind spans, the end of the data, the unit, same reasons only."""

    def count(
        world: Small,
        blind: list[tuple[int, int]] | None = None,
        end: int = FAR,
        unit: str = "calls",
        is_same: bool = False,
    ) -> dict[str, dict[str, int]]:
        return follow(engine, contacts(world, folder), blind or [], end, is_same)[unit]

    return count


def pair(world: Small, start: int, end: int | None, caller: int | None, **other: Any) -> None:
    """A call passed on 30 s after it arrived, and its record."""
    leg = world.leg(start, start + 30, caller, returned_utc=other.pop("returned_utc", None))
    world.link(world.call(start + 30, end, caller, **other), leg)


def test_a_month_without_an_answered_call_has_counts_of_nought(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1, outcome="abandoned")
    assert [set(counts(world)[name].values()) for name in WINDOWS] == [{0}] * 3


def test_a_call_nobody_follows_is_resolved(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    assert [counts(world)[name]["resolved"] for name in WINDOWS] == [1, 1, 1]


@pytest.mark.parametrize(("gap", "resolved"), [(0, 1), (1, 0), (2 * HOUR, 0), (2 * HOUR + 1, 1)])
def test_a_contact_counts_from_after_the_end_to_the_bound_itself(counts: Count, gap: int, resolved: int) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 200 + gap, 200 + gap + 10 * DAY, 1)
    first = counts(world)["2h"]
    assert first["closed"] == 2
    assert first["resolved"] == resolved + 1  # the second is followed by nobody


@pytest.mark.parametrize(("gap", "resolved"), [(7 * DAY, 1), (7 * DAY + 1, 2)])
def test_the_bound_of_the_longest_window_is_within(counts: Count, gap: int, resolved: int) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 200 + gap, 200 + gap + 60, 1)
    assert counts(world)["7d"]["resolved"] == resolved


@pytest.mark.parametrize(
    ("start", "end", "is_blind"),
    [(200 + 2 * HOUR, FAR, 1), (201 + 2 * HOUR, FAR, 0), (0, 201, 1), (0, 200, 0), (0, FAR, 1)],
)
def test_a_span_is_blind_to_a_window_where_a_contact_of_it_could_lie(
    counts: Count, start: int, end: int, is_blind: int
) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    assert counts(world, [(start, end)])["2h"]["resolved_unsure"] == is_blind


def test_a_call_over_midnight_is_followed_on_the_next_day(counts: Count) -> None:
    world = Small()
    pair(world, DAY - 60, DAY + 300, 1)
    pair(world, DAY + 600, DAY + 700, 1)
    assert counts(world)["2h"]["resolved"] == 1


def test_its_own_leg_and_other_callers_are_no_further_contact(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 300, 400, 2)
    world.link(world.call(320, 420, None), None)
    found = counts(world)["2h"]
    assert (found["closed"], found["resolved"], found["unknown"]) == (2, 2, 1)


def test_a_second_row_of_the_same_call_in_our_log_is_the_same_contact(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    again = world.leg(0, 260, 1, call_id="h1")
    world.link(None, again)
    assert counts(world)["2h"]["resolved"] == 1


def test_a_hand_back_counts_against_resolution_once_and_is_no_callback(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1, returned_utc=at(200))
    found = counts(world)["24h"]
    assert (found["closed"], found["resolved"], found["inhouse"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("leg", "resolved", "called"),
    [
        ({"agent_id": "in1"}, 0, 1),
        ({"outcome": "answered"}, 0, 1),
        ({"outcome": "abandoned"}, 0, 0),  # reached our queue, so a further contact; nobody handled it
        ({}, 1, 0),  # hung up in the IVR: neither a queue nor an agent
    ],
)
def test_what_counts_in_house(counts: Count, leg: dict[str, str], resolved: int, called: int) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    world.leg(1000, None, 1, **leg)
    found = counts(world)["24h"]
    assert (found["resolved"], found["inhouse"]) == (resolved, called)


def test_a_contact_at_another_vendor_and_a_leg_without_record_count(counts: Count) -> None:
    for other in ("elsewhere", None):
        world = Small()
        pair(world, 0, 200, 1)
        if other:
            leg = world.leg(1000, 1030, 1, other)
            world.link(world.call(1030, 1100, 1, other), leg)
        else:
            world.link(None, world.leg(1000, 1030, 1))
        found = counts(world)["2h"]
        assert (found["closed"], found["resolved"], found["inhouse"]) == (1, 0, 0)


def test_a_proven_record_is_neither_base_nor_further_contact(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    ghost = world.call(1000, 1100, 1)
    world.link(ghost, None)
    world.proven(ghost)
    found = counts(world)["2h"]
    assert (found["closed"], found["resolved"]) == (1, 1)


def test_a_record_matched_by_time_takes_the_callers_number_from_the_leg(counts: Count) -> None:
    world = Small()
    world.link(world.call(30, 200, None), world.leg(0, 30, 1))
    pair(world, 900, 1000, 1)
    found = counts(world)["2h"]
    assert (found["closed"], found["resolved"], found["unknown"]) == (2, 1, 0)


def test_windows_close_when_the_data_reaches_over_them(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    assert counts(world, end=200 + 2 * HOUR)["2h"]["closed"] == 1
    before = counts(world, end=200 + 2 * HOUR - 1)["2h"]
    assert (before["closed"], before["still_open"]) == (0, 1)


def test_an_answered_call_without_an_end_is_outside_the_base(counts: Count) -> None:
    world = Small()
    pair(world, 0, None, 1)
    found = counts(world)["24h"]
    assert (found["closed"], found["unknown"], found["still_open"]) == (0, 0, 0)


# what the definition in the terms chooses


def test_of_customers_each_counts_once_and_one_repeat_is_enough(counts: Count) -> None:
    """Caller 1 rang three times, the second soon after the first; caller 2 once: one of two customers is resolved."""
    world = Small()
    for start, caller in ((0, 1), (900, 1), (4 * DAY, 1), (0, 2)):
        pair(world, start, start + 300, caller)
    assert [counts(world)["2h"][name] for name in ("closed", "resolved")] == [4, 3]
    found = counts(world, unit="customers")["2h"]
    assert (found["closed"], found["resolved"]) == (2, 1)


def test_a_customer_waits_until_all_windows_are_over(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 3 * DAY, 3 * DAY + 200, 1)
    assert counts(world, end=3 * DAY + 2 * HOUR + 199, unit="customers")["2h"] == {}
    assert counts(world, end=3 * DAY + 2 * HOUR + 200, unit="customers")["2h"]["closed"] == 1


def test_with_the_same_reason_only_another_matter_is_no_repeat_and_an_untold_one_may_be(counts: Count) -> None:
    world = Small()
    for number, next_reason in enumerate(("bill", "repair", None)):
        pair(world, 0, 200, number, reason="bill")
        pair(world, 900, 1000, number, reason=next_reason)
    found = counts(world, is_same=True)["2h"]
    assert (found["closed"], found["unknown"]) == (5, 1)  # the call without a reason cannot be judged
    assert (found["resolved"], found["resolved_unsure"]) == (4, 1)


def test_our_reason_counts_where_the_leg_has_one(counts: Count) -> None:
    world = Small()
    world.link(world.call(30, 200, 1, reason="theirs"), world.leg(0, 30, 1, reason="bill"))
    world.link(world.call(930, 1000, 1, reason="other"), world.leg(900, 930, 1, reason="bill"))
    assert counts(world, is_same=True)["2h"]["resolved"] == 1


# hand-backs


@pytest.mark.parametrize(
    ("gap", "resolved", "followed"),
    [(0, (0, 0), 0), (900, (0, 0), 0), (901, (0, 0), 1), (2 * HOUR, (0, 0), 1), (2 * HOUR + 1, (1, 0), 1)],
)
def test_a_hand_back_is_the_same_contact_within_the_grace_and_a_further_one_later(
    counts: Count, gap: int, resolved: tuple[int, int], followed: int
) -> None:
    """Never is a call resolved that came back to us within the window; `resolved` in the windows of 2 and 24 hours."""
    world = Small()
    pair(world, 0, 200, 1, returned_utc=at(200 + gap))
    found = counts(world)
    assert (found["2h"]["resolved"], found["24h"]["resolved"]) == resolved
    assert (found["24h"]["next"], found["24h"]["inhouse"]) == (followed, 0)


@pytest.mark.parametrize(("taken", "is_resolved", "followed"), [(30, 1, 0), (31, 0, 0), (1100, 0, 0), (1101, 0, 1)])
def test_an_own_agent_who_takes_the_same_call_is_a_hand_back_and_later_than_the_grace_a_further_contact(
    counts: Count, taken: int, is_resolved: int, followed: int
) -> None:
    """Passed on at second 30, ended at 200; before that our own agent had it."""
    world = Small()
    pair(world, 0, 200, 1)
    world.leg(0, None, 1, call_id="h1", agent_id="in1", answered_utc=at(taken))
    found = counts(world)["24h"]
    assert (found["resolved"], found["inhouse"], found["next"]) == (is_resolved, followed, followed)


def test_a_call_that_flowed_back_and_was_passed_on_again_is_one_contact(counts: Count) -> None:
    world = Small()
    pair(world, 0, 200, 1, returned_utc=at(200))
    world.link(world.call(260, 500, 1), world.leg(0, 250, 1, call_id="h1"))
    found = counts(world)["24h"]
    assert (found["closed"], found["resolved"], found["next"]) == (1, 0, 0)


# against plain loops


@settings(max_examples=150)
@given(
    world=worlds(),
    blind=st.lists(st.tuples(SPOT, st.integers(1, 4)), max_size=2),
    end=st.integers(100, 900),
    is_same=st.booleans(),
)
def test_the_counts_agree_with_plain_loops(
    engine: Engine, folder: Path, world: Small, blind: list[tuple[int, int]], end: int, is_same: bool
) -> None:
    spans = [(start * 1800, (start + length) * 1800) for start, length in blind]
    found = follow(engine, contacts(world, folder), spans, end * 1800, is_same)
    every = oracle.contacts(world)
    for unit, expected in (
        ("calls", oracle.windows(every, spans, end * 1800, is_same)),
        ("customers", oracle.customers(every, spans, end * 1800, is_same)),
    ):
        assert {name: _told(count) for name, count in found[unit].items()} == {
            name: _told(count) for name, count in expected.items()
        }


def _told(count: dict[str, Any]) -> dict[str, int]:
    """Counts that are not nought."""
    return {name: int(value) for name, value in count.items() if name not in ("last_us", "queue", "reason") and value}


def test_a_caller_with_dozens_of_calls(engine: Engine, folder: Path) -> None:
    world = Small()
    for n in range(60):
        pair(world, n * 3 * HOUR, n * 3 * HOUR + 1800, 1)
    found = follow(engine, contacts(world, folder), [], FAR)["calls"]
    assert (found["2h"]["resolved"], found["24h"]["resolved"]) == (60, 1)
    expected = oracle.windows(oracle.contacts(world), [], FAR, is_same=False)
    assert {name: _told(count) for name, count in found.items()} == {n: _told(count) for n, count in expected.items()}


# figures


def window(**told: int) -> dict[str, int]:
    """Counts of a window, nothing where not told; the base of callbacks is that of FCR."""
    places = ("next", "same_vendor", "other_vendor", "inhouse", "agent_callback")
    names = ("closed", "unknown", "still_open", "resolved", "resolved_unsure", "strict", "strict_unsure", "last_us")
    nothing = dict.fromkeys((*names, *places, *(f"{place}_unsure" for place in places)), 0)
    bases = {"numbered": told.get("closed", 0), "unnumbered": told.get("unknown", 0)}
    return {**nothing, **bases, **told}


SEEN = Sight("2h", "2026-03-20")


def callback(**told: int) -> Any:
    return place_figures(window(**told), SEEN)[0]


def test_callers_without_number_stand_outside_the_value_and_inside_its_bounds() -> None:
    told = {"closed": 8, "resolved": 6, "inhouse": 1, "unknown": 2}
    fcr = fcr_figure(window(**told), SEEN)
    assert (fcr.value, fcr.low, fcr.high, fcr.n) == (75.0, 60.0, 80.0, 8)
    assert (callback(**told).value, callback(**told).low, callback(**told).high) == (12.5, 10.0, 30.0)


def test_blind_spans_lower_resolution_and_raise_callbacks_only() -> None:
    told = {"closed": 10, "resolved": 6, "resolved_unsure": 2, "inhouse_unsure": 3}
    fcr = fcr_figure(window(**told), SEEN)
    assert (fcr.low, fcr.value, fcr.high) == (40.0, 60.0, 60.0)
    assert (callback(**told).low, callback(**told).value, callback(**told).high) == (0.0, 0.0, 30.0)


def test_nobody_can_have_come_unseen_to_another_vendor_where_there_is_none() -> None:
    told = window(closed=8, next=2, same_vendor=2, unknown=2, next_unsure=3, other_vendor_unsure=5)
    for has_others, bounds in ((True, (0.0, 70.0)), (False, (None, None))):
        found = {f.id: f for f in place_figures(told, Sight("2h", "2026-03-20", has_others=has_others))}
        other = found["repeat_other_vendor_2h"]
        assert (other.value, (other.low, other.high)) == (0.0, bounds)
        assert (found["repeat_any_2h"].low, found["repeat_any_2h"].high) == (20.0, 70.0)


def test_an_open_window_makes_the_figure_provisional_and_says_until_when() -> None:
    fcr = fcr_figure(window(closed=4, resolved=4, still_open=1), SEEN)
    assert (fcr.status, fcr.reason, fcr.low) == ("provisional", "window_open:2026-03-20", None)


def test_calls_without_an_end_are_told_and_a_log_without_agents_gives_no_callback_rate() -> None:
    sight = Sight("7d", "2026-03-20", unended=3, sees_inhouse=False)
    fcr = fcr_figure(window(closed=4, resolved=4), sight)
    assert (fcr.status, fcr.reason) == ("final", "unended:3")
    found = {figure.id: figure for figure in place_figures(window(closed=4), sight)}
    assert (found["callback_inhouse_7d"].value, found["callback_inhouse_7d"].status) == (None, "not_measurable")
    assert found["repeat_any_7d"].value == 0.0


def test_what_the_vendor_calls_is_measured_only_where_it_is_delivered() -> None:
    told = window(closed=10, resolved=8, strict=6, agent_callback=3)
    assert strict_figure(told, SEEN).value == 60.0
    assert place_figures(told, SEEN)[-1].value == 30.0
    for why in ("column_missing:direction", "nothing_to_count"):
        unseen = Sight("2h", "2026-03-20", unseen_outbound=why)
        for figure in (strict_figure(told, unseen), place_figures(told, unseen)[-1]):
            assert (figure.status, figure.reason) == ("not_measurable", why)


def test_the_definition_names_unit_and_reasons_where_they_are_not_the_usual_ones() -> None:
    assert fcr_figure(window(closed=1), SEEN).definition == "FCR"
    assert fcr_figure(window(closed=1), Sight("2h", "", definition="customers same")).definition == "FCR customers same"


def test_net_diverted_is_what_did_not_come_back_and_its_bounds_take_in_whoever_may_have() -> None:
    told = {"answered": 100, "back": 12, "unsure": 5, "still_open": 0, "last_us": 0}
    figure = diverted_figure(told, SEEN)
    assert (figure.value, figure.low, figure.high, figure.n) == (88.0, 83.0, 88.0, 100)
    assert diverted_figure({**told, "unsure": 0}, SEEN).low is None
    assert diverted_figure({**told, "still_open": 1}, SEEN).status == "provisional"


def test_the_share_without_number_is_of_all_answered_calls() -> None:
    figure = no_number_figure(30, 200)
    assert (figure.value, figure.n) == (15.0, 200)
    assert no_number_figure(0, 0).status == "not_measurable"


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 4), st.data())
def test_the_bounds_are_those_of_all_cases(
    resolved: int, not_: int, inhouse: int, unknown: int, data: st.DataObject
) -> None:
    """Every caller without a number, and every quiet call with a blind span, may have called or not."""
    closed = resolved + not_
    blind = data.draw(st.integers(0, resolved))
    inhouse = min(inhouse, not_)
    quiet = data.draw(st.integers(blind, max(blind, closed - inhouse)))
    told = {
        "closed": closed,
        "resolved": resolved,
        "resolved_unsure": blind,
        "inhouse": inhouse,
        "inhouse_unsure": quiet,
        "unknown": unknown,
    }
    fcr = fcr_figure(window(**told), SEEN)
    if not closed:
        assert fcr.value is None
        return
    cases = [
        100 * (resolved - gone + seen) / (closed + unknown) for gone in range(blind + 1) for seen in range(unknown + 1)
    ]
    assert fcr.value == pytest.approx(100 * resolved / closed)
    if unknown or blind:
        assert (fcr.low, fcr.high) == pytest.approx((min(cases), max(cases)))
    if unknown or quiet:
        high = 100 * (inhouse + quiet + unknown) / (closed + unknown)
        found = callback(**told)
        assert (found.low, found.high) == pytest.approx((100 * inhouse / (closed + unknown), high))
