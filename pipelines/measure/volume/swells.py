"""Reasons that swell: whose share of the calls rose against the month before by more than days differ anyway.

One-sided, on shares by day: calls of a day belong together (an outage, a bill run), so how far a reason's share strays
from day to day says how far it may stray from month to month. Many reasons are looked at, so the rate of false
discoveries is held to 5 % (Benjamini and Hochberg, Journal of the Royal Statistical Society B 57, 1995).
"""

import numpy as np
import polars as pl
from scipy import stats

from pipelines.tables.volume import REASONS

FALSE_DISCOVERIES = 0.05
MIN_DAYS = 10
"""Days with calls in each month, at least."""


def reason_rows(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Rows of `reasons` from calls by day and reason of this month and the one before (see `counts.arrivals`)."""
    totals = [_by_reason(days) for days in (now, before)]
    is_held = before["day"].n_unique() >= MIN_DAYS
    rows = totals[0].join(totals[1], on="reason", how="full", coalesce=True, suffix="_before").sort("reason")
    counted = rows.with_columns(pl.col("calls").fill_null(0), pl.col("calls_before").fill_null(0) if is_held else None)
    share = {name: 100 * pl.col(of) / pl.col(of).sum() for name, of in _SHARES.items()}
    told = counted.with_columns(**share).with_columns(change_points=pl.col("share_pct") - pl.col("share_before_pct"))
    q = _false_discoveries(told["reason"].to_list(), now, before)
    found = told.with_columns(q=pl.Series(q, dtype=pl.Float64))
    return REASONS.fit(found.with_columns(has_swelled=(pl.col("q") <= FALSE_DISCOVERIES).fill_null(value=False)))


_SHARES = {"share_pct": "calls", "share_before_pct": "calls_before"}


def _by_reason(days: pl.DataFrame) -> pl.DataFrame:
    return days.group_by("reason").agg(pl.col("calls").sum())


def _false_discoveries(reasons: list[str], now: pl.DataFrame, before: pl.DataFrame) -> list[float | None]:
    """For each reason the smallest rate of false discoveries at which it is told; None where it cannot be."""
    if min(days["day"].n_unique() for days in (now, before)) < MIN_DAYS:
        return [None] * len(reasons)
    chance = {reason: chance_of_rise(now, before, reason) for reason in reasons if reason}
    known = {reason: p for reason, p in chance.items() if p is not None}
    adjusted: list[float] = stats.false_discovery_control(list(known.values())).tolist() if known else []
    found = dict(zip(known, adjusted, strict=True))
    return [found.get(reason) for reason in reasons]


def chance_of_rise(now: pl.DataFrame, before: pl.DataFrame, reason: str) -> float | None:
    """How often chance alone makes a reason's share rise as much; None where neither month has a call of it."""
    own = [_daily(days, reason) for days in (now, before)]
    (asked, of), (asked_before, of_before) = ((day[0].sum(), day[1].sum()) for day in own)
    pooled = (asked + asked_before) / (of + of_before)
    if pooled in (0, 1):
        return None
    strays = sum(float(((a - n * a.sum() / n.sum()) ** 2 / n).sum()) for a, n in own) / (pooled * (1 - pooled))
    freedom = sum(len(a) - 1 for a, _ in own)
    error = np.sqrt(max(strays / freedom, 1.0) * pooled * (1 - pooled) * (1 / of + 1 / of_before))
    return float(stats.t.sf((asked / of - asked_before / of_before) / error, freedom))


def _daily(days: pl.DataFrame, reason: str) -> tuple[np.ndarray, np.ndarray]:
    """Calls with that reason, and all calls, of each day that has any."""
    is_it = pl.col("reason") == reason
    found = days.group_by("day").agg(of=pl.col("calls").sum(), asked=pl.col("calls").filter(is_it).sum()).sort("day")
    kept = found.filter(pl.col("of") > 0)
    return kept["asked"].to_numpy().astype(float), kept["of"].to_numpy().astype(float)
