"""How a preflight is shown: tables and lines for people, plain data for programs.

The keys of the data are described in docs/preflight.md. What stands in files is text of strangers, never markup.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Literal

import polars as pl
from rich import box
from rich.table import Table as Grid
from rich.text import Text

from checks.preflight.flight import Flight
from pipelines.plain import plain

_STATES = {"pass": "met", "broken": "broken", "could_not_run": "could not run"}
_WIDTHS = {"days": len("2026-10-01 to"), "state": 16}
_COUNTS = ("rows_read", "accepted", "rejected", "left_out")


def as_table(flight: Flight) -> Grid:
    """One line per file: what it is, and what became of its rows."""
    grid = _grid("file", "rows read", "accepted", "rejected", "left out", "days")
    for file in flight.files:
        days = sorted(file["days"])
        span = f"{days[0]} to\n{days[-1]}" if len(days) > 1 else "".join(days)
        numbers = [f"{file[name]:,}" for name in _COUNTS]
        grid.add_row(_text(f"{plain(file['file'])}\nis {file['object']} ({file['feed']})"), *numbers, span)
    for name in flight.refused:
        grid.add_row(_text(f"{plain(name)}\ncannot be used, see below"), *["-"] * len(_COUNTS), "")
    return grid


def as_rules(flight: Flight) -> Grid:
    """One line per rule over all days: its sentence, what it looked at, and whether it is met."""
    grid = _grid("rule", "rows looked at", "rows that break it", "state")
    rows = _by_rule(flight.rules).to_dicts()
    often = Counter(row["sentence"] for row in rows)
    for row in rows:
        about = f" ({row['rule'].partition('.')[0]})" if often[row["sentence"]] > 1 else ""
        numbers = f"{row['rows_checked']:,}", f"{row['rows_failed']:,}"
        grid.add_row(_text(plain(row["sentence"]) + about), *numbers, _text(_state(row)))
    return grid


def as_lines(flight: Flight) -> Iterator[str]:
    """What stands below the tables: open questions, notes, and the outcome in one line."""
    for field in flight.vague:
        yield plain(f"vague field {field['column']} ({field['field']}): {field['question']}")
    for note in flight.notes:
        yield plain(f"note: {note}")
    said = {
        "findings": len(flight.found),
        "reported figures with open questions": len(flight.vague),
        "files that cannot be used": len(flight.refused),
    }
    counted = ", ".join(f"{what}: {number}" for what, number in said.items() if number)
    outcome = counted or ("nothing could be checked" if flight.unusable else "clean: nothing to correct")
    yield f"{outcome} (exit code {flight.exit_code})"


def as_data(flight: Flight) -> dict[str, Any]:
    """Everything, as JSON can hold it."""
    return {
        "exit_code": flight.exit_code,
        "files": flight.files,
        "refused": flight.refused,
        "rules": _by_rule(flight.rules).to_dicts(),
        "found": [asdict(item) for item in flight.found],
        "unusable": [asdict(item) for item in flight.unusable],
        "vague_fields": flight.vague,
        "notes": flight.notes,
    }


def _grid(first: str, *heads: str) -> Grid:
    """A table whose first column takes the room that the numbers leave; nothing in it is cut off."""
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    grid.add_column(first, overflow="fold", ratio=1, min_width=16)
    for head in heads:
        justify: Literal["left", "right"] = "left" if head in _WIDTHS else "right"
        grid.add_column(head, justify=justify, overflow="fold", min_width=_WIDTHS.get(head, 9))
    return grid


def _text(text: str) -> Text:
    """Text that is shown as it is: square brackets in it are no markup."""
    return Text(text)


def _state(row: dict[str, Any]) -> str:
    """Whether a rule is met, in words; why not, where it could not run."""
    state = _STATES[row["state"]]
    if row["state"] == "broken":
        return f"{state} ({row['severity']})"
    if row["state"] == "could_not_run":
        return plain(f"{state}: {row['detail']}")
    days = row["days_not_run"]
    return state if not days else plain(f"{state}; could not run on {days} of {row['days']} days: {row['detail']}")


def _by_rule(rules: pl.DataFrame) -> pl.DataFrame:
    """Each rule over its days: broken where it is on any day, met where it is on any other, with its rows summed.

    `detail` says why it could not run, on the first day on which it could not.
    """
    worst = {"broken": 0, "pass": 1, "could_not_run": 2}
    place = pl.col("state").replace_strict(worst, return_dtype=pl.Int64)
    silent = pl.col("state") == "could_not_run"
    grouped = (
        rules.sort(place, "day")
        .group_by("rule", maintain_order=True)
        .agg(
            pl.col("severity", "sentence", "state").first(),
            pl.col("rows_checked", "rows_failed").sum(),
            days=pl.len(),
            days_not_run=silent.sum(),
            detail=pl.col("detail").filter(silent).first(),
        )
    )
    return grouped.sort("rule")
