"""How many calls came when, by the client's own log: small frames of days, hours and reasons out of millions of rows.

Files are read day by day, and of each only the columns that are counted: memory does not grow with the months.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, open_paths, span
from pipelines.lake import Lake
from pipelines.tables import COVERAGE, INHOUSE_CALLS

HISTORY_MONTHS = 13
"""Months before the audited one that are learned from, at most: each holiday of a year, and the days beside it."""
QUARTER_S = 900
"""No zone's clock stands off by less than a quarter of an hour."""
LACKING = 0.01
"""A day lacks hours where those that our log does not cover hold more than this share of what is usual."""
QUARTERS = pl.Schema({"quarter": pl.Int64(), "calls": pl.Int64()})
ARRIVALS = pl.Schema({"day": pl.Date(), "reason": pl.String(), "calls": pl.Int64(), "numbered": pl.Int64()})


def months_before(month: Month, number: int) -> list[Month]:
    """The months before, the nearest first."""
    found, first = [], month.first
    for _ in range(number):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(Month(f"{first:%Y-%m}"))
    return found


def history_paths(lake: Lake, month: Month) -> list[Path]:
    """Days of the client's log from a year before to the month's end; a day more, for calls across midnight."""
    first = months_before(month, HISTORY_MONTHS)[-1].first
    return open_paths(lake, INHOUSE_CALLS, "inhouse", span(first - timedelta(days=1), month.last))


def passed_on(paths: Sequence[Path], vendor: str) -> pl.DataFrame:
    """Calls passed on to a vendor, by quarter hours since 1970."""
    return pl.concat([QUARTERS.to_frame(), *(_passed_on(path, vendor) for path in paths)])


def _passed_on(path: Path, vendor: str) -> pl.DataFrame:
    rows = pl.scan_parquet(path, hive_partitioning=False).filter(
        pl.col("vendor_id") == vendor, pl.col("transferred_utc").is_not_null()
    )
    quarter = pl.col("transferred_utc").dt.epoch("us") // (QUARTER_S * 1_000_000)
    found = rows.group_by(quarter=quarter).agg(calls=pl.len().cast(pl.Int64)).collect()
    return found.sort("quarter").select(pl.col(name).cast(kind) for name, kind in QUARTERS.items())


def arrivals(paths: Sequence[Path]) -> pl.DataFrame:
    """Calls that arrived, by local day and the client's reason (empty where it has none); several legs are one call.

    `numbered` are those of them with a number to know the caller by.
    """
    return pl.concat([ARRIVALS.to_frame(), *(_arrivals(path) for path in paths)])


def _arrivals(path: Path) -> pl.DataFrame:
    wanted = ["day", "call_id", "reason", "caller_key"]
    rows = pl.read_parquet(path, columns=wanted, hive_partitioning=False)
    if rows["call_id"].hash().n_unique() < rows.height:  # quicker than the ids, and whether they repeat is all we ask
        rows = rows.group_by("day", "call_id").agg(pl.col("reason", "caller_key").drop_nulls().min())
    counts = {"calls": pl.len(), "numbered": pl.col("caller_key").count()}
    found = rows.group_by("day", pl.col("reason").fill_null("")).agg(**counts)
    return found.sort("day", "reason").select(pl.col(name).cast(kind) for name, kind in ARRIVALS.items())


def local(quarters: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Quarter hours as local day and hour, with the calls of each; both hours of a clock set back are one."""
    moment = pl.from_epoch(pl.col("quarter") * QUARTER_S).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    told = quarters.with_columns(day=moment.dt.date(), hour=moment.dt.hour().cast(pl.Int64))
    return told.group_by("day", "hour").agg(pl.col("calls").sum()).sort("day", "hour")


def audited(lake: Lake, months: Sequence[Month]) -> dict[Month, pl.DataFrame]:
    """The months whose log was looked at for gaps, with its hours; what an earlier release has written is left out."""
    hours = {month: lake.read(COVERAGE, month=month.text) for month in months if lake.paths(COVERAGE, month=month.text)}
    return {month: found for month, found in hours.items() if found.schema == COVERAGE.schema}


def lacking(hours: Mapping[Month, pl.DataFrame], zone: str) -> list[date]:
    """Days of these months of which our log lacks hours."""
    return sorted(day for month, found in hours.items() for day in _lacking(found, month, zone))


def _lacking(hours: pl.DataFrame, month: Month, zone: str) -> list[date]:
    day = pl.col("hour_utc").dt.convert_time_zone(zone).dt.date()
    own = hours.filter(pl.col("route") == "").with_columns(day=day).filter(pl.col("day").is_in(month.own_days))
    bare = (~pl.col("is_covered")).cast(pl.Float64)
    # where nothing is usual because the whole log is missing, an uncovered hour still counts for a call
    usual = pl.max_horizontal(pl.col("expected").fill_null(0.0), bare)
    found = own.group_by("day").agg(lost=(bare * usual).sum(), usual=usual.sum())
    return found.filter(pl.col("lost") > LACKING * pl.col("usual"))["day"].to_list()
