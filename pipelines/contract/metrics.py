"""ODCS's own quality metrics (`type: library`) as expectations of Great Expectations.

All five metrics of ODCS 3.1, with each of its comparisons, in rows or percent. Where an expectation says the same, it
is taken; else the count is compared in SQL (`metric_sql.py`). What percent is of: of all rows for values that are
missing, of the rows that hold a value for values that are wrong or repeat.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.contract.documents import Document, KeyPath, listed, meant, shown
from pipelines.contract.metric_sql import OPERATORS, Count, Limit, pattern_problem
from pipelines.contract.model import Column

METRICS = ("nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount")
_ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "missingValues": ("missingValues",),
    "invalidValues": ("validValues", "pattern"),
    "duplicateValues": ("properties",),
}
_VALUES: Mapping[str, str] = {
    "nullValues": "expect_column_values_to_not_be_null",
    "duplicateValues": "expect_column_values_to_be_unique",
    "invalidValues": "expect_column_values_to_be_in_set",
}
Node = Mapping[str, Any]


@dataclass(frozen=True)
class Metric:
    """A metric as an expectation with the contract's column names; or as a count to compare, in SQL."""

    expectation: str
    kwargs: Mapping[str, Any]
    count: Count | None = None


def read_metric(document: Document, path: KeyPath, item: Node, column: Column | None) -> Metric | None:
    """The metric of one item of `quality[]`; None where a fault is noted."""
    metric = item.get("metric")
    if metric is None or (*path, "metric") in document.broken:
        if "metric" not in item:
            document.add((*path, "metric"), "no `metric`", listed(METRICS), "add metric: …")
        return None
    if metric not in METRICS:
        hint = meant(str(metric), METRICS, "use one of these, or type: custom with an expectation")
        document.add((*path, "metric"), f"{shown(metric)}, which ODCS 3.1 does not know", listed(METRICS), hint)
        return None
    limit = _limit(document, path, item, is_whole=metric == "rowCount")
    arguments = _arguments(document, path, item, str(metric))
    if limit is None or arguments is None:
        return None
    if metric == "rowCount":
        return _row_count(document, path, limit, column)
    columns = _columns(document, path, item, column, str(metric), arguments)
    if columns is None or not _fit(document, path, column, str(metric), arguments):
        return None
    return _values(str(metric), columns, arguments, limit)


def _limit(document: Document, path: KeyPath, item: Node, *, is_whole: bool) -> Limit | None:
    """What the count must be; whole numbers of rows, or a percentage from 0 to 100."""
    operator = next((name for name in OPERATORS if name in item), None)
    if operator is None:
        if path not in document.broken:
            hint = "mustBe: 0 allows no such row"
            document.add((*path, "mustBe"), "no comparison", f"one of {listed(OPERATORS)}", hint)
        return None
    unit = item.get("unit", "rows")
    if unit not in (("rows",) if is_whole else ("rows", "percent")):
        allowed = "rows" if is_whole else "rows, percent"
        document.add((*path, "unit"), shown(unit), allowed, "leave the unit out to count rows")
        return None
    value = item[operator]
    numbers = value if isinstance(value, list) else [value]
    wanted = 2 if operator.endswith("Between") else 1
    if (*path, operator) in document.broken:
        return None
    if len(numbers) != wanted or not all(_is_count(number) for number in numbers):
        allowed = "two numbers, 0 or more" if wanted > 1 else "a number, 0 or more"
        document.add((*path, operator), shown(value), allowed, f"{operator}: {'[1, 9]' if wanted > 1 else 0}")
        return None
    if unit == "rows" and any(number != int(number) for number in numbers):
        hint = "mustBeGreaterThan: 0" if is_whole else "add unit: percent, if a share is meant"
        document.add((*path, operator), shown(value), "whole numbers of rows", hint)
        return None
    if unit == "percent" and any(number > 100 for number in numbers):
        document.add((*path, operator), shown(value), "a percentage from 0 to 100", "leave unit out to count rows")
        return None
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        hint = f"{operator}: [{numbers[1]}, {numbers[0]}]"
        document.add((*path, operator), shown(value), "the smaller number first", hint)
        return None
    return Limit(operator, tuple(int(number) if unit == "rows" else number for number in numbers), unit == "percent")


def _is_count(number: object) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number) and number >= 0


