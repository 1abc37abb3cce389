"""The link step on the lake: the links of a month, and the provisional links of single nights.

A month is linked whole and is the authority; a night looks at its own day and the days beside it.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, calls_of, due_until, held_back, legs_of, open_paths, span
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, laid_aside, sha
from pipelines.link.bare import Absence
from pipelines.link.coverage.step import gaps_for, routes_of
from pipelines.link.deal import ROWS_OF_A_PART, count
from pipelines.link.pair import Linking
from pipelines.tables import INHOUSE_CALLS, LINKS, LOG_SPANS, NIGHT_LINKS, OFFSETS, VENDOR_CALLS, Table

NOT_DELIVERED = "the vendor has not delivered that day yet"
HELD_BACK = "the vendor's records of that day are held back by a rule"
_FAR_AHEAD = timedelta(days=3650)
_UTC = pl.Datetime("us", "UTC")
_ALL_TIME = pl.DataFrame(
    {"from_utc": [datetime(1, 1, 2, tzinfo=UTC)], "to_utc": [datetime(9999, 12, 30, tzinfo=UTC)]},
    schema={"from_utc": _UTC, "to_utc": _UTC},
)
"""A night knows nothing yet of how whole the client's log is."""


def absences(space: Workspace, lake: Lake, vendor: str, month: Month) -> list[Absence]:
    """Spans for which the vendor's records are not there, and why; legs of such a span are not held against it."""
    tolerance = space.vendors[vendor].terms.of_month(month.first, month.last).match.tolerance_s
    spans = [
        Absence.of_day(date.fromisoformat(day), space.time_zone, tolerance, HELD_BACK)
        for day in held_back(lake, VENDOR_CALLS, vendor)
        if date.fromisoformat(day) in month.scope
    ]
    end = due_until(lake, vendor, month)
    after = Absence.of_day(end or month.scope[0], space.time_zone, -tolerance, NOT_DELIVERED)
    return [*spans, Absence(after.end, after.end + _FAR_AHEAD, NOT_DELIVERED)]


def link_month(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Links of one vendor's month, kept as `links` and `clock_offsets`; rows by match_class, of the month alone.

    Columns of the answer: match_class, rows.
    """
    calls, legs = calls_of(lake, vendor, month), legs_of(lake, month)
    tolerance = space.vendors[vendor].terms.of_month(month.first, month.last).match.tolerance_s
    missing = absences(space, lake, vendor, month)
    spans = lake.paths(LOG_SPANS, month=month.text)
    stamp = sha("links", VERSION, lake.stamps([*calls, *legs, *spans]), tolerance, missing)
    where = {"vendor": vendor, "month": month.text}
    if not lake.is_fresh(OFFSETS, stamp, **where):
        # what says that all parts are of one state goes first and comes back last, whatever happens between
        lake.drop(OFFSETS, **where)
        gaps = gaps_for(lake.read(LOG_SPANS, month=month.text), routes_of(legs, vendor))
        with laid_aside(lake) as folder:
            work = Linking(calls, legs, gaps, vendor, month.text, tolerance, folder, missing)
            written = [part for part, _ in _written(lake, LINKS, work, stamp, where)]
            for part in set(lake.values(LINKS, "part", **where)) - set(written):
                lake.drop(LINKS, **where, part=part)
            lake.write(OFFSETS, work.offsets, stamp, **where)
    own = pl.scan_parquet(lake.paths(LINKS, **where), hive_partitioning=False).filter("in_month")
    return own.group_by("match_class").agg(rows=pl.len().cast(pl.Int64)).sort("match_class").collect()


def _written(lake: Lake, table: Table, work: Linking, stamp: str, where: dict[str, str]) -> Iterator[tuple[str, Path]]:
    for part, rows in work.parts():
        yield part, lake.write_batches(table, iter([rows]), stamp, **where, part=part)


def link_nights(space: Workspace, lake: Lake, vendor: str, days: Iterable[date]) -> dict[str, int]:
    """Provisional links of single days, kept as `night_links`, from each day and those beside it; pairs per day.

    Nights that lie together are linked together as far as `ROWS_OF_A_PART` lets, for speed; asked for with other nights
    a night is linked anew, and its clock may then be read from more days.
    """
    nights = sorted(set(days))
    wanted = [day for day in nights if lake.path(VENDOR_CALLS, vendor=vendor, day=day.isoformat()).exists()]
    held = set(held_back(lake, VENDOR_CALLS, vendor))
    wanted = [day for day in wanted if day.isoformat() not in held]
    for day in set(nights) - set(wanted):
        lake.drop(NIGHT_LINKS, vendor=vendor, day=day.isoformat())
    for some in _together(lake, vendor, wanted):
        _link_some(space, lake, vendor, some)
    read = {day.isoformat(): lake.read(NIGHT_LINKS, vendor=vendor, day=day.isoformat()) for day in wanted}
    return {day: rows.filter(pl.col("side") == "pair").height for day, rows in read.items()}


def _together(lake: Lake, vendor: str, nights: list[date]) -> Iterator[list[date]]:
    """Nights of one month that follow each other, in order, as many as are quickly linked at once."""
    some: list[date] = []
    rows = 0
    for day in nights:
        more = _rows(lake, vendor, day)
        is_next = bool(some) and day - some[-1] == timedelta(days=1) and day.month == some[-1].month
        if some and (rows + more > ROWS_OF_A_PART or not is_next):
            yield some
            some, rows = [], 0
        some, rows = [*some, day], rows + more
    if some:
        yield some


def _rows(lake: Lake, vendor: str, day: date) -> int:
    paths = open_paths(lake, VENDOR_CALLS, vendor, [day]), open_paths(lake, INHOUSE_CALLS, "inhouse", [day])
    return max(count(side) for side in paths)


def _link_some(space: Workspace, lake: Lake, vendor: str, nights: list[date]) -> None:
    near = span(nights[0] - timedelta(days=1), nights[-1] + timedelta(days=1))
    calls, legs = open_paths(lake, VENDOR_CALLS, vendor, near), open_paths(lake, INHOUSE_CALLS, "inhouse", near)
    tolerance = space.vendors[vendor].terms.of_month(nights[0], nights[-1]).match.tolerance_s
    stamp = sha("night", VERSION, lake.stamps([*calls, *legs]), tolerance, nights)
    if all(lake.is_fresh(NIGHT_LINKS, stamp, vendor=vendor, day=day.isoformat()) for day in nights):
        return
    with laid_aside(lake) as folder:
        work = Linking(calls, legs, _ALL_TIME, vendor, f"{nights[0]:%Y-%m}", tolerance, folder)
        records = pl.concat(rows.filter(pl.col("side") != "inhouse") for _, rows in work.parts())
    for day in nights:
        today = pl.read_parquet(lake.path(VENDOR_CALLS, vendor=vendor, day=day.isoformat()), columns=["file_id", "row"])
        rows = records.join(today, on=["file_id", "row"], how="semi")
        lake.write(NIGHT_LINKS, rows, stamp, vendor=vendor, day=day.isoformat())
