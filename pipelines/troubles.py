"""What the engineer should look at after a run: cells that could not be read, codes nobody mapped, days held back.

Read from the lake, told as `Fault`s: file and line, what was found, what is allowed, what to do. No number of a caller
is in any of them.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from pipelines.calendar import gate_name
from pipelines.contract.model import Contract
from pipelines.errors import Fault
from pipelines.intake.manifest import in_force
from pipelines.lake import Lake
from pipelines.standardise.days import counts
from pipelines.tables import CLAIMS, INHOUSE_CALLS, REJECTS, RULE_RESULTS, VENDOR_CALLS

_MOST = 20


def troubles(lake: Lake, contract: Contract, days: Iterable[date]) -> list[Fault]:
    """Everything of one source that touches these days, the gravest first; at most twenty rejected cells of a file."""
    wanted = {day.isoformat() for day in days}
    months = {day[:7] for day in wanted}
    held = list(_held(lake, contract.source, wanted))
    rules = list(_broken(lake, contract.source, wanted))
    return [*held, *_rejected(lake, contract, months), *_unmapped(lake, contract, wanted), *rules]


def _held(lake: Lake, source: str, days: set[str]) -> Iterator[Fault]:
    for table in (VENDOR_CALLS, CLAIMS, INHOUSE_CALLS):
        for day in sorted(days):
            gate = lake.read_json(gate_name(table, source, day))
            if gate:
                found = "; ".join(gate["held_back"])
                hint = "have the day delivered again, or correct the rule; later steps leave the day out until then"
                where = f"{source}, {table.name} of {day}: held back"
                yield Fault(where, found, "rows that meet every error rule", hint)


def _rejected(lake: Lake, contract: Contract, months: set[str]) -> Iterator[Fault]:
    for file in in_force(lake, contract.source):
        if file.month is not None and file.month not in months:
            continue
        cells = lake.read(REJECTS, source=file.source, object=file.object, file=file.file_id).sort("row", "column")
        for row in cells.head(_MOST).iter_rows(named=True):
            column = f", column {row['column']}" if row["column"] else ""
            shown = f"{row['text']!r}" if row["text"] else "nothing"
            hint = f"have the row corrected and delivered again, or correct the column in {contract.file}"
            yield Fault(f"{file.file}: line {row['line']}{column}", f"{shown}: {row['reason']}", _allowed(row), hint)
        if cells.height > _MOST:
            more = f"{cells.height - _MOST} more cells"
            yield Fault(file.file, more, "cells that can be read", "see table rejects in the lake")


def _allowed(row: dict[str, object]) -> str:
    reason = str(row["reason"])
    return reason.removeprefix("not ") if reason.startswith("not ") else "a row as the contract describes it"


def _unmapped(lake: Lake, contract: Contract, days: set[str]) -> Iterator[Fault]:
    for file in in_force(lake, contract.source):
        tally = counts(lake, file) or {}
        if not days & set(tally.get("days", {})):
            continue
        for code in tally["unknown_codes"]:
            where = f"{file.file}: line {code['first_line']}, column {code['column']}"
            hint = f"add the code to tieout.map in {contract.file}, or ask the sender what it means"
            yield Fault(where, f"{code['code']!r} in {code['rows']} rows, kept as `unknown`", code["allowed"], hint)
        repeated = tally["clock_change"]["unresolved"]
        if repeated:
            found = f"{repeated} times of the hour that the clock change shows twice; the first reading was taken"
            hint = f"ask for times with an offset, and for rows in order of time ({contract.file}: %z in the format)"
            yield Fault(file.file, found, "rows in order, or times with an offset", hint)


def _broken(lake: Lake, source: str, days: set[str]) -> Iterator[Fault]:
    """Warnings and rules that could not run, once a rule; what an error rule holds back is told as held back."""
    paths = [lake.path(RULE_RESULTS, source=source, day=day) for day in sorted(days)]
    frames = [pl.read_parquet(path, hive_partitioning=False) for path in paths if path.exists()]
    if not frames:
        return
    rows = pl.concat(frames).filter(pl.col("state") != "pass").sort("rule", "state", "day")
    for (rule, state, severity), part in rows.group_by("rule", "state", "severity", maintain_order=True):
        first, held = part.row(0, named=True), state == "broken" and severity == "error"
        where = f"{source}, {_on(part)}: rule {rule}"
        if state == "could_not_run":
            found = f"the rule could not run: {first['detail']}"
            yield Fault(where, found, first["sentence"], "correct the rule in the contract")
        elif not held:
            found = (
                f"{part['rows_failed'].sum()} of {part['rows_checked'].sum()} rows break it{_sample(first['samples'])}"
            )
            yield Fault(where, found, first["sentence"], "look at the rows; they are kept")


def _on(days: pl.DataFrame) -> str:
    """The day, or the first of several."""
    more = days.height - 1
    return f"{days['day'][0]}" + (f" and {more} more days" if more else "")


def _sample(text: str) -> str:
    samples = json.loads(text or "[]")
    return f", for example row {samples[0]['row']} ({samples[0]['value']})" if samples else ""
