"""The figures of the match itself: how many legs have a record, and for how much of the month our own log is whole."""

import polars as pl

from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Found, Measured, Side
from pipelines.measure.scene import Scene


def matching(scene: Scene) -> Found:
    """Match rate and coverage."""
    zone, month = scene.space.time_zone, scene.month.text
    hours = scene.hours()
    own = hours.filter(pl.col("hour_utc").dt.convert_time_zone(zone).dt.strftime("%Y-%m") == month)
    return Found(tuple(match_figures(scene.engine.read("links"), own)))


def match_figures(links: pl.DataFrame, hours: pl.DataFrame) -> list[Measured]:
    """Match rate over the legs that could have a record, and the share of the month's hours that the log covers."""
    own = links.filter(pl.col("in_month"))
    pairs = own.filter(pl.col("side") == "pair").height
    lone = own.filter((pl.col("side") == "inhouse") & ~pl.col("is_absent"))
    unsure = lone.filter(pl.col("match_class") == "no_number").height
    base = pairs + lone.height
    low, high = share_bounds(pairs, base, Open(up=unsure))
    rate = _share("match_rate", pairs, base, low, high, "nothing_to_count")
    covered = hours.filter("is_covered").height
    return [rate, _share("coverage", covered, hours.height, None, None, "feed_missing:inhouse_calls")]


def _share(figure: str, part: int, base: int, low: float | None, high: float | None, empty: str) -> Measured:
    code = kpi(figure).code
    side: Side = "inhouse" if figure == "coverage" else "vendor"
    if not base:
        return Measured(figure, "all", None, definition=code, status="not_measurable", reason=empty, side=side)
    return Measured(figure, "all", share_pct(part, base), low, high, base, code, side=side)
