"""What came and what was to be expected: days, hours, reasons that swell, callers who ask the same every month."""

from collections.abc import Mapping
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import Month, held_back, open_paths, span
from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake
from pipelines.measure.measured import Found, Measured, not_measurable
from pipelines.measure.scene import Scene
from pipelines.measure.volume import figures
from pipelines.measure.volume.counts import (
    HISTORY_MONTHS,
    arrivals,
    audited,
    history_paths,
    lacking,
    local,
    months_before,
    passed_on,
)
from pipelines.measure.volume.days import hour_rows, volume_rows
from pipelines.measure.volume.expected import EXPECTED, expected
from pipelines.measure.volume.holiday import labelled
from pipelines.measure.volume.regular import FEWEST, months_held, regulars
from pipelines.measure.volume.swells import reason_rows
from pipelines.tables import COVERAGE, INHOUSE_CALLS, VENDOR_CALLS, Table
from pipelines.tables.volume import REASONS, REGULARS, VOLUME, VOLUME_HOURS

STEPS = files("pipelines.measure.volume")


def volume_inputs(lake: Lake, month: Month) -> list[Path]:
    """Partitions that this family reads beside those of the month's audit: what the figures' stamp must hold."""
    past = [path for other in months_before(month, HISTORY_MONTHS) for path in lake.paths(COVERAGE, month=other.text)]
    return [*history_paths(lake, month), *past]


def volume_facts(space: Workspace) -> list[str]:
    """What the stamp must hold beside partitions: whose holidays they are, and the release that knows them."""
    return [space.country, version("holidays")]


def volume(scene: Scene) -> Found:
    """Expected volume, the month's end, regular callers; tables volume, volume_hours, regulars, reasons."""
    months = [scene.month, *months_before(scene.month, 1)]
    arrived = {month: arrivals(_own_paths(scene.lake, month)) for month in months}
    days = _days(scene, arrived[scene.month])
    asked, callers = _asked(scene, arrived)
    return Found((*days.figures, callers), {**days.tables, **asked})


def _days(scene: Scene, arrived: pl.DataFrame) -> Found:
    """What was to be expected of the month's days, and what came at which hour."""
    if not {"transferred_utc"} <= scene.own_roles:
        reason = "own_column_missing:transferred_utc"
        rise = not_measurable("month_end_rise", reason, side="inhouse")
        return Found((not_measurable("expected_volume", reason), rise))
    zone, month = scene.space.time_zone, scene.month
    paths = history_paths(scene.lake, month)
    own = local(passed_on(paths, scene.vendor), zone)
    told = local(scene.engine.run(STEPS / "offered.sql"), zone)
    days = learnable(scene.space, scene.lake, month, paths, own)
    offered = dict.fromkeys(month.own_days, 0) | _by_day(told)
    for day in _not_delivered(scene):
        offered.pop(day, None)
    served = days.filter(in_service(days))
    rows = volume_rows(days, _told(served, month), offered, _by_day(own), _by_day(arrived))
    others_out = days.with_columns(calls=pl.when(in_service(days)).then("calls"))
    found = (figures.expected_volume(served, month.text), figures.month_end_rise(others_out, month.text))
    return Found(found, {VOLUME: rows, VOLUME_HOURS: hour_rows(days, own, told, month)})


def learnable(space: Workspace, lake: Lake, month: Month, paths: list[Path], own: pl.DataFrame) -> pl.DataFrame:
    """The days from the log's first to the month's last, as `expected` takes them.

    `own` has the calls passed on by local day and hour. A day of which the log lacks hours has no calls to learn from,
    and so has one without a row, unless an audit found the log whole there: then nobody rang.
    """
    written = {date.fromisoformat(path.parent.name.partition("=")[2]) for path in paths}
    looked_at = audited(lake, [month, *months_before(month, HISTORY_MONTHS)])
    found_whole = {day for other in looked_at for day in other.own_days}
    known = (written | found_whole) - set(lacking(looked_at, space.time_zone))
    first = min([month.first, *known])
    counts = _by_day(own)
    days = labelled(span(first, month.last), space.country)
    calls = [counts.get(day, 0) if day in known else None for day in days["day"].to_list()]
    return days.with_columns(calls=pl.Series(calls, dtype=pl.Float64))


def in_service(days: pl.DataFrame) -> pl.Series:
    """Whether each day lies in the time in which calls are passed on to the vendor at all; `days` as from `learnable`.

    Days before the first call that our log passes on, and after the last, are not the vendor's: they say nothing of its
    days, and nothing is to be expected of them. Weekends and holidays at either end may just have brought
    nobody, and days that our log lacks may have had calls.
    """
    called = (days["calls"] > 0).fill_null(value=False)
    idle = ((days["calls"] == 0) & days["kind"].is_in(["working", "make_up"])).fill_null(value=False)
    if not called.any():
        return called if idle.any() else ~called
    first, last = int(called.arg_true()[0]), int(called.arg_true()[-1])
    begins, ends = first if idle[:first].any() else 0, last if idle[last + 1 :].any() else days.height - 1
    return pl.Series([begins <= at <= ends for at in range(days.height)], dtype=pl.Boolean)


def _told(served: pl.DataFrame, month: Month) -> pl.DataFrame:
    """`expected` of the month's days; nothing for those that are not the vendor's."""
    its = [day for day in month.own_days if day in set(served["day"])]
    told = expected(served, its) if its else EXPECTED.to_frame()
    return (
        pl.DataFrame({"day": month.own_days})
        .join(told, on="day", how="left")
        .with_columns(pl.col("learned").fill_null(0))
    )


def _asked(scene: Scene, arrived: Mapping[Month, pl.DataFrame]) -> tuple[dict[Table, pl.DataFrame], Measured]:
    """What callers asked, against the month before, and who asks the same every month."""
    if "reason" not in scene.own_roles:
        return {}, not_measurable("regular_callers", "own_column_missing:reason", side="inhouse")
    now, before = arrived[scene.month], next(days for month, days in arrived.items() if month != scene.month)
    reasons = reason_rows(now, before)
    months = months_held(scene.lake, scene.month)
    if len(months) < FEWEST:
        return {REASONS: reasons}, not_measurable("regular_callers", "too_few_months", side="inhouse")
    found = regulars(scene.engine, scene.lake, months, reasons.select("reason", "calls"))
    return {REASONS: reasons, REGULARS: found.rows}, figures.regular_callers(found, len(months), now)


def _own_paths(lake: Lake, month: Month) -> list[Path]:
    return open_paths(lake, INHOUSE_CALLS, "inhouse", month.own_days)


def _by_day(counts: pl.DataFrame) -> dict[date, int]:
    sums = counts.group_by("day").agg(pl.col("calls").sum())
    return dict(zip(sums["day"].to_list(), sums["calls"].to_list(), strict=True))


def _not_delivered(scene: Scene) -> list[date]:
    """Days of the month that the vendor has not delivered, or that a rule holds back."""
    held = {date.fromisoformat(day) for day in held_back(scene.lake, VENDOR_CALLS, scene.vendor)}
    end = scene.until.astimezone(ZoneInfo(scene.space.time_zone)).date()
    return [day for day in scene.month.own_days if day >= end or day in held]
