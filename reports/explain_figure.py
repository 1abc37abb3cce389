"""How a figure came to be: what it is, its value with everything that it rests on, and its SQL."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import polars as pl

from pipelines.calendar import Month
from pipelines.lake import Lake
from pipelines.measure.catalogue import Kpi, kpi
from pipelines.tables import FIGURES, SETTLED_FIGURES

_FIRST = {"resolution": ("contacts",), "service": (".",), "people": (".",), "capacity": (".",)}
"""Steps that a family reads before its own: the contacts of all sides, or the month's calls."""


def figure_lines(lake: Lake, month: Month, vendor: str, figure: str) -> list[str]:
    """The figure of the whole month, for all queues and both sides; nothing where the month does not hold it."""
    every = pl.concat(lake.read(table, vendor=vendor, month=month.text) for table in (FIGURES, SETTLED_FIGURES))
    rows = every.filter((pl.col("id") == figure) & (pl.col("scope") == "all"))
    if rows.is_empty():
        return []
    entry = kpi(figure)
    own_first = rows.sort("side", descending=True).iter_rows(named=True)
    told = [line for row in own_first for line in _value(row, vendor, month)]
    return [*_meaning(entry), *told, *_sql(entry.family)]


def _meaning(entry: Kpi) -> list[str]:
    needs = [f"{feed} ({', '.join(columns)})" if columns else feed for feed, columns in entry.needs.items()]
    return [
        f"{entry.id}: {entry.name['en']}. {entry.words['en']}",
        f"  Formula: {entry.formula}",
        f"  Needs: {'; '.join(needs) or 'the deliverables of the terms'}",
    ]


def _value(row: dict[str, Any], vendor: str, month: Month) -> Iterator[str]:
    whose = vendor if row["side"] == "vendor" else "our own staff and log"
    yield f"{row['id']} of {whose}, {month.text} (data until {row['as_of']}), {row['status']} [{row['definition']}]"
    reported = "Not reported" if row["reported"] is None else f"Reported {_told(row['reported'])}"
    if row["measured"] is None:
        yield f"  {reported}, without a measured value."
    else:
        yield f"  {reported}, measured {_told(row['measured'])} {row['unit']}, base {row['n']}."
        yield f"  {_left_open(row['low'], row['high'])}"
    if row["ci_low"] is not None:
        yield f"  95 % interval: {_told(row['ci_low'])} to {_told(row['ci_high'])}."
    if row["reason"]:
        yield f"  Reason: {row['reason']}"


def _told(value: float) -> str:
    """A number to two decimals, none where they are noughts."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _left_open(low: float | None, high: float | None) -> str:
    if low is None:
        return "Nothing left open."
    return (
        f"The records allow {_told(low)} or more."
        if high is None
        else f"The records allow {_told(low)} to {_told(high)}."
    )


def _sql(family: str) -> list[str]:
    """The SQL that a family of figures is made with, each under its path."""
    return [
        f"-- pipelines/measure/{path}\n{step.read_text(encoding='utf-8')}"
        for folder in (*_FIRST.get(family, ()), family)
        for path, step in _steps(folder)
    ]


def _steps(folder: str) -> list[tuple[str, Traversable]]:
    """(path, SQL file) of a folder of pipelines/measure, by name; none where there is no such folder."""
    place = files("pipelines.measure") if folder == "." else files("pipelines.measure") / folder
    if not place.is_dir():
        return []
    found = sorted((item for item in place.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
    return [(item.name if folder == "." else f"{folder}/{item.name}", item) for item in found]
