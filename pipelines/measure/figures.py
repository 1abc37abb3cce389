"""Measured and reported values → rows of table `figures`."""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from pipelines.measure.catalogue import has, kpi
from pipelines.measure.measured import Measured
from pipelines.tables import FIGURES


def figures_frame(
    measured: list[Measured],
    reported: Mapping[tuple[str, str], float],
    vendor: str,
    month: str,
    as_of: date,
    unseen: Collection[date] = (),
) -> pl.DataFrame:
    """One row per figure and scope; a reported figure that nothing was measured for keeps a row of its own.

    Of queues only those have rows that are measured: a vendor may print hundreds.

    `unseen` are the days whose calls a rule holds back.
    """
    held = {f"day:{day}" for day in unseen}
    measured = [item for item in measured if item.scope not in held]
    have = {(item.id, item.scope) for item in measured if item.side == "vendor"}
    scopes = {item.scope for item in measured}
    only = [
        Measured(figure, scope, None, status="not_measurable", reason=_why_nothing(scope, held))
        for figure, scope in reported
        if (figure, scope) not in have and (scope in scopes or not scope.startswith("queue:"))
    ]
    rows = [(vendor, month, as_of, *_row(item, reported)) for item in [*measured, *only]]
    return pl.DataFrame(rows, schema=FIGURES.schema, orient="row")


def _why_nothing(scope: str, held: Collection[str]) -> str:
    return "held_back" if scope in held else "nothing_to_count"


def _row(item: Measured, reported: Mapping[tuple[str, str], float]) -> tuple[object, ...]:
    unit = kpi(item.id).unit if has(item.id) else ""
    print_ = reported.get((item.id, item.scope)) if item.side == "vendor" else None
    measured = (print_, item.value, item.low, item.high, item.ci_low, item.ci_high, item.n)
    return (item.id, item.side, item.scope, unit, *measured, item.definition, item.status, item.reason)
