"""What the engineer should look at after a run: cells that could not be read, codes nobody mapped, days held back.

Read from the lake; the sentences stand in `told.py`, those about whole deliveries in `deliveries_told.py`.
"""

from collections.abc import Iterable, Iterator
from datetime import date

import polars as pl

from pipelines import told
from pipelines.calendar import gate_name
from pipelines.contract.model import Contract
from pipelines.deliveries_told import deliveries_told
from pipelines.errors import Fault
from pipelines.intake.manifest import in_force
from pipelines.lake import Lake
from pipelines.standardise.by_file import counts
from pipelines.tables import AGENT_STATES, CLAIMS, INHOUSE_CALLS, QUEUE_EVENTS, REJECTS, RULE_RESULTS, VENDOR_CALLS


def troubles(lake: Lake, contract: Contract, days: Iterable[date]) -> list[Fault]:
    """Everything of one source that touches these days, the gravest first; at most twenty rejected cells of a file."""
    local = sorted(set(days))
    wanted = {day.isoformat() for day in local}
    months = {day[:7] for day in wanted}
    deliveries = deliveries_told(lake, contract, local)
    held = list(_held(lake, contract.source, wanted))
    rules = list(_broken(lake, contract.source, wanted))
    return [*held, *deliveries, *_rejected(lake, contract, months), *_counted(lake, contract, wanted), *rules]


def _held(lake: Lake, source: str, days: set[str]) -> Iterator[Fault]:
    for table in (VENDOR_CALLS, CLAIMS, INHOUSE_CALLS, QUEUE_EVENTS, AGENT_STATES):
        for day in sorted(days):
            gate = lake.read_json(gate_name(table, source, day))
            if gate:
                found = "; ".join(gate["held_back"])
                hint = "have the day delivered again, or correct the rule; later steps leave the day out until then"
                where = f"{source}, {table.name} of {day}: held back"
                yield Fault(where, found, "rows that meet every error rule", hint)


def _rejected(lake: Lake, contract: Contract, months: set[str]) -> Iterator[Fault]:
    for file in in_force(lake, contract.source):
        if file.month is None or file.month in months:
            cells = lake.read(REJECTS, source=file.source, object=file.object, file=file.file_id)
            yield from told.rejected(cells, file.file, contract.file)


def _counted(lake: Lake, contract: Contract, days: set[str]) -> Iterator[Fault]:
    for file in in_force(lake, contract.source):
        tally = counts(lake, file) or {}
        if days & set(tally.get("days", {})):
            yield from told.counted(tally, file.file, contract.file)


def _broken(lake: Lake, source: str, days: set[str]) -> Iterator[Fault]:
    paths = [lake.path(RULE_RESULTS, source=source, day=day) for day in sorted(days)]
    frames = [pl.read_parquet(path, hive_partitioning=False) for path in paths if path.exists()]
    if frames:
        yield from told.broken(pl.concat(frames), source)
