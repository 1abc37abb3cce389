"""The client's own forecast: which announcement counts, for which period, and how far it was from what was passed on.

Rows of the forecast and counts go in, periods and figures come out; who is relieved by it stands in `relief.py`.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.contract.model import Contract
from pipelines.measure.capacity.cells import UTC_US
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable

PERIODS = pl.Schema({"start_utc": UTC_US, "end_utc": UTC_US, "forecast": pl.Float64()})


def names_of(vendor: str, log: Contract) -> frozenset[str]:
    """What the client may call the vendor in its forecast: its id, and the routes that its log maps to it."""
    columns = [item.role("vendor_id") for item in log.feed("inhouse_calls")]
    routes = {raw for column in columns if column and column.map for raw, to in column.map.items() if to == vendor}
    return frozenset({vendor, *routes})


def announced(rows: pl.DataFrame, names: Collection[str], is_only: bool) -> pl.DataFrame:
    """What was announced for this vendor: start_utc, forecast (calls), by period in order.

    `rows` are of table `forecast`, of the client's own contract. Of several announcements for one period the last that
    was issued before it counts; what was issued later is hindsight. A row without a queue is for the one vendor that
    there is (`is_only`). Where several routes lead to the vendor their forecasts are added up, unless the vendor itself
    is announced too.
    """
    own = pl.col("queue").is_in(list(names)) | (pl.col("queue").is_null() & is_only)
    timely = pl.col("issued_utc").is_null() | (pl.col("issued_utc") <= pl.col("period_start_utc"))
    known = pl.col("period_start_utc").is_not_null() & (pl.col("calls").fill_nan(None) >= 0)
    last = (
        rows.filter(own & timely & known)
        .sort("issued_utc", "file_id", "row", nulls_last=False)
        .unique(["period_start_utc", "queue"], keep="last", maintain_order=True)
    )
    whole = last.filter(pl.col("queue").is_null())
    parts = last.filter(pl.col("queue").is_not_null()).join(whole, on="period_start_utc", how="anti")
    summed = pl.concat([whole, parts]).group_by("period_start_utc").agg(pl.col("calls").sum())
    return summed.select(start_utc="period_start_utc", forecast=pl.col("calls")).sort("start_utc")


def periods(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Announcements (start_utc, forecast) with the end of each period, which a forecast does not say itself.

    Months where all start on the first of a local month, else days (or weeks) where all start at a local midnight, else
    the most frequent distance; a single one is a half hour. A period never reaches into the next.
    """
    starts = rows["start_utc"].to_list()
    ends = _ends(starts, ZoneInfo(zone))
    kept = [min(end, after) for end, after in zip(ends, starts[1:], strict=False)] + ends[-1:]
    return rows.with_columns(pl.Series("end_utc", kept, UTC_US)).select(PERIODS.names())


def _ends(starts: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    local = [start.astimezone(zone).replace(tzinfo=None) for start in starts]
    if not starts:
        return []
    if all((when.day, when.hour, when.minute, when.second) == (1, 0, 0, 0) for when in local) and (
        len(starts) > 1 and min(after - before for before, after in pairwise(local)) > timedelta(days=27)
    ):
        return [_moment((when + timedelta(days=32)).replace(day=1), zone) for when in local]
    if all((when.hour, when.minute, when.second) == (0, 0, 0) for when in local):
        step = _usual([(after - before).days for before, after in pairwise(local)] or [1])
        return [_moment(when + timedelta(days=step), zone) for when in local]
    step = _usual([(after - before).total_seconds() for before, after in pairwise(starts)] or [1800])
    return [start + timedelta(seconds=step) for start in starts]


def _usual(steps: Sequence[float]) -> float:
    """The most frequent one; of several the shortest."""
    counts = Counter(steps)
    return min(counts, key=lambda step: (-counts[step], step))


def _moment(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC)


def forecast_figures(judged: pl.DataFrame) -> list[Measured]:
    """Weighted absolute error and bias, from periods with `forecast` and `passed`; n counts the calls passed on."""
    passed = int(judged["passed"].sum())
    if not passed:
        return [
            not_measurable(name, "nothing_to_count", side="inhouse") for name in ("forecast_error", "forecast_bias")
        ]
    off = judged["forecast"] - judged["passed"]
    error, bias = (100 * float(value.sum()) / passed for value in (off.abs(), off))
    values = {"forecast_error": error, "forecast_bias": bias}
    return [
        Measured(name, "all", value, n=passed, definition=kpi(name).code, side="inhouse")
        for name, value in values.items()
    ]
