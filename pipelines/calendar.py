"""Which days a month's audit looks at, which of them a rule holds back, and where the data ends.

Reads the lake, writes nothing. A month is a text, `YYYY-MM`; a day is the client's local date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.lake import Lake
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS, Table

REACH_DAYS = 9
"""Days after a month that its audit reads: the longest window, a long call, and clocks of other zones."""


@dataclass(frozen=True)
class Month:
    """A calendar month and the days that its audit reads: one before, for clocks, and those its windows reach into."""

    text: str

    @property
    def first(self) -> date:
        """First day."""
        return date.fromisoformat(f"{self.text}-01")

    @property
    def last(self) -> date:
        """Last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    @property
    def own_days(self) -> list[date]:
        """Its days."""
        return span(self.first, self.last)

    @property
    def scope(self) -> list[date]:
        """The days that its audit reads."""
        return span(self.first - timedelta(days=1), self.last + timedelta(days=REACH_DAYS))


def span(first: date, last: date) -> list[date]:
    """All days from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def midnight_after(day: date, zone: str) -> datetime:
    """The end of a local day, in UTC."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def gate_name(table: Table, source: str, day: str) -> str:
    """Name of the gate that holds a partition back."""
    return f"_gates/{table.name}/{source}/{day}"


def held_back(lake: Lake, table: Table, source: str) -> list[str]:
    """Days of a table that an error rule holds back, as ISO dates."""
    return [name.rsplit("/", 1)[1] for name in lake.names_json(f"_gates/{table.name}/{source}/*")]


def open_paths(lake: Lake, table: Table, source: str, days: Iterable[date]) -> list[Path]:
    """Partitions of these days that no rule holds back."""
    held = set(held_back(lake, table, source))
    wanted = [day.isoformat() for day in sorted(set(days)) if day.isoformat() not in held]
    where = {"vendor": source} if "vendor" in table.partitions else {}
    paths = [lake.path(table, **where, day=day) for day in wanted]
    return [path for path in paths if path.exists()]


def calls_of(lake: Lake, vendor: str, month: Month) -> list[Path]:
    """A vendor's partitions for a month's audit, with days outside the calendar that the month's files hold."""
    stray = [date.fromisoformat(day) for day in lake.values(VENDOR_CALLS, "day", vendor=vendor)]
    outside = [day for day in stray if day not in month.scope and _holds(lake, vendor, day, month)]
    return open_paths(lake, VENDOR_CALLS, vendor, [*month.scope, *outside])


def legs_of(lake: Lake, month: Month) -> list[Path]:
    """The client's partitions for a month's audit."""
    return open_paths(lake, INHOUSE_CALLS, "inhouse", month.scope)


def data_end(lake: Lake, vendor: str, month: Month) -> date | None:
    """The last day that both sides delivered, as far as the month's audit reads; None where a side has nothing."""
    sides = [calls_of(lake, vendor, month), legs_of(lake, month)]
    ends = [_last_delivered(paths, month) for paths in sides]
    known = [end for end in ends if end is not None]
    return min(known) if len(known) == len(sides) else None


def due_until(lake: Lake, vendor: str, month: Month) -> date | None:
    """The last day of the month for which the vendor's records are due: all of it once our own log reaches its end.

    Until then the month is under way, and the vendor owes what both sides can have by now; None where it sent nothing.
    """
    end, own = data_end(lake, vendor, month), _last_delivered(legs_of(lake, month), month)
    return end if end is None or own is None or own < month.last else max(end, month.last)


def days_without_rows(lake: Lake, table: Table, source: str, month: Month, until: date) -> list[str]:
    """Days of the month up to `until` on which a source delivered no row."""
    where = {"vendor": source} if "vendor" in table.partitions else {}
    full = {day for day in lake.values(table, "day", **where) if _rows(lake.path(table, **where, day=day))}
    return [day.isoformat() for day in month.own_days if day <= until and day.isoformat() not in full]


def _holds(lake: Lake, vendor: str, day: date, month: Month) -> bool:
    path = lake.path(VENDOR_CALLS, vendor=vendor, day=day.isoformat())
    months = pl.scan_parquet(path, hive_partitioning=False).select(pl.col("audit_month").unique()).collect()
    return month.text in months["audit_month"]


def _last_delivered(paths: list[Path], month: Month) -> date | None:
    """The last day with a row whose file is of that day's own month, so that no stray row moves the end.

    A partition holds one day: the last ones are asked until one has such a row.
    """
    own = (pl.col("booked_day").dt.strftime("%Y-%m") == pl.col("audit_month")) & (pl.col("day") <= month.scope[-1])
    for path in sorted(paths, reverse=True):
        last = _taken_in(path).filter(own).select(pl.col("day").max()).collect().item()
        if isinstance(last, date):
            return last
    return None


def _rows(path: Path) -> int:
    return int(_taken_in(path).select(pl.len()).collect().item())


def _taken_in(path: Path) -> pl.LazyFrame:
    """A partition's rows; of calls those that came in, for what a vendor dials shows nothing of what it took."""
    rows = pl.scan_parquet(path, hive_partitioning=False)
    if "direction" not in rows.collect_schema():
        return rows
    return rows.filter(pl.col("direction").is_null() | pl.col("direction").is_in(["inbound", "consult"]))
