"""The rows that break a rule, as text that may be shown: where they stand and what stands there, never who called."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from checks.rules.results import Sample
from checks.rules.session import SAMPLES

PERSONAL = frozenset({"caller_key", "caller_mask", "called", "transfer_to"})
"""Columns that hold a number or a key of one; `called` is the customer's number on a call that goes out."""

_PLACE = ("file_id", "row")
_WITHHELD = "(not shown)"
_LONGEST_CELL = 120


def cell(value: object) -> str:
    """One value as short text."""
    if value is None:
        return "(empty)"
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def _cells(row: Mapping[str, object], shown: Sequence[str]) -> str:
    """`column=value` of the columns shown; a personal one keeps its name and loses its value."""
    return ", ".join(f"{name}={_WITHHELD if name in PERSONAL else cell(row[name])}" for name in shown)


def _sample(row: Mapping[str, Any], shown: Sequence[str]) -> Sample:
    """One row; the place is unknown where the rule's SQL does not return it."""
    file_id, number = (row.get(name) for name in _PLACE)
    at_row = isinstance(number, int)
    return Sample(str(file_id) if file_id is not None else None, number if at_row else None, _cells(row, shown))


def of_columns(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> tuple[Sample, ...]:
    """Samples of a rule about columns: each shows those columns."""
    return tuple(_sample(row, [name for name in columns if name in row]) for row in rows[:SAMPLES])


def of_sql(rows: Sequence[Mapping[str, Any]], query: str) -> tuple[Sample, ...]:
    """Samples of a rule in SQL: each shows the columns that the SQL names, since `SELECT *` returns the whole row.

    SQL that names a personal column may return it under another name, so then no value is shown at all.
    """
    words = set(re.findall(r"\w+", query.lower()))
    if words & PERSONAL:
        return tuple(_sample(row, []) for row in rows[:SAMPLES])
    shown = words - set(_PLACE) - PERSONAL
    return tuple(_sample(row, [name for name in row if name.lower() in shown]) for row in rows[:SAMPLES])
