"""Callers who ask the same thing every month: files of the client's log → a row for each reason."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, open_paths
from pipelines.engine import Engine
from pipelines.lake import Lake
from pipelines.measure.resolution.singles import single_kinds
from pipelines.measure.volume.counts import months_before
from pipelines.tables import INHOUSE_CALLS
from pipelines.tables.volume import REGULARS

STEPS = files("pipelines.measure.volume")
MONTHS, FEWEST = 3, 2
"""How many months in a row a caller must have asked; where the log holds no more, two are taken."""
MOST_OF_A_MONTH = 0.5
"""Share of a month's days that the log must hold for the month to be there."""


def months_held(lake: Lake, month: Month) -> list[Month]:
    """The audited month and those before it that the client's log holds without a gap between; at most three."""
    found: list[Month] = []
    for other in [month, *months_before(month, MONTHS - 1)]:
        if len(_paths(lake, other)) < MOST_OF_A_MONTH * len(other.own_days):
            break
        found.append(other)
    return found


@dataclass(frozen=True)
class Regulars:
    """Rows of `regulars`; and calls of the audited month from numbers that stand for one call each, by their kinds.

    Such a number is another caller's next month, so it is nobody's who rings every month; who they are is not known.
    """

    rows: pl.DataFrame
    singles: int
    kinds: tuple[str, ...]


def regulars(engine: Engine, lake: Lake, months: list[Month], reasons: pl.DataFrame) -> Regulars:
    """`reasons` has the calls of the audited month by reason, `months` the nearest first.

    Leaves regular_legs, regular_days and regular_singles in the engine.
    """
    paths = [path for month in months for path in _paths(lake, month)]
    places = {day: place for place, month in enumerate(months, 1) for day in month.own_days}
    engine.files("regular_legs", paths, INHOUSE_CALLS.schema)
    engine.frame("regular_days", pl.DataFrame({"day": list(places), "place": list(places.values())}))
    kinds = single_kinds(engine.run(STEPS / "regular_kinds.sql"))
    engine.frame("single_number_kinds", pl.DataFrame({"kind": kinds}, schema={"kind": pl.String()}))
    singles = engine.run(STEPS / "regular_singles.sql")
    sums = engine.run(STEPS / "regulars.sql", months=len(months))
    rows = reasons.join(sums, on="reason", how="inner", suffix="_regular").with_columns(
        months=pl.lit(len(months)),
        share_pct=100 * pl.col("calls_regular") / pl.col("calls"),
        calls=pl.col("calls_regular"),
    )
    return Regulars(REGULARS.fit(rows.sort("reason")), int(singles["calls"].sum()), tuple(kinds))


def _paths(lake: Lake, month: Month) -> list[Path]:
    return open_paths(lake, INHOUSE_CALLS, "inhouse", month.own_days)
