"""ODCS's own quality metrics (`type: library`) as expectations of Great Expectations.

Four of the five metrics are supported. What an expectation cannot say exactly is refused, never rounded.
"""

import math
from collections.abc import Mapping
from typing import Any

from pipelines.contract.documents import Document, KeyPath, listed, meant, shown
from pipelines.contract.model import Column

METRICS = ("nullValues", "invalidValues", "duplicateValues", "rowCount")
OPERATORS = (
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo"),
    *("mustBeBetween", "mustNotBeBetween"),
)
Read = tuple[str, dict[str, Any]]


def read_metric(document: Document, path: KeyPath, item: Mapping[str, Any], column: Column | None) -> Read | None:
    """The expectation type and its arguments, with the contract's column names; None where a fault is noted."""
    metric = item.get("metric")
    if metric is None or (*path, "metric") in document.broken:
        if "metric" not in item:
            document.add((*path, "metric"), "no `metric`", listed(METRICS), "add metric: …")
        return None
    if metric not in METRICS:
        hint = meant(str(metric), METRICS, "use one of these, or type: custom with an expectation")
        document.add((*path, "metric"), f"{shown(metric)}, which this release does not check", listed(METRICS), hint)
        return None
    if metric == "rowCount":
        return _row_count(document, path, item, column)
    return _values(document, path, item, column, str(metric))


def _row_count(document: Document, path: KeyPath, item: Mapping[str, Any], column: Column | None) -> Read | None:
    if column:
        document.add(
            (*path, "metric"), "rowCount on a property", "rowCount on the object", "move it to the object's quality"
        )
        return None
    operator = _operator(item)
    value = item.get(operator)
    numbers: list[Any] = value if isinstance(value, list) else [value]
    if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
        document.add((*path, operator or "mustBe"), shown(value), "whole numbers of rows", "mustBeGreaterThan: 0")
        return None
    bounds: dict[str, tuple[int | None, int | None]] = {
        "mustBe": (numbers[0], numbers[0]),
        "mustBeGreaterThan": (numbers[0] + 1, None),
        "mustBeGreaterOrEqualTo": (numbers[0], None),
        "mustBeLessThan": (None, numbers[0] - 1),
        "mustBeLessOrEqualTo": (None, numbers[0]),
        "mustBeBetween": (numbers[0], numbers[-1]),
    }
    if operator not in bounds:
        document.add(
            (*path, operator), f"rowCount with {operator}", listed(bounds), "say which counts are right instead"
        )
        return None
    low, high = bounds[operator]
    limits = {"min_value": low, "max_value": high}
    return "expect_table_row_count_to_be_between", {name: limit for name, limit in limits.items() if limit is not None}


def _values(
    document: Document, path: KeyPath, item: Mapping[str, Any], column: Column | None, metric: str
) -> Read | None:
    arguments = item.get("arguments")
    arguments = arguments if isinstance(arguments, Mapping) else {}
    kwargs = _share(document, path, item)
    if kwargs is None:
        return None
    if metric == "duplicateValues" and column is None:
        names = arguments.get("properties")
        if not isinstance(names, list) or len(names) < 2:
            hint = "arguments: {properties: [call_id, leg]}; for one column put the rule on the property"
            document.add((*path, "arguments", "properties"), shown(names), "two columns or more", hint)
            return None
        return "expect_compound_columns_to_be_unique", {"column_list": names, **kwargs}
    if column is None:
        document.add(
            (*path, "metric"), f"{metric} on an object", f"{metric} on a property", "move it to the property's quality"
        )
        return None
    kwargs["column"] = column.raw
    if metric != "invalidValues":
        names_of = {
            "nullValues": "expect_column_values_to_not_be_null",
            "duplicateValues": "expect_column_values_to_be_unique",
        }
        return names_of[metric], kwargs
    values = arguments.get("validValues")
    if not isinstance(values, list) or not values or set(arguments) - {"validValues"}:
        hint = (
            "arguments: {validValues: [AGENT, HANG]}; a pattern is written as type: custom, unexpected_rows_expectation"
        )
        document.add((*path, "arguments"), shown(item.get("arguments")), "validValues: a list of values", hint)
        return None
    return "expect_column_values_to_be_in_set", {**kwargs, "value_set": values}


def _operator(item: Mapping[str, Any]) -> str:
    return next((name for name in OPERATORS if name in item), "")


def _share(document: Document, path: KeyPath, item: Mapping[str, Any]) -> dict[str, Any] | None:
    """How many rows may break the rule, as `mostly`: none at all, or a percentage."""
    operator = _operator(item)
    value = item.get(operator)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value == 0 and operator in ("mustBe", "mustBeLessOrEqualTo"):
            return {}
        if item.get("unit") == "percent" and 0 < value <= 100 and operator in ("mustBeLessThan", "mustBeLessOrEqualTo"):
            share = 1 - value / 100
            return {"mostly": share if operator == "mustBeLessOrEqualTo" else math.nextafter(share, 1)}
    allowed = "mustBe: 0, or mustBeLessThan / mustBeLessOrEqualTo with unit: percent"
    found = f"{operator}: {value}" if operator else "no comparison"
    if operator or path not in document.broken:
        document.add((*path, operator or "mustBe"), found, allowed, "say it as a share of the rows, in percent")
    return None
