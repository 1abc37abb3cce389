"""Counts that no expectation of Great Expectations compares as ODCS does, as SQL over one day of a table.

The SQL is made here, from numbers, checked names and quoted values; no text of a contract enters it as it stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

OPERATORS: Mapping[str, str] = {
    "mustBe": "exactly {0}",
    "mustNotBe": "any number but {0}",
    "mustBeGreaterThan": "more than {0}",
    "mustBeGreaterOrEqualTo": "{0} or more",
    "mustBeLessThan": "fewer than {0}",
    "mustBeLessOrEqualTo": "at most {0}",
    "mustBeBetween": "between {0} and {1}",
    "mustNotBeBetween": "fewer than {0} or more than {1}",
}
"""The comparisons of ODCS 3.1, each in words."""

_MET: Mapping[str, str] = {
    "mustBe": "{seen} = {0}",
    "mustNotBe": "{seen} <> {0}",
    "mustBeGreaterThan": "{seen} > {0}",
    "mustBeGreaterOrEqualTo": "{seen} >= {0}",
    "mustBeLessThan": "{seen} < {0}",
    "mustBeLessOrEqualTo": "{seen} <= {0}",
    "mustBeBetween": "{seen} BETWEEN {0} AND {1}",
    "mustNotBeBetween": "{seen} NOT BETWEEN {0} AND {1}",
}
_SHORT = {
    "nullValues": "null_values",
    "missingValues": "missing_values",
    "invalidValues": "invalid_values",
    "duplicateValues": "duplicate_values",
    "rowCount": "row_count",
}
_SAID = {
    "nullValues": "have an empty {column}",
    "missingValues": "lack {column}",
    "invalidValues": "have a value in {column} that is not allowed",
    "duplicateValues": "share their {column} with another row",
}


@dataclass(frozen=True)
class Limit:
    """What a count, or a share in percent, must be: an operator of ODCS and its one or two numbers."""

    operator: str
    numbers: tuple[float, ...]
    is_percent: bool = False

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The least and the highest whole number that is right; of `mustNot…` neither."""
        first, last = self.numbers[0], self.numbers[-1]
        known = {
            "mustBe": (first, first),
            "mustBeGreaterThan": (first + 1, None),
            "mustBeGreaterOrEqualTo": (first, None),
            "mustBeLessThan": (None, first - 1),
            "mustBeLessOrEqualTo": (None, first),
            "mustBeBetween": (first, last),
        }
        return known.get(self.operator, (None, None))

    @property
    def words(self) -> str:
        """The limit as a manager would say it."""
        if self.numbers == (0,) and self.operator in ("mustBe", "mustBeLessOrEqualTo"):
            return "no rows"
        unit = " percent of the rows" if self.is_percent else " rows"
        return OPERATORS[self.operator].format(*(f"{number:,}" for number in self.numbers)) + unit

    def met(self, seen: str) -> str:
        """SQL: whether what was seen is right."""
        return _MET[self.operator].format(*(f"{number!r}" for number in self.numbers), seen=seen)


@dataclass(frozen=True)
class Count:
    """A metric over some columns (the contract's names) whose count is compared with a limit."""

    metric: str
    columns: tuple[str, ...]
    limit: Limit
    arguments: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The metric as part of a rule's name."""
        return _SHORT[self.metric]

    @property
    def sentence(self) -> str:
        """The rule in words, with the contract's names of the columns."""
        if self.metric == "rowCount":
            return f"there are {self.limit.words}"
        return f"{self.limit.words} {_SAID[self.metric].format(column=' and '.join(self.columns))}"

    def query(self, columns: Sequence[str]) -> str:
        """The SQL over the canonical columns: rows where there are too many of them, else one row with what was seen.

        Braces are doubled, as Great Expectations wants them, but for those of `{batch}`.
        """
        if self.metric == "rowCount":
            return f"SELECT count(*) AS rows FROM {{batch}} HAVING NOT ({self.limit.met('count(*)')})"
        flagged = f"SELECT *, {self._wrong(columns)} AS is_wrong FROM {{batch}}"
        if self.limit.operator in ("mustBeLessThan", "mustBeLessOrEqualTo"):
            # A subquery, because DuckDB counts over a window of all rows in quadratic time.
            met = f"SELECT {self.limit.met(self._seen(columns))} FROM ({flagged}) AS every_row"
            return f"SELECT * EXCLUDE (is_wrong) FROM ({flagged}) AS flagged WHERE is_wrong AND NOT ({met})"
        seen = self._seen(columns)
        unit = "percent" if self.limit.is_percent else "rows"
        return f"SELECT {seen} AS {unit} FROM ({flagged}) AS flagged HAVING NOT ({self.limit.met(seen)})"

    def _seen(self, columns: Sequence[str]) -> str:
        """SQL: how many rows are wrong, or what percentage of the rows that the metric is about."""
        wrong = "count(*) FILTER (WHERE is_wrong)"
        if not self.limit.is_percent:
            return wrong
        every = self.metric in ("nullValues", "missingValues")
        base = "count(*)" if every else f"count(*) FILTER (WHERE {_filled(columns)})"
        return f"100.0 * {wrong} / nullif({base}, 0)"

    def _wrong(self, columns: Sequence[str]) -> str:
        """SQL: whether a row is one that the metric counts; never null."""
        column = f'"{columns[0]}"'
        if self.metric == "nullValues":
            return f"{column} IS NULL"
        if self.metric == "missingValues":
            given = [value for value in self.arguments.get("missingValues", ()) if value is not None]
            listed = f" OR {_among(column, given)}" if given else ""
            return f"({column} IS NULL{listed})"
        if self.metric == "duplicateValues":
            key = ", ".join(f'"{name}"' for name in columns)
            return f"({_filled(columns)} AND count(*) OVER (PARTITION BY {key}) > 1)"
        tests = []
        if values := self.arguments.get("validValues"):
            tests.append(f"NOT {_among(column, values)}")
        if pattern := self.arguments.get("pattern"):
            tests.append(f"NOT regexp_matches(CAST({column} AS VARCHAR), {_text(pattern)})")
        return f"coalesce({' OR '.join(tests)}, false)"


def pattern_problem(pattern: object) -> str | None:
    """Why DuckDB cannot use a pattern; None where it can."""
    if not isinstance(pattern, str) or not pattern:
        return "a pattern that is no text"
    with duckdb.connect(config={"enable_external_access": "false"}) as connection:
        try:
            connection.execute("SELECT regexp_matches('', ?)", [pattern]).fetchall()
        except duckdb.Error as error:
            return f"a pattern that cannot be read ({str(error).splitlines()[0]})"
    return None


def _filled(columns: Sequence[str]) -> str:
    return " AND ".join(f'"{name}" IS NOT NULL' for name in columns)


def _text(value: object) -> str:
    """A value as an SQL text literal inside a query with placeholders."""
    plain = str(value).lower() if isinstance(value, bool) else str(value)
    return "'" + plain.replace("'", "''").replace("{", "{{").replace("}", "}}") + "'"


def _among(column: str, values: Sequence[object]) -> str:
    """SQL: whether a value is one of several; numbers are compared as numbers, all else as text."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return f"TRY_CAST({column} AS DOUBLE) IN ({', '.join(repr(value) for value in values)})"
    return f"CAST({column} AS VARCHAR) IN ({', '.join(_text(value) for value in values)})"
