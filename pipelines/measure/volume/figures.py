"""Tables of volume → its figures: calls to be expected, the rise at the month's end, the calls of regular callers."""

import polars as pl

from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.volume.expected import whole
from pipelines.measure.volume.regular import Regulars

RISE_DAYS = 3


def expected_volume(days: pl.DataFrame, month: str) -> Measured:
    """The month's calls to be expected, and between which counts such a month lies; `days` as `expected` takes them.

    `days` are those on which calls are passed on to the vendor at all.
    """
    is_there = bool((days["day"].dt.strftime("%Y-%m") == month).any())
    found = whole(days, month) if is_there else None
    if found is None:
        return not_measurable("expected_volume", "too_few_days")
    low, high, code = found.low, found.high, f"{kpi('expected_volume').code} months={found.months}"
    return Measured("expected_volume", "all", found.value, n=found.days, definition=code, ci_low=low, ci_high=high)


def month_end_rise(days: pl.DataFrame, month: str) -> Measured:
    """By how many percent the last three working days lie above the month's other working days, a day on average.

    Days of which our log lacks hours are left out; with fewer than two days on a side it is not measurable.
    """
    own = days.filter(pl.col("day").dt.strftime("%Y-%m") == month, pl.col("kind").is_in(["working", "make_up"]))
    worked = own.sort("day")
    parts = (worked.tail(RISE_DAYS), worked.head(-RISE_DAYS))
    end, rest = ([float(calls) for calls in part["calls"].drop_nulls()] for part in parts)
    if min(len(end), len(rest)) < 2:
        return not_measurable("month_end_rise", "too_few_days", side="inhouse")
    if not sum(rest):
        return not_measurable("month_end_rise", "nothing_to_count", side="inhouse")
    rise = 100 * (sum(end) * len(rest) / (sum(rest) * len(end)) - 1)
    code = kpi("month_end_rise").code
    return Measured("month_end_rise", "all", rise, n=len(end) + len(rest), definition=code, side="inhouse")


def regular_callers(found: Regulars, months: int, arrived: pl.DataFrame) -> Measured:
    """The share of the month's calls with a number that callers made who ask the same every month.

    `months` in a row were looked at; `arrived` is `counts.arrivals`. Calls without a reason, and calls from numbers
    that stand for one call each, may be regular too, which the upper bound says.
    """
    regular, numbered = int(found.rows["calls"].sum()), int(arrived["numbered"].sum())
    unknown = int(arrived.filter(pl.col("reason") == "")["numbered"].sum())
    if not numbered:
        return not_measurable("regular_callers", "nothing_to_count", side="inhouse")
    low, high = share_bounds(regular, numbered, Open(up=min(unknown + found.singles, numbered - regular)))
    value, code = share_pct(regular, numbered), f"{kpi('regular_callers').code} months={months}"
    why = f"numbers:{', '.join(found.kinds)}" if found.kinds else None
    return Measured("regular_callers", "all", value, low, high, numbered, code, reason=why, side="inhouse")
