"""The figures of service from the month's calls: tallies by scope, then figures."""

from importlib.resources import files

import polars as pl

from pipelines.measure.measured import Found
from pipelines.measure.scene import Scene
from pipelines.measure.service.figures import service_figures

STEPS = files("pipelines.measure.service")


def service(scene: Scene) -> Found:
    """Service figures for the month and for each day."""
    calls = scene.engine.read("calls")
    doubtful = calls.filter(pl.col("is_open") & (pl.col("class") == "answered"))
    handle = pl.col("talk_s") + pl.col("hold_s") + pl.col("acw_s")
    times = [pl.col(name).cast(pl.Float64) for name in ("queue_s", "talk_s")]
    values = doubtful.select(_day_scope(), *times, handle.cast(pl.Float64).alias("handle_s"))
    tallies = scene.engine.run(STEPS / "tallies.sql").sort("scope").to_dicts()
    sums = ("wait_s", "talk_s", "handle_s")
    whole = {
        row.pop("scope"): {name: (value or 0) if name in sums else int(value or 0) for name, value in row.items()}
        for row in tallies
    }
    return Found(
        tuple(
            figure
            for scope, tally in whole.items()
            for figure in service_figures(tally, scope, scene.rules, scene.roles, _doubtful(values, scope))
        )
    )


def _day_scope() -> pl.Expr:
    return pl.format("day:{}", pl.col("booked_day").cast(pl.String)).alias("scope")


def _doubtful(values: pl.DataFrame, scope: str) -> dict[str, list[float]]:
    """Times of answered calls of one scope that no leg confirms, by column."""
    own = values if scope == "all" else values.filter(pl.col("scope") == scope)
    return {name: own[name].drop_nulls().to_list() for name in ("queue_s", "talk_s", "handle_s")}
