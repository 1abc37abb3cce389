"""The client's own side, the vendor's calls by the client's clock, and complaints."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.measured import Measured
from pipelines.measure.scene import STEPS
from pipelines.measure.service.complaints import complaints, is_complaint
from pipelines.measure.service.family import cadence_s
from pipelines.measure.service.inhouse import client_clock, own_figures
from pipelines.measure.service.levels import Rules
from tests.measure.test_service import counted
from tests.measure.worlds import Small, at

ROLES = {"outcome", "agent_id", "answered_utc", "ended_utc"}
CLOCK = {"transferred_utc", "leg_answered_utc", "leg_ended_utc"}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")
        yield shared


def own(engine: Engine, world: Small, roles: set[str] = ROLES) -> dict[str, Measured]:
    """The client's own figures of a world."""
    world.put(engine)
    (row,) = engine.run(STEPS / "service" / "own_calls.sql", month="2026-03").to_dicts()
    return {each.id: each for each in own_figures({name: int(value) for name, value in row.items()}, roles)}


def test_the_client_s_own_calls(engine: Engine) -> None:
    world = Small()
    world.leg(0, None, 1, outcome="answered", answered_utc=at(30), ended_utc=at(130))
    world.leg(0, None, 2, agent_id="anna", answered_utc=at(10), ended_utc=at(310))
    world.leg(0, None, 3, outcome="transferred")
    world.leg(0, None, 4, outcome="abandoned")
    world.leg(0, None, 5)  # ended in the menu, or nobody knows where
    world.leg(0, 20, 6, outcome="answered")  # passed on: the vendor's
    world.leg(0, None, 7, outcome="answered", audit_month="2026-04")
    found = own(engine, world)
    assert {each.side for each in found.values()} == {"inhouse"}
    assert (found["offered"].value, found["offered"].high) == (4, 5)
    assert (found["answered"].value, found["answered_pct"].value, found["abandon_rate"].value) == (3, 75, 25)
    assert (found["asa"].value, found["asa"].n) == (20, 2)
    assert (found["talk_time"].value, found["talk_time"].n) == (200, 2)
    assert found["transfer_rate"].value == pytest.approx(100 / 3)


def test_own_columns_that_are_missing(engine: Engine) -> None:
    world = Small()
    world.leg(0, None, 1, agent_id="anna")
    reasons = {name: each.reason for name, each in own(engine, world, {"agent_id"}).items()}
    assert reasons == {
        "offered": "own_column_missing:outcome",
        "answered": None,
        "answered_pct": "own_column_missing:outcome",
        "abandon_rate": "own_column_missing:outcome",
        "asa": "own_column_missing:answered_utc",
        "talk_time": "own_column_missing:answered_utc, ended_utc",
        "transfer_rate": "own_column_missing:outcome",
    }
    assert own(engine, Small())["asa"].reason == "nothing_to_count"


def test_a_transfer_that_no_outcome_of_ours_could_show() -> None:
    counts = dict.fromkeys(
        ("answered", "transferred", "abandoned", "overflowed", "unknown", "waits", "wait_us", "talks", "talk_us"), 0
    )
    counts["passed_on"] = 0
    found = {each.id: each for each in own_figures({**counts, "answered": 5}, ROLES, transfers=False)}
    assert found["transfer_rate"].reason == "own_column_missing:outcome"


def test_a_word_for_what_was_passed_on_to_a_vendor_says_nothing_of_our_own_transfers(engine: Engine) -> None:
    """0 % would read as staff who never pass a call on to each other."""
    world = Small()
    world.leg(0, None, 1, outcome="answered")
    assert own(engine, world)["transfer_rate"].value == 0
    world.leg(0, 20, 2, outcome="transferred")
    found = own(engine, world)
    assert (found["transfer_rate"].value, found["transfer_rate"].reason) == (None, "own_column_missing:outcome")
    assert found["answered"].value == 1
    world.leg(0, None, 3, outcome="transferred")
    assert own(engine, world)["transfer_rate"].value == 50


MOMENT = st.one_of(st.none(), st.integers(-20, 400))


@st.composite
def pairs(draw: st.DrawFn) -> Small:
    """Pairs whose legs tell some of their times, some of them backwards."""
    world = Small()
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, 90_000))
        answered, ended = draw(MOMENT), draw(MOMENT)
        times = {
            "leg_answered_utc": None if answered is None else at(start + answered),
            "leg_ended_utc": None if ended is None else at(start + ended),
        }
        leg = world.leg(start - 5, start, 1, **times)
        outcome = draw(st.sampled_from(["answered", "transferred", "abandoned"]))
        made = world.call(start, start + 60, 1, outcome=outcome, queue_s=Decimal(4))
        if draw(st.integers(0, 9)) == 0:
            world.proven(made)
        world.link(made, leg if draw(st.integers(0, 9)) else None)
    return world


