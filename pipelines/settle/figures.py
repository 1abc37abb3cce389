"""What one call that was really taken off the client costs: what is owed, divided by the calls that did not come back.

Formula: `cost_per_net_call` of the catalogue. What is owed stands in `waterfall.py`, the net calls in
`pipelines/measure/resolution/`; nothing else is computed here.
"""

from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.tables import FIGURES, SETTLED_FIGURES

COST, NET = "cost_per_net_call", "net_diverted"


def settled_figures(lines: pl.DataFrame, figures: pl.DataFrame, currency: str) -> pl.DataFrame:
    """`settlement` and `figures` of one vendor's month → rows of `settled_figures`, none where nothing was measured.

    The unit is the contract's currency, the base `n` the net calls; what is owed and the net calls both leave open
    what they leave open.
    """
    net = figures.filter(pl.col("id") == NET, pl.col("scope") == "all", pl.col("side") == "vendor")
    if net.is_empty():
        return SETTLED_FIGURES.empty()
    row = {**net.row(0, named=True), "id": COST, "unit": currency, "definition": "COST_PER_NET", "reported": None}
    owed = lines.filter(pl.col("line") == "owed").select("amount_low", "amount_high").rows()
    return pl.DataFrame([{**row, **_cost(row, owed)}], schema=FIGURES.schema)


def _cost(net: dict[str, Any], owed: list[tuple[Decimal, Decimal]]) -> dict[str, Any]:
    """Value, bounds and status; not measurable without a price, without net calls, or where they are not measurable."""
    nothing = {"measured": None, "low": None, "high": None, "n": None, "status": "not_measurable"}
    if net["measured"] is None:
        return nothing
    if not owed or not net["measured"]:
        return {**nothing, "reason": "nothing_to_count" if owed else "not_priced"}
    (least, most), calls = owed[0], net["measured"]
    fewest, all_of_them = net["low"], net["high"]
    low = _each(least, all_of_them if all_of_them is not None else calls)
    high = _each(most, fewest if fewest is not None else calls)
    is_open = least != most or fewest is not None
    bounds = (low, high) if is_open else (None, None)
    return {"measured": _each(least, calls), "low": bounds[0], "high": bounds[1], "n": int(calls)}


def _each(amount: Decimal, calls: float) -> float | None:
    """Money a call; None where there may be no call at all."""
    return float(amount / Decimal(str(calls))) if calls else None
