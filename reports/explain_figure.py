"""How a figure came to be: its value with everything that it rests on, and its SQL."""

from importlib.resources import files

import polars as pl

from pipelines.calendar import Month
from pipelines.lake import Lake
from pipelines.measure.catalogue import BY_ID
from pipelines.tables import FIGURES

_SERVICE, _RESOLUTION = ("universe.sql", "tallies.sql"), ("contacts.sql", "next_contacts.sql", "windows.sql")


def figure_lines(lake: Lake, month: Month, vendor: str, figure: str) -> list[str]:
    """The figure of the whole month, for all queues; nothing where the month does not hold it."""
    rows = lake.read(FIGURES, vendor=vendor, month=month.text).filter(
        (pl.col("id") == figure) & (pl.col("scope") == "all")
    )
    lines = []
    for row in rows.iter_rows(named=True):
        lines.append(f"{figure} of {vendor}, {month.text} (data until {row['as_of']}), {row['status']}")
        lines.append(f"  Definition: {BY_ID[figure].words} [{row['definition']}]")
        lines.append(f"  Reported {row['reported']}, measured {row['measured']} {row['unit']}, base {row['n']}.")
        lines.append(
            f"  Left open: {row['low']} to {row['high']}." if row["low"] is not None else "  Nothing left open."
        )
        lines += [f"  Reason: {row['reason']}"] if row["reason"] else []
    if rows.is_empty():
        return []
    steps = _RESOLUTION if figure.startswith(("fcr", "callback")) else _SERVICE
    folder = files("pipelines.measure")
    texts = [f"-- pipelines/measure/{step}\n{(folder / step).read_text(encoding='utf-8')}" for step in steps]
    return [*lines, *texts]
