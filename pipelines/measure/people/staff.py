"""Who works for the vendor, by its roster: heads, leavers, and calls answered by agents who are new. Pure."""

from datetime import date, timedelta

import polars as pl

from pipelines.calendar import Month
from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable

NEW_DAYS = 60
"""Days from the first day of work in which an agent counts as new."""
_YEAR_DAYS = 365


def spells(roster: pl.DataFrame) -> pl.DataFrame:
    """One row an agent and first day of work: agent_id, hired, left. A row that only plans a shift is none; where one
    row of a spell says when it ended and another does not, it ended.
    """
    is_shift_only = pl.col("planned_from_utc").is_not_null() & pl.col("hired").is_null() & pl.col("left").is_null()
    own = roster.filter(pl.col("agent_id").is_not_null() & ~is_shift_only)
    told = own.group_by("agent_id", "hired").agg(pl.col("left").max())
    is_doubled = pl.col("hired").is_null() & pl.col("hired").is_not_null().any().over("agent_id")
    return told.filter(~is_doubled | pl.col("left").is_not_null()).sort("agent_id", "hired")


def turnover(spells: pl.DataFrame, month: Month) -> Measured:
    """Agents whose last day of work lies in the month ÷ mean headcount of its days, as a year's worth, in percent."""
    days = month.own_days
    heads = [_heads(spells, day) for day in days]
    gone = spells.filter(pl.col("left").is_between(month.first, month.last))["agent_id"].n_unique()
    if not sum(heads):
        return not_measurable("turnover", "nothing_to_count")
    value = 100 * gone / (sum(heads) / len(days)) * _YEAR_DAYS / len(days)
    return Measured("turnover", "all", value, n=round(sum(heads) / len(days)), definition=kpi("turnover").code)


def _heads(spells: pl.DataFrame, day: date) -> int:
    """Agents at work on a day, the last one included; one without a first day was there before."""
    begun = pl.col("hired").is_null() | (pl.col("hired") <= day)
    return spells.filter(begun & (pl.col("left").is_null() | (pl.col("left") >= day)))["agent_id"].n_unique()


def with_hired(days: pl.DataFrame, spells: pl.DataFrame) -> pl.DataFrame:
    """`days` (agent_id, booked_day, …) with `hired`: the agent's last first day of work by then, else its earliest, if
    that is near: who answered calls long before the first day that the roster names is not known to be new.
    """
    dated = spells.drop_nulls("hired").select("agent_id", "hired")
    pairs = days.select("agent_id", "booked_day").unique().join(dated, on="agent_id")
    by_then = pl.col("hired").filter(pl.col("hired") <= pl.col("booked_day")).max()
    is_near = pl.col("hired") < pl.col("booked_day") + timedelta(days=NEW_DAYS)
    found = pairs.group_by("agent_id", "booked_day").agg(hired=by_then.fill_null(pl.col("hired").filter(is_near).min()))
    return days.join(found, on=["agent_id", "booked_day"], how="left", maintain_order="left")


def is_new(day: pl.Expr, since: pl.Expr) -> pl.Expr:
    """Whether an agent is under NEW_DAYS on a day; null where it is not known since when."""
    return day < since + timedelta(days=NEW_DAYS)


def new_agent_share(days: pl.DataFrame, unnamed: int) -> Measured:
    """Calls answered by new agents ÷ those of agents whose first day of work is known, in percent.

    `days` as of `with_hired`; `unnamed` are answered calls without an agent. Calls of whom nothing is known are left
    open, and so are calls that no leg confirms.
    """
    told = days.with_columns(new=is_new(pl.col("booked_day"), pl.col("hired")))
    new, old, unknown = (told.filter(mask) for mask in (pl.col("new"), ~pl.col("new"), pl.col("new").is_null()))
    part = int(new["answered"].sum())
    base = part + int(old["answered"].sum())
    if not base:
        return not_measurable("new_agent_share", "nothing_to_count")
    drop_in, drop_out = int(new["open_answered"].sum()), int(old["open_answered"].sum())
    left = Open(drop_in, drop_out, add=int(unknown["answered"].sum()) + unnamed)
    low, high = share_bounds(part, base, left)
    code = kpi("new_agent_share").code
    return Measured("new_agent_share", "all", share_pct(part, base), low, high, base, code)
