"""The Great Expectations types that a contract may use, as data: which arguments name columns, which others exist.

Great Expectations itself is not imported here (it takes seconds); a test compares this table with the installed
release. Types that need regular expressions do not run inside DuckDB and are left out: `unexpected_rows_expectation`
with a condition does their work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Expectation:
    """One type: the arguments that name columns, the others; one of `needs` must be given."""

    columns: tuple[str, ...]
    options: tuple[str, ...]
    needs: tuple[str, ...]
    sentence: str


_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_LIMITS = ("min_value", "max_value")
_EITHER = ("min_value", "max_value")

EXPECTATIONS: Mapping[str, Expectation] = {
    "expect_column_values_to_not_be_null": Expectation(("column",), ("mostly",), (), "{column} is filled in"),
    "expect_column_values_to_be_null": Expectation(("column",), ("mostly",), (), "{column} is empty"),
    "expect_column_values_to_be_unique": Expectation(("column",), ("mostly",), (), "no value of {column} repeats"),
    "expect_column_values_to_be_in_set": Expectation(
        ("column",), ("value_set", "mostly"), ("value_set",), "{column} is one of {value_set}"
    ),
    "expect_column_values_to_not_be_in_set": Expectation(
        ("column",), ("value_set", "mostly"), ("value_set",), "{column} is none of {value_set}"
    ),
    "expect_column_values_to_be_between": Expectation(
        ("column",), (*_BOUNDS, "mostly"), _EITHER, "{column} lies {bounds}"
    ),
    "expect_column_value_lengths_to_be_between": Expectation(
        ("column",), (*_LIMITS, "mostly"), _EITHER, "the length of {column} lies {bounds}"
    ),
    "expect_column_mean_to_be_between": Expectation(
        ("column",), _BOUNDS, _EITHER, "the mean of {column} lies {bounds}"
    ),
    "expect_column_min_to_be_between": Expectation(
        ("column",), _BOUNDS, _EITHER, "the smallest {column} lies {bounds}"
    ),
    "expect_column_max_to_be_between": Expectation(("column",), _BOUNDS, _EITHER, "the largest {column} lies {bounds}"),
    "expect_column_sum_to_be_between": Expectation(("column",), _BOUNDS, _EITHER, "the sum of {column} lies {bounds}"),
    "expect_column_proportion_of_unique_values_to_be_between": Expectation(
        ("column",), _BOUNDS, _EITHER, "the share of unique values of {column} lies {bounds}"
    ),
    "expect_column_unique_value_count_to_be_between": Expectation(
        ("column",), _BOUNDS, _EITHER, "the number of different values of {column} lies {bounds}"
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Expectation(
        ("column_A", "column_B"), ("or_equal", "ignore_row_if", "mostly"), (), "{column_A} is not below {column_B}"
    ),
    "expect_column_pair_values_to_be_equal": Expectation(
        ("column_A", "column_B"), ("ignore_row_if", "mostly"), (), "{column_A} equals {column_B}"
    ),
    "expect_compound_columns_to_be_unique": Expectation(
        ("column_list",), ("ignore_row_if", "mostly"), (), "{column_list} together do not repeat"
    ),
    "expect_table_row_count_to_be_between": Expectation((), _LIMITS, _EITHER, "the number of rows lies {bounds}"),
    "expect_table_row_count_to_equal": Expectation((), ("value",), ("value",), "there are {value} rows"),
    "unexpected_rows_expectation": Expectation(
        (), ("unexpected_rows_query",), ("unexpected_rows_query",), "no row meets the condition of the rule"
    ),
}


def plain_sentence(expectation_type: str, kwargs: Mapping[str, Any]) -> str:
    """What an expectation says, for a reader who has never heard of Great Expectations."""
    words = {name: _words(value) for name, value in kwargs.items()}
    low, high = words.get("min_value"), words.get("max_value")
    words["bounds"] = (
        f"between {low} and {high}"
        if low is not None and high is not None
        else (f"at {low} or above" if high is None else f"at {high} or below")
    )
    return EXPECTATIONS[expectation_type].sentence.format_map(words)


def _words(value: object) -> str | None:
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return None if value is None else str(value)
