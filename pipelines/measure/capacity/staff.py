"""Agents needed, planned and there, half hour by half hour. Formulas stand in `erlang.py`, times in `cells.py`."""

import math

import polars as pl

from pipelines.measure.capacity.erlang import staff_needed
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.service.levels import Rules

FEWEST_CALLS = 30
"""Handled calls from which a half hour's own handling time is taken, and abandoned ones from which patience is."""


def patience_s(wait_s: float, left: int) -> float | None:
    """Mean patience: seconds that all calls waited ÷ callers who gave up; None where too few did.

    The maximum-likelihood estimate for exponential patience when answered callers are cut off from showing theirs
    (Mandelbaum and Zeltyn 2005, section 5).
    """
    return wait_s / left if left >= FEWEST_CALLS and wait_s > 0 else None


def needed(rows: pl.DataFrame, rules: Rules, target: float, concurrency: int, patience: float | None) -> pl.DataFrame:
    """Adds aht_s, load, needed_c, needed_a to half hours (start_utc, end_utc, offered, handles, handle_s)."""
    total = int(rows["handles"].sum())
    usual = float(rows["handle_s"].sum()) / total if total else None
    own = pl.when(pl.col("handles") >= FEWEST_CALLS).then(pl.col("handle_s") / pl.col("handles"))
    length = (pl.col("end_utc") - pl.col("start_utc")).dt.total_seconds()
    with_aht = rows.with_columns(pl.coalesce(own, pl.lit(usual, pl.Float64)).alias("aht_s"), length.alias("length_s"))
    loaded = with_aht.with_columns((pl.col("offered") * pl.col("aht_s") / pl.col("length_s")).alias("load"))

    def agents(calls: int, aht: float | None, length_s: int, waits: float | None) -> int | None:
        if aht is None or aht <= 0:
            return None if calls else 0
        found = staff_needed(float(calls), aht, float(length_s), target / 100, float(rules.threshold_s), waits)
        return math.ceil(found / concurrency)

    cases = loaded.select("offered", "aht_s", "length_s").rows()
    by_c = [agents(calls, aht, length_s, None) for calls, aht, length_s in cases]
    by_a = [agents(calls, aht, length_s, patience) if patience else None for calls, aht, length_s in cases]
    return loaded.with_columns(pl.Series("needed_c", by_c, pl.Int64), pl.Series("needed_a", by_a, pl.Int64))


def staff_figures(rows: pl.DataFrame, words: str, planned: str | None, present: str | None) -> list[Measured]:
    """Mean gap between agents planned (there) and needed over open half hours, and in what share too few are planned.

    `rows` have planned, present, needed, offered. `planned`, `present`: why there is none, or None.
    """
    figures = []
    for figure, column, reason in (
        ("staffing_gap", "planned", planned),
        ("staffing_short", "planned", planned),
        ("staffing_gap_present", "present", present),
    ):
        is_open = (pl.col("offered") > 0) | (pl.col(column) > 0)
        gaps = rows.filter(is_open).select((pl.col(column) - pl.col("needed")).alias("gap"))["gap"].drop_nulls()
        if reason or not gaps.len():
            figures.append(not_measurable(figure, reason or "nothing_to_count"))
            continue
        short = 100 * int((gaps < 0).sum()) / gaps.len()
        value = short if figure == "staffing_short" else float(gaps.sum()) / gaps.len()
        figures.append(Measured(figure, "all", value, n=gaps.len(), definition=f"{kpi(figure).code} {words}"))
    return figures
