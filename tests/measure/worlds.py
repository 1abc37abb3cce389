"""Small worlds for the measures: rows of the canonical tables as dicts, and the engine that they are put into.

A world says who belongs to whom by its links; how links are found is tested elsewhere. Times are seconds since T0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.engine import Engine
from pipelines.measure.scene import STEPS, WHOLE_CALLS
from pipelines.tables import CONTACTS, FINDINGS, INHOUSE_CALLS, LINKS, VENDOR_CALLS, Table

T0 = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)
ME = "agents"
WINDOWS = {"2h": 7_200, "24h": 86_400, "7d": 604_800}
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


def follow(engine: Engine, world: Small, blind: list[tuple[int, int]], data_end: int) -> tuple[list[Row], list[Row]]:
    """Rows of next_contacts.sql and windows.sql for the vendor ME."""
    world.put(engine)
    found = engine.run(STEPS / "contacts" / "contacts.sql")
    utc = pl.Datetime("us", "UTC")
    moments = found.with_columns(starts_utc=pl.col("starts_us").cast(utc), ends_utc=pl.col("ends_us").cast(utc))
    engine.frame("contacts", CONTACTS.fit(moments))
    spans = [(at(start), at(end)) for start, end in blind]
    engine.frame("blind", pl.DataFrame(spans, schema={"from_utc": utc, "to_utc": utc}, orient="row"))
    lengths = {"name": list(WINDOWS), "length_us": [s * 1_000_000 for s in WINDOWS.values()]}
    engine.frame("windows", pl.DataFrame(lengths))
    longest = max(WINDOWS.values()) * 1_000_000
    following = engine.run(STEPS / "resolution" / "next_contacts.sql", vendor=ME, longest_us=longest)
    end_us = int(T0.timestamp() + data_end) * 1_000_000
    counted = engine.run(STEPS / "resolution" / "windows.sql", data_end_us=end_us)
    return following.to_dicts(), counted.to_dicts()


def day(second: int) -> date:
    """The day of a moment."""
    return (T0 + timedelta(seconds=second)).date()
