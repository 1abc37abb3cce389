"""Offered to handling time: the worked case by hand, and the SQL against plain loops on random worlds."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.measured import Measured
from pipelines.measure.scene import STEPS
from pipelines.measure.service.figures import service_figures
from pipelines.measure.service.levels import Rules
from tests.measure import oracle
from tests.measure.worlds import Small

LEVELS = ("SL1", "SL2", "SL3", "SL4", "SL5", "SL6", "SL8")
ROLES = ("queue_s", "talk_s", "hold_s", "acw_s")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def measured(engine: Engine, world: Small, rules: Rules, doubtful: Any = None) -> dict[tuple[str, str], Measured]:
    """(scope, figure) → what the SQL and service.py make of a world."""
    world.put(engine)
    tallies = count(engine, rules)
    figures = [
        each for scope, row in tallies.items() for each in service_figures(row, scope, rules, ROLES, doubtful or {})
    ]
    return {(item.scope, item.id): item for item in figures}


def count(engine: Engine, rules: Rules) -> dict[str, dict[str, Any]]:
    """Scope → its tallies, for the tables in the engine."""
    engine.run(
        STEPS / "calls.sql",
        short_abandon_s=rules.short_abandon_s,
        threshold_s=rules.threshold_s,
        is_inclusive=rules.bound == "<=",
    )
    rows = engine.run(STEPS / "service" / "tallies.sql").to_dicts()
    return {
        row.pop("scope"): {
            name: (value or 0) if name.endswith("_s") else int(value or 0) for name, value in row.items()
        }
        for row in rows
    }


def tally(**counts: int) -> dict[str, int]:
    """A row of tallies, nothing where not told."""
    classes = ("answered", "abandoned", "overflowed", "blocked", "unknown", "lone", "maybe", "in_t")
    parts = ("abandoned_in_t", "abandoned_short", "waited", "wait_s", "talked", "talk_s", "handled", "handle_s")
    opened = ("answered", "abandoned", "overflowed", "in_t", "abandoned_in_t", "abandoned_short")
    names = [*classes, *parts, *(f"open_{name}" for name in opened), "unwaited_answered", "unwaited_abandoned"]
    return {**dict.fromkeys(names, 0), **counts}


def level(row: dict[str, int], which: str) -> Measured:
    """The service level of one row of tallies."""
    figures = service_figures(row, "all", Rules(which, 20, "<=", 5), ROLES, {})
    return next(item for item in figures if item.id == "service_level")


WORKED = tally(answered=1000, abandoned=60, in_t=860, abandoned_in_t=20, abandoned_short=10, waited=1000)


@pytest.mark.parametrize(
    ("which", "value"),
    [("SL1", 86.00), ("SL2", 81.13), ("SL3", 82.69), ("SL4", 83.02), ("SL5", 82.08), ("SL6", 81.90), ("SL8", 81.13)],
)
def test_the_worked_case_of_the_definitions(which: str, value: float) -> None:
    assert round(level(WORKED, which).value or 0, 2) == value


def test_sl8_counts_what_flowed_out() -> None:
    assert level({**WORKED, "overflowed": 15}, "SL8").value == pytest.approx(100 * 860 / 1075)


def test_a_definition_is_written_with_its_thresholds() -> None:
    assert Rules("SL2", 20, "<=", 5).code == "SL2 T=20 <="
    assert Rules("SL5", 20, "<", 5).code == "SL5 T=20 < t=5"


def test_leaving_out_abandoned_calls_does_not_pay(engine: Engine) -> None:
    """Ten calls were passed on, two were abandoned; the vendor leaves those two out."""
    world = Small()
    for n in range(10):
        leg = world.leg(n * 100, n * 100 + 10, n)
        call = None if n < 2 else world.call(n * 100 + 10, n * 100 + 90, n, queue_s=Decimal(5))
        world.link(call, leg)
    found = measured(engine, world, Rules("SL2", 20, "<=", 5))
    assert found["all", "offered"].value == 10
    assert found["all", "answered_pct"].value == 80
    assert found["all", "abandon_rate"].value == 20
    assert found["all", "service_level"].value == 80
    assert (found["all", "answered_pct"].low, found["all", "answered_pct"].high) == (80, 100)


@pytest.mark.parametrize(("bound", "value"), [("<=", 100.0), ("<", 0.0)])
def test_a_wait_of_exactly_the_threshold(engine: Engine, bound: str, value: float) -> None:
    world = Small()
    world.link(world.call(10, 90, 1, queue_s=Decimal(20)), world.leg(0, 10, 1))
    assert measured(engine, world, Rules("SL2", 20, bound, 5))["all", "service_level"].value == value


def test_waits_that_were_not_delivered_are_left_open() -> None:
    some = level(tally(answered=10, waited=8, in_t=6, unwaited_answered=2), "SL2")
    assert (some.value, some.low, some.high) == (60.0, 60.0, 80.0)
    none = level(tally(answered=10, unwaited_answered=10), "SL2")
    assert (none.value, none.status, none.reason) == (None, "not_measurable", "column_missing:queue_s")


def test_a_mean_without_its_columns_is_not_measurable() -> None:
    figures = service_figures(
        tally(answered=5, talked=5, talk_s=500), "all", Rules("SL2", 20, "<=", 5), ("talk_s",), {}
    )
    aht = next(item for item in figures if item.id == "aht")
    assert (aht.value, aht.reason) == (None, "column_missing:hold_s, acw_s")
    assert next(item for item in figures if item.id == "talk_time").value == 100.0


OUTCOMES = (
    *("answered", "answered", "answered", "transferred", "abandoned", "abandoned", "short_abandoned"),
    *("overflowed", "voicemail", "callback_requested", "blocked", "unknown", None),
)
SECONDS = st.sampled_from([None, 0, 4, 5, 6, 19, 20, 21, 95]).map(lambda n: None if n is None else Decimal(n))


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    """Up to twenty links of two days, in every state."""
    world = Small()
    for _ in range(draw(st.integers(1, 20))):
        start, kind = draw(st.integers(0, 172_000)), draw(st.sampled_from(["pair", "pair", "vendor", "leg"]))
        state = {"in_month": draw(st.integers(0, 5)) > 0, "is_covered": draw(st.integers(0, 5)) > 0}
        leg = None if kind == "vendor" else world.leg(start, start, 1)
        call = None
        if kind == "leg":
            state |= {"is_absent": draw(st.integers(0, 5)) == 0}
            state |= {"match_class": draw(st.sampled_from(["inhouse_only", "inhouse_only", "no_number"]))}
        else:
            times = {name: draw(SECONDS) for name in ("queue_s", "talk_s", "hold_s", "acw_s")}
            call = world.call(start, start + 60, 1, outcome=draw(st.sampled_from(OUTCOMES)), **times)
            if draw(st.integers(0, 9)) == 0:
                world.proven(call)
        world.link(call, leg, **state)
    return world


@settings(max_examples=140)
@given(world=worlds(), threshold=st.sampled_from([0, 5, 20]), bound=st.sampled_from(["<=", "<"]))
def test_the_sql_agrees_with_plain_loops(engine: Engine, world: Small, threshold: int, bound: str) -> None:
    world.put(engine)
    tallies = count(engine, Rules("SL2", threshold, bound, 5))
    assert len(tallies) <= 4
    for scope, row in tallies.items():
        expected = oracle.service(world, threshold, bound, 5, scope)
        for which in LEVELS:
            figures = {
                each.id: each for each in service_figures(row, scope, Rules(which, threshold, bound, 5), ROLES, {})
            }
            if figures["service_level"].reason != "column_missing:queue_s":
                same(figures["service_level"], expected[which])
            for name in set(expected) - set(LEVELS):
                same(figures[name], expected[name])


def same(figure: Measured, expected: Fraction | None) -> None:
    """The value is the expected one, and its bounds hold it."""
    assert (figure.value is None) == (expected is None), figure
    if figure.value is not None and expected is not None:
        assert figure.value == pytest.approx(float(expected)), figure
        assert figure.low is None or figure.low <= figure.value + 1e-9, figure
        assert figure.high is None or figure.high >= figure.value - 1e-9, figure
        assert (figure.low is None) == (figure.high is None), figure
