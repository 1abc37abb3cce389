"""Numbers that stand for one call each: a system that gives an unknown caller a number of his own for every call.

Such a caller can never be seen to ring again, so each of his calls counts as resolved. The figures say how many calls
that is, and what resolution is among the others; the value of FCR itself stays as the delivered numbers have it.
"""

from importlib.resources import files

import polars as pl

from pipelines.calendar import midnight_after
from pipelines.measure.bounds import share_pct
from pipelines.measure.catalogue import kpi, window_s
from pipelines.measure.measured import Measured, Status
from pipelines.measure.scene import Scene, microseconds

STEPS = files("pipelines.measure.resolution")
SHARE = "single_number_share"
LEAST_CALLS = 200
"""Calls from which a kind of number is judged."""
BY_CHANCE = 1e-9
"""A kind is single where nobody of it rang twice, though at the others' rate that has less than this chance."""


def singles(scene: Scene, resolved: Measured) -> list[Measured]:
    """Share of the answered calls with a single number; where there are any, FCR in the terms' window among the others.

    `resolved` is FCR in that window, of all. Needs the engine's table `followed`; leaves `single_records` there, the
    records with such a number. FCR of the others is left out where the terms count customers, or the same reason only:
    it would be no part of the agreed figure.
    """
    agreed = scene.terms.definitions.fcr
    found = single_kinds(scene.engine.run(STEPS / "number_kinds.sql", month=scene.month.text))
    if not found:
        scene.engine.frame("single_records", pl.DataFrame(schema={"file_id": pl.String(), "row": pl.Int64()}))
        return []
    _name_kinds(scene, found)
    ends = {"data_end_us": scene.until, "month_end_us": midnight_after(scene.month.last, scene.space.time_zone)}
    span = {"length_us": window_s(agreed.window) * 1_000_000, **{name: microseconds(end) for name, end in ends.items()}}
    rows = scene.engine.run(STEPS / "single_numbers.sql", vendor=scene.vendor, **span)
    _name_kinds(scene, _confirmed(rows))
    scene.engine.keep(STEPS / "single_records.sql")
    share, others = split_figures(rows, agreed.window, resolved.reason)
    return [*share, *(others if (agreed.unit, agreed.reason) == ("calls", "any") else [])]


def split_figures(rows: pl.DataFrame, window: str, why_open: str | None) -> tuple[list[Measured], list[Measured]]:
    """Rows of `single_numbers.sql` → the share of single numbers, and FCR of the others; both empty where none is.

    `why_open` tells until when windows are open, where any is. A kind of which anybody is seen to come again in the
    month, with the client or at another vendor, is not single.
    """
    kinds = _confirmed(rows)
    if not kinds:
        return [], []
    is_single = pl.col("kind").is_in(kinds).fill_null(value=False).alias("is_single")
    calls, count = int(rows["calls"].sum()), int(rows.filter(is_single)["calls"].sum())
    told = f"numbers:{', '.join(kinds)}"
    share = Measured(SHARE, "all", share_pct(count, calls), None, None, calls, kpi(SHARE).code, reason=told)
    left = rows.filter(~is_single)
    still_open, closed, resolved = (int(left[name].sum()) for name in ("still_open", "closed", "resolved"))
    figure = f"fcr_other_numbers_{window}"
    state: tuple[Status, str | None] = ("provisional", why_open) if still_open else ("final", None)
    others = Measured(figure, "all", share_pct(resolved, closed), None, None, closed, kpi(figure).code, *state)
    return [share], [others] if closed else []


def _confirmed(rows: pl.DataFrame) -> list[str]:
    """The kinds of which nobody is seen to come again in the month, in order."""
    return rows.filter(pl.col("kind").is_not_null() & (pl.col("came_again") == 0))["kind"].sort().to_list()


def _name_kinds(scene: Scene, kinds: list[str]) -> None:
    scene.engine.frame("single_kinds", pl.DataFrame({"kind": kinds}, schema={"kind": pl.String()}))


def single_kinds(kinds: pl.DataFrame) -> list[str]:
    """Kinds of number (kind, calls, callers, again) of which none ever rings twice, in order.

    So many of the others' numbers must ring twice that this is no chance; with no other kind to compare with, none is
    named. Numbers are compared, not calls: a switchboard that rings all day says nothing of other callers.
    """
    is_single = (pl.col("again") == 0) & (pl.col("calls") >= LEAST_CALLS)
    others = kinds.filter(~is_single)
    callers, again = int(others["callers"].sum()), int(others["again"].sum())
    if not again:
        return []
    chance = (1 - again / callers) ** pl.col("callers").cast(pl.Float64)
    return kinds.filter(is_single & (chance < BY_CHANCE)).sort("kind")["kind"].to_list()
