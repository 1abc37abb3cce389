"""The families' own tables of a vendor's month → the parts of its scorecard (`parts.py`); nothing is computed here."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import TypeVar

import polars as pl

from pipelines.lake import Lake
from pipelines.tables import (
    AGENT_DAYS,
    AGENTS,
    COMPARISONS,
    INTERVALS,
    QUALITY,
    REASONS,
    REGULARS,
    RETURNED,
    VOLUME,
    Table,
)
from reports.parts import (
    Agent,
    AgentDay,
    Capacity,
    Comparison,
    HalfHour,
    Monitored,
    People,
    Regular,
    Return,
    Swelled,
    Volume,
    VolumeDay,
)

T = TypeVar("T")
MOST = 200
"""Rows of one kind that a scorecard holds; the tables in the lake have all of them."""


def comparisons(lake: Lake, vendor: str, month: str, others: Mapping[str, str]) -> tuple[Comparison, ...]:
    """Every comparison, our own staff first, all reasons together before each, first-contact resolution first.

    `others`: what each other vendor is called (`others.py`); its id stays in the lake.
    """
    rows = _read(lake, COMPARISONS, vendor, month).with_columns(pl.col("against").replace(dict(others)))
    order = (
        pl.when(pl.col("against") == "inhouse").then(0).when(pl.col("against").str.contains(r"^\d{4}-\d\d$")).then(1)
    )
    resolves = pl.col("figure").str.starts_with("fcr")
    return _told(Comparison, rows.sort(order.otherwise(2), "against", ~resolves, "figure", "reason"))


def returns(lake: Lake, vendor: str, month: str) -> tuple[Return, ...]:
    """What callers came back for, the most frequent first."""
    rows = _read(lake, RETURNED, vendor, month)
    return _told(Return, rows.sort(-pl.col("calls"), "window", "reason", "next_reason", "place").head(MOST))


def people(lake: Lake, vendor: str, month: str) -> People:
    """Agents who stand out, lowest resolution first; the farthest days; monitored calls by who listened."""
    agents = _read(lake, AGENTS, vendor, month)
    stands_out = pl.col("fcr_flag").is_not_null() | pl.col("aht_flag").is_not_null() | (pl.col("swings") > 0)
    outstanding = agents.filter(stands_out).sort("fcr_shrunk_pct", "agent_id", nulls_last=True)
    days = _read(lake, AGENT_DAYS, vendor, month).sort(-pl.col("far").abs(), "agent_id", "day", "what")
    monitored = _read(lake, QUALITY, vendor, month).filter(pl.col("queue").is_null()).sort("scored_by")
    return People(
        agents=agents.height,
        new_agents=None if agents["is_new"].is_null().all() else int(agents["is_new"].sum()),
        outstanding=_told(Agent, outstanding.head(MOST)),
        days=_told(AgentDay, days.head(MOST)),
        monitored=_told(Monitored, monitored),
    )


def capacity(lake: Lake, vendor: str, month: str, time_zone: str) -> Capacity:
    """Half hours short of agents, the shortest first, and the most calls at once; half hours without calls are none."""
    local = pl.col("start_utc").dt.convert_time_zone(time_zone)
    rows = _read(lake, INTERVALS, vendor, month).filter(pl.col("offered") > 0)
    rows = rows.with_columns(at=local.dt.strftime("%H:%M"), needed=pl.coalesce("needed_a", "needed_c"))
    judged = rows.filter(pl.col("gap").is_not_null())
    short = judged.filter(pl.col("gap") < 0)
    peak = rows.filter(pl.col("peak_calls").is_not_null()).sort(-pl.col("peak_calls"), "start_utc").head(1).to_dicts()
    top = peak[0] if peak else {}
    return Capacity(
        judged=judged.height,
        short=short.height,
        relieved=int(rows["is_relieved"].sum() or 0),
        worst=_told(HalfHour, short.sort("gap", "start_utc").head(MOST)),
        peak_calls=top.get("peak_calls"),
        peak_day=top["day"].isoformat() if top else None,
        peak_at=top.get("at"),
        trunks=top.get("trunks"),
        full=rows.filter(pl.col("peak_calls") >= pl.col("trunks")).height,
    )


def volume(lake: Lake, vendor: str, month: str, missing: Collection[str] = ()) -> Volume:
    """Days outside what was to be expected, the regular callers' reasons, and the reasons that swelled.

    `missing`: days (ISO) for which a side delivered nothing; that nobody knows their calls is no lack of calls.
    """
    rows = _read(lake, VOLUME, vendor, month)
    days = rows.filter(~pl.col("day").dt.strftime("%Y-%m-%d").is_in(list(missing)))
    judged = days.filter(pl.col("state").is_in(["as_expected", "above", "below"]))
    swelled = _read(lake, REASONS, vendor, month).filter("has_swelled").sort(-pl.col("change_points"), "reason")
    return Volume(
        days_judged=judged.height,
        odd_days=_told(VolumeDay, judged.filter(pl.col("state") != "as_expected").sort("day")),
        regulars=_told(Regular, _read(lake, REGULARS, vendor, month).sort(-pl.col("calls"), "reason").head(MOST)),
        swelled=_told(Swelled, swelled.head(MOST)),
    )


def _read(lake: Lake, table: Table, vendor: str, month: str) -> pl.DataFrame:
    return lake.read(table, vendor=vendor, month=month)


def _told(shape: type[T], rows: pl.DataFrame) -> tuple[T, ...]:
    """Rows as objects of a shape whose fields are columns."""
    names = [field.name for field in fields(shape)]  # type: ignore[arg-type]
    return tuple(shape(*map(_plain, row)) for row in rows.select(names).iter_rows())


def _plain(value: object) -> object:
    """Dates as ISO text and exact seconds as numbers, as figures.json writes them."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
