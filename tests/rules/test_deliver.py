"""From partitions of the lake to kept answers: who is asked what, what is asked again, and what is held back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.rules.asked import parts_of, rules_of
from checks.rules.deliver import answers, judge
from pipelines.calendar import gate_name
from pipelines.contract.model import Contract
from pipelines.intake.manifest import Received, save
from pipelines.lake import Lake
from pipelines.standardise.by_file import by_file
from pipelines.tables import AGENT_STATES, INHOUSE_CALLS, QUEUE_EVENTS, ROSTER, VENDOR_CALLS
from tests.rules.contracts import CALLS, an_object, contract
from tests.rules.deliveries import call

FIRST, MONDAY = date(2026, 10, 1), date(2026, 10, 5)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """An empty lake."""
    return Lake(tmp_path / "lake")


def receive(lake: Lake, object_name: str, feed: str, *ids: str, at: str = "2026-11-02T03:00:00+00:00") -> None:
    """Manifests of received files."""
    for file_id in ids:
        save(lake, Received(file_id, "agents", object_name, feed, f"{file_id}.csv", "0" * 64, 1, at))


def lay(lake: Lake, day: date, rows: Sequence[Mapping[str, Any]], stamp: str = "1") -> None:
    """A day of calls."""
    month = {"audit_month": f"{day:%Y-%m}"}
    calls = [month | call(day.isoformat(), row, **different) for row, different in enumerate(rows, 1)]
    frame = VENDOR_CALLS.fit(pl.DataFrame(calls, schema_overrides=VENDOR_CALLS.schema))
    lake.write(VENDOR_CALLS, frame, stamp, vendor="agents", day=day.isoformat())


def lay_roster(lake: Lake, *people: tuple[str, date | None, date | None], month: str | None = "2026-10") -> None:
    """A roster file."""
    rows = [
        {"agent_id": agent, "hired": hired, "left": left, "file_id": "r0", "row": row, "audit_month": month}
        for row, (agent, hired, left) in enumerate(people, 1)
    ]
    frame = ROSTER.fit(pl.DataFrame(rows, schema_overrides={"hired": pl.Date, "left": pl.Date}))
    stamp = str(people)
    lake.write(by_file(ROSTER), frame, stamp, source="agents", object="people", file="r0")


def states(lake: Lake, days: Iterable[date]) -> dict[tuple[str, str], str]:
    """Kept states by day and rule."""
    kept = answers(lake, "agents", days).iter_rows(named=True)
    return {(f"{row['day']:%m-%d}", row["rule"]): row["state"] for row in kept}


def with_calls(folder: Path, quality: str = "", **properties: str) -> Contract:
    """A contract of calls alone."""
    return contract(folder, an_object("calls", "calls", CALLS, quality, **properties))


def test_answers_are_kept_and_what_has_not_changed_is_not_asked_again(tmp_path: Path, lake: Lake) -> None:
    made = with_calls(tmp_path)
    receive(lake, "calls", "calls", "f0")
    lay(lake, MONDAY, [{"answered_utc": None}])
    first = judge(lake, made, [MONDAY])
    assert states(lake, [MONDAY])["10-05", "vendor_calls.answered_has_time"] == "broken"
    assert len(first) == len(states(lake, [MONDAY]))
    assert judge(lake, made, [MONDAY]) == []
    lay(lake, MONDAY, [{"answered_utc": call("2026-10-05", 1)["offered_utc"]}], "2")
    assert len(judge(lake, made, [MONDAY])) == len(first)
    assert states(lake, [MONDAY])["10-05", "vendor_calls.answered_has_time"] == "pass"


def test_only_an_error_holds_a_day_back_and_the_corrected_day_is_let_go(tmp_path: Path, lake: Lake) -> None:
    made = with_calls(tmp_path, "{metric: rowCount, mustBeGreaterThan: 1, severity: error}")
    lay(lake, MONDAY, [{}])
    judge(lake, made, [MONDAY])
    held = lake.read_json(gate_name(VENDOR_CALLS, "agents", "2026-10-05"))
    assert held == {"held_back": ["the number of rows lies at 2 or above: not so (observed 1)"]}
    lay(lake, MONDAY, [{}, {}], "2")
    judge(lake, made, [MONDAY])
    assert lake.read_json(gate_name(VENDOR_CALLS, "agents", "2026-10-05")) is None


def test_a_volume_is_judged_anew_when_the_days_around_it_say_otherwise(tmp_path: Path, lake: Lake) -> None:
    made, rule = with_calls(tmp_path), "vendor_calls.day_volume"
    mondays = [MONDAY + timedelta(days=7 * week) for week in range(4)]
    for day in mondays[:3]:
        lay(lake, day, [{}] * 10)
    judge(lake, made, mondays)
    assert {states(lake, [day])[f"{day:%m-%d}", rule] for day in mondays[:3]} == {"could_not_run"}
    lay(lake, mondays[3], [{}])
    judge(lake, made, mondays)
    found = [states(lake, [day])[f"{day:%m-%d}", rule] for day in mondays]
    assert found == ["pass", "pass", "pass", "broken"]
    assert judge(lake, made, mondays) == []


def test_agents_are_compared_with_the_roster_as_it_is_now(tmp_path: Path, lake: Lake) -> None:
    people = an_object("people", "roster", ("agent_id", "hired", "left"))
    made, rule = contract(tmp_path, an_object("calls", "calls", CALLS), people), "vendor_calls.agent_on_roster"
    lay(lake, MONDAY, [{}])
    judge(lake, made, [MONDAY])
    assert states(lake, [MONDAY])["10-05", rule] == "could_not_run"
    receive(lake, "people", "roster", "r0")
    lay_roster(lake, ("bo", None, None))
    judge(lake, made, [MONDAY])
    assert states(lake, [MONDAY])["10-05", rule] == "broken"
    lay_roster(lake, ("bo", None, None), ("anna", None, None))
    judge(lake, made, [MONDAY])
    assert states(lake, [MONDAY])["10-05", rule] == "pass"


@pytest.mark.parametrize(("month", "days"), [("2026-10", ["10-01"]), (None, ["10-01", "11-01"]), ("2026-09", [])])
def test_a_roster_has_no_days_and_is_asked_on_the_first_of_its_month(
    tmp_path: Path, lake: Lake, month: str | None, days: list[str]
) -> None:
    quality = "quality: [{metric: nullValues, mustBe: 0}]"
    made = contract(tmp_path, an_object("people", "roster", ("agent_id", "hired", "left"), hired=quality))
    receive(lake, "people", "roster", "r0")
    lay_roster(lake, ("anna", None, None), ("bo", date(2026, 5, 1), date(2026, 4, 1)), month=month)
    asked = [FIRST + timedelta(days=place) for place in range(40)]
    judge(lake, made, asked)
    found = states(lake, asked)
    assert found == {
        (day, rule): "broken"
        for day in days
        for rule in ("hired_values_to_not_be_null", "roster.left_not_before_hired")
    }


def test_a_rule_of_one_object_is_asked_of_the_rows_that_came_with_it(tmp_path: Path, lake: Lake) -> None:
    filled = "quality: [{metric: nullValues, mustBe: 0}]"
    bare = tuple(role for role in CALLS if role not in ("agent_id", "answered_utc"))
    made = contract(
        tmp_path,
        an_object("desk", "calls", CALLS, agent_id=filled),
        an_object("robot", "calls", bare, queue=filled),
        an_object("annex", "calls", CALLS, agent_id=filled),
    )
    receive(lake, "desk", "calls", "f0")
    receive(lake, "robot", "calls", "f1")
    lay(lake, MONDAY, [{"queue": None}, {"agent_id": None, "queue": "q", "file_id": "f1"}])
    judge(lake, made, [MONDAY])
    found = {rule: state for (_, rule), state in states(lake, [MONDAY]).items() if not rule.startswith("vendor_calls.")}
    assert found == {"agent_id_values_to_not_be_null": "pass", "queue_values_to_not_be_null": "pass"}
    names = [rule.name for part in parts_of(made) for rule in part.rules]
    assert len(set(names)) == len(names)
    assert "annex.agent_id_values_to_not_be_null" in names
    assert "vendor_calls.answered_has_time" not in names  # the robot never says it


def test_a_contract_is_asked_only_about_the_feeds_that_it_delivers(tmp_path: Path) -> None:
    states_of = an_object("states", "agent_states", ("agent_id", "state", "from_utc", "to_utc"))
    made = contract(tmp_path / "one", states_of)
    assert {table.name: [rule.name for rule in rules] for table, rules in rules_of(made).items()} == {
        "agent_states": [
            "agent_states.to_utc_not_before_from_utc",
            "agent_states.not_in_future",
            "agent_states.state_known",
        ]
    }
    log = contract(tmp_path / "two", an_object("log", "queue_events", ("call_id", "event_utc", "event", "agent_id")))
    assert set(rules_of(log)) == {QUEUE_EVENTS, VENDOR_CALLS, AGENT_STATES}
    assert INHOUSE_CALLS not in rules_of(log)
    assert "vendor_calls.talk_within_call" in {rule.name for rule in rules_of(log)[VENDOR_CALLS]}


def test_a_time_is_judged_by_the_reception_of_its_own_file(tmp_path: Path, lake: Lake) -> None:
    made = with_calls(tmp_path)
    receive(lake, "calls", "calls", "f0", at="2026-10-03T00:00:00+00:00")
    receive(lake, "calls", "calls", "f1", at="2026-10-06T00:00:00+00:00")
    lay(lake, MONDAY, [{}, {"file_id": "f1"}])
    judge(lake, made, [MONDAY])
    (row,) = answers(lake, "agents", [MONDAY]).filter(rule="vendor_calls.not_in_future").to_dicts()
    assert (row["state"], row["rows_checked"], row["rows_failed"]) == ("broken", 2, 1)
    assert '"row": 1' in row["samples"]


def test_a_day_that_is_gone_has_no_answers(tmp_path: Path, lake: Lake) -> None:
    made = with_calls(tmp_path)
    lay(lake, MONDAY, [{}])
    judge(lake, made, [MONDAY])
    lake.drop(VENDOR_CALLS, vendor="agents", day="2026-10-05")
    assert judge(lake, made, [MONDAY]) == []
    assert answers(lake, "agents", [MONDAY]).is_empty()
