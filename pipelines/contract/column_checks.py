"""Checks that what one column of a contract says fits together: role or figure, type, format, unit, map.

The column is read in `columns.py`.
"""

from collections.abc import Mapping
from typing import Any

from pipelines.contract.custom import custom_path
from pipelines.contract.documents import Document, KeyPath, listed, meant, shown
from pipelines.contract.model import Column
from pipelines.contract.times import format_problem
from pipelines.contract.vocabulary import CANONICAL_VALUES, DURATION_UNITS, FIGURE_IDS, NUMBERS, LogicalType

Node = Mapping[str, Any]


def check_fit(
    document: Document,
    path: KeyPath,
    node: Node,
    column: Column,
    feed: str,
    custom: Mapping[str, Any],
    cells_have_types: bool,
) -> None:
    """Note what does not fit in one column of a feed that this release reads: type, format, unit, map, figure."""
    _check_options(document, path, node)
    if column.figure and column.role:
        hint = "a column fills a role or reports a figure: remove one of the two"
        document.add(custom_path(path, "figure"), f"a figure and the role `{column.role}`", "one of the two", hint)
        return
    if column.figure and feed != "claims":
        hint = "figures are what a vendor reports: put them in an object with the feed claims"
        document.add(
            custom_path(path, "figure"), f"a figure in the feed {feed}", "figures in the feed claims only", hint
        )
    for name in ("stage", "numerator", "denominator", "window", "short_call_rule", "attributed_at"):
        if name in custom and not column.figure and column.role != "value" and "figure" not in custom:
            _misplaced(document, path, name, "tieout.figure")
    if "caller_kind" in custom and column.role != "caller":
        _misplaced(document, path, "caller_kind", "the role caller")
    _check_rewrite(document, path, column, custom)
    if column.map is not None and not column.role and "role" not in custom:
        _misplaced(document, path, "map", "tieout.role")
    if column.role or column.figure:
        _check_type(document, path, node, column, feed, cells_have_types)
        _check_unit(document, path, column, custom)
        _check_map(document, path, column)


def _check_rewrite(document: Document, path: KeyPath, column: Column, custom: Mapping[str, Any]) -> None:
    """Beginnings of numbers are rewritten, where there are numbers; a hash has none."""
    if "rewrite" not in custom:
        return
    if column.role not in NUMBERS:
        _misplaced(document, path, "rewrite", f"the role {' or '.join(NUMBERS)}")
    elif column.caller_kind != "phone":
        hint = "remove tieout.rewrite, or write the number as it is to be hashed before you hash it"
        found = f"tieout.rewrite beside the caller kind {column.caller_kind}"
        document.add(custom_path(path, "rewrite"), found, "tieout.rewrite of phone numbers", hint)


def _misplaced(document: Document, path: KeyPath, name: str, wanted: str) -> None:
    hint = f"add {wanted}, or remove tieout.{name}"
    document.add(
        custom_path(path, name), f"`tieout.{name}` without {wanted}", f"it says something about {wanted}", hint
    )


def _check_options(document: Document, path: KeyPath, node: Node) -> None:
    options = node.get("logicalTypeOptions")
    for name in options if isinstance(options, Mapping) else ():
        if name == "format":
            continue
        hint = (
            "write it as a quality rule (expect_column_values_to_be_between, expect_column_value_lengths_to_be_between)"
        )
        if name in ("timezone", "defaultTimezone"):
            hint = "write the zone as tieout.time_zone on the object, an offset in the text as %z in the format"
        document.add((*path, "logicalTypeOptions", name), f"`{name}`", "format: nothing else is checked", hint)


_TYPES: Mapping[str, tuple[LogicalType, ...]] = {
    **dict.fromkeys(("period_start", "period_end", "issued_at", "at_utc"), ("date", "timestamp")),
    **dict.fromkeys(("hired", "left"), ("date",)),
    **dict.fromkeys(("caller", "called", "transfer_to", "staff_number", "figure"), ("string",)),
    **dict.fromkeys(("capacity", "fault_a", "fault_b", "fault_c"), ("integer",)),
    **dict.fromkeys(("score", "scale"), ("number", "integer")),
}
"""The types of the roles that have their own; a date stands for its midnight where a moment is meant."""
_TRUTHS = tuple(role for role, values in CANONICAL_VALUES.items() if "true" in values)


