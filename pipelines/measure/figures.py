"""Measured and reported values → rows of table `figures`; and the figures of the match itself."""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import BY_ID
from pipelines.measure.service import Measured
from pipelines.tables import FIGURES


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
    code = BY_ID[figure].code
    if not base:
        return Measured(figure, "all", None, definition=code, status="not_measurable", reason=empty)
    return Measured(figure, "all", share_pct(part, base), low, high, base, code)


def figures_frame(
    measured: list[Measured],
    reported: Mapping[tuple[str, str], float],
    vendor: str,
    month: str,
    as_of: date,
    unseen: Collection[date] = (),
) -> pl.DataFrame:
    """One row per figure and scope; a reported figure that nothing was measured for keeps a row of its own.

    `unseen` are the days whose calls a rule holds back.
    """
    held = {f"day:{day}" for day in unseen}
    measured = [item for item in measured if item.scope not in held]
    have = {(item.id, item.scope) for item in measured}
    only = [
        Measured(figure, scope, None, status="not_measurable", reason=_why_nothing(scope, held))
        for figure, scope in reported
        if (figure, scope) not in have
    ]
    rows = [(vendor, month, as_of, *_row(item, reported)) for item in [*measured, *only]]
    return pl.DataFrame(rows, schema=FIGURES.schema, orient="row")


def _why_nothing(scope: str, held: Collection[str]) -> str:
    return "held_back" if scope in held else "nothing_to_count"


def _row(item: Measured, reported: Mapping[tuple[str, str], float]) -> tuple[object, ...]:
    side = "inhouse" if item.id == "coverage" else "vendor"
    unit = BY_ID[item.id].unit if item.id in BY_ID else ""
    print_ = reported.get((item.id, item.scope))
    measured = (print_, item.value, item.low, item.high, item.n)
    return (item.id, side, item.scope, unit, *measured, item.definition, item.status, item.reason)
