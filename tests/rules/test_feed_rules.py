"""The rules of every feed: what they catch, what they let pass on purpose, and when they cannot run.

Each case is a day with one ordinary call and one that differs; moments are told in seconds after the call was offered.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.rules import RuleOutcome, Sample, feed_rules, gate, run_rules
from checks.rules.beside import received_frame
from checks.rules.feed_rules import DAY_VOLUME, Delivered
from pipelines.contract.model import Rule
from pipelines.tables import (
    AGENT_STATES,
    CLAIMS,
    FORECAST,
    INHOUSE_CALLS,
    QUALITY_SCORES,
    QUEUE_EVENTS,
    ROSTER,
    SURVEYS,
    TRUNKS,
    Table,
)
from tests.rules.deliveries import delivery

DAY = "2026-10-05"
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
RECEIVED = received_frame([("f0", "2026-11-02T03:00:00+00:00")])
PEOPLE = pl.DataFrame(
    [("anna", date(2026, 1, 1), None), ("bo", None, date(2026, 10, 3)), ("cy", date(2026, 11, 1), None)],
    schema={"known_agent": pl.String, "hired": pl.Date, "last_day": pl.Date},
    orient="row",
)
BESIDE = {"received": RECEIVED, "roster": PEOPLE}
ANSWERED = {"answered_utc": timedelta(seconds=20)}


def asked(table: str) -> list[Rule]:
    """The rules that are asked in SQL."""
    return [rule for rule in feed_rules(table) if rule.expectation_type != DAY_VOLUME]


def broken(outcomes: Iterable[RuleOutcome]) -> set[str]:
    """Names of the broken rules, without the table; every rule must have run."""
    found = list(outcomes)
    assert "could_not_run" not in {item.state for item in found}
    assert gate(found) == {}
    return {item.rule.partition(".")[2] for item in found if item.state == "broken"}


CALLS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, set()),
    # the two systems' clocks differ, so a call may be answered a little before it is offered
    ({"answered_utc": -4}, set()),
    ({"ended_utc": None, "talk_s": None, "outcome": None}, set()),
    ({"ended_utc": 0, "talk_s": Decimal(0)}, set()),
    ({"ended_utc": -0.000001, "talk_s": Decimal(0)}, {"ended_utc_not_before_offered_utc"}),
    ({"talk_s": Decimal(-1)}, {"talk_s_not_negative"}),
    ({"queue_s": Decimal(-1), "acw_s": Decimal(-1)}, {"queue_s_not_negative", "acw_s_not_negative"}),
    ({"hold_s": Decimal("-0.001")}, {"hold_s_not_negative"}),
    ({"outcome": "unknown"}, {"outcome_known"}),
    # the call lasts 200 s and its moments are rounded: two seconds more may be talked
    ({"talk_s": Decimal(202)}, set()),
    ({"talk_s": Decimal("202.001")}, {"talk_within_call"}),
    ({"talk_s": Decimal(150), "hold_s": Decimal(53)}, {"talk_within_call"}),
    ({"talk_s": Decimal(202), "hold_s": None}, set()),
    ({"talk_s": Decimal(206), "answered_utc": -4}, set()),
    ({"talk_s": Decimal(207), "answered_utc": -4}, {"talk_within_call"}),
    ({"talk_s": Decimal(99_999_999_999_999)}, {"talk_within_call"}),
    ({"talk_s": Decimal(9999), "ended_utc": None}, set()),
    ({"answered_utc": None}, {"answered_has_time"}),
    ({"answered_utc": None, "outcome": "transferred"}, {"answered_has_time"}),
    ({"answered_utc": None, "outcome": "abandoned"}, set()),
    # received on 2 November, 3 am: a clock may be a day ahead, and no more
    ({"ended_utc": datetime(2026, 11, 3, 3, tzinfo=UTC)}, set()),
    ({"ended_utc": datetime(2026, 11, 3, 3, 0, 1, tzinfo=UTC)}, {"not_in_future"}),
    ({"ended_utc": datetime(2062, 10, 5, tzinfo=UTC), "file_id": "f9"}, set()),  # a file of which nothing is known
    ({"agent_id": "nobody"}, {"agent_on_roster"}),
    ({"agent_id": None}, set()),
    ({"agent_id": "nobody", "outcome": "abandoned"}, set()),
]


def moments(day: str, different: Mapping[str, Any]) -> dict[str, Any]:
    """Seconds after the offer of a day's second call, as moments."""
    offered = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(minutes=12)
    later = {"answered_utc": 20} | dict(different)
    return {
        name: offered + timedelta(seconds=value) if name.endswith("_utc") and isinstance(value, int | float) else value
        for name, value in later.items()
    }