@settings(max_examples=60)
@given(world=pairs())
def test_the_client_s_clock_against_plain_loops(engine: Engine, world: Small) -> None:
    counted(engine, world, Rules("SL2", 20, "<=", 5))
    (row,) = engine.run(STEPS / "service" / "leg_times.sql").to_dicts()
    found = {each.id: each for each in client_clock({name: int(value) for name, value in row.items()}, CLOCK)}
    legs, calls = {leg["row"]: leg for leg in world.legs}, {call["row"]: call for call in world.calls}
    wrong = {finding["row"] for finding in world.findings}
    own = [
        legs[link["inhouse_row"]]
        for link in world.links
        if link["side"] == "pair" and link["row"] not in wrong and calls[link["row"]]["outcome"] != "abandoned"
    ]
    for figure, first, last in (
        ("asa_client_clock", "transferred_utc", "leg_answered_utc"),
        ("talk_time_client_clock", "leg_answered_utc", "leg_ended_utc"),
    ):
        spans = [leg[last] - leg[first] for leg in own if leg[last] is not None and leg[first] is not None]
        told = [span / timedelta(seconds=1) for span in spans if span >= timedelta()]
        assert found[figure].n == (len(told) or None)
        assert found[figure].value == (pytest.approx(sum(told) / len(told)) if told else None)


def test_the_client_s_clock_needs_its_columns() -> None:
    found = [each.reason for each in client_clock(None, {"transferred_utc"})]
    assert found == ["own_column_missing:leg_answered_utc", "own_column_missing:leg_answered_utc, leg_ended_utc"]


@pytest.mark.parametrize(
    ("reason", "is_one"),
    [
        ("complaint", True),
        ("Billing - Complaints", True),
        ("COMPLAINT_DESK", True),
        ("uncomplaining", False),
        ("no complaint", False),
        ("投诉建议", True),
        ("非投诉咨询", False),
        ("咨询", False),
        (None, False),
    ],
)
def test_which_reasons_are_complaints(reason: str | None, is_one: bool) -> None:
    assert is_complaint(reason) is is_one


def rows(*counts: tuple[str | None, int]) -> list[dict[str, Any]]:
    return [{"reason": reason, "calls": calls} for reason, calls in counts]


def test_complaints_per_thousand() -> None:
    found = complaints(rows(("complaint", 3), ("投诉", 2), ("invoice", 995)), (), "vendor")
    assert (found.value, found.low, found.n) == (5.0, None, 1000)
    doubtful = complaints(rows(("complaint", 5), ("invoice", 995)), rows(("complaint", 1), ("invoice", 9)), "vendor")
    assert (doubtful.low, doubtful.high) == pytest.approx((1000 * 4 / 999, 1000 * 5 / 991))
    untold = complaints(rows(("complaint", 5), (None, 5), ("invoice", 990)), (), "inhouse")
    assert (untold.low, untold.high) == pytest.approx((5.0, 10.0))


def test_without_reasons_there_is_no_figure() -> None:
    assert complaints(rows((None, 9)), (), "vendor").reason == "column_missing:reason"
    assert complaints(rows((None, 9)), (), "inhouse").reason == "own_column_missing:reason"
    assert complaints([], (), "vendor").reason == "nothing_to_count"


def test_reasons_of_contacts_are_counted_by_side(engine: Engine) -> None:
    base = [("agents", True), ("agents", False), ("inhouse", True), ("others", True)]
    from pipelines.tables import CONTACTS
    from tests.measure.worlds import frame

    told = [
        {"side": side, "is_base": is_base, "reason": "complaint", "starts_utc": at(n), "file_id": "f", "row": n}
        for n, (side, is_base) in enumerate(base)
    ]
    engine.frame("contacts", frame(CONTACTS, told))
    found = engine.run(STEPS / "service" / "contact_reasons.sql", vendor="agents").sort("side").to_dicts()
    assert found == [
        {"side": "inhouse", "reason": "complaint", "calls": 1},
        {"side": "vendor", "reason": "complaint", "calls": 1},
    ]


def test_rings_last_as_long_as_in_the_country() -> None:
    assert (cadence_s("CN"), cadence_s("IL"), cadence_s("US"), cadence_s("AQ")) == (5.0, 4.0, 6.0, None)
