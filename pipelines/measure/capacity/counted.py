"""One month's calls, legs and forecast, counted by cell and summed by half hour; relief is marked on the way."""

from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

import polars as pl

from pipelines.contract.terms_model import Relief
from pipelines.measure.capacity.cells import Span, buckets, cut, half_hours, within
from pipelines.measure.capacity.forecast import PERIODS, announced, names_of, periods
from pipelines.measure.capacity.relief import marked, relief_spans
from pipelines.measure.fed import fed
from pipelines.measure.people.family import STEPS as PEOPLE
from pipelines.measure.people.family import longest_s
from pipelines.measure.scene import Scene
from pipelines.tables import FORECAST

STEPS = files("pipelines.measure.capacity")
STRAY = timedelta(days=3)
"""How far from its month a call is looked for, where times are cut."""


@dataclass(frozen=True)
class Counted:
    """One month's counts. `halves`: half hours; `cells`: cells with half_hour, period, is_relieved, why; `rows`: calls
    by cell; `spans`: forecast periods; `judged`: those that can be judged, with what was passed on; `forecast_reason`:
    why there are none.
    """

    halves: pl.DataFrame
    cells: pl.DataFrame
    rows: pl.DataFrame
    spans: pl.DataFrame
    judged: pl.DataFrame
    forecast_reason: str | None


def count(scene: Scene) -> Counted:
    """Cells cut at half hours, forecast periods and outages; calls and legs counted by them; relief marked."""
    halves = half_hours(scene.month, scene.space.time_zone).with_row_index("half_hour")
    halves = halves.with_columns(pl.col("half_hour").cast(pl.Int64))
    spans, reason = _forecast(scene, halves)
    outages = _near(scene.terms.relief, halves)
    cells = cut([*halves.select("start_utc", "end_utc").rows(), *spans.select("start_utc", "end_utc").rows(), *outages])
    scene.engine.frame("cell_buckets", buckets(cells))
    rows = scene.engine.run(STEPS / "tallies_by_cell.sql", cap_s=_longest_s(scene)).with_columns(
        pl.col("cell").cast(pl.Int64)
    )
    passed = scene.engine.run(STEPS / "passed_by_cell.sql", vendor=scene.vendor)
    known = within(within(cells, halves, "half_hour"), spans, "period").join(passed, on="cell", how="left")
    known = known.with_columns(pl.col("passed").fill_null(0).cast(pl.Int64))
    judged = _judged(scene, spans, known)
    cells = marked(known, relief_spans(scene.terms.relief, judged))
    rows = rows.join(cells.select("cell", "half_hour", "is_relieved"), on="cell", how="left")
    rows = rows.with_columns(pl.col("is_relieved").fill_null(value=False))
    return Counted(halves, cells, rows, spans, judged, reason)


def _longest_s(scene: Scene) -> int:
    """Above this a handling time counts as that long, as among people: a call left open all night binds no agent."""
    return longest_s(scene.engine.run(PEOPLE / "durations.sql", is_handling=True))


def _near(relief: Relief, halves: pl.DataFrame) -> list[Span]:
    """The outages as far as they lie within some days of the month: the records' clocks may be that far off."""
    first, last = halves["start_utc"][0] - STRAY, halves["end_utc"][-1] + STRAY
    clipped = [(max(outage.since, first), min(outage.until, last)) for outage in relief.outages]
    return [(since, until) for since, until in clipped if since < until]


def _forecast(scene: Scene, halves: pl.DataFrame) -> tuple[pl.DataFrame, str | None]:
    """Forecast periods that start in the month (start_utc, end_utc, forecast), and why there are none."""
    own, theirs = scene.space.inhouse, scene.space.vendors[scene.vendor].contract
    rows, names = fed(scene.lake, own, FORECAST), names_of(scene.vendor, own)
    is_only = len(scene.space.vendors) == 1
    if not rows.height:  # some clients let the vendor send back what it was told
        rows = fed(scene.lake, theirs, FORECAST)
        names, is_only = frozenset(rows["queue"].drop_nulls()), True
    made = periods(announced(rows, names, is_only), scene.space.time_zone)
    first, last = halves["start_utc"].min(), halves["end_utc"].max()
    spans = made.filter((pl.col("start_utc") >= first) & (pl.col("start_utc") < last))
    return spans, None if spans.height else "feed_missing:forecast"


