"""Counts by day and hour beside what was to be expected → rows of `volume` and `volume_hours`. No file is read."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipelines.calendar import Month
from pipelines.tables.volume import VOLUME, VOLUME_HOURS

Counts = Mapping[date, int]

NOBODY = 1.0
"""A day on which fewer than one call is to be expected, and none came, was not open."""


def volume_rows(
    days: pl.DataFrame, told: pl.DataFrame, offered: Counts, passed: Counts, arrived: Counts
) -> pl.DataFrame:
    """Rows of `volume` for the days of `told` (see `expected.expected`).

    `days` are labelled, with `calls` null where our log lacks hours; a day without a count in `offered` was not
    delivered, one without a count of ours had no call.
    """
    rows = told.join(days, on="day", how="left").to_dicts()
    return VOLUME.fit(pl.DataFrame([_row(row, offered, passed, arrived) for row in rows], schema=VOLUME.schema))


def _row(row: dict[str, object], offered: Counts, passed: Counts, arrived: Counts) -> dict[str, object]:
    day = row["day"]
    assert isinstance(day, date)
    count, own, every = offered.get(day), passed.get(day, 0), arrived.get(day, 0)
    state = _state(count, own, every, row)
    notes = ["log_incomplete"] if row["calls"] is None else []
    if state in ("above", "below") and _beside(own, row) == state:
        notes.append("own_log_too")
    kept = {name: row.get(name) for name in VOLUME.schema}
    return {**kept, "offered": count, "passed_on": own, "arrived": every, "state": state, "note": ", ".join(notes)}


def _state(count: int | None, own: int, every: int, row: Mapping[str, object]) -> str:
    """How the vendor's count stands to what was to be expected."""
    if count is None:
        return "not_delivered"
    usual = row["expected"]
    is_off = row["kind"] in ("holiday", "weekend")
    is_quiet = is_off if usual is None else float(str(usual)) < NOBODY
    if not (count or own or every) and is_quiet:
        return "not_open"
    return "too_few" if usual is None else _beside(count, row)


def _beside(count: int, row: Mapping[str, object]) -> str:
    low, high = float(str(row["low"])), float(str(row["high"]))
    return "below" if count < low else "above" if count > high else "as_expected"


def hour_rows(days: pl.DataFrame, own: pl.DataFrame, told: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Rows of `volume_hours`: our calls passed on (`own`) and the vendor's (`told`) by local day and hour.

    A day within a long holiday is of its kind; make-up days are working days.
    """
    is_holiday = (pl.col("kind") == "holiday") | (pl.col("span") == "in").fill_null(value=False)
    kind = pl.when(is_holiday).then(pl.lit("holiday")).when(pl.col("kind") == "weekend").then(pl.lit("weekend"))
    kinds = days.select("day", kind=kind.otherwise(pl.lit("working"))).filter(pl.col("day").is_in(month.own_days))
    slots = kinds.select("kind").unique().join(pl.DataFrame({"hour": range(24)}), how="cross")
    for name, counts in (("passed_on", own), ("offered", told)):
        sums = counts.join(kinds, on="day").group_by("kind", "hour").agg(pl.col("calls").sum().alias(name))
        slots = slots.join(sums, on=["kind", "hour"], how="left").with_columns(pl.col(name).fill_null(0))
    shares = {"own_share_pct": "passed_on", "vendor_share_pct": "offered"}
    every = {share: pl.col(of).sum().over("kind") for share, of in shares.items()}
    found = slots.with_columns(
        **{share: pl.when(every[share] > 0).then(100 * pl.col(of) / every[share]) for share, of in shares.items()}
    )
    return VOLUME_HOURS.fit(found.sort("kind", "hour"))
