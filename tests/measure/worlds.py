"""Small worlds for the measures: rows of the canonical tables as dicts, and the engine that they are put into.

A world says who belongs to whom by its links; how links are found is tested elsewhere. Times are seconds since T0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engine import Engine
from pipelines.measure.contacts.part import contacts_of
from pipelines.measure.contacts.sides import at_vendor, in_house, outbound, read_log
from pipelines.measure.resolution.blind import blind_hours, whole_spans
from pipelines.measure.resolution.counts import window_counts
from pipelines.measure.scene import STEPS, WHOLE_CALLS
from pipelines.tables import CONTACTS, FINDINGS, INHOUSE_CALLS, LINKS, OFFSETS, VENDOR_CALLS, Table

T0 = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
ME = "agents"
WINDOWS = {"2h": 7_200, "24h": 86_400, "7d": 604_800}
GRACE = 900
Row = dict[str, Any]


def at(second: int | None) -> datetime | None:
    """The moment that many seconds after T0."""
    return None if second is None else T0 + timedelta(seconds=second)


@dataclass
class Small:
    """One world. Every record and every leg passed on to a vendor must stand in one link."""

    calls: list[Row] = field(default_factory=list)
    legs: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)

    def call(self, offered: int, ended: int | None, caller: int | None = None, vendor: str = ME, **other: Any) -> Row:
        """A vendor's record, answered unless told otherwise; it has no link yet."""
        row = max((call["row"] for call in self.calls), default=0) + 1
        start = at(offered)
        assert start is not None
        ordinary = {"vendor_id": vendor, "call_id": f"v{row}", "direction": "inbound", "outcome": "answered"}
        times = {"offered_utc": start, "ended_utc": at(ended)}
        origin = {"file_id": f"file of {vendor}", "row": row, "day": start.date(), "booked_day": start.date()}
        made = {**ordinary, "caller_key": caller, **times, **origin, "audit_month": "2026-03", **other}
        self.calls.append(made)
        return made

    def leg(
        self, arrived: int, passed: int | None, caller: int | None = None, vendor: str | None = ME, **other: Any
    ) -> Row:
        """A row of the client's log, passed on to `vendor` at `passed`, or never (None)."""
        row = max((leg["row"] for leg in self.legs), default=0) + 1
        start = at(arrived)
        assert start is not None
        made = {
            "call_id": f"h{row}",
            "caller_key": caller,
            "arrived_utc": start,
            "transferred_utc": at(passed),
            "vendor_id": None if passed is None else vendor,
            "file_id": "log",
            "row": row,
            "day": start.date(),
            "booked_day": start.date(),
            "audit_month": "2026-03",
            **other,
        }
        self.legs.append(made)
        return made

    def link(self, call: Row | None, leg: Row | None, offset: int = 0, **other: Any) -> Row:
        """What the link step would say: a pair, or one side alone."""
        side = "pair" if call and leg else "vendor" if call else "inhouse"
        own = call or leg
        assert own is not None
        made = {
            "side": side,
            "vendor_id": own["vendor_id"],
            "vendor_call_id": call and call["call_id"],
            "file_id": own["file_id"],
            "row": own["row"],
            "inhouse_call_id": leg and leg["call_id"],
            "inhouse_file_id": leg and leg["file_id"],
            "inhouse_row": leg and leg["row"],
            "match_class": {"pair": "number", "vendor": "vendor_only", "inhouse": "inhouse_only"}[side],
            "offset_s": Decimal(offset) if call else None,
            "is_covered": True,
            "is_absent": False,
            "in_month": True,
            **other,
        }
        self.links.append(made)
        return made

    def proven(self, call: Row) -> None:
        """A detector has proven this record wrong."""
        origin = {"file_id": call["file_id"], "row": call["row"]}
        self.findings.append({**origin, "vendor_id": call["vendor_id"], "detector": "ghost", "certainty": "proven"})

    def put(self, engine: Engine) -> None:
        """The world's tables, readable in the engine."""
        for table, rows in (
            (VENDOR_CALLS, self.calls),
            (INHOUSE_CALLS, self.legs),
            (LINKS, self.links),
            (FINDINGS, self.findings),
        ):
            engine.frame(table.name, frame(table, rows))
        engine.keep(WHOLE_CALLS)


def frame(table: Table, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Rows that may lack columns, as the declared table."""
    full = [{name: row.get(name) for name in table.schema} for row in rows]
    return pl.DataFrame(full, schema=table.schema, orient="row")


def contacts(world: Small, folder: Path, parts: int = 1) -> pl.DataFrame:
    """Table `contacts` of the world, made from files in `folder` as the step makes it, all at once or in parts."""

    def laid(table: Table, rows: list[Row], name: str) -> list[Path]:
        path = folder / f"{table.name} {name}.parquet"
        frame(table, rows).write_parquet(path)
        return [path]

    log = read_log(laid(INHOUSE_CALLS, world.legs, "log"))
    proven = frame(FINDINGS, world.findings).filter(pl.col("certainty") == "proven").select("file_id", "row")
    found = []
    for vendor in sorted({row["vendor_id"] for row in [*world.calls, *world.links]}):
        calls = laid(VENDOR_CALLS, [row for row in world.calls if row["vendor_id"] == vendor], vendor)
        links = laid(LINKS, [row for row in world.links if row["vendor_id"] == vendor], vendor)
        found += [*at_vendor(calls, links, proven, log, GRACE, folder), outbound(calls, OFFSETS.empty())]
    rows = pl.concat([*found, *in_house(log, "2026-03")])
    longest = max(WINDOWS.values())
    dealt = [rows.filter(pl.col("caller_key").fill_null(0) % parts == part) for part in range(parts)]
    return pl.concat([contacts_of(part, longest) for part in dealt]).sort(CONTACTS.key)


def follow(
    engine: Engine, found: pl.DataFrame, blind: list[tuple[int, int]], data_end: int, is_same: bool = False
) -> dict[str, dict[str, dict[str, Any]]]:
    """Unit (calls, customers) → window → its counts, for the vendor ME."""
    engine.frame("contacts", found)
    longest = max(WINDOWS.values()) * 1_000_000
    spans = whole_spans((start, end) for a, b in blind if (start := at(a)) and (end := at(b)))
    engine.frame("blind_hours", blind_hours(spans, longest))
    engine.frame("audited", pl.DataFrame({"vendor": [ME], "longest_us": [longest]}))
    engine.keep(STEPS / "resolution" / "followed.sql")
    lengths = [length * 1_000_000 for length in WINDOWS.values()]
    steps = {f"w{n + 1}": [lengths[n] if n < len(lengths) else None] for n in range(8)}
    engine.frame("steps", pl.DataFrame(steps, schema=dict.fromkeys(steps, pl.Int64)))
    end_us = int(T0.timestamp() + data_end) * 1_000_000
    profiles = engine.run(STEPS / "resolution" / "profiles.sql", vendor=ME, data_end_us=end_us)
    calls, customers = {}, {}
    for number, (name, length) in enumerate(WINDOWS.items(), start=1):
        calls[name] = dict(window_counts(profiles, number, is_same).get(None, {}))
        asked = {"length_us": length * 1_000_000, "is_same": is_same, "by_queue": False, "by_reason": False}
        rows = engine.run(STEPS / "resolution" / "customers.sql", vendor=ME, data_end_us=end_us, **asked)
        customers[name] = rows.row(0, named=True) if rows.height else {}
    return {"calls": calls, "customers": customers}


def day(second: int) -> date:
    """The day of a moment."""
    return (T0 + timedelta(seconds=second)).date()
