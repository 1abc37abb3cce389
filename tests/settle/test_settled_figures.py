"""What a call really taken off the client costs."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from pipelines.settle.figures import settled_figures
from pipelines.tables import FIGURES, SETTLEMENT


def net(measured: float | None, **other: Any) -> pl.DataFrame:
    row = {"vendor_id": "v", "month": "2026-10", "as_of": date(2026, 10, 31), "id": "net_diverted", "side": "vendor"}
    row |= {"scope": "all", "unit": "calls", "measured": measured, "definition": "NET_DIVERTED", "status": "final"}
    return FIGURES.fit(pl.DataFrame([{**row, **other}]))


def owed(low: str, high: str | None = None) -> pl.DataFrame:
    amounts = Decimal(low), Decimal(high or low)
    return pl.DataFrame([(1, "owed", 10, *amounts, None)], schema=SETTLEMENT.schema, orient="row")


def cost(lines: pl.DataFrame, figures: pl.DataFrame) -> dict[str, Any]:
    return settled_figures(lines, figures, "CNY").row(0, named=True)


def test_ninety_net_calls_for_450_cost_5_each() -> None:
    row = cost(owed("450.00"), net(90.0))
    assert (row["measured"], row["unit"], row["n"], row["low"], row["high"]) == (5.0, "CNY", 90, None, None)


def test_fewer_net_calls_make_each_dearer() -> None:
    row = cost(owed("400.00", "480.00"), net(90.0, low=80.0, high=100.0))
    assert (row["low"], row["high"]) == (4.0, 6.0)


@pytest.mark.parametrize(
    ("lines", "figures", "reason"),
    [
        (SETTLEMENT.empty(), net(90.0), "not_priced"),
        (owed("1.00"), net(0.0), "nothing_to_count"),
        (
            owed("1.00"),
            net(None, status="not_measurable", reason="own_column_missing:outcome"),
            "own_column_missing:outcome",
        ),
    ],
)
def test_without_a_price_or_calls_there_is_no_cost(lines: pl.DataFrame, figures: pl.DataFrame, reason: str) -> None:
    row = cost(lines, figures)
    assert (row["measured"], row["status"], row["reason"]) == (None, "not_measurable", reason)


def test_an_open_window_leaves_the_cost_open_too() -> None:
    assert (
        cost(owed("450.00"), net(90.0, status="provisional", reason="window_open:2026-11-02"))["status"]
        == "provisional"
    )


def test_no_figures_yet_give_no_cost() -> None:
    assert settled_figures(owed("1.00"), FIGURES.empty(), "CNY").is_empty()
