"""Asking a month together gives what asking each day alone gives, and what plain Python counts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.rules import run_rules
from tests.rules.deliveries import delivery, rule

Row = Mapping[str, Any]


def failing(test: Callable[[Row], bool]) -> Callable[[Sequence[Row]], int]:
    """How many rows a test finds at fault."""
    return lambda rows: sum(map(test, rows))


def repeated(rows: Sequence[Row]) -> int:
    """How many rows carry a call_id that another row of the day carries too."""
    count = Counter(row["call_id"] for row in rows)
    return sum(count[row["call_id"]] > 1 for row in rows)


def negative(row: Row) -> bool:
    """A talk time below zero."""
    return row["talk_s"] is not None and row["talk_s"] < 0


RULES = {
    "negative": (
        rule("expect_column_values_to_be_between", name="negative", column="talk_s", min_value=0),
        failing(negative),
        0.0,
    ),
    "filled": (
        rule("expect_column_values_to_not_be_null", name="filled", column="talk_s"),
        failing(lambda row: row["talk_s"] is None),
        0.0,
    ),
    "mostly": (
        rule("expect_column_values_to_not_be_null", name="mostly", column="talk_s", mostly=0.5),
        failing(lambda row: row["talk_s"] is None),
        0.5,
    ),
    "known": (
        rule("expect_column_values_to_not_be_in_set", name="known", column="outcome", value_set=["unknown"]),
        failing(lambda row: row["outcome"] == "unknown"),
        0.0,
    ),
    "once": (rule("expect_column_values_to_be_unique", name="once", column="call_id"), repeated, 0.0),
    "sql": (
        rule(
            "unexpected_rows_expectation",
            name="sql",
            unexpected_rows_query="SELECT * FROM {batch} WHERE talk_s < 0 AND outcome = 'unknown'",
        ),
        failing(lambda row: negative(row) and row["outcome"] == "unknown"),
        0.0,
    ),
}

rows = st.fixed_dictionaries(
    {
        "talk_s": st.sampled_from([Decimal(5), Decimal(5), Decimal("-0.001"), None]),
        "outcome": st.sampled_from(["answered", "answered", "unknown", None]),
        "call_id": st.sampled_from("abcdefgh"),
    }
)
days = st.lists(st.lists(rows, max_size=4), min_size=2, max_size=4).map(
    lambda lists: {f"2026-10-{day:02d}": calls for day, calls in enumerate(lists, 1)}
)


@settings(max_examples=8)
@given(days)
def test_a_month_is_its_days(month: Mapping[str, Sequence[Row]]) -> None:
    asked = [expected[0] for expected in RULES.values()]
    with TemporaryDirectory() as folder:
        files = delivery(Path(folder), month)
        together = run_rules(asked, files, "vendor_calls")
        alone = [item for day in files for item in run_rules(asked, {day: files[day]}, "vendor_calls")]
    assert together == alone
    for item in together:
        _, count, allowed = RULES[item.rule]
        calls = month[item.day]
        failed = count(calls)
        assert item.rows_failed == failed
        assert item.state == ("broken" if failed > allowed * len(calls) else "pass")
        assert len(item.samples) == min(failed, 5)
