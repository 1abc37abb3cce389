"""Occupancy, calls an hour, attendance and adherence: by hand, and the SQL against loops over minutes."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.people.family import STEPS, _readings
from pipelines.measure.people.hours import Reading, adherence, attendance, best_reading, calls_per_hour, occupancy
from pipelines.measure.people.needs import joined_days
from pipelines.tables import AGENT_STATES
from tests.measure import people_oracle as oracle
from tests.measure.worlds import frame

START = datetime(2026, 3, 29, tzinfo=UTC)
"""The night in which clocks go forward in Europe: in UTC nothing happens."""
MINUTE_US = 60_000_000
END = 60
STATES = ("idle", "ringing", "talk", "hold", "acw", "break", "training", "other", "logged_out", "unknown")
State = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def moment(minute: int | None) -> datetime | None:
    return None if minute is None else START + timedelta(minutes=minute)


def us(minute: int) -> int:
    return (int(START.timestamp()) + 60 * minute) * 1_000_000


def state(row: int, agent: str, name: str, start: int, end: int | None) -> State:
    return {"row": row, "agent_id": agent, "state": name, "from": start, "to": end}


def put(
    engine: Engine,
    states: list[State],
    spans: list[tuple[int, int]],
    planned: list[tuple[str, int, int]] = (),  # type: ignore[assignment]
    calls: list[tuple[str, int]] = (),  # type: ignore[assignment]
) -> None:
    """The tables that the steps read."""
    rows = [
        {"file_id": "states", **one, "from_utc": moment(one["from"]), "to_utc": moment(one["to"])} for one in states
    ]
    engine.frame("agent_states", frame(AGENT_STATES, rows))
    utc = pl.Datetime("us", "UTC")
    pairs = [(moment(start), moment(end)) for start, end in spans]
    engine.frame("spans", pl.DataFrame(pairs, schema={"from_utc": utc, "to_utc": utc}, orient="row"))
    plans = [(agent, moment(start), moment(end)) for agent, start, end in planned]
    schema = {"agent_id": pl.String(), "planned_from_utc": utc, "planned_to_utc": utc}
    engine.frame("planned", pl.DataFrame(plans, schema=schema, orient="row"))
    answered = [(agent, "answered", us(minute)) for agent, minute in calls]
    names = {"agent_id": pl.String, "class": pl.String, "answered_us": pl.Int64}
    engine.frame("calls", pl.DataFrame(answered, schema=names, orient="row"))
    for step in ("cut_states", "stretches", "shifts"):
        engine.keep(STEPS / f"{step}.sql")


def names(*agents: str) -> pl.Series:
    return pl.Series(agents, dtype=pl.String)


def called(*agents: str) -> pl.DataFrame:
    return pl.DataFrame({"agent_id": names(*agents)})


def hours_of(engine: Engine) -> pl.DataFrame:
    return engine.run(STEPS / "agent_hours.sql").sort("agent_id")


def test_a_day_by_hand(engine: Engine) -> None:
    """Ten minutes idle, twenty of talk that a stray idle overlaps, five of after-call work, a break, then gone."""
    states = [
        state(1, "Wang", "idle", 0, 10),
        state(2, "Wang", "talk", 10, 30),
        state(3, "Wang", "idle", 25, 30),
        state(4, "Wang", "acw", 30, 35),
        state(5, "Wang", "break", 35, 40),
        state(6, "Wang", "logged_out", 40, 60),
    ]
    put(engine, states, [(0, END)])
    found = hours_of(engine)
    days = pl.DataFrame({"agent_id": ["Wang"], "answered": [4], "open_answered": [0]})
    assert occupancy(found).value == pytest.approx(100 * 20 / 30)
    assert occupancy(found).low is None
    assert calls_per_hour(found, days).value == pytest.approx(4 / (40 / 60))


def test_a_state_without_an_end_leaves_open_how_long_it_was(engine: Engine) -> None:
    """It is cut at the next state, and the last one with the data; each may have ended at once."""
    states = [state(1, "Wang", "talk", 0, None), state(2, "Wang", "idle", 10, 20), state(3, "Wang", "idle", 20, None)]
    put(engine, states, [(0, END)])
    found = occupancy(hours_of(engine))
    assert found.value == pytest.approx(100 * 10 / 60)
    assert (found.low, found.high) == (0.0, pytest.approx(100 * 10 / 20))
    assert found.reason == "open_states:2"


def test_calls_of_agents_without_states_stand_outside(engine: Engine) -> None:
    put(engine, [state(1, "Wang", "idle", 0, 60)], [(0, END)])
    days = pl.DataFrame({"agent_id": ["Wang", "Li"], "answered": [6, 100], "open_answered": [2, 0]})
    found = calls_per_hour(hours_of(engine), days)
    assert (found.value, found.low, found.high, found.n) == (6.0, 4.0, 6.0, 6)
    assert found.reason == "agents_without_states:1"


def test_an_unknown_state_may_be_logged_out(engine: Engine) -> None:
    """Half an hour of work, half an hour of a state that the contract does not explain: 6 calls, 6 to 12 an hour."""
    put(engine, [state(1, "Wang", "idle", 0, 30), state(2, "Wang", "unknown", 30, 60)], [(0, END)])
    days = pl.DataFrame({"agent_id": ["Wang"], "answered": [6], "open_answered": [0]})
    found = calls_per_hour(hours_of(engine), days)
    assert (found.value, found.low, found.high) == (6.0, 6.0, 12.0)


def test_shifts_by_hand(engine: Engine) -> None:
    """Wang is logged in, Li only answers a call, Zhao does neither; one plan stands twice, another ends unseen."""
    planned = [("Wang", 0, 20), ("Wang", 0, 20), ("Wang", 10, 30), ("Li", 0, 30), ("Zhao", 0, 30), ("Wang", 50, 70)]
    states = [state(1, "Wang", "idle", 25, 40), state(2, "Zhao", "logged_out", 0, 30)]
    put(engine, states, [(0, END)], planned, [("Li", 0), ("Zhao", 30)])
    found = engine.run(STEPS / "attended.sql", data_end_us=us(END))
    assert dict(found.select("agent_id", "is_present").iter_rows()) == {"Wang": True, "Li": True, "Zhao": False}
    assert attendance(found, names("Wang", "Li", "Zhao")).value == pytest.approx(100 * 2 / 3)


def test_what_is_delivered_twice_counts_once(engine: Engine) -> None:
    """Shifts and states in two files: of rows in equal places none must run into what came before.

    A sort leaves equal rows as they are with most numbers of rows; with these it does not.
    """
    rows = [(f"A{many}", minute) for many in (39, 41, 43, 53) for minute in range(0, 10 * many, 10)]
    states = [
        {**state(row, agent, "idle", start, start + 5), "file_id": file}
        for row, (agent, start) in enumerate(rows, 1)
        for file in ("one", "two")
    ]
    put(engine, states, [(0, 600)], [(agent, start, start + 5) for agent, start in rows for _ in range(2)])
    expected = sorted((agent, us(start), us(start + 5)) for agent, start in rows)
    for found in (engine.read("shifts"), engine.read("stretches").filter(pl.col("kind") == "working")):
        assert sorted(found.select("agent_id", "from_us", "to_us").rows()) == expected


def test_breaks_inside_a_shift_are_left_open(engine: Engine) -> None:
    """Forty minutes of sixty worked, ten on a break that the roster does not plan, ten not there at all."""
    states = [state(1, "Wang", "idle", 0, 40), state(2, "Wang", "break", 40, 50)]
    put(engine, states, [(0, END)], [("Wang", 0, 60)])
    found = adherence(engine.run(STEPS / "adhered.sql"), hours_of(engine), called())
    assert found.value == pytest.approx(100 * 40 / 60)
    assert (found.low, found.high) == (pytest.approx(100 * 40 / 60), pytest.approx(100 * 50 / 60))


def test_a_roster_by_other_names_accuses_nobody(engine: Engine) -> None:
    """Wang comes; Li stands in the roster under a number that neither states nor calls know, or did not come."""
    states = [state(1, "Wang", "idle", 0, 60)]
    put(engine, states, [(0, END)], [("Wang", 0, 60), ("4711", 0, 30)])
    shifts, kept = engine.run(STEPS / "attended.sql", data_end_us=us(END)), engine.run(STEPS / "adhered.sql")
    come, worked = attendance(shifts, names("Wang")), adherence(kept, hours_of(engine), called("Wang"))
    assert (come.value, come.low, come.high) == (50.0, 50.0, 100.0)
    assert (worked.value, worked.high) == (pytest.approx(100 * 60 / 90), 100.0)
    put(engine, states, [(0, END)], [("4711", 0, 60), ("4712", 0, 30)])
    shifts, kept = engine.run(STEPS / "attended.sql", data_end_us=us(END)), engine.run(STEPS / "adhered.sql")
    for found in (attendance(shifts, names("Wang")), adherence(kept, hours_of(engine), called("Wang"))):
        assert (found.value, found.reason) == (None, "roster_unlike_states:2")


def test_who_answered_calls_and_has_no_states_was_not_away(engine: Engine) -> None:
    """Li's states were not delivered, but Li answered: Wang alone is held against the plan."""
    put(engine, [state(1, "Wang", "idle", 0, 60)], [(0, END)], [("Wang", 0, 60), ("Li", 0, 30)])
    found = adherence(engine.run(STEPS / "adhered.sql"), hours_of(engine), called("Wang", "Li"))
    assert (found.value, found.low, found.n, found.reason) == (100.0, None, 1, "agents_without_states:1")


