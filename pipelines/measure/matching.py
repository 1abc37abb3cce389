"""The figures of match and delivery: legs with a record, hours that our log covers, files on time, days with data."""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from pipelines.calendar import calls_of, days_without_rows, due_until, legs_of
from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Found, Measured, Side, not_measurable
from pipelines.measure.scene import STEPS, Scene
from pipelines.tables import DELIVERIES, VENDOR_CALLS

_PROMPT = {"on_time": True, "late": False, "missing": False}
"""States of a file that was due → whether it came in time. Others are beside one that was due, or in its place."""


def matching(scene: Scene) -> Found:
    """Match rate, coverage, and how the vendor delivered."""
    zone, month = scene.space.time_zone, scene.month.text
    hours = scene.hours()
    own = hours.filter(pl.col("hour_utc").dt.convert_time_zone(zone).dt.strftime("%Y-%m") == month)
    (counts,) = scene.engine.run(STEPS / "match_counts.sql").to_dicts()
    files = scene.lake.read(DELIVERIES, source=scene.vendor, month=month)
    return Found((*match_figures(counts, own), on_time(files), _complete(scene)))


def match_figures(counts: Mapping[str, int], hours: pl.DataFrame) -> list[Measured]:
    """Match rate over the legs that could have a record, and the share of the month's hours that the log covers.

    `counts` is the row of `match_counts.sql`.
    """
    pairs, lone, unsure = (int(counts[name]) for name in ("pairs", "lone", "unsure"))
    low, high = share_bounds(pairs, pairs + lone, Open(up=unsure))
    rate = _share("match_rate", pairs, pairs + lone, low, high, "nothing_to_count")
    covered = hours.filter("is_covered").height
    return [rate, _share("coverage", covered, hours.height, None, None, "feed_missing:inhouse_calls")]


def on_time(files: pl.DataFrame) -> Measured:
    """Files that came by their due time ÷ files due, of the rows of `deliveries`.

    Of files found at the first look at their place nobody knows when they came: they are left out, and stay open.
    """
    due = files.filter(pl.col("due_utc").is_not_null())
    told = [_PROMPT[state] for state in due["state"] if state in _PROMPT]
    untold = due.filter(state="not_measurable").height
    if not told:
        reason = "found_at_first_pull" if untold else "nothing_due"
        return not_measurable("delivery_on_time", reason)
    low, high = share_bounds(sum(told), len(told), Open(add=untold))
    return _share("delivery_on_time", sum(told), len(told), low, high, "nothing_due")


def _complete(scene: Scene) -> Measured:
    """Days with records ÷ days due, up to the day until which they are due."""
    lake, vendor, month = scene.lake, scene.vendor, scene.month
    until = due_until(lake, vendor, month)
    if until is None:  # not the vendor's fault where it is our own log that is missing
        is_ours = bool(calls_of(lake, vendor, month)) and not legs_of(lake, month)
        return not_measurable("delivery_complete", "feed_missing:inhouse_calls" if is_ours else "feed_missing:calls")
    days = [day for day in month.own_days if day <= until]
    empty = {date.fromisoformat(day) for day in days_without_rows(lake, VENDOR_CALLS, vendor, month, until)}
    passed = set(scene.engine.run(STEPS / "passed_days.sql", vendor=vendor)["day"])
    return complete(days, empty, passed)


def complete(days: Collection[date], empty: Collection[date], passed: Collection[date]) -> Measured:
    """Days with data ÷ days due. `empty` days have no row; a day is due where calls were `passed` on, or it has rows.

    Where the log names no vendor, due are the weekdays on which the vendor delivered more often than not.
    """
    full = [day for day in days if day not in empty]
    due = {*full, *(day for day in days if (day in passed if passed else _is_usual(day, days, empty)))}
    return _share("delivery_complete", len(full), len(due), None, None, "nothing_due")


def _is_usual(day: date, days: Collection[date], empty: Collection[date]) -> bool:
    alike = [other for other in days if other.weekday() == day.weekday()]
    return 2 * sum(other not in empty for other in alike) > len(alike)


def _share(figure: str, part: int, base: int, low: float | None, high: float | None, empty: str) -> Measured:
    code = kpi(figure).code
    side: Side = "inhouse" if figure == "coverage" else "vendor"
    if not base:
        return Measured(figure, "all", None, definition=code, status="not_measurable", reason=empty, side=side)
    return Measured(figure, "all", share_pct(part, base), low, high, base, code, side=side)
