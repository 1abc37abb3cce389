"""The detectors' SQL against plain loops, on random worlds that are crowded with near misses."""

from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.padding.detect import run
from pipelines.engine import Engine
from tests.measure.worlds import ME, Small, at
from tests.padding import oracle
from tests.padding.cases import VOUCHED, guards, known, record


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


@st.composite
def logs(draw: st.DrawFn) -> list[pl.DataFrame]:
    """Up to three spans in which the log has a gap, which is for the links to say, or has lost a row."""
    kinds = st.sampled_from([("gap", "silence"), ("gap", "route"), ("lost", "unread"), ("lost", "number")])
    spans = []
    for _ in range(draw(st.integers(0, 3))):
        start = 100_000 + draw(st.integers(-600, 40_000))
        length = draw(st.sampled_from([0, 1, 300, 3600, 20_000]))
        spans.append(known(*draw(kinds), [(at(start), at(start + length))]))
    return spans


@settings(max_examples=140)
@given(world=worlds(), more=logs(), is_word=st.integers(0, 5), word=st.tuples(st.integers(0, 9), st.integers(10, 60)))
def test_the_sql_agrees_with_plain_loops(
    engine: Engine, world: Small, more: list[pl.DataFrame], is_word: int, word: tuple[int, int]
) -> None:
    vouched = [VOUCHED] if is_word else [(at(100_000 + 1000 * word[0]), at(100_000 + 1000 * word[1]))]
    judged = guards(vouched=vouched, more=more)
    world.put(engine)
    rows = run(engine, ME, judged).to_dicts()
    found = {(row["file_id"], row["row"]): (row["detector"], row["certainty"]) for row in rows}
    assert found == oracle.judge(world, judged.spans.to_dicts())
