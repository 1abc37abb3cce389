"""Asks the rules of a delivery, day by day, and hands back one outcome per rule and day.

A month has hundreds of pairs of rule and day, and each question costs milliseconds however small the day. So rules
about single rows are first asked over all days together: what holds there holds on each day. Only what fails there,
what is about a day as a whole, and what lets a share of rows fail is asked day by day. The outcomes are the same.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import polars as pl

from checks.rules.beside import WITHOUT
from checks.rules.questions import Question, question, reason
from checks.rules.results import RuleOutcome, Sample
from checks.rules.samples import PERSONAL, cell, of_columns, of_sql
from checks.rules.session import Session, session
from checks.rules.views import DayFiles, Views, views
from pipelines.contract.model import Rule

_NOTHING = "there was no value to check"


def _blocked(item: Question, over: Views, day: str, checked: int) -> str | None:
    """Why a rule cannot be asked of a day; None where it can."""
    columns = over.columns[day]
    if item.fault:
        return item.fault
    absent = [WITHOUT[name] for name in item.rule.reads if name not in over.beside]
    if absent:
        return "; ".join(absent)
    missing = [name for name in item.columns if name not in columns]
    if missing:
        return f"the table has no column {', '.join(missing)}; it has {', '.join(columns)}"
    if item.needs_values and checked == 0:
        return f"no row has a value in {', '.join(item.columns)} on this day"
    return None


def _error(answer: Mapping[str, Any]) -> str | None:
    """Why Great Expectations could not answer; None where it did. Of several reasons the shortest says it best."""
    info = answer["exception_info"]
    entries = [info] if "raised_exception" in info else list(info.values())
    messages = [str(entry["exception_message"]) for entry in entries if entry["raised_exception"]]
    return min((reason(message) for message in messages), key=lambda line: (len(line), line), default=None)


def _failures(item: Question, result: Mapping[str, Any]) -> tuple[int, tuple[Sample, ...]]:
    """How many rows break a rule, and the first of them; none where the rule is about the day as a whole."""
    if item.kind == "total":
        return 0, ()
    if item.kind == "sql":
        rows = result.get("details", {}).get("unexpected_rows", [])
        return int(result.get("observed_value") or 0), of_sql(rows, item.expectation.unexpected_rows_query)
    if "element_count" in result:
        rows = result.get("partial_unexpected_index_list") or []
        return int(result.get("unexpected_count") or 0), of_columns(rows, item.columns)
    return 0, ()


def _seen(item: Question, result: Mapping[str, Any]) -> str | None:
    """What a broken rule about the day as a whole saw; the highest of the numbers called is a number too."""
    if item.kind == "total":
        rows = result.get("details", {}).get("unexpected_rows", [])
        return "; ".join(f"observed {cell(value)} {name}" for row in rows for name, value in row.items()) or None
    seen = result.get("observed_value")
    if item.kind != "whole" or seen is None or PERSONAL.intersection(item.columns):
        return None
    return f"observed {cell(seen)}"


def _outcome(item: Question, day: str, checked: int, answer: Mapping[str, Any]) -> RuleOutcome:
    """One answer as an outcome."""
    rule, result = item.rule, answer["result"]
    error = _error(answer)
    if error is not None:
        return _silent(rule, day, f"reading {', '.join(item.columns)}: {error}" if item.columns else error)
    if "element_count" in result and getattr(item.expectation, "row_condition", None) is not None:
        checked = int(result["element_count"]) - int(result.get("missing_count") or 0)
    failed, samples = _failures(item, result)
    if answer["success"]:
        detail = None if checked else _NOTHING
        return RuleOutcome(rule.name, rule.severity, rule.sentence, day, "pass", checked, failed, samples, detail)
    seen = _seen(item, result)
    return RuleOutcome(rule.name, rule.severity, rule.sentence, day, "broken", checked, failed, samples, seen)


def _silent(rule: Rule, day: str, why: str) -> RuleOutcome:
    """A rule that could not run; no row counts as checked."""
    return RuleOutcome(rule.name, rule.severity, rule.sentence, day, "could_not_run", 0, 0, (), why)


def _hold_throughout(asked: Session, over: Views, items: Sequence[Question]) -> dict[str, set[str]]:
    """By day, the names of the rules that hold over the whole range that the day belongs to."""
    held: dict[str, set[str]] = {day: set() for day in over.days}
    for view, days in over.ranges.items():
        fit = [item for item in items if item.decides_days and not _blocked(item, over, days[0], 1)]
        if len(days) > 1:
            expectations = {item.rule.name: item.expectation for item in fit}
            answers = asked.ask(view, expectations, "BOOLEAN_ONLY")
            for day in days:
                held[day] = {name for name, answer in answers.items() if answer["success"]}
    return held


def _day(
    asked: Session, over: Views, day: str, items: Sequence[Question], checked: Mapping[str, int], held: set[str]
) -> list[RuleOutcome]:
    """The outcomes of one day, in the order of the rules."""
    blocked = {item.rule.name: _blocked(item, over, day, checked[item.rule.name]) for item in items}
    open_ = [item for item in items if item.rule.name not in held and blocked[item.rule.name] is None]
    answers = {name: {"success": True, "result": {}, "exception_info": {}} for name in held}
    answers |= asked.ask(over.days[day], {item.rule.name: item.expectation for item in open_}, "SUMMARY")
    # Only the deepest form hands back the rows that SQL finds; of other rules it would fetch every failing row.
    sql = [item for item in open_ if item.kind in ("sql", "total") and not answers[item.rule.name]["success"]]
    answers |= asked.ask(over.days[day], {item.rule.name: item.expectation for item in sql}, "COMPLETE")
    outcomes = []
    for item in items:
        why = blocked[item.rule.name]
        name = item.rule.name
        outcomes.append(_silent(item.rule, day, why) if why else _outcome(item, day, checked[name], answers[name]))
    return outcomes


def _checked(over: Views, day: str, items: Sequence[Question]) -> dict[str, int]:
    """How many rows of a day each rule looks at; 0 where a column that it reads is missing."""
    fit = {item.rule.name: item.checked for item in items if set(item.columns) <= set(over.columns[day])}
    counts = over.count(day, list(fit.values())) if fit else []
    return {item.rule.name: 0 for item in items} | dict(zip(fit, counts, strict=True))


def run_rules(
    rules: Sequence[Rule],
    day_files: DayFiles,
    table: str,
    beside: Mapping[str, pl.DataFrame] | None = None,
    received: Collection[str] | None = None,
) -> list[RuleOutcome]:
    """Asks every rule of every day; `day_files` maps ISO dates to Parquet files of the canonical `table`.

    `beside` are the small tables that rules read, by name (`beside.py`); `received` limits the rows to those of some
    received files. Outcomes are ordered by day, then as the rules are given. A rule that cannot be asked is an outcome,
    not an error. ValueError where two rules share a name, since their outcomes could not be told apart.
    """
    twice = sorted(name for name, count in Counter(rule.name for rule in rules).items() if count > 1)
    if twice:
        raise ValueError(f"rules must have names of their own; more than one is called {', '.join(twice)}")
    if not rules or not day_files:
        return []
    items = [question(rule) for rule in rules]
    with views(day_files, table, beside, received) as over:
        checked = {day: _checked(over, day, items) for day in over.days}
        with session(over) as asked:
            held = _hold_throughout(asked, over, items)
            asked.settle()
            return [outcome for day in over.days for outcome in _day(asked, over, day, items, checked[day], held[day])]
