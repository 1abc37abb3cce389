"""The vendor's own figures, from its claims: per day as printed, and for the month, as a whole and by queue.

A month's value is the printed one where the vendor reports by month; else daily counts are added up, and daily rates
are weighed by the reported count that they are a rate of. Without that count the month has no reported value. Nor has
a period of which one file says two different things (lines of agents or of sub-totals that its contract tells nothing
of): which of them is the whole is not guessed at. And days without a report make no month: their calls were measured.
"""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from pipelines.measure.catalogue import BY_ID

_DAY_S = 90_000
_SHORT_DAY_S = 82_800
_WEEK_S = 8 * 86_400
LACKING = 0.001
"""A stray call on a day without a report does not take the month's value away."""
_Periods = dict[object, float | None]
"""By their start; null where a file contradicts itself."""


def reported(
    claims: pl.DataFrame, unseen: Collection[date] = (), measured: Mapping[date, float] | None = None
) -> dict[tuple[str, str], float]:
    """(figure id, scope) → value in the catalogue's unit. `claims` are one vendor's rows of one audited month.

    `unseen` are days whose calls are held back: they keep their own value, and stay out of the month's. A queue
    (`queue:<name>`) has values for the month only. `measured` are the calls of each day that was measured: where the
    days that are reported lack more than `LACKING` of them, their sum is no month's value.
    """
    calls = {day: count for day, count in (measured or {}).items() if day not in set(unseen)}
    found = _reported(claims.filter(pl.col("queue").is_null()), unseen, calls)
    named = claims.filter(pl.col("queue").is_not_null(), pl.col("value").is_not_null())
    calls = calls if _lacks(named["booked_day"], calls) else {}  # a queue has no calls on many a day
    queues = claims.filter(pl.col("queue").is_not_null()).sort("queue").partition_by("queue", as_dict=True)
    for (queue,), part in queues.items():
        own = _reported(part, unseen, calls)
        found |= {(field, f"queue:{queue}"): value for (field, scope), value in own.items() if scope == "all"}
    return found


def _reported(
    claims: pl.DataFrame, unseen: Collection[date], calls: Mapping[date, float]
) -> dict[tuple[str, str], float]:
    """The same for the lines of one queue, or for those that name none."""
    whole = claims.filter(pl.col("value").is_not_null()).with_columns(
        value=pl.when(pl.col("unit").is_in(["ratio", "pct"])).then(pl.col("value") * _per_one()).otherwise(_seconds())
    )
    whole = whole.with_columns(value=pl.when(_says_one_thing()).then("value"))
    monthly = whole.filter(pl.col("period_s") > _WEEK_S, pl.col("value").is_not_null())
    monthly = monthly.sort("period_start_utc", "file_id", "row")
    daily = whole.filter(pl.col("period_s") <= _DAY_S).sort("field", "booked_day", "file_id", "row")
    printed = {(field, "all"): value for field, value in monthly.select("field", "value").iter_rows()}
    summed = daily.filter(~pl.col("booked_day").is_in(list(unseen)))
    days, parts = summed.filter(_is_whole_day()), summed.filter(~_is_whole_day())
    return _months(parts, calls) | _months(days, calls) | printed | _days(daily)


def _says_one_thing() -> pl.Expr:
    """Whether a file has one value of a figure for a period, however often."""
    return pl.col("value").n_unique().over("file_id", "field", "period_start_utc", "period_s") == 1


def _is_whole_day() -> pl.Expr:
    """A day of 23 hours is one; the half hours of a day are not added to the day itself."""
    return pl.col("period_s") >= _SHORT_DAY_S


def _per_one() -> pl.Expr:
    """What a share of 1, or one in percent, is in the catalogue's unit: percent, or so many of 1,000."""
    of_1000 = pl.col("field").is_in([figure.id for figure in BY_ID.values() if figure.unit == "per_1000"])
    return pl.when(pl.col("unit") == "ratio").then(100.0).otherwise(1.0) * pl.when(of_1000).then(10.0).otherwise(1.0)


def _seconds() -> pl.Expr:
    """Durations in seconds, whatever unit the vendor prints."""
    factor = pl.col("unit").replace_strict({"ms": 0.001, "min": 60.0, "h": 3600.0}, default=1.0)
    return pl.col("value") * factor


def _days(daily: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Values per day, where the vendor's periods are whole days."""
    whole_days = daily.filter(_is_whole_day(), pl.col("value").is_not_null())
    return {
        (field, f"day:{day}"): value
        for field, day, value in whole_days.select("field", "booked_day", "value").iter_rows()
    }


def _lacks(days: pl.Series, calls: Mapping[date, float]) -> bool:
    """Whether these days are without more than `LACKING` of the calls."""
    told = set(days)
    return sum(count for day, count in calls.items() if day not in told) > LACKING * sum(calls.values())


def _months(daily: pl.DataFrame, calls: Mapping[date, float]) -> dict[tuple[str, str], float]:
    columns = {field: _column(daily, field) for field in daily["field"].unique(maintain_order=True)}
    found: dict[tuple[str, str], float] = {}
    for field, values in columns.items():
        value = _month(field, values, columns)
        if value is not None and not _lacks(daily.filter(field=field)["booked_day"], calls):
            found[field, "all"] = value
    return found


def _column(daily: pl.DataFrame, field: str) -> _Periods:
    rows = daily.filter(pl.col("field") == field).select("period_start_utc", "value").iter_rows()
    return dict(rows)


def _month(field: str, told: _Periods, columns: Mapping[str, _Periods]) -> float | None:
    """A count's sum, or a rate's mean weighed by its reported base over the periods that report both."""
    kpi = BY_ID.get(field)
    values = {period: value for period, value in told.items() if value is not None}
    if kpi is None or len(values) < len(told):
        return None
    if kpi.unit == "calls":
        return float(sum(values.values()))
    base = columns.get(kpi.base or "", {})
    weights = {period: weight for period, weight in base.items() if period in values and weight is not None}
    total = sum(weights.values())
    if not total or len(weights) < len(values):
        return None
    return sum(values[period] * weight for period, weight in weights.items()) / total
