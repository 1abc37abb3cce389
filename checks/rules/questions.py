"""A rule as a question that Great Expectations can be asked; or the reason why it cannot, in words.

Building the expectation finds the faults that need no data: an unknown type, wrong arguments, what DuckDB lacks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from checks.rules.session import great_expectations
from pipelines.contract.model import Rule

Kind = Literal["row_wise", "sql", "total", "whole"]
"""`total` is SQL about the day as a whole: it returns one row of what it saw, or none."""

ROW_WISE = frozenset(
    {
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_values_to_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_unique",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_column_pair_values_to_be_equal",
        "expect_column_pair_values_to_be_in_set",
        "expect_compound_columns_to_be_unique",
        "expect_select_column_values_to_be_unique_within_record",
        "expect_multicolumn_sum_to_equal",
    }
)
"""Expectations that hold on each day if they hold over all days together."""

_COUNTS_EMPTY = frozenset(
    {
        "expect_column_values_to_be_null",
        "expect_column_values_to_not_be_null",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)
_SQL = "unexpected_rows_expectation"
_NO_REGEX = f"DuckDB cannot be asked for patterns this way; write the rule as {_SQL} with SQL"
_NO_BATCH = "its SQL must read FROM {batch}, which stands for one day of the table"
_LONGEST_REASON = 300


@dataclass(frozen=True)
class Question:
    """A rule, its expectation (None where `fault` says why there is none), and what it looks at.

    `columns` must be there for the rule to be asked; `checked` is the SQL aggregate that counts the rows it looks at.
    """

    rule: Rule
    expectation: Any = None
    fault: str | None = None
    kind: Kind = "whole"
    columns: tuple[str, ...] = ()
    checked: str = "count(*)"

    @property
    def decides_days(self) -> bool:
        """Whether a pass over many days is a pass on each: not so where a share may fail or rows are chosen."""
        if self.kind == "sql":
            return self.rule.about is not None
        if "unique" in str(getattr(self.expectation, "expectation_type", "")):
            return False  # over a large month it takes gigabytes to remember every value; over a day it does not
        chosen = getattr(self.expectation, "row_condition", None)
        return self.kind == "row_wise" and getattr(self.expectation, "mostly", 1) == 1 and chosen is None

    @property
    def needs_values(self) -> bool:
        """Whether the answer is a number over a column's values, which no values have."""
        return self.kind == "whole" and bool(self.columns)


def reason(message: str) -> str:
    """An engine's message in one short line, without its SQL, its class name or any cell that it quotes."""
    head = re.split(r"\n+LINE \d+:|\n\[SQL|\n\[parameters|\n\(Background", message)[0]
    head = re.sub(r"^\(_?duckdb\.\w+\) ", "", head.strip())
    unquoted = re.sub(r"\b(string|value) (['\"]).*?\2", r"\1 …", " ".join(head.split()))
    line = re.sub(r"\d[\d*]{6,}", "…", unquoted)
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


def _fault_of(error: Exception) -> str:
    """What is wrong with a rule's arguments, one clause per argument."""
    faults = getattr(error, "errors", None)
    if faults is None:
        return reason(str(error))
    clauses: dict[str, str] = {}
    for item in faults():
        place = ".".join(str(part) for part in item["loc"] if part != "__root__")
        clauses.setdefault(place, f"{place}: {item['msg']}" if place else item["msg"])
    return reason("wrong arguments: " + "; ".join(clauses.values()))


def _implementation(name: str) -> Any:
    """The class of an expectation, by either of its two names; None where there is none."""
    gx = great_expectations()
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl

    try:
        return getattr(gx.expectations, name, None) or get_expectation_impl(name)
    except ExpectationNotFoundError:
        return None


def _columns(expectation: Any, kind: str) -> tuple[str, ...]:
    """The columns that a rule reads. Rules about which columns there are read none."""
    if kind == "expect_column_to_exist" or kind.startswith("expect_table_"):
        return ()
    single = [getattr(expectation, name, None) for name in ("column", "column_A", "column_B")]
    return tuple(str(name) for name in [*single, *getattr(expectation, "column_list", ())] if name is not None)


def _checked(kind: str, columns: Sequence[str], ignored: str) -> str:
    """SQL that counts the rows a rule looks at, by what it does with empty cells."""
    if not columns or kind in _COUNTS_EMPTY or ignored in ("neither", "never"):
        return "count(*)"
    word = " AND " if ignored in ("either_value_is_missing", "any_value_is_missing") else " OR "
    filled = word.join(f'"{name}" IS NOT NULL' for name in columns)
    return f"count(*) FILTER (WHERE {filled})"


def question(rule: Rule) -> Question:
    """The rule as a question; its `fault` says why it can never be asked, whatever the data."""
    from great_expectations.exceptions.exceptions import GreatExpectationsError

    implementation = _implementation(rule.expectation_type)
    if implementation is None:
        return Question(rule, fault=f"there is no expectation named {rule.expectation_type!r}")
    kind: str = implementation.expectation_type
    if "regex" in kind or "like_pattern" in kind:
        return Question(rule, fault=_NO_REGEX)
    if kind == _SQL and "{batch}" not in str(rule.kwargs.get("unexpected_rows_query", "")):
        return Question(rule, fault=_NO_BATCH)
    try:
        expectation = implementation(**{**rule.kwargs, "meta": {"rule": rule.name}})
    except (ValueError, TypeError, GreatExpectationsError) as error:
        return Question(rule, fault=_fault_of(error))
    columns = _columns(expectation, kind)
    checked = _checked(kind, columns, str(getattr(expectation, "ignore_row_if", "")))
    if rule.about is not None:
        checked = f"count(*) FILTER (WHERE {rule.about})"
    return Question(rule, expectation, None, _way(kind, rule), columns, checked)


def _way(kind: str, rule: Rule) -> Kind:
    """What an expectation is about: single rows, rows that SQL finds, or the day as a whole."""
    if kind != _SQL:
        return "row_wise" if kind in ROW_WISE else "whole"
    words = set(re.findall(r"\w+", str(rule.kwargs["unexpected_rows_query"]).lower()))
    return "total" if "having" in words and "group" not in words else "sql"