def _arguments(document: Document, path: KeyPath, item: Node, metric: str) -> Node | None:
    given = item.get("arguments") or {}
    known = _ARGUMENTS.get(metric, ())
    unknown = sorted(given.keys() - set(known)) if isinstance(given, Mapping) else []
    for key in unknown:
        hint = meant(key, known, "remove it")
        document.add((*path, "arguments", key), f"the unknown argument `{key}`", listed(known) or "none", hint)
    return given if isinstance(given, Mapping) and not unknown else None


def _row_count(document: Document, path: KeyPath, limit: Limit, column: Column | None) -> Metric | None:
    if column:
        hint = "move it to the object's quality"
        document.add((*path, "metric"), "rowCount on a property", "rowCount on the object", hint)
        return None
    low, high = limit.bounds
    if limit.operator.startswith("mustNot"):
        return Metric("", {}, Count("rowCount", (), limit))
    limits = {"min_value": low, "max_value": high}
    kwargs = {name: bound for name, bound in limits.items() if bound is not None}
    return Metric("expect_table_row_count_to_be_between", kwargs)


def _columns(
    document: Document, path: KeyPath, item: Node, column: Column | None, metric: str, arguments: Node
) -> list[str] | None:
    """The contract's names of the columns that a metric is about."""
    names = arguments.get("properties")
    if column is not None:
        return [column.raw]
    if metric != "duplicateValues":
        hint = "move it to the property's quality"
        document.add((*path, "metric"), f"{metric} on an object", f"{metric} on a property", hint)
        return None
    if not isinstance(names, list) or len(names) < 2:
        hint = "arguments: {properties: [call_id, leg]}; for one column put the rule on the property"
        document.add((*path, "arguments", "properties"), shown(names), "two columns or more", hint)
        return None
    return names


def _fit(document: Document, path: KeyPath, column: Column | None, metric: str, arguments: Node) -> bool:
    """Whether the arguments say what is valid, or what is missing."""
    here = (*path, "arguments")
    if metric == "missingValues" and not isinstance(arguments.get("missingValues", []), list):
        allowed, hint = "a list of values that mean nothing", "arguments: {missingValues: [null, '', N/A]}"
        document.add((*here, "missingValues"), shown(arguments["missingValues"]), allowed, hint)
        return False
    if metric != "invalidValues":
        return True
    values, pattern = arguments.get("validValues"), arguments.get("pattern")
    if (values is None and pattern is None) or (values is not None and not (isinstance(values, list) and values)):
        hint = "arguments: {validValues: [AGENT, HANG]}, or {pattern: '^[0-9]{4}$'}"
        document.add(here, shown(dict(arguments)), "validValues: a list of values, or a pattern", hint)
        return False
    if pattern is None:
        return True
    problem = pattern_problem(pattern)
    if problem is None and column is not None and (column.role == "caller" or column.map):
        problem = "a pattern on a column whose text is not kept (callers are keyed, mapped values become canonical)"
    if problem is not None:
        hint = "write it as RE2 understands it, or name the values: validValues"
        document.add((*here, "pattern"), problem, "a regular expression, on a column that is kept as it is", hint)
    return problem is None


def _values(metric: str, columns: list[str], arguments: Node, limit: Limit) -> Metric:
    """An expectation where one says the same, else a count in SQL."""
    share = _share(limit)
    is_plain = metric in _VALUES and "pattern" not in arguments
    if share is None or not is_plain:
        return Metric("", {}, Count(metric, tuple(columns), limit, dict(arguments)))
    if len(columns) > 1:
        return Metric("expect_compound_columns_to_be_unique", {"column_list": columns, **share})
    kwargs: dict[str, Any] = {**share, "column": columns[0]}
    if metric == "invalidValues":
        kwargs["value_set"] = arguments["validValues"]
    return Metric(_VALUES[metric], kwargs)


def _share(limit: Limit) -> dict[str, Any] | None:
    """The limit as `mostly`, where it allows no such row at all, or at most a share of them; else None."""
    (value, *others), operator = limit.numbers, limit.operator
    if others or operator not in ("mustBe", "mustBeLessThan", "mustBeLessOrEqualTo"):
        return None
    if value == 0 and operator != "mustBeLessThan":
        return {}
    if not limit.is_percent or value == 0 or operator == "mustBe":
        return None
    share = 1 - value / 100
    return {"mostly": share if operator == "mustBeLessOrEqualTo" else math.nextafter(share, 1)}
