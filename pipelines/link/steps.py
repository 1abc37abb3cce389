"""The link step on the lake: coverage of a month, the links of a month, and the provisional links of single nights.

A month is linked whole and is the authority; a night looks at its own day and the days beside it.
"""

from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from pipelines.calendar import Month, calls_of, due_until, held_back, legs_of, open_paths, span
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.link.coverage import coverage
from pipelines.link.pair import Absence, link
from pipelines.tables import COVERAGE, INHOUSE_CALLS, LINKS, NIGHT_LINKS, OFFSETS, VENDOR_CALLS

NOT_DELIVERED = "the vendor has not delivered that day yet"
HELD_BACK = "the vendor's records of that day are held back by a rule"
_FAR_AHEAD = timedelta(days=3650)


def write_coverage(space: Workspace, lake: Lake, month: Month) -> pl.DataFrame:
    """State of every hour that a month's audit reads, as far as the log reaches; kept as table `coverage`."""
    paths = legs_of(lake, month)
    stamp = sha("coverage", VERSION, lake.stamps(paths), space.time_zone, held_back(lake, INHOUSE_CALLS, "inhouse"))
    if not lake.is_fresh(COVERAGE, stamp, month=month.text):
        lake.write(COVERAGE, _coverage(space, lake, month), stamp, month=month.text)
    return lake.read(COVERAGE, month=month.text)


def _coverage(space: Workspace, lake: Lake, month: Month) -> pl.DataFrame:
    """Days before the log begins and after it ends are not judged; the month's own days always are."""
    paths = legs_of(lake, month)
    arrivals = [pl.read_parquet(path, columns=["arrived_utc", "source", "day"]) for path in paths]
    frame = pl.concat(arrivals) if arrivals else INHOUSE_CALLS.empty().select("arrived_utc", "source", "day")
    days = [day for day in frame["day"].unique().to_list() if day is not None]
    first, last = min([month.first, *days]), max([month.last, *days])
    return coverage(frame, max(first, month.scope[0]), min(last, month.scope[-1]), space.time_zone)


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
    """Links of one vendor's month, kept as `links` and `clock_offsets`."""
    calls, legs = calls_of(lake, vendor, month), legs_of(lake, month)
    tolerance = space.vendors[vendor].terms.of_month(month.first, month.last).match.tolerance_s
    missing = absences(space, lake, vendor, month)
    covered = [lake.path(COVERAGE, month=month.text)]
    stamp = sha("links", VERSION, lake.stamps([*calls, *legs, *covered]), tolerance, missing)
    where = {"vendor": vendor, "month": month.text}
    if not lake.is_fresh(LINKS, stamp, **where):
        hours = lake.read(COVERAGE, month=month.text)
        linked = link(calls, legs, hours, vendor, month.text, tolerance, missing)
        lake.write(OFFSETS, linked.offsets, stamp, **where)
        lake.write(LINKS, linked.links, stamp, **where)
    return lake.read(LINKS, **where)


def link_nights(space: Workspace, lake: Lake, vendor: str, days: Iterable[date]) -> dict[str, int]:
    """Provisional links of single days, kept as `night_links`, from these days and those beside them; pairs per day."""
    nights = sorted(set(days))
    if not nights:
        return {}
    near = span(nights[0] - timedelta(days=1), nights[-1] + timedelta(days=1))
    calls, legs = open_paths(lake, VENDOR_CALLS, vendor, near), open_paths(lake, INHOUSE_CALLS, "inhouse", near)
    tolerance = space.vendors[vendor].terms.of_month(nights[0], nights[-1]).match.tolerance_s
    stamp = sha("night", VERSION, lake.stamps([*calls, *legs]), tolerance, nights)
    own = {day: lake.path(VENDOR_CALLS, vendor=vendor, day=day.isoformat()) for day in nights}
    wanted = [day for day, path in own.items() if path in calls]
    for day in set(nights) - set(wanted):
        lake.drop(NIGHT_LINKS, vendor=vendor, day=day.isoformat())
    if not all(lake.is_fresh(NIGHT_LINKS, stamp, vendor=vendor, day=day.isoformat()) for day in wanted):
        linked = link(calls, legs, COVERAGE.empty(), vendor, f"{nights[0]:%Y-%m}", tolerance)
        records = linked.links.filter(pl.col("side") != "inhouse")
        for day in wanted:
            today = pl.read_parquet(own[day], columns=["file_id", "row"])
            rows = records.join(today, on=["file_id", "row"], how="semi")
            lake.write(NIGHT_LINKS, rows, stamp, vendor=vendor, day=day.isoformat())
    read = {day.isoformat(): lake.read(NIGHT_LINKS, vendor=vendor, day=day.isoformat()) for day in wanted}
    return {day: rows.filter(pl.col("side") == "pair").height for day, rows in read.items()}
