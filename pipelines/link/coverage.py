"""For which hours the client's own log is whole. No claim against a vendor is stronger than that.

An hour is uncovered if it holds fewer than 20 % of the median of its weekday and hour while that median is at least 10
calls; hours with a smaller median take the state of the nearest hour that has one. Where rows name the switch or IVR
unit that wrote them, each unit's share of an hour must also reach 80 % of its usual share.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.tables import COVERAGE

SHARE_OF_MEDIAN = 0.2
FEWEST_EXPECTED = 10
SHARE_OF_UNIT = 0.8
_SAMPLES = 3


def coverage(arrivals: pl.DataFrame, first: date, last: date, zone: str) -> pl.DataFrame:
    """The state of each hour from local day `first` to `last`, both included, as `tables.COVERAGE`.

    `arrivals` has `arrived_utc` and `source` (null where the log names no unit).
    """
    hours = (
        _spine(first, last, zone)
        .join(_counts(arrivals), on="hour_utc", how="left")
        .with_columns(pl.col("calls").fill_null(0))
    )
    hour = pl.col("arrived_utc").dt.truncate("1h").alias("hour_utc")
    judged = _expected(hours).join(_silent_units(arrivals, hour), on="hour_utc", how="left")
    judged = _own_state(judged).with_columns(pl.col("own").is_not_null().alias("speaks"))
    if not judged["speaks"].any():
        day = pl.col("arrived_utc").dt.convert_time_zone(zone).dt.date().alias("local_day")
        judged = _by_day(judged.drop("silent").join(_silent_units(arrivals, day), on="local_day", how="left"))
    filled = _from_nearest(judged)
    return COVERAGE.fit(filled)


def _spine(first: date, last: date, zone: str) -> pl.DataFrame:
    """All hours of the local days, whether a call came or not, with their local weekday and hour."""
    start = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
    stop = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    hour = pl.datetime_range(
        start.replace(minute=0), stop, "1h", closed="left", time_unit="us", time_zone="UTC", eager=True
    )
    local = pl.col("hour_utc").dt.convert_time_zone(zone)
    return pl.DataFrame({"hour_utc": hour}).with_columns(
        weekday=local.dt.weekday(), hour=local.dt.hour(), local_day=local.dt.date()
    )


def _counts(arrivals: pl.DataFrame) -> pl.DataFrame:
    hour = pl.col("arrived_utc").dt.truncate("1h").alias("hour_utc")
    return arrivals.group_by(hour).agg(pl.len().cast(pl.Int64).alias("calls"))


def _expected(hours: pl.DataFrame) -> pl.DataFrame:
    """The median of the same weekday and hour; over all days where too few of that weekday are there."""
    by_weekday, by_hour = pl.col("calls").median().over("weekday", "hour"), pl.col("calls").median().over("hour")
    samples = pl.len().over("weekday", "hour")
    return hours.with_columns(expected=pl.when(samples >= _SAMPLES).then(by_weekday).otherwise(by_hour))


def _silent_units(arrivals: pl.DataFrame, span: pl.Expr) -> pl.DataFrame:
    """Spans in which a unit wrote far less than its usual share; empty where the log names one unit or none.

    A span with few calls is looked at all the same: it may hold few because a unit was silent.
    """
    name = span.meta.output_name()
    named = arrivals.drop_nulls("source").with_columns(span)
    units = named.group_by("source").len("usual")
    each = (
        named.group_by(name)
        .len("total")
        .join(units, how="cross")
        .join(named.group_by(name, "source").len("wrote"), on=[name, "source"], how="left")
    )
    share = pl.col("wrote").fill_null(0) / pl.col("total")
    silent = each.filter(share < SHARE_OF_UNIT * pl.col("usual") / max(named.height, 1))
    return silent.sort("source").group_by(name, maintain_order=True).agg(pl.col("source").first().alias("silent"))


def _own_state(hours: pl.DataFrame) -> pl.DataFrame:
    """An hour's own state, null where too few calls are usual to tell."""
    enough = pl.col("calls") >= SHARE_OF_MEDIAN * pl.col("expected")
    own = pl.when(pl.col("expected") >= FEWEST_EXPECTED).then(enough & pl.col("silent").is_null())
    why = (
        pl.when(pl.col("silent").is_not_null())
        .then(pl.format("unit {} wrote far less than usual", "silent"))
        .when(~enough)
        .then(pl.format("{} calls, where {} are usual", "calls", "expected"))
    )
    return hours.with_columns(own=own, why=why)


def _by_day(hours: pl.DataFrame) -> pl.DataFrame:
    """For a log too small to judge by the hour: a day speaks for its hours, against the median of days."""
    total = pl.col("calls").sum().over("local_day")
    usual = hours.group_by("local_day").agg(pl.col("calls").sum())["calls"].median()
    enough = (total >= SHARE_OF_MEDIAN * pl.lit(usual)) & (total > 0)
    is_silent = pl.col("silent").is_not_null() & (pl.lit(usual) >= FEWEST_EXPECTED)
    why = (
        pl.when(~enough)
        .then(pl.lit("nearly no call on that day"))
        .when(is_silent)
        .then(pl.format("unit {} wrote far less than usual on that day", "silent"))
    )
    return hours.with_columns(own=enough & ~is_silent, why=why, speaks=pl.lit(value=True))


def _from_nearest(hours: pl.DataFrame) -> pl.DataFrame:
    """Hours that cannot speak for themselves take the state of the nearest that can; the earlier of two."""
    at = hours.sort("hour_utc").with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    known = at.filter("speaks").select("own", "why", "hour_utc", key=4 * pl.col("at"))
    before = 4 * pl.col("at") - 1  # a little nearer to what comes earlier, which decides between two at one distance
    near = at.select("at", key=before).join_asof(known, on="key", strategy="nearest")
    taken = pl.format("as {}", pl.col("from").dt.strftime("%Y-%m-%d %H:%M UTC"))
    return at.join(
        near.select("at", near_own="own", near_why="why", **{"from": "hour_utc"}), on="at", how="left"
    ).select(
        "hour_utc",
        "calls",
        "expected",
        is_covered=pl.col("near_own"),
        reason=pl.when("speaks").then("why").when(~pl.col("near_own")).then(taken),
    )
