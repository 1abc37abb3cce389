"""Agents compared: the SQL's sums against loops, what is expected of a mix, shrinking, and days that swing."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.people.agents import agent_rows, reaches_back
from pipelines.measure.people.family import STEPS
from pipelines.measure.people.mix import expected
from pipelines.measure.people.shrink import shrink_means, shrink_shares
from pipelines.measure.people.spread import alike, mean_spread, q_values, share_spread
from pipelines.measure.people.swings import swings
from pipelines.measure.resolution.singles import STEPS as SINGLES
from tests.measure import people_oracle as oracle

Row = dict[str, Any]
DAY = date(2026, 3, 1)
SECONDS = pl.Decimal(18, 3)
CALLS = pl.Schema(
    {"class": pl.String(), "agent_id": pl.String(), "queue": pl.String(), "reason": pl.String()}
    | {"booked_day": pl.Date(), "is_open": pl.Boolean()}
    | dict.fromkeys(("talk_s", "hold_s", "acw_s"), SECONDS)
)
FOLLOWED = pl.Schema(
    {
        "side": pl.String(),
        "caller_key": pl.UInt64(),
        "agent_id": pl.String(),
        "queue": pl.String(),
        "reason": pl.String(),
    }
    | {"ends_us": pl.Int64(), "is_handed_back": pl.Boolean(), "next_us": pl.Int64()}
)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def floats(*values: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


# What is counted

TIMES = st.sampled_from([None, 0, 9, 10, 300, 5_000])


@st.composite
def calls(draw: st.DrawFn) -> list[Row]:
    agents, queues = st.sampled_from(["Li", "Wang", None]), st.sampled_from(["cards", None])
    kinds = st.sampled_from(["answered", "answered", "answered", "abandoned"])
    days = st.sampled_from([DAY, DAY + timedelta(days=1)])
    row = st.tuples(kinds, agents, queues, st.sampled_from(["card", None]), days, st.booleans(), TIMES, TIMES, TIMES)
    return [dict(zip(CALLS, one, strict=True)) for one in draw(st.lists(row, max_size=15))]


def put_calls(engine: Engine, rows: list[Row]) -> None:
    told = [{n: Decimal(v) if n.endswith("_s") and v is not None else v for n, v in row.items()} for row in rows]
    engine.frame("calls", pl.DataFrame(told, schema=CALLS, orient="row"))


@given(rows=calls())
@settings(max_examples=60, deadline=None)
def test_sums_by_agent_against_loops(engine: Engine, rows: list[Row]) -> None:
    put_calls(engine, rows)
    found = engine.run(STEPS / "agent_cells.sql", cap_s=400).to_dicts()
    sums = {(row.pop("agent_id"), row.pop("queue"), row.pop("reason")): row for row in found}
    assert {key: {n: v or 0 for n, v in row.items()} for key, row in sums.items()} == oracle.cells(rows, 400)
    mine = [row for row in rows if row["class"] == "answered" and row["agent_id"]]
    days = engine.run(STEPS / "agent_day_tallies.sql", is_handling=False, cap_s=400, short_s=10).to_dicts()
    for day in days:
        own = [row for row in mine if (row["agent_id"], row["booked_day"]) == (day["agent_id"], day["booked_day"])]
        talks = [row["talk_s"] for row in own if row["talk_s"] is not None]
        cut = [min(talk, 400) for talk in talks]
        assert (day["answered"], day["timed"], day["talked"]) == (len(own), len(talks), len(talks))
        assert (day["total_s"] or 0, day["square_s2"] or 0) == (sum(cut), sum(talk**2 for talk in cut))
        assert (day["short"], day["open_answered"]) == (sum(t < 10 for t in talks), sum(row["is_open"] for row in own))
    assert sum(day["answered"] for day in days) == len(mine)
    unnamed = engine.run(STEPS / "unnamed_calls.sql")["calls"].item()
    assert unnamed == sum(row["class"] == "answered" and row["agent_id"] is None for row in rows)
    long = engine.run(STEPS / "durations.sql", is_handling=True).to_dicts()
    handled = [sum(parts) for row in mine if None not in (parts := [row[n] for n in ("talk_s", "hold_s", "acw_s")])]
    assert {row["time_s"]: row["calls"] for row in long} == {s: handled.count(s) for s in handled}


@st.composite
def contacts(draw: st.DrawFn) -> list[Row]:
    """Contacts that end up to 30 before the end of the data; some come back exactly at the end of the window of 10."""
    ends = st.none() | st.integers(60, 100)
    agents, gaps = st.sampled_from(["Li", "Wang", None]), st.sampled_from([None, 1, 9, 10, 11])
    rows = st.tuples(st.sampled_from(["me", "other"]), st.sampled_from([7, None]), agents, ends, st.booleans(), gaps)
    names = ("side", "caller_key", "agent_id", "ends", "is_handed_back", "gap")
    found = [dict(zip(names, one, strict=True)) for one in draw(st.lists(rows, max_size=12))]
    return [
        {**one, "queue": None, "reason": "card", "next": one["gap"] and one["ends"] and one["ends"] + one["gap"]}
        for one in found
    ]


@given(rows=contacts())
@settings(max_examples=60, deadline=None)
def test_resolution_by_agent_against_loops(engine: Engine, rows: list[Row]) -> None:
    told = [{**one, "ends_us": one["ends"], "next_us": one["next"]} for one in rows]
    engine.frame(
        "judged_calls", pl.DataFrame([{n: one[n] for n in FOLLOWED} for one in told], schema=FOLLOWED, orient="row")
    )
    found = engine.run(STEPS / "agent_resolved.sql", vendor="me", window_us=10, data_end_us=100).to_dicts()
    sums = {(row["agent_id"], row["queue"], row["reason"]): (row["closed"], row["resolved"]) for row in found}
    assert sums == oracle.resolved(rows, "me", 10, 100)


@given(rows=contacts())
@settings(max_examples=40, deadline=None)
def test_callers_who_meet_an_agent_again_against_a_loop(engine: Engine, rows: list[Row]) -> None:
    told = [{**one, "ends_us": one["ends"], "next_us": one["next"]} for one in rows]
    engine.frame(
        "judged_calls", pl.DataFrame([{n: one[n] for n in FOLLOWED} for one in told], schema=FOLLOWED, orient="row")
    )
    asked = {"vendor": "me", "window_us": 10, "data_end_us": 100}
    closed = [one for one in rows if one["side"] == "me" and one["ends"] is not None and one["ends"] + 10 <= 100]
    pairs = [(one["agent_id"], one["caller_key"]) for one in closed if one["agent_id"] and one["caller_key"]]
    for every, kept in ((1, pairs), (2, [])):  # the one key is odd
        found = engine.run(STEPS / "repeated_callers.sql", **asked, every=every).row(0)
        assert found == ((len(kept), sum(kept.count(pair) for pair in kept)) if kept else (None, None))


def test_calls_under_numbers_of_their_own_judge_no_agent(engine: Engine) -> None:
    """They always look settled, so whoever got few of them would look worse."""
    told = {"side": "me", "caller_key": 7, "agent_id": "Li", "queue": None, "reason": None, "is_handed_back": False}
    rows = [{**told, "ends_us": 0, "next_us": None, "file_id": "f", "row": row} for row in (1, 2, 3)]
    engine.frame("followed", pl.DataFrame(rows, schema={**FOLLOWED, "file_id": pl.String(), "row": pl.Int64()}))
    engine.frame(
        "vendor_calls", pl.DataFrame({"file_id": "f", "row": [1, 2, 3], "caller_mask": ["70**11", "701**1", "13**22"]})
    )
    engine.frame("single_kinds", pl.DataFrame({"kind": ["701"]}))
    engine.keep(SINGLES / "single_records.sql")
    assert engine.run(STEPS / "judged_calls.sql").height == 2


def test_a_number_that_rings_all_day_blames_nobody() -> None:
    """Each caller meets one agent four times, and the four end alike: chance alone, so hardly anybody is flagged."""
    flagged = {1.0: 0, 4.0: 0}
    for seed in range(60):
        rng = np.random.default_rng(seed)
        cells = shares(*[(f"A{n}", "all", 240, 4 * int(rng.binomial(60, 0.8))) for n in range(12)])
        for weight in flagged:
            flagged[weight] += share_spread(cells, weight).agents["flag"].is_not_null().any()
    assert alike(960, 3840) == 4.0
    assert alike(None, None) == 1.0
    assert flagged[4.0] <= 6 < 30 < flagged[1.0]


# What is expected of an agent


def shares(*rows: tuple[str, str, int, int]) -> pl.DataFrame:
    """Agent, queue, closed, resolved."""
    return pl.DataFrame(
        [(agent, queue, "", closed, good) for agent, queue, closed, good in rows],
        schema=["agent_id", "queue", "reason", "closed", "resolved"],
        orient="row",
    )


def test_an_agent_is_measured_against_its_own_queues() -> None:
    """The hard queue resolves half, the easy one nine in ten; an agent of the hard one is no worse for that."""
    easy = [(f"E{n}", "easy", 100, 90) for n in range(6)]
    hard = [(f"H{n}", "hard", 100, 50) for n in range(6)]
    found = share_spread(shares(*easy, *hard))
    means = dict(found.agents.select("agent_id", "expected").iter_rows())
    assert (means["E0"], means["H0"]) == (90.0, 50.0)
    assert found.shrunk is not None
    assert found.shrunk.spread == 0.0
    assert found.agents["flag"].drop_nulls().is_empty()


def test_who_alone_takes_the_hard_calls_is_no_worse_for_that() -> None:
    """Wang alone serves the hard queue, Zhao alone the hard reason of the easy one; six others take all else."""
    rows = [(f"E{n}", "easy", "", 200, 180) for n in range(6)]
    rows += [("Wang", "hard", "", 400, 200), ("Zhao", "easy", "complaint", 400, 200), ("Zhao", "easy", "", 20, 18)]
    cells = pl.DataFrame(rows, schema=["agent_id", "queue", "reason", "closed", "resolved"], orient="row")
    means = {row[:3]: row[3:] for row in expected(cells, "closed", "resolved").drop("closed", "resolved").iter_rows()}
    assert means["Wang", "hard", ""] == means["Zhao", "easy", "complaint"] == (0.5, False)
    assert means["E0", "easy", ""] == means["Zhao", "easy", ""] == (0.9, True)
    found = share_spread(cells)
    assert found.agents["flag"].drop_nulls().is_empty()
    alone = found.agents.filter(~pl.col("is_compared"))
    assert alone.select("agent_id", "own", "expected", "value").rows() == [
        ("Wang", 50.0, None, None),
        ("Zhao", pytest.approx(100 * 218 / 420), None, None),
    ]
    assert found.shrunk is not None
    assert (found.shrunk.spread, len(found.shrunk.value)) == (0.0, 6)


def test_rare_reasons_are_taken_together_within_their_queue() -> None:
    """Six agents with three calls of each of two rare reasons: one kind, and none with the many of the queue."""
    rows = [(f"E{n}", "easy", "", 100, 90) for n in range(6)]
    rows += [(f"E{n}", "easy", why, 3, good) for n in range(6) for why, good in (("a", 3), ("b", 0))]
    cells = pl.DataFrame(rows, schema=["agent_id", "queue", "reason", "closed", "resolved"], orient="row")
    found = expected(cells, "closed", "resolved").filter(pl.col("agent_id") == "E0")
    assert dict(found.select("reason", "expected").iter_rows()) == {"": 0.9, "a": 0.5, "b": 0.5}


# Shrinking


def test_few_calls_say_nothing_about_an_agent() -> None:
    """Wang has three bad calls; twenty others resolve 60 to 98 of a hundred."""
    others = [(f"A{n:02}", "all", 100, 60 + 2 * n) for n in range(20)]
    found = share_spread(shares(*others, ("Wang", "all", 3, 0))).agents
    wang = found.filter(pl.col("agent_id") == "Wang").to_dicts()[0]
    assert wang["own"] == 0.0
    assert wang["value"] > 50
    assert wang["flag"] is None
    assert found.filter(pl.col("agent_id") == "A00")["flag"].item() == "below"
    assert found.filter(pl.col("agent_id") == "A19")["flag"].item() == "above"


def test_many_calls_keep_their_own_value() -> None:
    good, base = floats(7_000, 8_000, 9_000, 7_500, 8_500), np.full(5, 10_000.0)
    found = shrink_shares(good, base, np.full(5, 0.8))
    assert np.abs(found.value - good / base).max() < 0.002
    assert found.spread_low < np.std(good / base, ddof=1) < found.spread_high


def test_what_chance_explains_is_no_spread() -> None:
    """Shares as alike as can be: nobody differs, and the interval begins at 0."""
    found = shrink_shares(np.full(8, 40.0), np.full(8, 50.0), np.full(8, 0.8))
    assert (found.spread, found.spread_low) == (0.0, 0.0)
    assert 0 < found.spread_high < 0.2
    times = shrink_means(np.full(8, 300.0), np.full(8, 100.0), np.full(8, 300.0))
    assert (times.spread, times.spread_low) == (0.0, 0.0)
    assert np.allclose(times.value, 300.0)


def test_a_group_of_whom_all_calls_are_resolved() -> None:
    found = shrink_shares(np.full(6, 20.0), np.full(6, 20.0), np.full(6, 1.0))
    assert np.isfinite(found.value).all()
    assert (found.low > 0.9).all()
    assert (found.high <= 1.0).all()


@pytest.mark.parametrize("calls", [1, 60, 1_000_000])
@pytest.mark.parametrize("part", [0, 1])
def test_agents_who_are_all_alike_are_never_named(calls: int, part: int) -> None:
    """Of one call each or of a million, all resolved or none: nobody is above or below what all reach."""
    found = share_spread(shares(*[(f"A{n}", "all", calls, part * calls) for n in range(6)])).agents
    assert found["flag"].null_count() == 6
    assert found["value"].is_finite().all()
    assert ((found["low"] >= 0) & (found["high"] <= 100)).all()


def test_fewer_than_five_agents_are_not_compared() -> None:
    found = share_spread(shares(*[(f"A{n}", "all", 100, 80 + n) for n in range(4)]))
    assert found.shrunk is None
    assert found.agents["value"].null_count() == 4
    assert found.agents["own"].to_list() == [80.0, 81.0, 82.0, 83.0]
    with pytest.raises(ValueError, match="5 are needed"):
        shrink_shares(floats(1), floats(2), floats(0.5))


@given(st.lists(st.tuples(st.integers(1, 400), st.floats(0, 1)), min_size=5, max_size=9), st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_agents_does_not_matter(rows: list[tuple[int, float]], random: Any) -> None:
    cells = shares(*[(f"A{n}", "all", base, round(base * part)) for n, (base, part) in enumerate(rows)])
    mixed = list(range(len(rows)))
    random.shuffle(mixed)
    one, other = share_spread(cells), share_spread(cells[mixed])
    assert one.agents["agent_id"].to_list() == other.agents["agent_id"].to_list()
    assert np.array_equal(one.agents["value"].to_numpy(), other.agents["value"].to_numpy())


def test_one_call_left_open_overnight_does_not_make_a_slow_agent() -> None:
    """Times cut at 1,200 s: the plain mean moves by an hour, the shrunk one hardly; the slow agent is found."""

    def cell(agent: str, times: list[int]) -> Row:
        cut = [min(time, 1_200) for time in times]
        sums = {"total_s": sum(cut), "square_s2": sum(time**2 for time in cut), "full_ms": 1_000 * sum(times)}
        return {"agent_id": agent, "queue": "all", "reason": "", "handled": len(times), **sums}

    usual = [150, 300, 450] * 20
    rows = [cell(f"A{n}", usual) for n in range(9)]
    rows += [cell("Overnight", [*usual[:-1], 61_200]), cell("Slow", [time + 400 for time in usual])]
    found = {row["agent_id"]: row for row in mean_spread(pl.DataFrame(rows)).agents.to_dicts()}
    assert found["Overnight"]["own"] > 1_200
    assert found["Overnight"]["value"] < 350
    assert found["Overnight"]["flag"] is None
    assert found["Slow"]["flag"] == "above"


def test_shares_of_false_ones_by_hand() -> None:
    """Benjamini and Hochberg: 4 × 0.01 ÷ 1, 4 × 0.02 ÷ 2, 4 × 0.03 ÷ 3, all 0.04; the last keeps its own."""
    assert np.allclose(q_values(floats(0.02, 0.5, 0.01, 0.03)), floats(0.04, 0.5, 0.04, 0.04))


# Days that swing


def ordinary(agents: int, days: int) -> list[Row]:
    """Agents with 40 to 60 calls a day of 300 s with a standard deviation of 150 s, and two short ones."""
    return [
        {
            "agent_id": f"A{agent}",
            "booked_day": DAY + timedelta(days=day),
            "answered": (answered := 40 + (agent * 7 + day * 11) % 21),
            "open_answered": 0,
            "timed": answered,
            "total_s": answered * (290 + (agent * 5 + day * 3) % 21),
            "square_s2": answered * (300**2 + 150**2),
            "talked": answered,
            "short": 2,
        }
        for agent in range(agents)
        for day in range(days)
    ]


def test_a_day_of_very_few_and_very_short_calls_is_named() -> None:
    """A3 answers twice as many calls on one day, half of them under ten seconds, at a third of the usual time."""
    days = ordinary(10, 20)
    odd = next(row for row in days if row["agent_id"] == "A3" and row["booked_day"] == DAY + timedelta(days=5))
    odd |= {"answered": 130, "timed": 130, "talked": 130, "short": 65, "total_s": 13_000, "square_s2": 2_600_000}
    found = swings(pl.DataFrame(days), "aht")
    assert set(found["agent_id"]) == {"A3"}
    assert found.select("day", "what", "n").rows() == [
        (date(2026, 3, 6), what, 130) for what in ("aht", "answered", "short_calls")
    ]
    assert found["value"].to_list() == [100.0, 130.0, 50.0]
    assert found["far"].to_list()[0] < -4
    assert found["far"].to_list()[1] > 4


def test_a_busy_day_for_all_is_nobodys_swing() -> None:
    days = ordinary(10, 20)
    for row in days:
        if row["booked_day"] == DAY + timedelta(days=19):
            row |= {name: 3 * row[name] for name in ("answered", "timed", "total_s", "square_s2", "talked", "short")}
    assert swings(pl.DataFrame(days), "aht").is_empty()


def test_an_agent_of_few_days_has_no_usual_day() -> None:
    days = ordinary(10, 7)
    days[0] |= {"answered": 900}
    assert swings(pl.DataFrame(days), "aht").is_empty()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_swings_against_loops(data: st.DataObject) -> None:
    """Some days are missing, some are far off in one thing or another."""
    days = [row for row in ordinary(data.draw(st.integers(1, 10)), 12) if data.draw(st.integers(0, 15)) > 0]
    for row in days:
        if data.draw(st.integers(0, 20)) == 0:
            times = data.draw(st.sampled_from([1, 3]))
            row["answered"] *= times
            row["total_s"] //= data.draw(st.sampled_from([1, 4]))
            row["short"] = data.draw(st.sampled_from([0, 2, 30]))
            row["timed"] = data.draw(st.sampled_from([0, 9, row["timed"]]))
    if not days:
        return
    found = {
        (row["agent_id"], row["day"], "time" if row["what"] == "aht" else row["what"]): (row["usual"], row["far"])
        for row in swings(pl.DataFrame(days), "aht").to_dicts()
    }
    told = oracle.swings(days)
    assert found.keys() == told.keys()
    for key, pair in told.items():
        assert found[key] == pytest.approx(pair)


# The table


def test_who_is_new() -> None:
    """By the roster where it says so; else by the first day seen, where records reach back far enough."""
    days = pl.DataFrame({"agent_id": ["Li", "Wang", "Zhao"], "booked_day": [DAY] * 3, "answered": [5, 6, 7]})
    spells = pl.DataFrame(
        {"agent_id": ["Li"], "hired": [date(2026, 1, 1)], "left": [None]}, schema_overrides={"left": pl.Date}
    )
    seen = pl.DataFrame({"agent_id": ["Zhao"], "first_seen": [date(2025, 12, 31)]})
    nobody = pl.DataFrame(schema={"agent_id": pl.String})
    known = agent_rows(days, spells, seen, (None, None), None, None, nobody)
    assert known["is_new"].to_list() == [True, True, False]
    assert known["first_seen"].to_list() == [DAY, DAY, date(2025, 12, 31)]
    assert known["hired"].to_list() == [date(2026, 1, 1), None, None]
    short = agent_rows(days, spells, None, (None, None), None, None, nobody)
    assert short["is_new"].to_list() == [True, None, None]
    assert reaches_back(date(2025, 12, 31), DAY)
    assert not reaches_back(date(2026, 1, 1), DAY)


def test_first_day_seen_counts_answered_calls(engine: Engine) -> None:
    rows = [
        ("Li", "abandoned", DAY),
        ("Li", "transferred", DAY + timedelta(days=2)),
        ("Li", "answered", DAY + timedelta(days=3)),
    ]
    schema = {"agent_id": pl.String, "outcome": pl.String, "booked_day": pl.Date}
    engine.frame("past_calls", pl.DataFrame(rows, schema=schema, orient="row"))
    assert engine.run(STEPS / "first_seen.sql").rows() == [("Li", DAY + timedelta(days=2))]
