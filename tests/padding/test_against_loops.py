"""The detectors' SQL against plain loops, on random worlds that are crowded with near misses."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.padding.detect import run
from pipelines.engine import Engine
from tests.measure.worlds import ME, Small, at
from tests.padding import oracle
from tests.padding.cases import guards, record


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


GAPS = st.sampled_from([1, 4, 10, 11, 30, 31, 120, 121, 890, 900, 901, 1800, 3600, 7200, 30_000, 50_400, 60_000])


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    """Up to ten records and legs of few callers and agents, each one of the usual distances after the one before."""
    world, moment = Small(), 100_000
    for _ in range(draw(st.integers(2, 10))):
        moment += draw(GAPS)
        kind = draw(st.sampled_from(["pair", "pair", "vendor", "vendor", "vendor", "leg", "own"]))
        caller = draw(st.sampled_from([1, 1, 2, 3, None]))
        if kind == "own":
            world.leg(moment, None, caller, agent_id=draw(st.sampled_from(["in1", None])))
            continue
        leg = None
        if kind != "vendor":
            ended = at(moment + draw(st.sampled_from([60, 2000]))) if draw(st.booleans()) else None
            leg = world.leg(moment - 30, moment, caller, leg_ended_utc=ended)
        if kind == "leg":
            world.link(None, leg, is_absent=draw(st.integers(0, 3)) == 0)
            continue
        call = record(
            world,
            moment,
            caller,
            talk=draw(st.sampled_from([0, 50, 50, 50, 900])),
            agent=draw(st.sampled_from(["anna", "anna", "ben", None])),
            direction=draw(st.sampled_from(["inbound"] * 6 + [None])),
            outcome=draw(st.sampled_from(["answered"] * 5 + ["transferred", "abandoned"])),
            is_billed=draw(st.sampled_from([None, None, True, False])),
            file_id=draw(st.sampled_from(["file a"] * 4 + ["file b"])),
        )
        if draw(st.integers(0, 3)) == 0:
            call["call_id"] = draw(st.sampled_from(["same", "v1"]))
        state = {"in_month": draw(st.integers(0, 7)) > 0, "is_covered": draw(st.integers(0, 7)) > 0}
        if kind == "vendor" and draw(st.integers(0, 9)) == 0:
            state["match_class"] = "no_number"
        world.link(call, leg, draw(st.sampled_from([0, 0, 37])), **state)
    return world


@settings(max_examples=140)
@given(world=worlds())
def test_the_sql_agrees_with_plain_loops(engine: Engine, world: Small) -> None:
    world.put(engine)
    rows = run(engine, ME, guards()).to_dicts()
    found = {(row["file_id"], row["row"]): (row["detector"], row["certainty"]) for row in rows}
    assert found == oracle.judge(world)
