"""The service level without what the terms relieve the vendor of: outages, and more calls than were announced.

Rows of `tallies_by_cell.sql` go in. The definitions, bounds and days met are those of service.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import polars as pl

from pipelines.contract.terms_model import Relief
from pipelines.measure.capacity.cells import UTC_US
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured
from pipelines.measure.service.figures import service_level
from pipelines.measure.service.levels import SERVICE_LEVELS, Rules
from pipelines.measure.service.met import met
from pipelines.measure.service.tally import Tally

PROFILE = (
    *("kind", "class", "is_open", "is_in_t", "is_short"),
    *("is_transferred", "is_callback", "is_queued", "is_rung"),
)


def relief_spans(relief: Relief, judged: pl.DataFrame) -> pl.DataFrame:
    """Times in which the vendor is relieved: from_utc, to_utc, why.

    `judged` are periods with `forecast` and `passed`: relieved are those in which the calls passed on exceed the
    announced ones by more than the agreed percentage.
    """
    rows: list[Sequence[object]] = [
        (outage.since.astimezone(UTC), outage.until.astimezone(UTC), "outage") for outage in relief.outages
    ]
    if relief.over_forecast_pct is not None:
        over = pl.col("passed") * 100 > pl.col("forecast") * (100 + relief.over_forecast_pct)
        rows += [(*row, "over_forecast") for row in judged.filter(over).select("start_utc", "end_utc").iter_rows()]
    return pl.DataFrame(rows, schema={"from_utc": UTC_US, "to_utc": UTC_US, "why": pl.String}, orient="row")


def marked(cells: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Cells with whether they lie in an outage, in a period over the forecast, in either (is_relieved).

    The cells must have been cut at the ends of the spans.
    """
    found = {}
    for why in ("outage", "over_forecast"):
        own = spans.filter(pl.col("why") == why).select("from_utc", "to_utc").iter_rows()
        inside = [(pl.col("from_utc") >= since) & (pl.col("to_utc") <= until) for since, until in own]
        found[why] = pl.any_horizontal(pl.lit(value=False), *inside)
    both = cells.with_columns(**found)
    return both.with_columns(is_relieved=pl.col("outage") | pl.col("over_forecast"))


def relief_figures(rows: pl.DataFrame, rules: Rules, target: float) -> list[Measured]:
    """Service level of month and days, days and half hours met, over calls that are not relieved; and how many are.

    `rows` have half_hour (null outside the month) and is_relieved. A day or half hour of which all is relieved counts
    nowhere.
    """
    counted = rows.filter(~pl.col("is_relieved"))
    relieved = int(rows.filter("is_relieved")["calls"].sum())
    code = kpi("relieved_calls").code
    days = _tallies(counted, "booked_day", "day:")
    halves = _tallies(counted.filter(pl.col("half_hour").is_not_null()), "half_hour", "half:")
    ratio = SERVICE_LEVELS[rules.service_level]
    whole = service_level(_tally("all", counted), rules, "service_level_relieved")
    figures = [
        whole,
        *(service_level(day, rules, "service_level_relieved") for day in days),
        Measured("relieved_calls", "all", float(relieved), n=int(rows["calls"].sum()), definition=code),
    ]
    for name, tallies in (("sl_days_met_relieved", days), ("sl_halfhours_met_relieved", halves)):
        if whole.value is None:
            figures.append(
                Measured(name, "all", None, definition=kpi(name).code, status="not_measurable", reason=whole.reason)
            )
        else:
            figures.append(met(name, "all", [tally.share(ratio) for tally in tallies], rules, target))
    return figures


def _tallies(rows: pl.DataFrame, key: str, prefix: str) -> list[Tally]:
    parts = rows.sort(key).partition_by(key, as_dict=True, maintain_order=True)
    return [_tally(f"{prefix}{name}", part) for (name,), part in parts.items()]


def _tally(scope: str, rows: pl.DataFrame) -> Tally:
    kept: list[dict[str, Any]] = rows.group_by(*PROFILE).agg(pl.col("calls").sum()).sort(*PROFILE).to_dicts()
    return Tally.of(scope, kept)