def test_vendor_calls(tmp_path: Path) -> None:
    days = {f"2026-10-{place:02d}": different for place, (different, _) in enumerate(CALLS, 1)}
    rows = {day: [{"answered_utc": NOON}, moments(day, different)] for day, different in days.items()}
    outcomes = run_rules(asked("vendor_calls"), delivery(tmp_path, rows), "vendor_calls", BESIDE)
    for day, (different, expected) in zip(days, CALLS, strict=True):
        assert broken(item for item in outcomes if item.day == day) == expected, different


def test_who_answers_was_employed_on_that_day(tmp_path: Path) -> None:
    own_day = {"agent_id": "bo", "booked_day": date(2026, 10, 3)}
    days = {
        "2026-10-03": [{"agent_id": "bo"}, {"agent_id": "anna"}],
        "2026-10-04": [{"agent_id": "bo"}, own_day],
        "2026-10-31": [{"agent_id": "cy"}],
        "2026-11-01": [{"agent_id": "cy"}],
    }
    (rule,) = [rule for rule in asked("vendor_calls") if rule.name.endswith("agent_on_roster")]
    outcomes = run_rules([rule], delivery(tmp_path, days), "vendor_calls", BESIDE)
    assert [(item.day[5:], item.state, item.rows_checked, item.rows_failed) for item in outcomes] == [
        ("10-03", "pass", 2, 0),
        ("10-04", "broken", 2, 1),
        ("10-31", "broken", 1, 1),
        ("11-01", "pass", 1, 0),
    ]
    assert outcomes[1].samples[0] == Sample(
        "f0", 1, "agent_id=bo, outcome=answered, day=2026-10-04, booked_day=(empty)"
    )


def test_a_broken_rule_counts_the_rows_that_it_looked_at_and_shows_one(tmp_path: Path) -> None:
    rows = [{}, {"talk_s": Decimal(300), "called": "+8613912345678"}, {"talk_s": None}]
    (rule,) = [rule for rule in asked("vendor_calls") if rule.name.endswith("talk_within_call")]
    (outcome,) = run_rules([rule], delivery(tmp_path, {DAY: rows}), "vendor_calls")
    assert (outcome.state, outcome.rows_checked, outcome.rows_failed) == ("broken", 2, 1)
    (sample,) = outcome.samples
    assert (sample.file_id, sample.row) == ("f0", 2)
    assert "talk_s=300" in sample.value
    assert "139" not in sample.value


def test_what_is_not_known_is_no_fault_of_the_data(tmp_path: Path) -> None:
    far = {"ended_utc": datetime(2062, 1, 1, tzinfo=UTC), "agent_id": "nobody", "answered_utc": NOON}
    outcomes = run_rules(asked("vendor_calls"), delivery(tmp_path, {DAY: [far]}), "vendor_calls")
    silent = {item.rule: item.detail for item in outcomes if item.state == "could_not_run"}
    assert silent == {
        "vendor_calls.not_in_future": "it is not known when the file was received",
        "vendor_calls.agent_on_roster": "no roster was delivered",
    }


