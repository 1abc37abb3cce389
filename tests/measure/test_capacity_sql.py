"""The steps of capacity against plain loops: calls at once, calls by half hour, calls that flow back, agents there."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.calendar import Month
from pipelines.engine import Engine
from pipelines.measure.capacity.cells import BUCKET_US, buckets, cut, half_hours, heads, merged, within
from pipelines.tables import AGENT_STATES, INHOUSE_CALLS

STEPS = files("pipelines.measure.capacity")
T0 = datetime(2026, 3, 10, tzinfo=UTC)
T0_US = int(T0.timestamp()) * 1_000_000
SECOND, HALF_HOUR = 1_000_000, 1_800_000_000
Row = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def at(second: float | None) -> datetime | None:
    return None if second is None else T0 + timedelta(seconds=second)


# ------------------------------------------------------------------------------------------------- calls at once

HALVES = 4
QUARTERS = pl.DataFrame(
    {
        "series": [0] * 2 * HALVES,
        "quarter": range(T0_US // BUCKET_US, T0_US // BUCKET_US + 2 * HALVES),
        "half_hour": [n // 2 for n in range(2 * HALVES)],
    },
    schema_overrides={"series": pl.Int32},
)


def most_at_once(engine: Engine, spans: list[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Half hour → the most at one moment, and the first such moment in µs since T0."""
    schema = {"series": pl.Int32, "from_us": pl.Int64, "to_us": pl.Int64}
    rows = [(0, T0_US + since, T0_US + until) for since, until in spans]
    engine.frame("spans", pl.DataFrame(rows, schema=schema, orient="row"))
    engine.frame("quarters", QUARTERS)
    engine.keep(STEPS / "bins.sql")
    found = engine.run(STEPS / "peaks.sql")
    return {row["half_hour"]: (int(row["most"]), row["at_us"] - T0_US) for row in found.to_dicts()}


def at_once_by_hand(spans: list[tuple[int, int]], half: int) -> tuple[int, int]:
    """Looks at every moment at which anything changes: one that ends when another begins is gone."""
    start, end = half * HALF_HOUR, (half + 1) * HALF_HOUR
    moments = sorted({start, *(moment for span in spans for moment in span if start <= moment < end)})
    counts = [(sum(since <= moment < until for since, until in spans), -moment) for moment in moments]
    count, moment = max(counts)
    return count, -moment


