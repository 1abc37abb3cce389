"""Small worlds to link, and a slow linker of their own that shares nothing with the one under test.

Times are seconds after the start of a day; callers are small numbers, and None is a caller without a number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.lake import Lake
from pipelines.link.pair import Absence, Linked, link
from pipelines.tables import COVERAGE, INHOUSE_CALLS, VENDOR_CALLS, Table

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


def whole(first: float = -86_400, last: float = 8 * 86_400) -> pl.DataFrame:
    """A log that is whole for all hours between."""
    return states({}, first, last)


def states(bare: Mapping[int, str], first: float = -86_400, last: float = 8 * 86_400) -> pl.DataFrame:
    """The log's state by hour after START; the hours named are bare."""
    hours = range(int(first // 3600), int(last // 3600) + 1)
    rows = [(moment(3600 * hour), hour not in bare, bare.get(hour)) for hour in hours]
    columns = ("hour_utc", "is_covered", "reason")
    return COVERAGE.fit(pl.DataFrame(rows, schema={name: COVERAGE.schema[name] for name in columns}, orient="row"))


def linked(
    folder: Path,
    vendor: Sequence[Mapping[str, Any]],
    inhouse: Sequence[Mapping[str, Any]],
    hours: pl.DataFrame | None = None,
    tolerance_s: int = 30,
    absences: Sequence[Absence] = (),
) -> Linked:
    """Lays the rows in a lake, day by day, and links them."""
    calls, passed_on = _paths(folder, VENDOR_CALLS, vendor), _paths(folder, INHOUSE_CALLS, inhouse)
    hours = whole() if hours is None else hours
    return link(calls, passed_on, hours, "south", "2026-10", tolerance_s, absences)


def _paths(folder: Path, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Path]:
    lake = Lake(folder)
    frame = table.fit(pl.DataFrame(rows, infer_schema_length=None)) if rows else table.empty()
    where = {"vendor": "south"} if "vendor" in table.partitions else {}
    return [
        lake.write(table, part, "state", **where, day=day.isoformat())
        for (day,), part in frame.partition_by("day", as_dict=True).items()
    ]


@dataclass(frozen=True)
class Best:
    """What no choice of one-to-one pairs can beat: as many as possible, then the least seconds apart in all."""

    pairs: int
    apart_us: int


def best(vendor: Sequence[Call], inhouse: Sequence[Call], offset_s: float, tolerance_s: float) -> Best:
    """Tries every choice, caller by caller."""
    known = {caller for caller, _ in vendor if caller is not None}
    each = [_best_of_one(caller, vendor, inhouse, offset_s, tolerance_s) for caller in sorted(known)]
    return Best(sum(found.pairs for found in each), sum(found.apart_us for found in each))


def _best_of_one(
    caller: int, vendor: Sequence[Call], inhouse: Sequence[Call], offset_s: float, tolerance_s: float
) -> Best:
    ours = [round((at - offset_s) * 1_000_000) for who, at in vendor if who == caller]
    theirs = [round(at * 1_000_000) for who, at in inhouse if who == caller]

    @cache
    def choose(at: int, taken: int) -> tuple[int, int]:
        """Most pairs and (negative) least difference for the records from `at` on, these legs being taken."""
        if at == len(ours):
            return 0, 0
        found = choose(at + 1, taken)
        for place, when in enumerate(theirs):
            apart = abs(ours[at] - when)
            if not taken >> place & 1 and apart <= tolerance_s * 1_000_000:
                pairs, less = choose(at + 1, taken | 1 << place)
                found = max(found, (pairs + 1, less - apart))
        return found

    pairs, less = choose(0, 0)
    return Best(pairs, -less)