def test_states_without_a_name_or_a_length_say_nothing(engine: Engine) -> None:
    """No zero of a feed that holds nothing that can be read."""
    states = [{**state(1, "Wang", "idle", 0, 30), "state": None}, state(2, "Wang", "idle", 30, 20)]
    put(engine, states, [(0, END)], [("Wang", 0, 60)])
    found = adherence(engine.run(STEPS / "adhered.sql"), hours_of(engine), called())
    assert (found.value, found.reason) == (None, "roster_unlike_states:1")


def test_nobody_is_absent_by_a_clock(engine: Engine) -> None:
    """The states are half an hour ahead of the plan; moved by that, Wang was there all the time."""
    readings = []
    for moved in (0, 30):
        plan = [("Wang", 0 + moved, 30 + moved)]
        put(engine, [state(1, "Wang", "idle", 30, 60)], [(0, 90)], plan)
        due, kept = engine.run(STEPS / "attended.sql", data_end_us=us(90)), engine.run(STEPS / "adhered.sql")
        readings.append(Reading(due, kept))
    assert not readings[0].shifts["is_present"].any()
    shifts, kept = best_reading(readings)
    assert attendance(shifts, names("Wang")).value == adherence(kept, hours_of(engine), called("Wang")).value == 100.0
    assert _readings(-7_200_000_000) == (0, -7_200_000_000)
    assert _readings(20_000_000) == (0,)


