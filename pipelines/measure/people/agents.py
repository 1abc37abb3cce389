"""Rows of table `agents`: one agent's month from the parts that the family computed. Pure."""

from datetime import date, timedelta

import polars as pl

from pipelines.measure.people.staff import NEW_DAYS, is_new, with_hired
from pipelines.tables.people import AGENTS

_FCR = {
    "n": "fcr_n",
    "own": "fcr_pct",
    "wilson_low": "fcr_wilson_low_pct",
    "wilson_high": "fcr_wilson_high_pct",
    "expected": "fcr_expected_pct",
    "value": "fcr_shrunk_pct",
    "low": "fcr_low_pct",
    "high": "fcr_high_pct",
    "flag": "fcr_flag",
}
_AHT = {
    "n": "aht_n",
    "own": "aht_s",
    "expected": "aht_expected_s",
    "value": "aht_shrunk_s",
    "low": "aht_low_s",
    "high": "aht_high_s",
    "flag": "aht_flag",
}


def agent_rows(
    days: pl.DataFrame,
    spells: pl.DataFrame,
    seen: pl.DataFrame | None,
    compared: tuple[pl.DataFrame | None, pl.DataFrame | None],
    hours: pl.DataFrame | None,
    shifts: pl.DataFrame | None,
    swings: pl.DataFrame,
) -> pl.DataFrame:
    """Table `agents`, in its order.

    `days`: rows of agent_day_tallies.sql; `seen`: first_seen.sql, None where the records do not reach back NEW_DAYS;
    `compared`: agents of `share_spread` and `mean_spread`; `hours`, `shifts`: agent_hours.sql, attended.sql.
    """
    whole = days.group_by("agent_id").agg(
        answered=pl.col("answered").sum(), days_worked=pl.len(), first_day=pl.col("booked_day").min()
    )
    first = whole.select("agent_id", booked_day="first_day")
    hired = with_hired(first, spells).select("agent_id", "hired")
    swung = swings.group_by("agent_id").agg(swings=pl.len())
    parts = [
        hired,
        _seen(seen),
        swung,
        _fits(compared[0], _FCR),
        _fits(compared[1], _AHT),
        _hours(hours),
        _shifts(shifts),
    ]
    for part in parts:
        if part is not None:
            whole = whole.join(part, on="agent_id", how="left")
    return AGENTS.fit(_with_new(whole, seen is not None).sort("agent_id"))


def reaches_back(first_delivered: date | None, first_of_month: date) -> bool:
    """Whether the records reach back far enough to tell by them who is new."""
    return first_delivered is not None and first_delivered <= first_of_month - timedelta(days=NEW_DAYS)


def _with_new(whole: pl.DataFrame, is_reaching: bool) -> pl.DataFrame:
    before = pl.col("before") if "before" in whole.columns else pl.lit(None, pl.Date)
    first = pl.coalesce(before, "first_day")
    since = pl.coalesce("hired", first) if is_reaching else pl.col("hired")
    swings = pl.col("swings").fill_null(0)
    return whole.with_columns(first_seen=first, is_new=is_new(pl.col("first_day"), since), swings=swings)


def _seen(seen: pl.DataFrame | None) -> pl.DataFrame | None:
    return None if seen is None else seen.select("agent_id", before="first_seen")


def _fits(agents: pl.DataFrame | None, names: dict[str, str]) -> pl.DataFrame | None:
    return (
        None if agents is None else agents.select("agent_id", *(pl.col(old).alias(new) for old, new in names.items()))
    )


def _hours(hours: pl.DataFrame | None) -> pl.DataFrame | None:
    if hours is None:
        return None
    share = pl.when(pl.col("ready_us") > 0).then(100 * pl.col("contact_us") / pl.col("ready_us"))
    return hours.select("agent_id", logged_s=pl.col("logged_us") / 1_000_000, occupancy_pct=share)


def _shifts(shifts: pl.DataFrame | None) -> pl.DataFrame | None:
    if shifts is None:
        return None
    return shifts.group_by("agent_id").agg(
        shifts_planned=pl.len(), shifts_attended=pl.col("is_present").cast(pl.Int64).sum()
    )