def _types_for(column: Column, feed: str) -> tuple[LogicalType, ...]:
    if column.figure:
        return ("string",) if column.unit == "hms" else ("integer", "number")
    role = str(column.role)
    if feed == "trunks" and role == "from_utc":
        return ("timestamp", "date")
    if feed == "forecast" and role == "calls":
        return ("number", "integer")
    if role in _TYPES:
        return _TYPES[role]
    if role.endswith("_utc"):
        return ("timestamp",)
    if role.endswith("_s"):
        return ("string",) if column.unit == "hms" else ("integer", "number", "string")
    if role in _TRUTHS:
        return ("string", "boolean") if column.map else ("boolean",)
    if role == "value":
        return ("string",) if column.unit == "hms" else ("number", "integer")
    return ("string", "integer")


def _check_type(
    document: Document, path: KeyPath, node: Node, column: Column, feed: str, cells_have_types: bool
) -> None:
    allowed = _types_for(column, feed)
    logical = node.get("logicalType")
    what = f"the role {column.role}" if column.role else f"the figure {column.figure}"
    if logical not in allowed:
        hint = f"set logicalType: {allowed[0]}"
        if column.role in ("caller", "called", "transfer_to"):
            hint += " (a number type would drop leading zeros and the plus)"
        if column.role in _TRUTHS:
            hint += ", or logicalType: string with a tieout.map to true and false"
        found = f"logicalType {shown(logical)} for {what}"
        document.add((*path, "logicalType"), found, f"{listed(allowed)} for {what}", hint)
    elif logical in ("timestamp", "date") and not (cells_have_types and "logicalTypeOptions" not in node):
        _check_format(document, path, node, column)


def _check_format(document: Document, path: KeyPath, node: Node, column: Column) -> None:
    options = node.get("logicalTypeOptions")
    given = options.get("format") if isinstance(options, Mapping) else None
    if given is None and column.role and node.get("transformLogic") is not None:
        return
    kind = "date" if column.logical_type == "date" else "timestamp"
    problem = format_problem(given, "date" if kind == "date" else "timestamp")
    if problem and "logicalTypeOptions" in node:
        document.add((*path, "logicalTypeOptions", "format"), *problem)
    elif problem:
        example = "%Y-%m-%d" if kind == "date" else "%Y-%m-%d %H:%M:%S"
        hint = f'add logicalTypeOptions: {{format: "{example}"}} as the file writes it, or transformLogic'
        document.add((*path, "logicalTypeOptions", "format"), f"a {kind} with no format", problem[1], hint)


def _check_unit(document: Document, path: KeyPath, column: Column, custom: Mapping[str, Any]) -> None:
    if not column.role or not column.role.endswith("_s"):
        return
    if "unit" not in custom and custom_path(path, "unit") not in document.broken:
        hint = "add {property: tieout.unit, value: s}, with the unit that the file really has"
        document.add(custom_path(path, "unit"), "a duration with no unit", listed(DURATION_UNITS), hint)
    elif column.unit and column.unit not in DURATION_UNITS:
        hint = "take the unit in which the file writes the duration (hms is h:mm:ss)"
        document.add(custom_path(path, "unit"), shown(column.unit), listed(DURATION_UNITS), hint)


def _check_map(document: Document, path: KeyPath, column: Column) -> None:
    allowed = (*FIGURE_IDS, "unknown") if column.role == "figure" else CANONICAL_VALUES.get(str(column.role))
    for raw, canonical in (column.map or {}).items():
        if allowed and canonical not in allowed:
            hint = meant(canonical, allowed, "take the one of the list that comes nearest, or unknown")
            found = f"`{raw}` mapped to {shown(canonical)}"
            document.add((*custom_path(path, "map"), raw), found, listed(allowed), hint)
