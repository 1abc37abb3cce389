"""ODCS's own metrics, from a line of a contract to the answer: each metric, each comparison, in rows and in percent."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from checks.rules import RuleOutcome, run_rules
from pipelines.contract.model import Rule
from tests.rules.contracts import CALLS, an_object, contract
from tests.rules.deliveries import delivery

DAY = "2026-10-05"

# Ten calls. Of talk times two are missing and three are 5; of queues one is missing, and one says N/A.
ROWS: list[dict[str, Any]] = [
    {"talk_s": talk, "queue": queue, "outcome": outcome, "agent_id": agent}
    for talk, queue, outcome, agent in [
        (None, "north", "answered", "a1"),
        (None, "north", "abandoned", "a2"),
        (Decimal(5), None, "answered", "a2"),
        (Decimal(5), "N/A", "answered", "a4"),
        (Decimal(5), "south", "answered", "x5"),
        (Decimal(60), "south", "answered", None),
        (Decimal(61), "south", "answered", "a7"),
        (Decimal(62), "south", "answered", "a8"),
        (Decimal(63), "south", "answered", "a9"),
        (Decimal(64), "south", "unknown", "b10"),
    ]
]
TALK, QUEUE, RESULT, AGENT, WHOLE = "talk_s", "queue", "outcome", "agent_id", ""
CASES: list[tuple[str, str, bool, int]] = [
    # where the rule stands, the rule, whether the day passes, rows that break it
    (TALK, "metric: nullValues, mustBe: 0", False, 2),
    (TALK, "metric: nullValues, mustBe: 2", True, 0),
    (TALK, "metric: nullValues, mustBe: 3", False, 0),
    (TALK, "metric: nullValues, mustNotBe: 2", False, 0),
    (TALK, "metric: nullValues, mustNotBe: 3", True, 0),
    (TALK, "metric: nullValues, mustBeGreaterThan: 1", True, 0),
    (TALK, "metric: nullValues, mustBeGreaterThan: 2", False, 0),
    (TALK, "metric: nullValues, mustBeGreaterOrEqualTo: 2", True, 0),
    (TALK, "metric: nullValues, mustBeGreaterOrEqualTo: 3", False, 0),
    (TALK, "metric: nullValues, mustBeLessThan: 3", True, 0),
    (TALK, "metric: nullValues, mustBeLessThan: 2", False, 2),
    (TALK, "metric: nullValues, mustBeLessOrEqualTo: 2", True, 0),
    (TALK, "metric: nullValues, mustBeLessOrEqualTo: 1", False, 2),
    (TALK, "metric: nullValues, mustBeBetween: [2, 4]", True, 0),
    (TALK, "metric: nullValues, mustBeBetween: [3, 4]", False, 0),
    (TALK, "metric: nullValues, mustNotBeBetween: [3, 4]", True, 0),
    (TALK, "metric: nullValues, mustNotBeBetween: [1, 2]", False, 0),
    (TALK, "metric: nullValues, mustBe: 20, unit: percent", True, 0),
    (TALK, "metric: nullValues, mustBe: 21, unit: percent", False, 0),
    (TALK, "metric: nullValues, mustBeLessThan: 20.5, unit: percent", True, 2),
    (TALK, "metric: nullValues, mustBeLessThan: 20, unit: percent", False, 2),
    (TALK, "metric: nullValues, mustBeGreaterThan: 19.5, unit: percent", True, 0),
    (TALK, "metric: nullValues, mustBeBetween: [10, 19], unit: percent", False, 0),
    (QUEUE, "metric: missingValues, mustBe: 0", False, 0),
    (QUEUE, "metric: missingValues, mustBeLessOrEqualTo: 1", True, 0),
    (QUEUE, "metric: missingValues, arguments: {missingValues: [null, '', N/A]}, mustBeLessOrEqualTo: 1", False, 2),
    (QUEUE, "metric: missingValues, arguments: {missingValues: [null, '', N/A]}, mustBe: 2", True, 0),
    (QUEUE, "metric: missingValues, arguments: {missingValues: [N/A]}, mustBeLessThan: 20, unit: percent", False, 2),
    (TALK, "metric: missingValues, arguments: {missingValues: [5]}, mustBe: 5", True, 0),
    (QUEUE, "metric: invalidValues, arguments: {validValues: [north, south]}, mustBe: 0", False, 1),
    (QUEUE, "metric: invalidValues, arguments: {validValues: [north, south]}, mustBeLessThan: 2", True, 0),
    (QUEUE, "metric: invalidValues, arguments: {validValues: [north]}, mustBeLessThan: 2", False, 7),
    (QUEUE, "metric: invalidValues, arguments: {validValues: ['it''s']}, mustBe: 9", True, 0),
    (RESULT, "metric: invalidValues, arguments: {validValues: [A]}, mustBeGreaterOrEqualTo: 2", True, 0),
    (RESULT, "metric: invalidValues, arguments: {validValues: [A, H]}, mustBeBetween: [2, 9]", False, 0),
    (TALK, "metric: invalidValues, arguments: {validValues: [5]}, mustBeLessOrEqualTo: 4", False, 5),
    (AGENT, "metric: invalidValues, arguments: {pattern: '^a[0-9]{1}$'}, mustBeLessOrEqualTo: 2", True, 0),
    (AGENT, "metric: invalidValues, arguments: {pattern: '^a[0-9]{1}$'}, mustBeLessOrEqualTo: 1", False, 2),
    (AGENT, "metric: invalidValues, arguments: {pattern: '^.[0-9]$', validValues: [b10]}, mustBe: 9", True, 0),
    (TALK, "metric: duplicateValues, mustBe: 0", False, 3),
    (TALK, "metric: duplicateValues, mustBe: 3", True, 0),
    (TALK, "metric: duplicateValues, mustBeLessThan: 3", False, 3),
    (TALK, "metric: duplicateValues, mustBeLessOrEqualTo: 3", True, 0),
    (TALK, "metric: duplicateValues, mustBeLessOrEqualTo: 30, unit: percent", False, 3),
    (TALK, "metric: duplicateValues, mustBeGreaterThan: 37, unit: percent", True, 0),
    (WHOLE, "metric: duplicateValues, arguments: {properties: [talk_s, queue]}, mustBe: 0", True, 0),
    (WHOLE, "metric: duplicateValues, arguments: {properties: [queue, outcome]}, mustBeLessThan: 4", False, 5),
    (WHOLE, "metric: rowCount, mustBe: 10", True, 0),
    (WHOLE, "metric: rowCount, mustBe: 11", False, 0),
    (WHOLE, "metric: rowCount, mustNotBe: 0", True, 0),
    (WHOLE, "metric: rowCount, mustNotBe: 10", False, 0),
    (WHOLE, "metric: rowCount, mustBeGreaterThan: 10", False, 0),
    (WHOLE, "metric: rowCount, mustBeGreaterOrEqualTo: 10", True, 0),
    (WHOLE, "metric: rowCount, mustBeLessThan: 10", False, 0),
    (WHOLE, "metric: rowCount, mustBeLessOrEqualTo: 10", True, 0),
    (WHOLE, "metric: rowCount, mustBeBetween: [1, 10]", True, 0),
    (WHOLE, "metric: rowCount, mustNotBeBetween: [1, 9]", True, 0),
    (WHOLE, "metric: rowCount, mustNotBeBetween: [1, 10]", False, 0),
]


def rules(folder: Path) -> dict[int, Rule]:
    """The contract's rule of each case, by the case's place."""
    items: dict[str, list[str]] = {}
    for place, (where, text, *_) in enumerate(CASES):
        items.setdefault(where, []).append(f"{{{text}, description: case {place}}}")
    columns = {where: f"quality: [{', '.join(own)}]" for where, own in items.items() if where}
    made = contract(folder, an_object("calls", "calls", CALLS, ", ".join(items[WHOLE]), **columns))
    return {int(rule.sentence.removeprefix("case ")): rule for rule in made.objects[0].every_rule()}


def answers(folder: Path, rows: list[dict[str, Any]]) -> Mapping[int, RuleOutcome]:
    """What every rule of the cases says of a day of calls."""
    own = rules(folder)
    outcomes = {
        item.rule: item for item in run_rules(list(own.values()), delivery(folder, {DAY: rows}), "vendor_calls")
    }
    return {place: outcomes[rule.name] for place, rule in own.items()}


def test_each_metric_and_comparison(tmp_path: Path) -> None:
    found = answers(tmp_path, ROWS)
    said = [(text, found[place].state, found[place].rows_failed) for place, (_, text, *_) in enumerate(CASES)]
    wanted = [(text, "pass" if passes else "broken", failed) for _, text, passes, failed in CASES]
    assert said == wanted


def test_a_broken_count_says_what_was_seen(tmp_path: Path) -> None:
    found = answers(tmp_path, ROWS)
    seen = {CASES[place][1]: found[place].detail for place in found if found[place].detail}
    assert seen["metric: nullValues, mustBe: 3"] == "observed 2 rows"
    assert seen["metric: nullValues, mustBe: 21, unit: percent"] == "observed 20 percent"
    assert seen["metric: rowCount, mustNotBe: 10"] == "observed 10 rows"


def test_a_day_with_no_rows_breaks_what_asks_for_some(tmp_path: Path) -> None:
    found = answers(tmp_path, [])
    broken = {CASES[place][1].partition(", must")[0] for place, item in found.items() if item.state == "broken"}
    assert "metric: rowCount" in broken
    assert {item.state for item in found.values()} == {"pass", "broken"}
    shares = [item for place, item in found.items() if "percent" in CASES[place][1]]
    assert {item.state for item in shares} == {"pass"}  # no share of nothing


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("metric: nullValues, mustBeLessThan: 10", "fewer than 10 rows have an empty talk_s"),
        ("metric: missingValues, mustBe: 0", "no rows lack talk_s"),
        ("metric: nullValues, mustBe: 2.5, unit: percent", "exactly 2.5 percent of the rows have an empty talk_s"),
        ("metric: duplicateValues, mustNotBe: 3", "any number but 3 rows share their talk_s with another row"),
        ("metric: invalidValues, arguments: {pattern: x}, mustBeBetween: [1, 1000]",
         "between 1 and 1,000 rows have a value in talk_s that is not allowed"),
    ],
)  # fmt: skip
def test_the_sentence_is_plain(tmp_path: Path, text: str, sentence: str) -> None:
    made = contract(tmp_path, an_object("calls", "calls", CALLS, talk_s=f"quality: [{{{text}}}]"))
    assert [rule.sentence for rule in made.objects[0].every_rule()] == [sentence]


TEAM = "team: {name: data office, members: [{username: wei, role: data owner}, {username: li, role: steward}]}\n"


@pytest.mark.parametrize(
    ("team", "own", "owner"),
    [
        ("", "", "the contract"),
        ("team: {name: data office}\n", "", "data office"),
        (TEAM, "", "wei"),
        (TEAM, ", customProperties: [{property: owner, value: floor manager}]", "floor manager"),
    ],
)
def test_each_rule_has_an_owner(tmp_path: Path, team: str, own: str, owner: str) -> None:
    quality = f"{{metric: rowCount, mustBeGreaterThan: 0{own}}}"
    made = contract(tmp_path, an_object("calls", "calls", CALLS, quality), team=team)
    assert [rule.owner for rule in made.objects[0].every_rule()] == [owner]
