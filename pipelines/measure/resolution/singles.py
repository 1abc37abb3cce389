"""Numbers that stand for one call each: a system that gives an unknown caller a number of his own for every call.

Such a caller can never be seen to ring again, so each of his calls counts as resolved. The figures say how many calls
that is, and what resolution is among the others; the value of FCR itself stays as the delivered numbers have it.
"""

from importlib.resources import files

import polars as pl

from pipelines.measure.bounds import share_pct
from pipelines.measure.catalogue import kpi, window_s
from pipelines.measure.measured import Measured
from pipelines.measure.scene import Scene, microseconds

STEPS = files("pipelines.measure.resolution")
SHARE = "single_number_share"
LEAST_CALLS = 200
"""Calls from which a kind of number is judged."""
BY_CHANCE = 1e-9
"""A kind is single where nobody of it rang twice, though at the others' rate that has less than this chance."""


def singles(scene: Scene) -> list[Measured]:
    """Share of the answered calls with a single number; where there are any, FCR in the terms' window among the others.

    Needs the engine's table `followed`.
    """
    window = scene.terms.definitions.fcr.window
    found = single_kinds(scene.engine.run(STEPS / "number_kinds.sql", month=scene.month.text))
    scene.engine.frame("single_kinds", pl.DataFrame({"kind": found}, schema={"kind": pl.String()}))
    if not found:
        return []
    span = {"length_us": window_s(window) * 1_000_000, "data_end_us": microseconds(scene.until)}
    row = scene.engine.run(STEPS / "single_numbers.sql", vendor=scene.vendor, **span).row(0, named=True)
    calls, count, closed, resolved = (int(row[name] or 0) for name in ("calls", "singles", "closed", "resolved"))
    others = f"fcr_other_numbers_{window}"
    told = ", ".join(found)
    return [
        Measured(SHARE, "all", share_pct(count, calls), None, None, calls, kpi(SHARE).code, reason=f"numbers:{told}"),
        *(
            [Measured(others, "all", share_pct(resolved, closed), None, None, closed, kpi(others).code)]
            if closed
            else []
        ),
    ]


def single_kinds(kinds: pl.DataFrame) -> list[str]:
    """Kinds of number (kind, calls, callers) of which none ever rings twice, in order.

    The others must ring twice often enough that this is no chance; with no other kind to compare with, none is named.
    """
    is_single = (pl.col("calls") == pl.col("callers")) & (pl.col("calls") >= LEAST_CALLS)
    others = kinds.filter(~is_single)
    calls, callers = int(others["calls"].sum()), int(others["callers"].sum())
    if not calls or calls == callers:
        return []
    chance = (callers / calls) ** pl.col("calls").cast(pl.Float64)
    return kinds.filter(is_single & (chance < BY_CHANCE)).sort("kind")["kind"].to_list()