MOMENT = st.one_of(
    st.integers(-HALF_HOUR, (HALVES + 1) * HALF_HOUR),
    st.integers(-10, 370).map(lambda n: n * 20 * SECOND),
    st.integers(0, 12).map(lambda n: HALF_HOUR + n * SECOND // 2),
)


@settings(max_examples=150)
@given(st.lists(st.tuples(MOMENT, MOMENT).map(lambda two: (min(two), max(two))), max_size=40))
def test_calls_at_once_equal_a_look_at_every_moment(engine: Engine, spans: list[tuple[int, int]]) -> None:
    found = most_at_once(engine, spans)
    assert found == {half: at_once_by_hand(spans, half) for half in range(HALVES)}


def test_a_call_that_ends_as_the_next_begins_is_not_there_with_it(engine: Engine) -> None:
    calls = [(60 * n * SECOND, 60 * (n + 1) * SECOND) for n in range(20)]
    assert most_at_once(engine, calls)[0] == (1, 0)
    assert most_at_once(engine, [*calls, (59_999_999, 60_000_000)])[0] == (2, 59_999_999)


def test_a_call_that_lasts_past_midnight_is_in_every_half_hour(engine: Engine) -> None:
    found = most_at_once(engine, [(-5 * HALF_HOUR, 3 * HALF_HOUR), (HALF_HOUR, HALF_HOUR + SECOND)])
    assert [found[half][0] for half in range(HALVES)] == [1, 2, 1, 0]


def test_blocked_calls_and_legs_of_others_hold_no_line(engine: Engine) -> None:
    times = [(0, 10, 60), (0, 10, 60), (0, None, 60), (0, 5, None), (30, 20, 60)]
    classes = ["answered", "blocked", "abandoned", "answered", "answered"]
    calls = [
        {"kind": "record", "class": group, "starts_us": start, "answered_us": answer, "ended_us": end}
        for group, (start, answer, end) in zip(classes, times, strict=True)
    ]
    engine.frame("calls", pl.DataFrame(calls))
    legs = [leg(1, 0, 50), leg(2, 0, 50, vendor_id="other"), leg(3, 0, None)]
    engine.frame("inhouse_calls", inhouse(legs))
    found = engine.run(STEPS / "spans.sql", vendor="me", has_seats=True, has_legs=True)
    assert sorted(row[0] for row in found.rows()) == [0, 0, 0, 1, 1, 2]
    none = engine.run(STEPS / "spans.sql", vendor="me", has_seats=False, has_legs=False)
    assert none["series"].unique().to_list() == [0]


# --------------------------------------------------------------------------------------------- calls by half hour

ZONES = ("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo")
CHANGE = {"Europe/Berlin": "2026-10", "Australia/Lord_Howe": "2026-04", "Asia/Kathmandu": "2026-02"}


@pytest.mark.parametrize(
    ("month", "zone", "of_day", "count"),
    [
        ("2026-10", "Europe/Berlin", "2026-10-25", 50),
        ("2026-03", "Europe/Berlin", "2026-03-29", 46),
        ("2026-04", "Australia/Lord_Howe", "2026-04-05", 49),
        ("2026-02", "Asia/Kathmandu", "2026-02-01", 48),
        ("2018-11", "America/Sao_Paulo", "2018-11-04", 46),
    ],
)
def test_half_hours_are_those_of_the_clock_on_the_wall(month: str, zone: str, of_day: str, count: int) -> None:
    frame = half_hours(Month(month), zone)
    assert frame.filter(pl.col("day").cast(pl.String) == of_day).height == count
    assert frame["start_utc"][1:].to_list() == frame["end_utc"][:-1].to_list()
    local = [start.astimezone(ZoneInfo(zone)) for start in frame["start_utc"]]
    assert {when.minute for when in local} <= {0, 30}
    assert [when.date() for when in local] == frame["day"].to_list()


@settings(max_examples=40)
@given(
    zone=st.sampled_from(sorted(CHANGE)),
    outage=st.tuples(st.integers(0, 40 * 86_400), st.integers(1, 90_000)),
    seconds=st.lists(st.integers(-3 * 86_400, 34 * 86_400), min_size=1, max_size=40),
)
def test_each_call_is_in_the_half_hour_in_which_it_starts(
    engine: Engine, zone: str, outage: tuple[int, int], seconds: list[int]
) -> None:
    """Across midnight, clock changes and an outage that begins at any second."""
    frame = half_hours(Month(CHANGE[zone]), zone)
    first = frame["start_utc"][0]
    since = first + timedelta(seconds=outage[0])
    gap = (since, since + timedelta(seconds=outage[1]))
    cells = within(cut([*frame.select("start_utc", "end_utc").rows(), gap]), frame, "half_hour")
    starts = sorted({0, *seconds, outage[0], outage[0] + outage[1], outage[0] + outage[1] - 1})
    moments = [first + timedelta(seconds=second) for second in starts]
    engine.frame("cell_buckets", buckets(cells))
    engine.frame("calls", calls_at(moments))
    found = engine.run(STEPS / "tallies_by_cell.sql", cap_s=10).join(cells, on="cell", how="left")
    counted = sum((row["half_hour"] is not None) * row["calls"] for row in found.to_dicts())
    by_half = {row["half_hour"]: 0 for row in found.to_dicts()}
    for row in found.to_dicts():
        by_half[row["half_hour"]] += row["calls"]
    month_end = frame["end_utc"][-1]
    assert int(found["handle_s"].sum()) == 10 * len(moments)  # 15 s each, cut
    assert counted == sum(first <= moment < month_end for moment in moments)
    assert found["calls"].sum() == len(moments)
    for half, start, end in frame.with_row_index("n").select("n", "start_utc", "end_utc").rows():
        assert by_half.get(half, 0) == sum(start <= moment < end for moment in moments)
    inside = found.filter((pl.col("from_utc") >= gap[0]) & (pl.col("to_utc") <= gap[1]))
    assert inside["calls"].sum() == sum(gap[0] <= moment < gap[1] for moment in moments)


def test_a_call_without_times_adds_no_handling_time(engine: Engine) -> None:
    """One call of 15 s, cut at 10, and one of which no time is told."""
    calls = calls_at([T0, T0])
    timed = pl.int_range(pl.len()) == 0
    engine.frame("calls", calls.with_columns(pl.when(timed).then("talk_s").alias("talk_s")))
    engine.frame("cell_buckets", buckets(cut([(T0, T0 + timedelta(minutes=30))])))
    found = engine.run(STEPS / "tallies_by_cell.sql", cap_s=10)
    assert (int(found["handles"].sum()), int(found["handle_s"].sum()), int(found["calls"].sum())) == (1, 10, 2)


def calls_at(moments: list[datetime]) -> pl.DataFrame:
    """Answered calls that start at these moments."""
    flags = {"is_open": False, "is_in_t": True, "is_short": False, "is_transferred": False, "is_callback": False}
    times = dict.fromkeys(("queue_s", "ring_s", "talk_s", "hold_s", "acw_s"), 5)
    rows = [
        {"kind": "record", "class": "answered", "booked_day": moment.date(), "starts_utc": moment, **flags, **times}
        for moment in moments
    ]
    return pl.DataFrame(rows, schema_overrides={"starts_utc": pl.Datetime("us", "UTC")})


# ------------------------------------------------------------------------------------------- busy, and flowed back

WITHIN = 600


def leg(row: int, passed: float | None, ended: float | None, **other: Any) -> Row:
    """A row of the client's log; times are seconds since T0. It arrives as it is passed on, unless told otherwise."""
    times = {name: at(other.pop(name, None)) for name in ("arrived", "answered", "leg_answered", "returned")}
    start = times["arrived"] or at(passed)
    made = {
        "call_id": f"h{row}",
        "vendor_id": "me" if passed is not None else None,
        "arrived_utc": start,
        "transferred_utc": at(passed),
        "leg_ended_utc": at(ended),
        "leg_answered_utc": times["leg_answered"],
        "returned_utc": times["returned"],
        "answered_utc": times["answered"],
        "file_id": "log",
        "row": row,
        "audit_month": "2026-03",
    }
    return made | other


def inhouse(rows: list[Row]) -> pl.DataFrame:
    full = [{name: row.get(name) for name in INHOUSE_CALLS.schema} for row in rows]
    return pl.DataFrame(full, schema=INHOUSE_CALLS.schema, orient="row")


def flowed(engine: Engine, rows: list[Row], is_told: bool = True) -> Mapping[str, int]:
    engine.frame("inhouse_calls", inhouse(rows))
    params = {"vendor": "me", "month": "2026-03", "within_us": WITHIN * SECOND, "is_answer_told": is_told}
    return engine.run(STEPS / "flow_back.sql", **params).row(0, named=True)


def flowed_by_hand(rows: list[Row]) -> Mapping[str, int]:
    """Call by call, in the words of the figure."""
    limit, counts = timedelta(seconds=WITHIN), {"legs": 0, "returned": 0, "retried": 0, "maybe": 0}
    for one in rows:
        if one["vendor_id"] != "me" or one["audit_month"] != "2026-03":
            continue
        counts["legs"] += 1
        passed, back = one["transferred_utc"], one["returned_utc"]
        if back is not None and passed <= back <= passed + limit:
            counts["returned"] += 1
            continue
        if one["leg_answered_utc"] is not None:
            continue
        end = one["leg_ended_utc"] or passed
        again = False
        for other in rows:
            if other["transferred_utc"] is not None:
                continue
            reached = other["answered_utc"] or other["arrived_utc"]
            is_call = other["call_id"] == one["call_id"] and end <= reached <= end + limit
            is_caller = one.get("caller_key") is not None and other.get("caller_key") == one["caller_key"]
            again = again or is_call or (is_caller and end <= other["arrived_utc"] <= end + limit)
        counts["retried" if again else "maybe" if one.get("caller_key") is None else "legs"] += 1
        counts["legs"] -= not (again or one.get("caller_key") is None)
    return counts


@st.composite
def logs(draw: st.DrawFn) -> list[Row]:
    """Up to thirty rows of few callers, one of them busy."""
    rows: list[Row] = []
    second = st.one_of(st.integers(0, 3000), st.integers(0, 6).map(lambda n: n * WITHIN))
    for row in range(1, draw(st.integers(1, 30)) + 1):
        start, length = draw(second), draw(st.sampled_from([0, 1, 30, WITHIN, WITHIN - 30]))
        other: Row = {"caller_key": draw(st.sampled_from([None, 1, 1, 1, 2])), "call_id": f"h{draw(st.integers(1, 9))}"}
        if draw(st.booleans()):
            other |= {"answered": draw(st.sampled_from([None, start, start + 20])), "arrived": start}
            rows.append(leg(row, None, None, **other))
            continue
        other |= {"returned": draw(st.sampled_from([None, None, None, start, start + WITHIN, start + WITHIN + 1]))}
        other |= {"leg_answered": draw(st.sampled_from([None, None, start + 1]))}
        other |= {"vendor_id": draw(st.sampled_from(["me", "me", "me", "other"]))}
        other |= {"audit_month": draw(st.sampled_from(["2026-03", "2026-03", "2026-03", "2026-04"]))}
        rows.append(leg(row, start, draw(st.sampled_from([None, start + length])), **other))
    return rows


@settings(max_examples=150)
@given(logs())
def test_calls_that_flow_back_equal_a_plain_loop(engine: Engine, rows: list[Row]) -> None:
    assert flowed(engine, rows) == flowed_by_hand(rows)


def test_who_rings_us_ten_minutes_later_has_flowed_back(engine: Engine) -> None:
    lost = leg(1, 0, 40, caller_key=7)
    assert flowed(engine, [lost, leg(2, None, None, arrived=640, caller_key=7)])["retried"] == 1
    assert flowed(engine, [lost, leg(2, None, None, arrived=641, caller_key=7)])["retried"] == 0
    assert flowed(engine, [lost, leg(2, None, None, arrived=641, caller_key=7)], False)["maybe"] == 0
    assert flowed(engine, [lost, leg(2, None, None, arrived=640, caller_key=7)], False) == {
        "legs": 1,
        "returned": 0,
        "retried": 0,
        "maybe": 1,
    }


def test_a_second_leg_of_the_same_call_that_we_took_has_flowed_back(engine: Engine) -> None:
    first = leg(1, 10, 40, call_id="c", arrived=0)
    own = leg(2, None, None, call_id="c", arrived=0, answered=70)
    assert flowed(engine, [first, own])["retried"] == 1


def test_busy_legs_are_those_that_our_log_calls_blocked(engine: Engine) -> None:
    outcomes = ["blocked", "transferred", None, "unknown", "blocked"]
    rows = [leg(n, 10 * n, None, outcome=outcome) for n, outcome in enumerate(outcomes)]
    rows[4]["vendor_id"] = "other"
    engine.frame("inhouse_calls", inhouse(rows))
    found = engine.run(STEPS / "busy_legs.sql", vendor="me", month="2026-03").row(0, named=True)
    assert found == {"legs": 4, "busy": 1, "untold": 2}


def test_a_blocked_record_adds_to_busy_legs_only_what_our_log_did_not_say(engine: Engine) -> None:
    """Four blocked records: of a leg we call blocked, of one we call passed on, of none, and of another month."""
    links, calls = [], []
    for row, (side, leg_row, in_month) in enumerate(
        [("pair", 1, True), ("pair", 2, True), ("vendor", None, True), ("pair", 3, False)]
    ):
        origin = {"file_id": "v", "row": row}
        calls.append({**origin, "outcome": "blocked"})
        leg_origin = {"inhouse_file_id": leg_row and "log", "inhouse_row": leg_row}
        links.append({**origin, **leg_origin, "side": side, "in_month": in_month, "is_absent": False})
    lone = {"file_id": "log", "row": 4, "inhouse_file_id": "log", "inhouse_row": 4, "side": "inhouse", "in_month": True}
    links += [{**lone, "is_absent": False}, {**lone, "row": 5, "inhouse_row": 5, "is_absent": True}]
    outcomes = ["blocked", "transferred", "transferred", "transferred", "transferred"]
    engine.frame("inhouse_calls", inhouse([leg(n + 1, n, None, outcome=word) for n, word in enumerate(outcomes)]))
    engine.frame("whole_calls", pl.DataFrame(calls))
    engine.frame("links", pl.DataFrame(links))
    found = engine.run(STEPS / "busy_records.sql").row(0, named=True)
    assert found == {"paired": 1, "alone": 1, "lone_legs": 1}


# ---------------------------------------------------------------------------------------------------- agents there


@st.composite
def states(draw: st.DrawFn) -> list[Row]:
    """A few agents' states, touching, overlapping, without an end."""
    rows: list[Row] = []
    for row in range(1, draw(st.integers(1, 14)) + 1):
        start = draw(st.integers(-20, 120)) * 60
        end = draw(st.sampled_from([None, start, start + 60, start + 600, start + 5400]))
        word = draw(st.sampled_from(["idle", "talk", "acw", "break", "logged_out", "unknown"]))
        agent = draw(st.sampled_from(["a", "b"]))
        rows.append({"agent_id": agent, "state": word, "from": start, "to": end, "file_id": "f", "row": row})
    return rows


@settings(max_examples=60)
@given(states())
def test_agents_there_equal_a_count_of_every_minute(engine: Engine, rows: list[Row]) -> None:
    told = [{**row, "from_utc": at(row["from"]), "to_utc": at(row["to"])} for row in rows]
    full = [{name: row.get(name) for name in AGENT_STATES.schema} for row in told]
    engine.frame("states_there", pl.DataFrame(full, schema=AGENT_STATES.schema, orient="row"))
    stretches = engine.run(STEPS / "sessions.sql", offset_us=60 * SECOND)
    frame = half_hours(Month("2026-03"), "UTC").filter(pl.col("start_utc").is_between(T0, T0 + timedelta(hours=2)))
    there = {agent: set() for agent in "ab"}  # type: dict[str, set[int]]
    for row in rows:
        own = [other for other in rows if other["agent_id"] == row["agent_id"]]
        later = [other for other in own if (other["from"], other["row"]) > (row["from"], row["row"])]
        until = row["to"] if row["to"] is not None else min((other["from"] for other in later), default=None)
        if row["state"] not in ("logged_out", "unknown") and until is not None:
            there[row["agent_id"]] |= set(range(row["from"] // 60 - 1, until // 60 - 1))
    for half, mean in enumerate(heads(stretches, frame)):
        minutes = range(30 * half, 30 * half + 30)
        expected = sum(minute in present for present in there.values() for minute in minutes) / 30
        assert mean == pytest.approx(expected)


def test_states_delivered_twice_are_one_stretch(engine: Engine) -> None:
    """With these numbers of rows a sort turns equal ones about, and an evening ran into the next morning."""
    rows: list[Row] = []
    ends = {"a19": (19, 20), "a20": (20, 21), "a21": (21, 22), "a32": (32, 21)}
    for agent, counts in ends.items():
        for day, count in enumerate(counts):
            starts = [T0 + timedelta(days=day, minutes=minute) for minute in range(count) for _ in range(2)]
            told = {"agent_id": agent, "state": "idle", "file_id": "f"}
            rows += [
                {**told, "row": n, "from_utc": s, "to_utc": s + timedelta(minutes=1)} for n, s in enumerate(starts)
            ]
    full = [{name: row.get(name) for name in AGENT_STATES.schema} for row in rows]
    engine.frame("states_there", pl.DataFrame(full, schema=AGENT_STATES.schema, orient="row"))
    found = engine.run(STEPS / "sessions.sql", offset_us=0)
    lengths = {agent: [] for agent in ends}  # type: dict[str, list[int]]
    for agent, since, until in found.sort("from_us").rows():
        lengths[agent].append((until - since) // 60_000_000)
    assert lengths == {agent: list(counts) for agent, counts in ends.items()}


def test_two_rows_of_one_shift_are_one_agent() -> None:
    spans = pl.DataFrame({"agent_id": ["a", "a", "a", "b"], "from_us": [0, 0, 5, 3], "to_us": [5, 5, 9, 4]})
    assert merged(spans, "agent_id").sort("agent_id").rows() == [("a", 0, 9), ("b", 3, 4)]
