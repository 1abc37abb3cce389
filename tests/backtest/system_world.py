"""A small month of one vendor that sends what its switch writes, and of a client whose log holds one leg a contact.

The client's log has a call of its own in every hour, so that it is whole, and one leg for each contact.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from string import Template

import polars as pl

from pipelines.calendar import Month, calls_of
from pipelines.lake import Lake
from pipelines.tables import FIGURES, FINDINGS, LINKS, SETTLEMENT

MONTH = "2026-10"
_SPACE = """\
client: The client
language: en
country: US
time_zone: UTC
first_day: 2026-10-01
windows: [2h]
key_variable: TIEOUT_KEY
log_complete: {from: 2026-10-01, until: 2026-11-20, by: the telecom desk}
lake: lake
out: out
"""
_INHOUSE = """\
apiVersion: v3.1.0
kind: DataContract
id: inhouse
name: The client's log
version: 1.0.0
status: active
servers: [{server: drop, type: local, path: "drop/inhouse/{month}", format: csv, delimiter: ",", encoding: utf-8}]
schema:
  - name: switch_calls
    physicalName: "*.csv"
    customProperties:
      - {property: tieout.feed, value: inhouse_calls}
      - {property: tieout.format, value: delimited}
      - {property: tieout.time_zone, value: UTC}
    properties:
      - {name: call_id, logicalType: string, customProperties: [{property: tieout.role, value: call_id}]}
      - {name: caller, logicalType: string, customProperties: [{property: tieout.role, value: caller}]}
      - name: arrived
        logicalType: timestamp
        logicalTypeOptions: {format: "%Y-%m-%d %H:%M:%S"}
        customProperties: [{property: tieout.role, value: arrived_utc}]
      - name: transferred
        logicalType: timestamp
        logicalTypeOptions: {format: "%Y-%m-%d %H:%M:%S"}
        customProperties: [{property: tieout.role, value: transferred_utc}]
      - name: route
        logicalType: string
        customProperties: [{property: tieout.role, value: vendor_id}, {property: tieout.map, value: {OUT: vendor}}]
"""
_VENDOR = Template("""\
apiVersion: v3.1.0
kind: DataContract
id: vendor
name: What the switch writes
version: 1.0.0
status: active
servers: [{server: drop, type: local, path: "drop/vendor/{month}", format: log}]
schema:
  - name: sent
    physicalName: "$pattern"
    customProperties:
      - {property: tieout.feed, value: $feed}
      - {property: tieout.format, value: $system}
$more
""")
_TERMS = Template("""\
vendor: vendor
name: The vendor
currency: USD
versions:
  - from: 2026-10-01
    settlement: {form: per_call, rate: "1.00", minimum_talk_s: 0, billable_time: talk, bill_legs: $legs}
    evidence: {binding_record: none}
    tolerance: {count_pct: 0.5, points: 0.5, amount: "100.00"}
    definitions:
      service_level: {id: SL2, threshold_s: 20, bound: "<="}
      short_abandon_s: 5
      fcr: {window: 2h, unit: calls, reason: any, transfer_grace_s: 900}
    match: {tolerance_s: 30}
""")


@dataclass(frozen=True)
class Delivery:
    """What a vendor sends, by name of the file, and the client's legs: (call_id, caller, moment passed on)."""

    system: str
    sent: Mapping[str, str | bytes]
    legs: Sequence[tuple[str, str, str]]
    more: Sequence[str] = field(default=())
    feed: str = "calls"
    pattern: str = "*"
    also: str = ""


def write_space(folder: Path, delivery: Delivery) -> Path:
    """The workspace on disk."""
    vendor = folder / "vendors" / "vendor"
    vendor.mkdir(parents=True)
    (folder / "tieout.yaml").write_text(_SPACE)
    (folder / "inhouse.odcs.yaml").write_text(_INHOUSE)
    more = "\n".join(f"      - {line}" for line in delivery.more)
    facts = {"feed": delivery.feed, "system": delivery.system, "pattern": delivery.pattern}
    (vendor / "data.odcs.yaml").write_text(_VENDOR.substitute(facts, more=more) + delivery.also)
    terms(folder, "first")
    for name, content in delivery.sent.items():
        send(folder, name, content)
    _write_log(folder / "drop" / "inhouse" / MONTH / "log.csv", delivery.legs)
    return folder


def terms(folder: Path, bill_legs: str) -> None:
    """The commercial side: one rate a call, of which the first or each leg is paid."""
    (folder / "vendors" / "vendor" / "terms.yaml").write_text(_TERMS.substitute(legs=bill_legs))


def send(folder: Path, name: str, content: str | bytes) -> None:
    """One more file of the vendor, or another one under the same name."""
    path = folder / "drop" / "vendor" / MONTH / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _write_log(path: Path, legs: Sequence[tuple[str, str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        log = csv.writer(file)
        log.writerow(["call_id", "caller", "arrived", "transferred", "route"])
        for hour in range(31 * 24):
            at = datetime.fromisoformat(f"{MONTH}-01 00:55:00") + timedelta(hours=hour)
            log.writerow([f"own-{hour}", f"+1555010{5000 + hour}", at, "", ""])
        for call_id, caller, moment in legs:
            passed_on = datetime.fromisoformat(f"2026-{moment}")
            log.writerow([call_id, caller, passed_on - timedelta(seconds=20), passed_on, "OUT"])


@dataclass(frozen=True)
class Outcome:
    """What an audit of the month came to."""

    lake: Lake

    @property
    def calls(self) -> pl.DataFrame:
        """The vendor's rows of the month, by time and leg."""
        paths = [path for path in calls_of(self.lake, "vendor", Month(MONTH)) if path.exists()]
        frames = [pl.read_parquet(path, hive_partitioning=False) for path in paths]
        return pl.concat(frames).sort("offered_utc", "call_id", "leg")

    @property
    def links(self) -> dict[str, str | None]:
        """The client's call → the vendor's; a vendor's call without a leg stands under `vendor:` and its name."""
        rows = self.lake.read(LINKS, vendor="vendor", month=MONTH).select("inhouse_call_id", "vendor_call_id").rows()
        found = {(leg or f"vendor:{call}"): call for leg, call in rows}
        assert len(found) == len(rows), rows
        return found

    @property
    def findings(self) -> list[tuple[str, str]]:
        """Detector and call."""
        frame = self.lake.read(FINDINGS, vendor="vendor", month=MONTH)
        return sorted(frame.select("detector", "vendor_call_id").iter_rows())

    @property
    def is_proven(self) -> bool:
        """Whether any finding is proven: such a record is no call of the figures."""
        return "proven" in self.lake.read(FINDINGS, vendor="vendor", month=MONTH)["certainty"]

    def figure(self, name: str) -> float | None:
        """A measured figure of the month."""
        frame = self.lake.read(FIGURES, vendor="vendor", month=MONTH).filter(id=name, scope="all", side="vendor")
        value: float | None = frame["measured"].item()
        return value

    @property
    def billed(self) -> int:
        """Calls on the settlement's first line."""
        frame = self.lake.read(SETTLEMENT, vendor="vendor", month=MONTH)
        count: int = frame.filter(line="billed")["calls"].item()
        return count
