"""How a figure came to be: its value with everything that it rests on, and its SQL."""

from importlib.resources import files
from importlib.resources.abc import Traversable

import polars as pl

from pipelines.calendar import Month
from pipelines.lake import Lake
from pipelines.measure.catalogue import BY_ID
from pipelines.tables import FIGURES


def figure_lines(lake: Lake, month: Month, vendor: str, figure: str) -> list[str]:
    """The figure of the whole month, for all queues; nothing where the month does not hold it."""
    rows = lake.read(FIGURES, vendor=vendor, month=month.text).filter(
        (pl.col("id") == figure) & (pl.col("scope") == "all")
    )
    lines = []
    for row in rows.iter_rows(named=True):
        lines.append(f"{figure} of {vendor}, {month.text} (data until {row['as_of']}), {row['status']}")
        lines.append(f"  Definition: {BY_ID[figure].words.get('en', '')} [{row['definition']}]")
        lines.append(f"  Reported {row['reported']}, measured {row['measured']} {row['unit']}, base {row['n']}.")
        lines.append(
            f"  Left open: {row['low']} to {row['high']}." if row["low"] is not None else "  Nothing left open."
        )
        lines += [f"  Reason: {row['reason']}"] if row["reason"] else []
    if rows.is_empty():
        return []
    return [*lines, *_sql(BY_ID[figure].family)]


def _sql(family: str) -> list[str]:
    """The SQL that a family of figures is made with, each under its path."""
    folder = files("pipelines.measure")
    first = folder / "contacts" if family == "resolution" else folder
    steps = [*_steps(first), *(_steps(folder / family) if (folder / family).is_dir() else [])]
    return [f"-- pipelines/measure/{step.name}\n{step.read_text(encoding='utf-8')}" for step in steps]


def _steps(folder: Traversable) -> list[Traversable]:
    return sorted((item for item in folder.iterdir() if item.name.endswith(".sql")), key=lambda item: item.name)
