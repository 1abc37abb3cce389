"""First-contact resolution and callbacks: cases by hand, and the SQL against plain loops on random worlds."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.resolution.figures import resolution_figures
from tests.measure import oracle
from tests.measure.worlds import ME, WINDOWS, Small, at, follow

HOUR, DAY = 3_600, 86_400
FAR = 40 * DAY


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def counts(engine: Engine, world: Small, blind: list[tuple[int, int]] | None = None, end: int = FAR) -> dict:
    """Window → its counts, as whole numbers."""
    rows = follow(engine, world, blind or [], end)[1]
    return {
        row["name"]: {name: int(row[name] or 0) for name in row if name not in ("name", "closes_us")} for row in rows
    }


def pair(world: Small, start: int, end: int | None, caller: int | None, **other: object) -> None:
    """A call passed on 30 s after it arrived, and its record."""
    leg = world.leg(start, start + 30, caller, returned_utc=other.pop("returned_utc", None))
    world.link(world.call(start + 30, end, caller, **other), leg)


def test_a_call_nobody_follows_is_resolved(engine: Engine) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    assert [counts(engine, world)[name]["resolved"] for name in WINDOWS] == [1, 1, 1]


@pytest.mark.parametrize(("gap", "resolved"), [(0, 1), (1, 0), (2 * HOUR, 0), (2 * HOUR + 1, 1)])
def test_a_contact_counts_from_after_the_end_to_the_bound_itself(engine: Engine, gap: int, resolved: int) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 200 + gap, 200 + gap + 10 * DAY, 1)
    first = counts(engine, world)["2h"]
    assert first["closed"] == 2
    assert first["resolved"] == resolved + 1  # the second is followed by nobody


@pytest.mark.parametrize(("gap", "resolved"), [(7 * DAY, 1), (7 * DAY + 1, 2)])
def test_the_bound_of_the_longest_window_is_within(engine: Engine, gap: int, resolved: int) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 200 + gap, 200 + gap + 60, 1)
    assert counts(engine, world)["7d"]["resolved"] == resolved


@pytest.mark.parametrize(
    ("start", "end", "is_blind"),
    [(200 + 2 * HOUR, FAR, 1), (201 + 2 * HOUR, FAR, 0), (0, 201, 1), (0, 200, 0), (0, FAR, 1)],
)
def test_a_span_is_blind_to_a_window_where_a_contact_of_it_could_lie(
    engine: Engine, start: int, end: int, is_blind: int
) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    assert counts(engine, world, [(start, end)])["2h"]["resolved_blind"] == is_blind


def test_a_call_over_midnight_is_followed_on_the_next_day(engine: Engine) -> None:
    world = Small()
    pair(world, DAY - 60, DAY + 300, 1)
    pair(world, DAY + 600, DAY + 700, 1)
    assert counts(engine, world)["2h"]["resolved"] == 1


def test_its_own_leg_and_other_callers_are_no_further_contact(engine: Engine) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    pair(world, 300, 400, 2)
    world.link(world.call(320, 420, None), None)
    found = counts(engine, world)["2h"]
    assert (found["closed"], found["resolved"], found["no_number"]) == (2, 2, 1)


def test_a_second_row_of_the_same_call_in_our_log_is_the_same_contact(engine: Engine) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    again = world.leg(0, 260, 1, call_id="h1")
    world.link(None, again)
    assert counts(engine, world)["2h"]["resolved"] == 1


def test_a_hand_back_counts_against_resolution_once_and_is_no_callback(engine: Engine) -> None:
    world = Small()
    pair(world, 0, 200, 1, returned_utc=at(200))
    found = counts(engine, world)["24h"]
    assert (found["closed"], found["resolved"], found["called_inhouse"]) == (1, 0, 0)


@pytest.mark.parametrize(
    ("leg", "resolved", "called"),
    [
        ({"agent_id": "in1"}, 0, 1),
        ({"outcome": "answered"}, 0, 1),
        ({"outcome": "abandoned"}, 0, 0),  # reached our queue, so a further contact; nobody handled it
        ({}, 1, 0),  # hung up in the IVR: neither a queue nor an agent
    ],
)
def test_what_counts_in_house(engine: Engine, leg: dict[str, str], resolved: int, called: int) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    world.leg(1000, None, 1, **leg)
    found = counts(engine, world)["24h"]
    assert (found["resolved"], found["called_inhouse"]) == (resolved, called)


def test_a_contact_at_another_vendor_and_a_leg_without_record_count(engine: Engine) -> None:
    for other in ("elsewhere", None):
        world = Small()
        pair(world, 0, 200, 1)
        if other:
            leg = world.leg(1000, 1030, 1, other)
            world.link(world.call(1030, 1100, 1, other), leg)
        else:
            world.link(None, world.leg(1000, 1030, 1))
        found = counts(engine, world)["2h"]
        assert (found["closed"], found["resolved"], found["called_inhouse"]) == (1, 0, 0)


def test_a_proven_record_is_neither_base_nor_further_contact(engine: Engine) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    ghost = world.call(1000, 1100, 1)
    world.link(ghost, None)
    world.proven(ghost)
    found = counts(engine, world)["2h"]
    assert (found["closed"], found["resolved"]) == (1, 1)


def test_a_record_matched_by_time_takes_the_callers_number_from_the_leg(engine: Engine) -> None:
    world = Small()
    world.link(world.call(30, 200, None), world.leg(0, 30, 1))
    pair(world, 900, 1000, 1)
    found = counts(engine, world)["2h"]
    assert (found["closed"], found["resolved"], found["no_number"]) == (2, 1, 0)


def test_windows_close_when_the_data_reaches_over_them(engine: Engine) -> None:
    world = Small()
    pair(world, 0, 200, 1)
    assert counts(engine, world, end=200 + 2 * HOUR)["2h"]["closed"] == 1
    before = counts(engine, world, end=200 + 2 * HOUR - 1)["2h"]
    assert (before["closed"], before["still_open"]) == (0, 1)


def test_an_answered_call_without_an_end_is_outside_the_base(engine: Engine) -> None:
    world = Small()
    pair(world, 0, None, 1)
    assert counts(engine, world) == {}


SPOT = st.integers(0, 200)
"""Half hours, so that starts fall on the bounds of windows again and again."""


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    """Up to fifteen calls of few callers at two vendors and in-house, in every state that a link can have."""
    world = Small()
    callers = st.sampled_from([1, 1, 1, 2, None])
    for _ in range(draw(st.integers(1, 15))):
        start = draw(SPOT) * 1800 + draw(st.sampled_from([0, 0, 1, -1])) + 1
        kind = draw(st.sampled_from(["pair", "pair", "pair", "vendor", "leg", "own", "ivr"]))
        caller, vendor = draw(callers), draw(st.sampled_from([ME, ME, "elsewhere"]))
        if kind in ("own", "ivr"):
            state = {} if kind == "ivr" else draw(st.sampled_from([{"agent_id": "in1"}, {"outcome": "abandoned"}]))
            world.leg(start, None, caller, **state)
            continue
        offset = draw(st.sampled_from([0, 37, -12]))
        end = draw(st.sampled_from([None, *[1800 * n for n in range(1, 6)] * 2]))
        shows = draw(st.booleans()) or kind == "vendor"
        leg = None
        if kind != "vendor":
            back = at(start + 900) if draw(st.integers(0, 7)) == 0 else None
            ids = {"call_id": world.legs[-1]["call_id"]} if world.legs and draw(st.integers(0, 9)) == 0 else {}
            leg = world.leg(start, start, caller, vendor, returned_utc=back, **ids)
        call = None
        if kind != "leg":
            ended = None if end is None else start + end + offset
            outcomes = st.sampled_from(["answered"] * 4 + ["transferred", "abandoned", "blocked", "unknown"])
            call = world.call(start + offset, ended, caller if shows else None, vendor, outcome=draw(outcomes))
            if draw(st.integers(0, 9)) == 0:
                world.proven(call)
        world.link(call, leg, offset, in_month=draw(st.integers(0, 5)) > 0)
    return world


@settings(max_examples=150)
@given(world=worlds(), blind=st.lists(st.tuples(SPOT, st.integers(1, 4)), max_size=2), end=st.integers(100, 900))
def test_the_sql_agrees_with_plain_loops(engine: Engine, world: Small, blind: list[tuple[int, int]], end: int) -> None:
    spans = [(start * 1800, (start + length) * 1800) for start, length in blind]
    following, counted = follow(engine, world, spans, end * 1800)
    found = {
        row["name"]: {key: int(row[key] or 0) for key in row if key not in ("name", "closes_us")} for row in counted
    }
    expected = oracle.windows(world, spans, end * 1800)
    assert found == (expected if any(any(row.values()) for row in expected.values()) else {})
    nexts = {(row["file_id"], row["row"]): row["next_call_id"] for row in following if row["next_us"] is not None}
    assert nexts == oracle.followed_by(world)


def test_a_caller_with_dozens_of_calls(engine: Engine) -> None:
    world = Small()
    for n in range(60):
        pair(world, n * 3 * HOUR, n * 3 * HOUR + 1800, 1)
    found = counts(engine, world)
    assert found == oracle.windows(world, [], FAR)
    assert (found["2h"]["resolved"], found["24h"]["resolved"]) == (60, 1)


def window(**counts: int) -> dict[str, object]:
    """A row of counts, nothing where not told."""
    names = ("closed", "resolved", "resolved_blind", "called_inhouse", "quiet_blind", "no_number", "still_open")
    return {**dict.fromkeys(names, 0), "closes": "2026-03-20", **counts}


def test_callers_without_number_stand_outside_the_value_and_inside_its_bounds() -> None:
    fcr, callback = resolution_figures("2h", window(closed=8, resolved=6, called_inhouse=1, no_number=2), 0, True)
    assert (fcr.value, fcr.low, fcr.high, fcr.n) == (75.0, 60.0, 80.0, 8)
    assert (callback.value, callback.low, callback.high) == (12.5, 10.0, 30.0)


def test_blind_spans_lower_resolution_and_raise_callbacks_only() -> None:
    fcr, callback = resolution_figures("2h", window(closed=10, resolved=6, resolved_blind=2, quiet_blind=3), 0, True)
    assert (fcr.low, fcr.value, fcr.high) == (40.0, 60.0, 60.0)
    assert (callback.low, callback.value, callback.high) == (0.0, 0.0, 30.0)


def test_an_open_window_makes_the_figure_provisional_and_says_until_when() -> None:
    fcr, _ = resolution_figures("7d", window(closed=4, resolved=4, still_open=1), 3, True)
    assert (fcr.status, fcr.reason, fcr.low) == ("provisional", "window_open:2026-03-20", None)


def test_calls_without_an_end_are_told_and_a_log_without_agents_gives_no_callback_rate() -> None:
    fcr, callback = resolution_figures("7d", window(closed=4, resolved=4), 3, False)
    assert (fcr.status, fcr.reason) == ("final", "unended:3")
    assert (callback.value, callback.status) == (None, "not_measurable")


@given(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6), st.integers(0, 4), st.data())
def test_the_bounds_are_those_of_all_cases(
    resolved: int, not_: int, inhouse: int, unknown: int, data: st.DataObject
) -> None:
    """Every caller without a number, and every quiet call with a blind span, may have called or not."""
    closed = resolved + not_
    blind = data.draw(st.integers(0, resolved))
    inhouse = min(inhouse, not_)
    quiet = data.draw(st.integers(blind, max(blind, closed - inhouse)))
    counts = window(
        closed=closed,
        resolved=resolved,
        resolved_blind=blind,
        called_inhouse=inhouse,
        quiet_blind=quiet,
        no_number=unknown,
    )
    fcr, callback = resolution_figures("2h", counts, 0, True)
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
        assert (callback.low, callback.high) == pytest.approx((100 * inhouse / (closed + unknown), high))