def test_nothing_planned_and_nothing_logged_is_nothing_to_count(engine: Engine) -> None:
    put(engine, [state(1, "Wang", "logged_out", 0, 10)], [(0, END)])
    for found in (
        occupancy(hours_of(engine)),
        attendance(engine.run(STEPS / "attended.sql", data_end_us=us(END)), names("Wang")),
        adherence(engine.run(STEPS / "adhered.sql"), hours_of(engine), called()),
    ):
        assert (found.value, found.status, found.reason) == (None, "not_measurable", "nothing_to_count")


def test_days_join_over_the_change_of_clocks_and_end_with_the_data() -> None:
    """28 March 2026 has 24 hours in Berlin, the 29th 23; the 31st stands alone, and the data end at its noon."""
    days = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 31), date(2026, 4, 1)]
    found = joined_days(days, "Europe/Berlin", datetime(2026, 3, 31, 10, tzinfo=UTC))
    lengths = (found["to_utc"] - found["from_utc"]).dt.total_hours().to_list()
    assert lengths == [47, 12]
    assert found["days"].to_list() == [days[:2], days[2:3]]


MINUTES = st.integers(-10, END + 10)
AGENTS = st.sampled_from(["Li", "Wang"])
SPANS = st.sampled_from([[(0, END)], [(0, 20), (30, END)], [(5, 10)]])


