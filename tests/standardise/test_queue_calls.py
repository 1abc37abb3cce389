"""Events of a queue log folded: what a supervisor would say happened, and the same as a slow reading by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.standardise.queue_calls import CALLS, FoldedCalls, fold_calls
from pipelines.standardise.queue_states import STATES, fold_states
from tests.standardise import queue_oracle

EIGHT = datetime(2026, 10, 1, 8, tzinfo=UTC)
SCHEMA = {
    "event_utc": pl.Datetime("us", "UTC"),
    **dict.fromkeys(("call_id", "queue", "agent_id", "event", "data1", "data2", "data3", "data4", "data5"), pl.String),
    "caller_key": pl.UInt64,
    "caller_mask": pl.String,
    "caller_kind": pl.String,
    "file_id": pl.String,
    "row": pl.Int64,
}
Line = tuple[float, str, str, str, str]


def event(row: int, second: float, call: str, queue: str, agent: str, text: str) -> dict[str, Any]:
    """One event as the lake has it; `text` is its name and details, as in the log: `CONNECT|12||4`."""
    name, *data = text.split("|")
    details = {f"data{place}": value or None for place, value in enumerate([*data, *[""] * 5][:5], 1)}
    caller = {"caller_key": 7, "caller_mask": "+15*****23", "caller_kind": "number"} if name == "ENTERQUEUE" else {}
    at = EIGHT + timedelta(seconds=second)
    return (
        {"event_utc": at, "call_id": call, "queue": queue, "agent_id": agent, "event": name}
        | details
        | {
            "caller_key": None,
            "caller_mask": None,
            "caller_kind": None,
            **caller,
            "file_id": "f0",
            "row": row,
        }
    )


def table(*lines: Line) -> pl.DataFrame:
    return pl.DataFrame([event(row, *line) for row, line in enumerate(lines, 1)], schema=SCHEMA)


def told(folded: FoldedCalls, *names: str) -> list[tuple[Any, ...]]:
    return folded.calls.select(names).rows()


def at(second: float) -> datetime:
    return EIGHT + timedelta(seconds=second)


def test_an_answered_call() -> None:
    folded = fold_calls(
        table(
            (0, "c1", "support", "NONE", "ENTERQUEUE|||1"),
            (8, "c1", "support", "Agent/1002", "RINGNOANSWER|8000"),
            (12, "c1", "support", "Agent/1001", "CONNECT|12|c2|4"),
            (192, "c1", "support", "Agent/1001", "COMPLETECALLER|12|180|1"),
        )
    )
    assert folded.calls.to_dicts() == [
        {
            "call_id": "c1",
            "leg": "1",
            "caller_key": 7,
            "caller_mask": "+15*****23",
            "caller_kind": "number",
            "called": None,
            "queue": "support",
            "agent_id": "1001",
            "offered_utc": at(0),
            "answered_utc": at(12),
            "ended_utc": at(192),
            "ring_s": Decimal(4),
            "queue_s": Decimal(12),
            "talk_s": Decimal(180),
            "outcome": "answered",
            "transfer_to": None,
            "file_id": "f0",
            "row": 1,
        }
    ]
    assert folded.calls.schema == pl.Schema(CALLS)
    assert (folded.without_entry.height, folded.unknown) == (0, {})


@pytest.mark.parametrize(
    ("end", "outcome", "queue_s", "talk_s", "transfer_to"),
    [
        ("ABANDON|1|2|30", "abandoned", 30, None, None),
        ("EXITWITHTIMEOUT|1|2|30", "overflowed", 30, None, None),
        ("EXITWITHTIMEOUT|1", "overflowed", None, None, None),
        ("EXITEMPTY|1|2|30", "overflowed", 30, None, None),
        ("EXITWITHKEY|9|1|2|30", "overflowed", 30, None, None),
        ("COMPLETEAGENT|10|20|1", "answered", 10, 20, None),
        ("COMPLETEAGENT|ten|-5|1", "answered", None, None, None),
        ("TRANSFER|2000|sales|10|20|1", "transferred", 10, 20, "2000"),
        ("BLINDTRANSFER|2000|sales|10|20|1", "transferred", 10, 20, "2000"),
        ("ATTENDEDTRANSFER|BRIDGE|b1|10|20|1", "transferred", 10, 20, None),
        ("ATTENDEDTRANSFER|APP|Voicemail|10|20|1", "transferred", 10, 20, "Voicemail"),
        ("ATTENDEDTRANSFER|LINK|Local/a;1|Local/b;2|10|20", "transferred", 10, 20, None),
    ],
)
def test_every_way_to_leave_a_queue(
    end: str, outcome: str, queue_s: int | None, talk_s: int | None, transfer_to: str | None
) -> None:
    folded = fold_calls(table((0, "c1", "q", "NONE", "ENTERQUEUE|||1"), (30, "c1", "q", "Agent/7", end)))
    row = (outcome, queue_s, talk_s, transfer_to, at(30), "7" if talk_s or outcome == "answered" else None)
    assert told(folded, "outcome", "queue_s", "talk_s", "transfer_to", "ended_utc", "agent_id") == [row]


def test_a_queue_that_nobody_serves_turns_the_caller_away() -> None:
    folded = fold_calls(
        table(
            (0, "c1", "NONE", "NONE", "DID|8000"),
            (0, "c1", "day", "NONE", "JOINEMPTY"),
            (1, "c1", "night", "NONE", "ENTERQUEUE|||1"),
        )
    )
    assert told(folded, "leg", "queue", "outcome", "offered_utc", "ended_utc", "caller_key", "called") == [
        ("1", "day", "blocked", at(0), at(0), 7, "8000"),
        ("2", "night", "unknown", at(1), None, 7, "8000"),
    ]


def test_a_call_through_two_queues_and_back_within_the_same_second() -> None:
    lines = (
        (0, "c1", "a", "NONE", "ENTERQUEUE|||1"),
        (20, "c1", "a", "NONE", "EXITWITHTIMEOUT|1|1|20"),
        (20, "c1", "b", "NONE", "ENTERQUEUE|||1"),
        (50, "c1", "b", "NONE", "EXITWITHTIMEOUT|1|1|30"),
        (50, "c1", "a", "NONE", "ENTERQUEUE|||1"),
        (60, "c1", "a", "NONE", "EXITWITHTIMEOUT|1|1|10"),
        (60, "c1", "a", "NONE", "ENTERQUEUE|||1"),
        (60, "c1", "a", "Agent/7", "CONNECT|0|x|0"),
        (65, "c1", "a", "Agent/7", "COMPLETEAGENT|0|5|1"),
    )
    for given_lines in (lines, lines[::-1], lines[4:] + lines[:4]):
        folded = fold_calls(table(*given_lines))
        assert told(folded, "leg", "queue", "offered_utc", "outcome", "queue_s") == [
            ("1", "a", at(0), "overflowed", 20),
            ("2", "b", at(20), "overflowed", 30),
            ("3", "a", at(50), "overflowed", 10),
            ("4", "a", at(60), "answered", 0),
        ]
        assert folded.without_entry.is_empty()


def test_what_happens_in_one_second_belongs_to_the_entry_that_it_can_belong_to() -> None:
    folded = fold_calls(
        table(
            (0, "c1", "q", "NONE", "ENTERQUEUE|||1"),
            (1, "c1", "q", "NONE", "ENTERQUEUE|||1"),
            (1, "c1", "q", "NONE", "EXITWITHTIMEOUT|1|1|1"),
            (9, "c2", "q", "NONE", "ENTERQUEUE|||1"),
            (9, "c2", "q", "NONE", "JOINEMPTY"),
            (9, "c2", "q", "Agent/7", "CONNECT|0|x|0"),
        )
    )
    assert told(folded, "call_id", "leg", "offered_utc", "outcome") == [
        ("c1", "1", at(0), "overflowed"),
        ("c1", "2", at(1), "unknown"),
        ("c2", "1", at(9), "blocked"),
        ("c2", "2", at(9), "answered"),
    ]


def test_a_log_that_was_cut_says_what_it_does_not_know() -> None:
    folded = fold_calls(
        table(
            (0, "old", "q", "Agent/7", "CONNECT|40|x|5"),
            (9, "old", "q", "Agent/7", "COMPLETEAGENT|40|9|1"),
            (10, "c1", "q", "NONE", "ENTERQUEUE|||1"),
            (11, "c2", "q", "NONE", "ENTERQUEUE|||1"),
            (12, "c2", "q", "Agent/7", "CONNECT|1|x|1"),
        )
    )
    assert told(folded, "call_id", "outcome", "answered_utc", "ended_utc", "talk_s") == [
        ("c1", "unknown", None, None, None),
        ("c2", "answered", at(12), None, None),
    ]
    assert folded.without_entry.select("call_id", "event", "row").rows() == [
        ("old", "CONNECT", 1),
        ("old", "COMPLETEAGENT", 2),
    ]


def test_ringing_that_nobody_answered_is_added_up_and_strange_events_are_counted() -> None:
    folded = fold_calls(
        table(
            (0, "c1", "q", "NONE", "ENTERQUEUE|||1"),
            (10, "c1", "q", "Agent/1", "RINGNOANSWER|9500"),
            (20, "c1", "q", "Agent/2", "RINGCANCELED|500"),
            (20, "c1", "q", "NONE", "ABANDON|1|1|20"),
            (20, "c1", "q", "NONE", "OURS|x"),
            (21, "c1", "q", "NONE", "OURS|y"),
            (22, "NONE", "NONE", "NONE", "QUEUESTART"),
            (23, "NONE", "q", "NONE", "ABANDON|1|1|5"),
        )
    )
    assert told(folded, "ring_s", "queue_s", "outcome") == [(10, 20, "abandoned")]
    assert folded.unknown == {"OURS": 2}
    assert folded.without_entry["row"].to_list() == [8]


def test_a_day_of_an_agent() -> None:
    intervals = fold_states(
        table(
            (0, "NONE", "a", "Agent/7", "ADDMEMBER"),
            (0, "NONE", "b", "Agent/7", "ADDMEMBER"),
            (10, "c1", "a", "Agent/7", "CONNECT|1|x|1"),
            (20, "NONE", "a", "Agent/7", "PAUSE|lunch"),
            (20, "NONE", "b", "Agent/7", "PAUSE|lunch"),
            (20, "NONE", "NONE", "Agent/7", "PAUSEALL|lunch"),
            (40, "c1", "a", "Agent/7", "COMPLETECALLER|1|30|1"),
            (60, "NONE", "a", "Agent/7", "UNPAUSE"),
            (61, "NONE", "NONE", "Agent/7", "UNPAUSEALL"),
            (70, "NONE", "a", "Agent/7", "PAUSE"),
            (80, "NONE", "a", "Agent/7", "REMOVEMEMBER"),
            (90, "NONE", "b", "Agent/7", "REMOVEMEMBER"),
        )
    )
    assert intervals.schema == pl.Schema(STATES)
    assert intervals.drop("file_id").rows() == [
        ("7", "idle", at(0), at(10), 2),
        ("7", "talk", at(10), at(40), 3),
        ("7", "break", at(40), at(60), 7),
        ("7", "idle", at(60), at(90), 8),
        ("7", "logged_out", at(90), None, 12),
    ]


def test_what_ends_in_the_log_had_begun_before_it() -> None:
    intervals = fold_states(
        table(
            (0, "NONE", "a", "PJSIP/1", "ADDMEMBER"),
            (5, "c0", "a", "PJSIP/1", "COMPLETEAGENT|1|60|1"),
            (9, "NONE", "b", "Agent/2", "PAUSEALL"),
            (9, "NONE", "b", "NONE", "PAUSEALL"),
            (10, "NONE", "NONE", "Agent/3", "UNPAUSEALL"),
            (11, "NONE", "NONE", "Agent/3", "AGENTLOGOFF|x|900"),
            (12, "c9", "a", "Agent/3", "CONNECT|1"),
            (12, "c9", "a", "Agent/3", "COMPLETEAGENT|1|0|1"),
        )
    )
    assert intervals.drop("file_id", "row").rows() == [
        ("2", "break", at(9), None),
        ("3", "idle", at(10), at(11)),
        ("3", "logged_out", at(11), None),
        ("PJSIP/1", "talk", at(0), at(5)),
        ("PJSIP/1", "idle", at(5), None),
    ]


def test_a_pause_in_a_queue_that_the_agent_is_not_in_is_no_break() -> None:
    intervals = fold_states(
        table(
            (0, "NONE", "a", "Agent/7", "ADDMEMBER"),
            (5, "NONE", "b", "Agent/7", "PAUSE"),
            (9, "NONE", "a", "Agent/7", "PAUSE"),
            (9, "NONE", "b", "Agent/8", "PAUSE"),
        )
    )
    assert intervals.select("agent_id", "state", "from_utc", "to_utc").rows() == [
        ("7", "idle", at(0), at(9)),
        ("7", "break", at(9), None),
        ("8", "break", at(9), None),
    ]


def test_no_events_give_empty_tables() -> None:
    folded = fold_calls(table())
    assert (folded.calls.schema, folded.calls.height, folded.unknown) == (pl.Schema(CALLS), 0, {})
    assert (fold_states(table()).schema, fold_states(table()).height) == (pl.Schema(STATES), 0)


DATA = st.sampled_from(["", "0", "1", "2", "3", "1500", "LINK", "x", "1e400", "-1"])
NAMES = ["ENTERQUEUE", "ENTERQUEUE", "JOINEMPTY", "RINGNOANSWER", "CONNECT", *queue_oracle.ENDS, "OURS"]
AGENT_EVENTS = [*queue_oracle.LOGIN, *queue_oracle.LOGOFF, *queue_oracle.PAUSES, "CONNECT", "COMPLETEAGENT", "TRANSFER"]


def lines(names: list[str]) -> st.SearchStrategy[list[Line]]:
    """Logs in any order, with several events a second and details that fit together as often as not."""
    second = st.integers(0, 6).map(float)
    text = st.tuples(st.sampled_from(names), DATA, DATA, DATA, DATA, DATA).map("|".join)
    calls, queues, agents = st.sampled_from(["c1", "c2", "NONE"]), st.sampled_from("ab"), st.sampled_from(["1", "2"])
    return st.lists(st.tuples(second, calls, queues, agents, text), max_size=24)


@settings(max_examples=150, deadline=None)
@given(made=lines(NAMES))
def test_calls_are_those_of_the_slow_reading(made: list[Line]) -> None:
    given_rows = table(*made)
    folded = fold_calls(given_rows)
    wanted, lost = queue_oracle.calls(given_rows.to_dicts())
    names = list(wanted[0]) if wanted else ["row"]
    found = [
        {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in folded.calls.select(names).to_dicts()
    ]
    by_row = sorted(found, key=lambda row: int(row["row"]))
    assert by_row == sorted(wanted, key=lambda row: int(row["row"]))
    assert sorted(folded.without_entry["row"]) == lost
    assert sum(folded.unknown.values()) == sum(line[4].startswith("OURS") for line in made)
    for (call,), legs in folded.calls.group_by("call_id"):
        assert sorted(legs["leg"].cast(pl.Int64)) == list(range(1, legs.height + 1)), call


@settings(max_examples=60, deadline=None)
@given(made=lines(NAMES), data=st.data())
def test_the_order_of_lines_changes_nothing(made: list[Line], data: st.DataObject) -> None:
    given_rows = table(*made)
    order = data.draw(st.permutations(range(len(made))))
    shuffled = given_rows[order] if made else given_rows
    assert fold_calls(shuffled).calls.equals(fold_calls(given_rows).calls)
    assert fold_states(shuffled).equals(fold_states(given_rows))


@settings(max_examples=150, deadline=None)
@given(made=lines(AGENT_EVENTS))
def test_states_are_those_of_the_slow_reading(made: list[Line]) -> None:
    given_rows = table(*made)
    found = fold_states(given_rows)
    assert found.select("agent_id", "state", "from_utc", "to_utc").rows() == queue_oracle.states(given_rows.to_dicts())
