"""When a figure differs and when a target is met, row by row."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.compare import differs, gap, target_state
from reports.scorecard import Figure
from tests.reports.example import figure


@pytest.mark.parametrize(
    ("unit", "reported", "measured", "low", "high", "expected"),
    [
        ("calls", 1010, 1000, None, None, False),  # 1.0 % more is within 1 %
        ("calls", 1011, 1000, None, None, True),
        ("calls", 989, 1000, None, None, True),  # too few is a difference as well
        ("calls", 1, 0, None, None, True),
        ("calls", 0, 0, None, None, False),
        ("%", 80.5, 80.0, None, None, False),  # half a point
        ("pct", 80.6, 80.0, None, None, True),
        ("%", 82.0, 80.0, 78.0, 81.5, False),  # half a point beyond what is left open
        ("%", 82.1, 80.0, 78.0, 81.5, True),
        ("%", 79.0, 80.0, 78.0, 81.5, False),
        ("s", 302.0, 300.0, None, None, False),  # averages go by per cent of their value
        ("s", 304.0, 300.0, None, None, True),
        ("%", None, 80.0, None, None, False),
        ("%", 80.0, None, None, None, False),
    ],
)
def test_differs(
    unit: str, reported: float | None, measured: float | None, low: float | None, high: float | None, expected: bool
) -> None:
    row = figure("aht", unit, reported, measured, low=low, high=high)
    assert differs(row, count_pct=Decimal("1"), points=Decimal("0.5")) is expected


@pytest.mark.parametrize(
    ("figure_id", "measured", "low", "high", "target", "state"),
    [
        ("service_level", 81.0, 80.2, 82.0, 80.0, "met"),
        ("service_level", 79.0, 78.0, 79.9, 80.0, "not_met"),
        ("service_level", 80.5, 79.0, 82.0, 80.0, "open"),  # the range reaches over the target
        ("abandon_rate", 3.0, None, None, 5.0, "met"),
        ("abandon_rate", 5.1, None, None, 5.0, "not_met"),
        ("callback_inhouse_24h", 9.0, None, None, 5.0, "not_met"),
        ("aht", 300.0, None, None, {"low": 270.0, "high": 360.0}, "met"),
        ("aht", 361.0, None, None, {"low": 270.0, "high": 360.0}, "not_met"),
        ("aht", 300.0, None, None, 300.0, "stated"),  # a single number does not say which way
        ("service_level", 80.0, None, None, None, "none"),
        ("service_level", None, None, None, 80.0, "open"),
    ],
)
def test_target_state(
    figure_id: str, measured: float | None, low: float | None, high: float | None, target: object, state: str
) -> None:
    row = figure(figure_id, "%", None, measured, low=low, high=high, target=target)
    assert target_state(row) == state


values = st.floats(0, 100, allow_nan=False)


@given(values, values, values, values)
def test_what_the_bounds_allow_is_never_a_difference(reported: float, measured: float, low: float, high: float) -> None:
    row: Figure = figure("service_level", "%", reported, measured, low=low, high=high)
    inside = min(measured, low, high) <= reported <= max(measured, low, high)
    assert (gap(row) == 0) is inside
    assert not differs(row, Decimal(100), Decimal(100))