@st.composite
def drawn_states(draw: st.DrawFn) -> list[State]:
    """Up to nine states: overlapping, nested, without an end, ending before they begin."""
    rows = draw(st.lists(st.tuples(AGENTS, st.sampled_from(STATES), MINUTES, st.none() | MINUTES), max_size=9))
    return [state(row, *one) for row, one in enumerate(rows, 1)]


PLANS = st.lists(st.tuples(AGENTS, MINUTES, MINUTES), max_size=5)


def cut_at(spans: list[tuple[int, int]]) -> int:
    return spans[-1][1]


@given(states=drawn_states(), spans=SPANS)
@settings(max_examples=50, deadline=None)
def test_hours_against_loops(engine: Engine, states: list[State], spans: list[tuple[int, int]]) -> None:
    put(engine, states, spans)
    expected = oracle.hours(states, spans, cut_at(spans))
    found = {row.pop("agent_id"): row for row in hours_of(engine).to_dicts()}
    counts = {
        agent: {name: value // MINUTE_US for name, value in row.items() if name != "open_states"}
        for agent, row in found.items()
    }
    assert counts == expected


@given(states=drawn_states(), spans=SPANS)
@settings(max_examples=15, deadline=None)
def test_occupancy_lies_within_its_bounds(engine: Engine, states: list[State], spans: list[tuple[int, int]]) -> None:
    """Whatever the true ends of open states are, from at once to where they are cut."""
    put(engine, states, spans)
    found = occupancy(hours_of(engine))
    if found.value is None:
        return
    low, high = (found.low, found.high) if found.low is not None else (found.value, found.value)
    assert high is not None
    for share in (0.0, 0.3, 1.0):
        cut = oracle.ended(states, cut_at(spans))
        parts = [share if one["is_open"] else 1.0 for one in cut]
        told = [
            {**one, "to": one["from"] + int(part * (one["end"] - one["from"]))}
            for one, part in zip(cut, parts, strict=True)
        ]
        put(engine, told, spans)
        other = occupancy(hours_of(engine))
        assert other.value is None or low - 1e-9 <= other.value <= high + 1e-9


@given(
    states=drawn_states(),
    spans=SPANS,
    planned=PLANS,
    calls=st.lists(st.tuples(AGENTS, MINUTES), max_size=3),
    end=MINUTES,
)
@settings(max_examples=50, deadline=None)
def test_shifts_against_loops(
    engine: Engine,
    states: list[State],
    spans: list[tuple[int, int]],
    planned: list[tuple[str, int, int]],
    calls: list[tuple[str, int]],
    end: int,
) -> None:
    put(engine, states, spans, planned, calls)
    data_end = max(end, cut_at(spans))
    rows = engine.run(STEPS / "attended.sql", data_end_us=us(data_end)).to_dicts()
    keys = {(us(m)): m for m in range(-10, END + 11)}
    found = {(row["agent_id"], keys[row["from_us"]], keys[row["to_us"]]): row["is_present"] for row in rows}
    assert len(found) == len(rows)
    assert found == attended_within(states, spans, planned, calls, data_end)
    kept = engine.run(STEPS / "adhered.sql").to_dicts()
    columns = ("planned_us", "working_us", "sure_us", "present_us")
    counted = {row["agent_id"]: tuple(row[name] // MINUTE_US for name in columns) for row in kept}
    assert counted == oracle.adhered(planned, states, spans, cut_at(spans))


def attended_within(
    states: list[State],
    spans: list[tuple[int, int]],
    planned: list[tuple[str, int, int]],
    calls: list[tuple[str, int]],
    data_end: int,
) -> dict[tuple[str, int, int], bool]:
    return oracle.attended(planned, states, calls, spans, data_end)
