"""How a preflight is shown: a table for people, plain data for programs."""

from dataclasses import asdict
from typing import Any

import polars as pl
from rich.table import Table as Grid

from checks.preflight.flight import Flight

_STATES = {"pass": "met", "broken": "broken", "could_not_run": "could not run"}


def as_table(flight: Flight) -> Grid:
    """One line per file: what it is, and what became of its rows."""
    grid = Grid("file", "is", "rows read", "accepted", "rejected", "left out", "days")
    for file in flight.files:
        numbers = [f"{file[name]:,}" for name in ("rows_read", "accepted", "rejected", "left_out")]
        days = sorted(file["days"])
        span = f"{days[0]} to {days[-1]}" if days else ""
        grid.add_row(file["file"], f"{file['object']} ({file['feed']})", *numbers, span)
    return grid


def as_rules(flight: Flight) -> Grid:
    """One line per rule over all days: its sentence, what it looked at, and whether it is met."""
    grid = Grid("rule", "rows looked at", "rows that break it", "state")
    for row in _by_rule(flight.rules).iter_rows(named=True):
        grid.add_row(row["sentence"], f"{row['rows_checked']:,}", f"{row['rows_failed']:,}", _STATES[row["state"]])
    return grid


def as_data(flight: Flight) -> dict[str, Any]:
    """Everything, as JSON can hold it."""
    return {
        "exit_code": flight.exit_code,
        "files": flight.files,
        "rules": _by_rule(flight.rules).to_dicts(),
        "found": [asdict(item) for item in flight.found],
        "unusable": [asdict(item) for item in flight.unusable],
        "vague_fields": flight.vague,
    }


def _by_rule(rules: pl.DataFrame) -> pl.DataFrame:
    """The worst state of each rule, with its rows summed over the days."""
    worst = {"broken": 0, "could_not_run": 1, "pass": 2}
    ordered = rules.with_columns(place=pl.col("state").replace_strict(worst, return_dtype=pl.Int64)).sort(
        "place", "day"
    )
    grouped = ordered.group_by("rule", maintain_order=True).agg(
        pl.col("severity", "sentence", "state").first(), pl.col("rows_checked", "rows_failed").sum()
    )
    return grouped.sort("rule")