def _judged(scene: Scene, spans: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """Periods that ended before the data do and in which the client's log is whole, with `passed`."""
    sums = cells.filter(pl.col("period").is_not_null()).group_by("period").agg(pl.col("passed").sum())
    numbered = spans.with_row_index("period").with_columns(pl.col("period").cast(pl.Int64))
    judged = numbered.join(sums, on="period", how="left").with_columns(pl.col("passed").fill_null(0))
    judged = judged.filter(pl.col("end_utc") <= scene.until)
    gaps = (
        scene.hours()
        .filter(~pl.col("is_covered"))
        .select("hour_utc")
        .with_columns(hour_end_utc=pl.col("hour_utc") + pl.duration(hours=1))
    )
    if gaps.height:
        touched = judged.join_where(
            gaps, pl.col("hour_utc") < pl.col("end_utc"), pl.col("hour_end_utc") > pl.col("start_utc")
        )
        judged = judged.join(touched.select("period").unique(), on="period", how="anti")
    return judged.sort("period").select(*PERIODS.names(), "passed")


def by_half_hour(scene: Scene, counted: Counted) -> pl.DataFrame:
    """The half hours with calls by them, legs, forecast and relief."""
    length = (pl.col("to_utc") - pl.col("from_utc")).dt.total_microseconds()
    whole = (pl.col("end_utc") - pl.col("start_utc")).dt.total_microseconds()
    told = counted.spans.select(announced="forecast", whole=whole).with_row_index("period")
    cells = counted.cells.join(told.cast({"period": pl.Int64}), on="period", how="left")
    share = pl.col("announced") * length / pl.col("whole")
    why = pl.concat_str(
        [pl.when(pl.col(name).any()).then(pl.lit(name)) for name in ("outage", "over_forecast")],
        separator=",",
        ignore_nulls=True,
    )
    by_cell = cells.filter(pl.col("half_hour").is_not_null()).group_by("half_hour")
    of_cells = by_cell.agg(
        pl.col("passed").sum(),
        pl.when(share.is_not_null().all()).then(share.sum()).alias("forecast"),
        pl.col("is_relieved").any(),
        why.replace("", None).alias("relief"),
    )
    calls = _sums(counted.rows.filter(pl.col("half_hour").is_not_null()))
    joined = counted.halves.join(calls, on="half_hour", how="left").join(of_cells, on="half_hour", how="left")
    numbers = [name for name in calls.columns if name != "half_hour"]
    offered = pl.sum_horizontal("answered", "abandoned", "overflowed", "lone")
    return (
        joined.with_columns(pl.col(numbers).fill_null(0))
        .with_columns(offered.alias("offered"), (pl.col("end_utc") <= scene.until).alias("is_final"))
        .sort("half_hour")
    )


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    """Calls by half hour as the table shows them; waited: abandoned calls with a wait, wait_s: what all waited."""
    records = {name: pl.col("class") == name for name in ("answered", "abandoned", "overflowed")}
    parts = {
        **records,
        "in_t": records["answered"] & pl.col("is_in_t").fill_null(value=False),
        "lone": (pl.col("kind") == "leg") & ~pl.col("is_open"),
    }
    waited, handled = records["answered"] | records["abandoned"], records["answered"]
    return rows.group_by("half_hour").agg(
        *(pl.col("calls").filter(condition).sum().cast(pl.Int64).alias(name) for name, condition in parts.items()),
        pl.col("waits").filter(records["abandoned"]).sum().cast(pl.Int64).alias("waited"),
        pl.col("wait_s").filter(waited).sum().cast(pl.Float64),
        pl.col("handles").filter(handled).sum().cast(pl.Int64),
        pl.col("handle_s").filter(handled).sum().cast(pl.Float64),
    )
