"""What is told of a delivery, as `Fault`s: what was found, where, what is allowed, what to do. No number of a caller.

From what standardising and the rules gave; where that stands (the lake, or a folder that is thrown away) is not known
here. `troubles.py` tells of the lake, `checks/preflight` of a file that is not in it yet.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.errors import Fault
from pipelines.plain import CELL, short
from pipelines.standardise.numbers import hide_numbers

MOST = 20


def rejected(
    cells: pl.DataFrame, name: str, contract: str, where_more: str = "see table rejects in the lake"
) -> Iterator[Fault]:
    """The cells that make rows unusable (as `tables.REJECTS`), of one file; at most twenty, of each kind the first."""
    kinds = cells.sort("row", "column").with_columns(nth=pl.int_range(pl.len()).over("column", "reason"))
    for row in kinds.sort("nth", maintain_order=True).head(MOST).sort("row", "column").iter_rows(named=True):
        column = f", column {row['column']}" if row["column"] else ""
        shown = f"{short(hide_numbers(row['text']), CELL)!r}" if row["text"] else "nothing"
        hint = f"have the row corrected and delivered again, or correct the column in {contract}"
        yield Fault(f"{name}: line {row['line']}{column}", f"{shown}: {row['reason']}", _allowed(row), hint)
    if cells.height > MOST:
        yield Fault(name, f"{cells.height - MOST:,} more cells", "cells that can be read", where_more)


def _allowed(row: Mapping[str, object]) -> str:
    reason = str(row["reason"])
    return reason.removeprefix("not ") if reason.startswith("not ") else "a row as the contract describes it"


def counted(tally: Mapping[str, Any], name: str, contract: str) -> Iterator[Fault]:
    """What the counts of a file show: unmapped codes, repeated hours, a spreadsheet's damage, totals that disagree."""
    codes = tally["unknown_codes"]
    for code in codes[:MOST]:
        where = f"{name}: line {code['first_line']}, column {code['column']}"
        hint = f"add the code to tieout.map in {contract}, or ask the sender what it means"
        shown = short(hide_numbers(code["code"]), CELL)
        yield Fault(where, f"{shown!r} in {code['rows']} rows, kept as `unknown`", code["allowed"], hint)
    if len(codes) > MOST:
        hint = f"is it the right column? Otherwise add the codes to tieout.map in {contract}"
        yield Fault(name, f"{len(codes) - MOST:,} more codes that the map does not name", "the codes of the map", hint)
    if repeated := tally["clock_change"]["unresolved"]:
        found = f"{repeated} times of the hour that the clock change shows twice; the first reading was taken"
        hint = f"ask for times with an offset, and for rows in order of time ({contract}: %z in the format)"
        yield Fault(name, found, "rows in order, or times with an offset", hint)
    if turned := tally["turned_dates"]:
        found = f"{turned} dates outside the file's month that lie inside it with day and month turned round"
        hint = "ask for an export that no spreadsheet has opened, or correct the format in the contract"
        yield Fault(name, found, "dates of the month that the file is for", hint)
    if damaged := tally["damaged_ids"]:
        found = (
            f"{damaged} call ids that a spreadsheet has flattened, as in 6.02E+11: calls can no longer be told apart"
        )
        yield Fault(name, found, "ids as the system wrote them", "ask for an export that no spreadsheet has opened")
    yield from _folded(tally.get("derived", {}), name)
    for line in tally["closing"]:
        if not line["agrees"]:
            found = f"the closing line says {line['says']} under {line['column']}, the rows give {line['adds_up_to']}"
            lost = f" ({tally['rejected']} rows could not be read)" if tally["rejected"] else ""
            yield Fault(
                name, found + lost, "totals that the rows add up to", "ask the sender which of the two is right"
            )


def _folded(derived: Mapping[str, Any], name: str) -> Iterator[Fault]:
    """What could not be made of a queue log's events. The first ones may belong to calls of a log before it."""
    for event, rows in derived.get("unknown_events", {}).items():
        hint = "ask the sender what it means, and whether calls begin or end with it"
        yield Fault(name, f"event {event!r} in {rows} rows, used for no call", "events that Asterisk documents", hint)
    if lost := derived.get("without_entry"):
        found = f"events of {lost} calls whose entry into the queue is in no file; they are counted nowhere"
        yield Fault(name, found, "whole calls, from ENTERQUEUE on", "have the log before it delivered too")


def broken(results: pl.DataFrame, source: str) -> Iterator[Fault]:
    """Warnings and rules that could not run (rows of `tables.RULE_RESULTS`), once a rule; not what holds a day back."""
    silent = pl.col("state").eq("could_not_run") & pl.col("rule").str.ends_with(".day_volume")
    own = pl.col("rule").str.starts_with("deliveries.")  # told with the deliveries themselves
    rows = results.filter(pl.col("state").ne("pass") & ~silent & ~own).sort("rule", "state", "day")
    for (rule, state, severity), part in rows.group_by("rule", "state", "severity", maintain_order=True):
        first, held = part.row(0, named=True), state == "broken" and severity == "error"
        where = f"{source}, {_on(part)}: rule {rule}"
        if state == "could_not_run":
            found = f"the rule could not run: {first['detail']}"
            hint = "have delivered what it needs, or correct the rule in the contract"
            yield Fault(where, found, first["sentence"], hint)
        elif not held:
            yield Fault(where, in_words(part), first["sentence"], "look at the rows; they are kept")


def in_words(part: pl.DataFrame) -> str:
    """How many rows break a rule, over the days given, and the first of them; of a whole day, what was seen there."""
    if not part["rows_failed"].sum() and part["detail"][0]:
        return f"the rule is broken: {part['detail'][0]}"
    failed, checked = part["rows_failed"].sum(), part["rows_checked"].sum()
    return f"{failed} of {checked} rows break it{_sample(part['samples'][0])}"


def _on(days: pl.DataFrame) -> str:
    """The day, or the first of several."""
    more = days.height - 1
    return f"{days['day'][0]}" + (f" and {more} more days" if more else "")


def _sample(text: str) -> str:
    samples = json.loads(text or "[]")
    if not samples:
        return ""
    row = "" if samples[0]["row"] is None else f"row {samples[0]['row']} "
    return f", for example {row}({samples[0]['value']})"