def test_a_file_without_a_column_that_the_table_has_could_not_be_asked(tmp_path: Path) -> None:
    files = delivery(tmp_path, {DAY: [{}]})
    pl.read_parquet(files[DAY], hive_partitioning=False).drop("hold_s", "queue_s").write_parquet(files[DAY])
    states = {item.rule: item.state for item in run_rules(asked("vendor_calls"), files, "vendor_calls", BESIDE)}
    silent = {name.partition(".")[2] for name, state in states.items() if state == "could_not_run"}
    assert silent == {"queue_s_not_negative", "hold_s_not_negative", "talk_within_call"}


INHOUSE = {
    "arrived_utc": NOON,
    "transferred_utc": NOON + timedelta(seconds=30),
    "leg_ended_utc": NOON + timedelta(seconds=200),
    "ended_utc": NOON + timedelta(seconds=200),
    "outcome": "transferred",
}
STATE = {"agent_id": "anna", "state": "talk", "from_utc": NOON, "to_utc": NOON + timedelta(seconds=60)}
PERSON = {"agent_id": "anna", "hired": date(2026, 1, 1), "left": date(2026, 6, 30), "planned_from_utc": NOON}

LINES = {"from_utc": NOON, "capacity": 30}
HALF_HOUR = {"issued_utc": NOON - timedelta(days=9), "period_start_utc": NOON, "calls": 4.5, "aht_s": Decimal(240)}
ASKED = {"call_id": "c1", "at_utc": NOON, "score": 4.0, "scale": 5.0, "invited": True}
HEARD = {"call_id": "c1", "agent_id": "anna", "at_utc": NOON, "score": 88.0, "fault_a": 0, "fault_b": 0, "fault_c": 1}


@pytest.mark.parametrize(
    ("table", "ordinary", "different", "rules"),
    [
        (INHOUSE_CALLS, INHOUSE, {"transferred_utc": None, "leg_ended_utc": None}, set()),
        (INHOUSE_CALLS, INHOUSE, {"ended_utc": NOON - timedelta(seconds=1)}, {"ended_utc_not_before_arrived_utc"}),
        (INHOUSE_CALLS, INHOUSE, {"leg_ended_utc": NOON}, {"leg_ended_utc_not_before_transferred_utc"}),
        (INHOUSE_CALLS, INHOUSE, {"outcome": "unknown"}, {"outcome_known"}),
        (INHOUSE_CALLS, INHOUSE, {"returned_utc": datetime(2027, 1, 1, tzinfo=UTC)}, {"not_in_future"}),
        (AGENT_STATES, STATE, {"to_utc": None}, set()),
        (AGENT_STATES, STATE, {"to_utc": NOON}, set()),
        (AGENT_STATES, STATE, {"to_utc": NOON - timedelta(seconds=1)}, {"to_utc_not_before_from_utc"}),
        (AGENT_STATES, STATE, {"state": "unknown"}, {"state_known"}),
        (AGENT_STATES, STATE, {"to_utc": datetime(2027, 1, 1, tzinfo=UTC)}, {"not_in_future"}),
        (QUEUE_EVENTS, {"event_utc": NOON}, {}, set()),
        (QUEUE_EVENTS, {"event_utc": NOON}, {"event_utc": datetime(2027, 1, 1, tzinfo=UTC)}, {"not_in_future"}),
        (ROSTER, PERSON, {"left": None}, set()),
        (ROSTER, PERSON, {"left": date(2025, 12, 31)}, {"left_not_before_hired"}),
        (ROSTER, PERSON, {"planned_to_utc": NOON - timedelta(hours=1)}, {"planned_to_utc_not_before_planned_from_utc"}),
        (TRUNKS, LINES, {"capacity": 0}, set()),
        (TRUNKS, LINES, {"capacity": -1}, {"capacity_not_negative"}),
        (FORECAST, HALF_HOUR, {"issued_utc": NOON}, set()),
        (FORECAST, HALF_HOUR, {"issued_utc": None, "aht_s": None}, set()),
        (FORECAST, HALF_HOUR, {"issued_utc": NOON + timedelta(seconds=1)}, {"issued_in_advance"}),
        (FORECAST, HALF_HOUR, {"calls": -0.5, "aht_s": Decimal(-1)}, {"calls_not_negative", "aht_s_not_negative"}),
        (SURVEYS, ASKED, {"score": 5.0}, set()),
        (SURVEYS, ASKED, {"score": None, "scale": None}, set()),
        (SURVEYS, ASKED, {"score": 5.5}, {"score_within_scale"}),
        (SURVEYS, ASKED, {"score": -1.0}, {"score_not_negative"}),
        (SURVEYS, ASKED, {"at_utc": datetime(2027, 1, 1, tzinfo=UTC)}, {"not_in_future"}),
        (QUALITY_SCORES, HEARD, {"score": None, "fault_a": 3}, set()),
        (QUALITY_SCORES, HEARD, {"score": -1.0, "fault_c": -1}, {"score_not_negative", "fault_c_not_negative"}),
        (QUALITY_SCORES, HEARD, {"at_utc": datetime(2027, 1, 1, tzinfo=UTC)}, {"not_in_future"}),
        (CLAIMS, {"period_start_utc": NOON}, {}, set()),
        (CLAIMS, {"period_start_utc": NOON}, {"period_start_utc": datetime(2027, 1, 1, tzinfo=UTC)}, {"not_in_future"}),
    ],
)
def test_the_other_feeds(
    tmp_path: Path, table: Table, ordinary: dict[str, Any], different: dict[str, Any], rules: set[str]
) -> None:
    rows = [{"file_id": "f0", "row": row} | ordinary | more for row, more in enumerate(({}, different), 1)]
    file = tmp_path / "data.parquet"
    pl.DataFrame([{name: row.get(name) for name in table.schema} for row in rows], schema=table.schema).write_parquet(
        file
    )
    outcomes = run_rules(asked(table.name), {DAY: file}, table.name, BESIDE)
    assert broken(outcomes) == rules
    assert {item.rows_failed for item in outcomes if item.state == "broken"} <= {1}


