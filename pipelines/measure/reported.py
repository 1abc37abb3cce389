"""The vendor's own figures, from its claims: per day as printed, and for the month.

A month's value is the printed one where the vendor reports by month; else daily counts are added up, and daily rates
are weighed by the reported count that they are a rate of. Without that count the month has no reported value.
"""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from pipelines.measure.catalogue import BY_ID

_DAY_S = 90_000
_SHORT_DAY_S = 82_800
_WEEK_S = 8 * 86_400


def reported(claims: pl.DataFrame, unseen: Collection[date] = ()) -> dict[tuple[str, str], float]:
    """(figure id, scope) → value in the catalogue's unit. `claims` are one vendor's rows of one audited month.

    `unseen` are days whose calls are held back: they keep their own value, and stay out of the month's.
    """
    whole = claims.filter(pl.col("queue").is_null() & pl.col("value").is_not_null()).with_columns(
        value=pl.when(pl.col("unit") == "ratio").then(pl.col("value") * 100).otherwise(_seconds())
    )
    monthly = whole.filter(pl.col("period_s") > _WEEK_S).sort("period_start_utc", "file_id", "row")
    daily = whole.filter(pl.col("period_s") <= _DAY_S).sort("field", "booked_day", "file_id", "row")
    printed = {(field, "all"): value for field, value in monthly.select("field", "value").iter_rows()}
    summed = daily.filter(~pl.col("booked_day").is_in(list(unseen)))
    days, parts = summed.filter(_is_whole_day()), summed.filter(~_is_whole_day())
    return _months(parts) | _months(days) | printed | _days(daily)


def _is_whole_day() -> pl.Expr:
    """A day of 23 hours is one; the half hours of a day are not added to the day itself."""
    return pl.col("period_s") >= _SHORT_DAY_S


def _seconds() -> pl.Expr:
    """Durations in seconds, whatever unit the vendor prints."""
    factor = pl.col("unit").replace_strict({"ms": 0.001, "min": 60.0, "h": 3600.0}, default=1.0)
    return pl.col("value") * factor


def _days(daily: pl.DataFrame) -> dict[tuple[str, str], float]:
    """Values per day, where the vendor's periods are whole days."""
    whole_days = daily.filter(_is_whole_day())
    return {
        (field, f"day:{day}"): value
        for field, day, value in whole_days.select("field", "booked_day", "value").iter_rows()
    }


def _months(daily: pl.DataFrame) -> dict[tuple[str, str], float]:
    columns = {field: _column(daily, field) for field in daily["field"].unique(maintain_order=True)}
    found: dict[tuple[str, str], float] = {}
    for field, values in columns.items():
        value = _month(field, values, columns)
        if value is not None:
            found[field, "all"] = value
    return found


def _column(daily: pl.DataFrame, field: str) -> dict[object, float]:
    rows = daily.filter(pl.col("field") == field).select("period_start_utc", "value").iter_rows()
    return dict(rows)


def _month(field: str, values: dict[object, float], columns: Mapping[str, dict[object, float]]) -> float | None:
    """A count's sum, or a rate's mean weighed by its reported base over the periods that report both."""
    kpi = BY_ID.get(field)
    if kpi is None:
        return None
    if kpi.unit == "calls":
        return float(sum(values.values()))
    weights = {period: weight for period, weight in columns.get(kpi.base or "", {}).items() if period in values}
    total = sum(weights.values())
    if not total or len(weights) < len(values):
        return None
    return sum(values[period] * weight for period, weight in weights.items()) / total
