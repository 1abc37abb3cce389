"""Small worlds to link, laid in a lake of their own and linked there.

Times are seconds after the start of a day; callers are small numbers, and None is a caller without a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from pipelines.lake import Lake
from pipelines.link.bare import Absence
from pipelines.link.pair import Linking
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS, Table

START = datetime(2026, 10, 5, tzinfo=UTC)

Call = tuple[int | None, float]
"""Caller, and seconds after START on the clock of whose record it is."""


def moment(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def record(number: int, caller: int | None, at: float, **different: Any) -> dict[str, Any]:
    """A vendor's record: offered `at` by the vendor's clock."""
    return _row(f"v{number}", number, caller, at) | {"vendor_id": "south", "offered_utc": moment(at), **different}


def leg(number: int, caller: int | None, at: float, **different: Any) -> dict[str, Any]:
    """An in-house leg: passed on to the vendor `at` by the client's clock."""
    passed_on = {"vendor_id": "south", "arrived_utc": moment(at - 40), "transferred_utc": moment(at)}
    return _row(f"h{number}", number, caller, at) | passed_on | different


def _row(name: str, number: int, caller: int | None, at: float) -> dict[str, Any]:
    month = f"{moment(at):%Y-%m}"
    return {
        "call_id": name,
        "caller_key": caller,
        "day": moment(at).date(),
        "audit_month": month,
        "row": number,
        "file_id": "f",
    }


def records(calls: Sequence[Call]) -> list[dict[str, Any]]:
    return [record(number, caller, at) for number, (caller, at) in enumerate(calls, 1)]


def legs(calls: Sequence[Call]) -> list[dict[str, Any]]:
    return [leg(number, caller, at) for number, (caller, at) in enumerate(calls, 1)]


def gaps(*spans: tuple[float, float]) -> pl.DataFrame:
    """Times (seconds after START) at which the client's log is not whole."""
    rows = [(moment(start), moment(end)) for start, end in spans]
    utc = pl.Datetime("us", "UTC")
    return pl.DataFrame(rows, schema={"from_utc": utc, "to_utc": utc}, orient="row")


MORNING = 8 * 3600
CLOCK = [(100 + number, MORNING + 61.0 * number) for number in range(30)]
"""Thirty callers who ring once: what a day needs to show its clock offset."""


@dataclass(frozen=True)
class Linked:
    """All links of a world, and the vendor's clock: as the table has it, and as it was used (microseconds)."""

    links: pl.DataFrame
    offsets: pl.DataFrame
    clock: pl.DataFrame


def linked(
    folder: Path,
    vendor: Sequence[Mapping[str, Any]],
    inhouse: Sequence[Mapping[str, Any]],
    bare: pl.DataFrame | None = None,
    tolerance_s: int = 30,
    absences: Sequence[Absence] = (),
) -> Linked:
    """Lays the rows in a lake, day by day, and links them; `bare` are the gaps of the client's log."""
    calls, passed_on = _paths(folder, VENDOR_CALLS, vendor), _paths(folder, INHOUSE_CALLS, inhouse)
    with TemporaryDirectory(dir=folder) as aside:
        known = gaps() if bare is None else bare
        work = Linking(calls, passed_on, known, "south", "2026-10", tolerance_s, Path(aside), absences)
        return Linked(pl.concat(rows for _, rows in work.parts()), work.offsets, work.clock)


Given = Call | dict[str, Any]


def day(folder: Path, vendor: Sequence[Given], inhouse: Sequence[Given], **more: Any) -> Linked:
    """A day on which both clocks agree, with these calls (whole rows, or numbered from 1) besides the thirty."""
    ours = [call if isinstance(call, dict) else record(number, *call) for number, call in enumerate(vendor, 1)]
    theirs = [call if isinstance(call, dict) else leg(number, *call) for number, call in enumerate(inhouse, 1)]
    for number, (caller, at) in enumerate(CLOCK, 9001):
        ours.append(record(number, caller, at))
        theirs.append(leg(number, caller, at))
    return linked(folder, ours, theirs, **more)


def pairs(found: Linked) -> dict[str, str]:
    """Record to leg, the thirty left out."""
    rows = found.links.filter(pl.col("side") == "pair").select("vendor_call_id", "inhouse_call_id").rows()
    return {vendor: inhouse for vendor, inhouse in rows if int(vendor[1:]) <= 9000}


def alone(found: Linked, *columns: str) -> list[tuple[Any, ...]]:
    """Sides without partner: side, class, and more columns."""
    rows = found.links.filter(pl.col("side") != "pair").sort("side", "row")
    return rows.select("side", "match_class", *columns).rows()


def _paths(folder: Path, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Path]:
    lake = Lake(folder)
    frame = table.fit(pl.DataFrame(rows, infer_schema_length=None)) if rows else table.empty()
    where = {"vendor": "south"} if "vendor" in table.partitions else {}
    return [
        lake.write(table, part, "state", **where, day=day.isoformat())
        for (day,), part in frame.partition_by("day", as_dict=True).items()
    ]