def test_a_rule_on_a_column_that_nobody_promised_is_not_asked() -> None:
    every = {rule.name for rule in feed_rules("vendor_calls")}
    bare = Delivered(frozenset({"call_id", "caller", "offered_utc"}), frozenset({"offered_utc"}), frozenset({"calls"}))
    assert {rule.name for rule in feed_rules("vendor_calls", bare)} == {
        "vendor_calls.not_in_future",
        "vendor_calls.day_volume",
    }
    outcome = frozenset({"outcome", "offered_utc"})
    two = Delivered.by([outcome | {"answered_utc", "talk_s", "ended_utc", "agent_id"}, outcome], [])
    assert every - {rule.name for rule in feed_rules("vendor_calls", two)} == {
        "vendor_calls.answered_has_time",  # the second object never says it
        "vendor_calls.agent_on_roster",  # there is no roster
        "vendor_calls.queue_s_not_negative",
        "vendor_calls.hold_s_not_negative",
        "vendor_calls.acw_s_not_negative",
    }


def test_a_table_that_holds_no_feed_has_no_rules() -> None:
    with pytest.raises(ValueError, match="agent_states, claims, forecast, inhouse_calls, quality_scores, queue_events"):
        feed_rules("invoice")


def test_names_are_unique_over_all_tables_and_none_holds_a_day_back() -> None:
    tables = (
        *("vendor_calls", "inhouse_calls", "queue_events", "agent_states", "roster", "claims"),
        *("trunks", "forecast", "surveys", "quality_scores"),
    )
    rules = [rule for table in tables for rule in feed_rules(table)]
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.severity for rule in rules} == {"warning"}
    assert {rule.owner for rule in rules} == {"tieout"}
