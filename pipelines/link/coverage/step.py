"""The coverage of a month on the lake: table `coverage`, hours for people, and `log_spans`, which the later steps read.

Gaps are found in `hours.py`, what the log's rows say of its completeness in `backing.py`; the client's own word for
it and the files' closing lines are read here.
"""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import Month, held_back, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.intake.manifest import in_force, tally
from pipelines.lake import VERSION, Lake, sha
from pipelines.link.coverage.backing import backing, named
from pipelines.link.coverage.hours import ROUTE, heard, hours_of, log_gaps
from pipelines.link.coverage.spans import merged, spans
from pipelines.link.coverage.usual import usual
from pipelines.tables import COVERAGE, INHOUSE_CALLS, LOG_SPANS, REJECTS

HELD_BACK = "our own log of that day is held back by a rule"


def write_coverage(space: Workspace, lake: Lake, month: Month) -> pl.DataFrame:
    """State of every hour that a month's audit reads, as far as the log reaches; kept as `coverage` and `log_spans`."""
    paths, source = legs_of(lake, month), space.inhouse.source
    counted, held = _counted_files(lake, source), _held(space, lake, month)
    rejects = lake.stamps(lake.paths(REJECTS, source=source))
    stamp = sha("coverage", VERSION, lake.stamps(paths), rejects, space.time_zone, held, counted, space.log_complete)
    if not (lake.is_fresh(COVERAGE, stamp, month=month.text) and lake.is_fresh(LOG_SPANS, stamp, month=month.text)):
        hours, gaps = _gaps(paths, month, space.time_zone, held)
        word = _declared(space)
        known = pl.concat([gaps, *backing(paths, lake.read(REJECTS, source=source), counted), word])
        lake.write(COVERAGE, hours, stamp, month=month.text)
        lake.write(LOG_SPANS, known, stamp, month=month.text)
    return lake.read(COVERAGE, month=month.text)


def routes_of(paths: list[Path], vendor: str) -> list[str]:
    """The routes by which calls may have gone to a vendor: its own, and those of which nobody knows whose they are."""
    its = pl.coalesce("vendor_id", pl.lit("unknown")).is_in([vendor, "unknown"])
    legs = _scan(paths).filter(its & pl.col("transferred_utc").is_not_null())
    names = legs.select(ROUTE.alias("route")).drop_nulls().unique().collect(engine="streaming")
    return sorted(names["route"].to_list())


def gaps_for(known: pl.DataFrame, routes: list[str]) -> pl.DataFrame:
    """The gaps of a month's `log_spans` that count for a vendor with these routes: from_utc, to_utc, in order."""
    own = pl.col("route").is_null() | pl.col("route").is_in(routes)
    return merged(known.filter((pl.col("state") == "gap") & own).select("from_utc", "to_utc"))


def _scan(paths: list[Path]) -> pl.LazyFrame:
    return pl.scan_parquet(paths, hive_partitioning=False) if paths else INHOUSE_CALLS.empty().lazy()


def _gaps(paths: list[Path], month: Month, zone: str, held: list[date]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Hours and gaps. Days before the log begins and after it ends are not judged; the month's own days always are."""
    log = _scan(paths)
    ends = log.select(first=pl.col("day").min(), last=pl.col("day").max()).collect().row(0)
    days = [month.first, month.last, *held, *(day for day in ends if day is not None)]
    said = heard(log)
    known = usual(said.rows, max(min(days), month.scope[0]), min(max(days), month.scope[-1]), zone)
    gaps = pl.concat(
        [log_gaps(said, known), named(spans([_day(day, zone) for day in held]), "gap", "outside", HELD_BACK)]
    )
    gaps = merged(gaps, "state", "kind", "route")
    return hours_of(said, known, gaps), gaps


def _held(space: Workspace, lake: Lake, month: Month) -> list[date]:
    held = (date.fromisoformat(day) for day in held_back(lake, INHOUSE_CALLS, "inhouse"))
    return sorted(day for day in held if day in month.scope)


def _day(day: date, zone: str, days: int = 1) -> tuple[datetime, datetime]:
    """A local day, or several from one on."""
    after = day + timedelta(days=days)
    return datetime.combine(day, time(), ZoneInfo(zone)), datetime.combine(after, time(), ZoneInfo(zone))


def _declared(space: Workspace) -> pl.DataFrame:
    """The client's word."""
    word = space.log_complete
    if word is None:
        return LOG_SPANS.empty()
    days = _day(word.since, space.time_zone, (word.until - word.since).days + 1)
    return named(spans([days]), "vouched", "declared", f"{word.by} declares the log complete")


def _counted_files(lake: Lake, source: str) -> list[str]:
    """Files whose closing lines all agree, and say how many rows there are."""
    found = []
    for item in in_force(lake, source):
        counts = tally(lake, item) or {}
        lines = counts.get("closing", [])
        said: dict[str, float] = {}
        for line in lines:
            said[line["column"]] = said.get(line["column"], 0) + float(line["adds_up_to"])
        tells = any(f"{total:.0f}" == str(counts.get("rows_read")) for total in said.values())
        if lines and tells and all(line["agrees"] for line in lines):
            found.append(item.file_id)
    return sorted(set(found))
