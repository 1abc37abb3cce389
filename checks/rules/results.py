"""What the rules answered, and what follows from it: days held back, the month in one line per rule, a table to keep.

Shapes and pure functions; nothing here asks a rule (see `run.py`) or writes a file.

A rule that could not run says nothing about the data: it is neither passed nor broken. So it holds no day back, not
even with severity error, because the cause is as a rule a typo in the contract, and a day held back would be printed
as the vendor's failure. It must be seen instead: `not_run` lists it by day, and a month with such a day and no broken
one is `could_not_run`, never `pass`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Literal

import polars as pl

from pipelines.contract.model import Severity
from pipelines.tables import RULE_RESULTS

State = Literal["pass", "broken", "could_not_run"]
MonthState = Literal["pass", "warning", "error", "could_not_run"]


@dataclass(frozen=True)
class Sample:
    """One row that breaks a rule: where it stands, and what stands there as `column=value` (never a phone number).

    `file_id` and `row` are None where the rule groups rows, so that no single row is at fault.
    """

    file_id: str | None
    row: int | None
    value: str


@dataclass(frozen=True)
class RuleOutcome:
    """One rule on one day (ISO date).

    `rows_checked` counts the rows that hold what the rule asks about: an empty cell is not checked, unless the rule is
    about empty cells. `rows_failed` counts rows; it is 0 where a broken rule is about the day as a whole (a mean, a row
    count). `detail` says why the rule could not run, what a broken rule about the whole day saw, or that a passed one
    found nothing to check.
    """

    rule: str
    severity: Severity
    sentence: str
    day: str
    state: State
    rows_checked: int
    rows_failed: int
    samples: tuple[Sample, ...] = ()
    detail: str | None = None


@dataclass(frozen=True)
class RuleSummary:
    """One rule over all days asked. `failed_days` are the days on which it was broken (ISO dates, in order)."""

    rule: str
    sentence: str
    severity: Severity
    state: MonthState
    rows_checked: int
    rows_failed: int
    failed_days: tuple[str, ...] = ()


def _by_day(outcomes: Iterable[RuleOutcome], text: Mapping[int, str]) -> dict[str, tuple[str, ...]]:
    """Sentences by day, in order of the days."""
    days: dict[str, list[str]] = {}
    for position, outcome in enumerate(outcomes):
        if position in text:
            days.setdefault(outcome.day, []).append(text[position])
    return {day: tuple(days[day]) for day in sorted(days)}


def _why_broken(outcome: RuleOutcome) -> str:
    """The broken rule in words, with how much of the day breaks it."""
    if outcome.rows_failed:
        return f"{outcome.sentence}: not so in {outcome.rows_failed} of {outcome.rows_checked} rows"
    return f"{outcome.sentence}: not so" + (f" ({outcome.detail})" if outcome.detail else "")


def gate(outcomes: Sequence[RuleOutcome]) -> Mapping[str, tuple[str, ...]]:
    """The days that a broken rule of severity error holds back, each with the sentences why."""
    held = {
        position: _why_broken(outcome)
        for position, outcome in enumerate(outcomes)
        if outcome.state == "broken" and outcome.severity == "error"
    }
    return _by_day(outcomes, held)


def not_run(outcomes: Sequence[RuleOutcome]) -> Mapping[str, tuple[str, ...]]:
    """The days on which rules could not run, each with `rule (severity): reason`. Such a day is not held back."""
    silent = {
        position: f"{outcome.rule} ({outcome.severity}): {outcome.detail}"
        for position, outcome in enumerate(outcomes)
        if outcome.state == "could_not_run"
    }
    return _by_day(outcomes, silent)


def _month_state(outcomes: Sequence[RuleOutcome]) -> MonthState:
    """Broken on a day decides by severity; else one day that could not run keeps the rule from being passed."""
    states = {outcome.state for outcome in outcomes}
    if "broken" in states:
        return outcomes[0].severity
    return "could_not_run" if "could_not_run" in states else "pass"


def month_summary(outcomes: Sequence[RuleOutcome]) -> list[RuleSummary]:
    """One line per rule over all its days, in the order in which the rules first appear."""
    rules: dict[str, list[RuleOutcome]] = {}
    for outcome in outcomes:
        rules.setdefault(outcome.rule, []).append(outcome)
    return [
        RuleSummary(
            rule,
            days[0].sentence,
            days[0].severity,
            _month_state(days),
            sum(outcome.rows_checked for outcome in days),
            sum(outcome.rows_failed for outcome in days),
            tuple(sorted(outcome.day for outcome in days if outcome.state == "broken")),
        )
        for rule, days in rules.items()
    ]


def summarise_frame(answers: pl.DataFrame) -> list[RuleSummary]:
    """`month_summary` of answers that were kept in the lake (table `rule_results`), rules in order of their names."""
    rows = answers.sort("rule", "day").iter_rows(named=True)
    kept = ("rule", "severity", "sentence", "state", "rows_checked", "rows_failed", "detail")
    return month_summary([RuleOutcome(**{name: row[name] for name in kept}, day=str(row["day"])) for row in rows])


def outcomes_frame(outcomes: Iterable[RuleOutcome]) -> pl.DataFrame:
    """The outcomes as the table `rule_results`; `samples` is a JSON list of objects with file_id, row and value."""
    rows = [
        {
            **{name: getattr(outcome, name) for name in RULE_RESULTS.schema},
            "day": date.fromisoformat(outcome.day),
            "samples": json.dumps([asdict(sample) for sample in outcome.samples], ensure_ascii=False),
        }
        for outcome in outcomes
    ]
    return pl.DataFrame(rows, schema=RULE_RESULTS.schema)
