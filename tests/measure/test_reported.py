"""The vendor's own figures: daily counts are added up, rates are weighed, what is printed for the month wins."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from pipelines.measure.figures import figures_frame
from pipelines.measure.measured import Measured
from pipelines.measure.reported import reported
from pipelines.tables import CLAIMS

DAY = 86_400


def claims(*rows: tuple[Any, ...]) -> pl.DataFrame:
    """Rows of (day of March, figure, value), then, where not as usual, unit, period in seconds, hour, queue."""
    full = []
    for number, row in enumerate(rows, 1):
        day, field, value, unit, period, hour, queue = (*row, *(None, DAY, 0, None)[len(row) - 3 :])
        start = datetime(2026, 3, day, hour, tzinfo=UTC)
        full.append(
            {"field": field, "value": value, "unit": unit, "period_s": period, "queue": queue, "row": number}
            | {"period_start_utc": start, "booked_day": start.date(), "file_id": "f", "vendor_id": "agents"}
        )
    return CLAIMS.fit(pl.DataFrame(full, infer_schema_length=None))


def test_daily_counts_are_added_up_and_each_day_kept() -> None:
    found = reported(claims((1, "offered", 100), (2, "offered", 50)))
    assert found == {("offered", "all"): 150, ("offered", "day:2026-03-01"): 100, ("offered", "day:2026-03-02"): 50}


@pytest.mark.parametrize(("calls", "month"), [(30, None), (0, 150), (0.1, 150)])
def test_days_without_a_report_make_no_month(calls: float, month: float | None) -> None:
    """On 3 March calls were measured, and the report has no line: 150 would read as 30 calls that it leaves out."""
    measured = {date(2026, 3, 1): 100, date(2026, 3, 2): 50, date(2026, 3, 3): calls}
    found = reported(claims((1, "offered", 100), (2, "offered", 50)), measured=measured)
    assert found.get(("offered", "all")) == month
    assert found["offered", "day:2026-03-01"] == 100
    assert reported(claims((1, "offered", 150, None, 31 * DAY)), measured=measured)["offered", "all"] == 150
    assert (
        reported(claims((1, "offered", 100), (2, "offered", 50)), [date(2026, 3, 3)], measured)["offered", "all"] == 150
    )


def test_a_queue_may_have_no_line_on_a_day_that_other_queues_have() -> None:
    lines = [(1, "offered", 7, None, DAY, 0, "night"), (1, "offered", 90, None, DAY, 0, "day")]
    both = claims(*lines, (2, "offered", 50, None, DAY, 0, "day"))
    measured = {date(2026, 3, 1): 97.0, date(2026, 3, 2): 50.0}
    assert reported(both, measured=measured) == {("offered", "queue:night"): 7, ("offered", "queue:day"): 140}
    assert reported(claims(*lines), measured=measured) == {}


def test_daily_rates_are_weighed_by_the_count_that_they_are_a_rate_of() -> None:
    found = reported(
        claims((1, "offered", 100), (1, "service_level", 90), (2, "offered", 300), (2, "service_level", 50))
    )
    assert found["service_level", "all"] == 60.0


def test_handling_times_are_weighed_by_answered_calls() -> None:
    found = reported(claims((1, "answered", 1), (1, "aht", 100), (2, "answered", 3), (2, "aht", 200)))
    assert found["aht", "all"] == 175.0


def test_without_all_weights_the_month_has_no_value() -> None:
    found = reported(claims((1, "offered", 100), (1, "service_level", 90), (2, "service_level", 50)))
    assert ("service_level", "all") not in found
    assert found["service_level", "day:2026-03-02"] == 50


def test_weights_of_nothing_give_no_value() -> None:
    found = reported(claims((1, "offered", 0), (1, "service_level", 100)))
    assert ("service_level", "all") not in found


def test_what_is_printed_for_the_month_wins() -> None:
    month = (1, "offered", 999, None, 31 * DAY)
    found = reported(claims((1, "offered", 100), (2, "offered", 50), month))
    assert found["offered", "all"] == 999
    assert found["offered", "day:2026-03-01"] == 100


@pytest.mark.parametrize(
    ("field", "value", "unit", "seen"),
    [
        ("service_level", 0.85, "ratio", 85.0),
        ("service_level", 85, "pct", 85.0),
        ("complaints_per_1000", 0.007, "ratio", 7.0),
        ("complaints_per_1000", 0.7, "pct", 7.0),
        ("complaints_per_1000", 7, None, 7.0),
        ("aht", 3, "min", 180.0),
        ("aht", 1500, "ms", 1.5),
        ("aht", 0.05, "h", 180.0),
        ("aht", 180, "s", 180.0),
        ("aht", 180, None, 180.0),
    ],
)
def test_units(field: str, value: float, unit: str | None, seen: float) -> None:
    assert reported(claims((1, field, value, unit)))[field, "day:2026-03-01"] == pytest.approx(seen)


def test_half_hours_are_added_up_but_are_no_days() -> None:
    found = reported(claims((1, "offered", 10, None, 1800, 9), (1, "offered", 20, None, 1800, 10)))
    assert found == {("offered", "all"): 30}


def test_half_hours_are_not_added_to_the_day_that_they_are_part_of() -> None:
    rows = [(1, "offered", 30), (1, "offered", 10, None, 1800, 0), (1, "offered", 20, None, 1800, 1)]
    assert reported(claims(*rows)) == {("offered", "all"): 30, ("offered", "day:2026-03-01"): 30}
    weighed = [*rows, (1, "service_level", 80)]
    assert reported(claims(*weighed))["service_level", "all"] == 80


@pytest.mark.parametrize("period", [82_800, 90_000])
def test_a_day_on_which_the_clock_changes_is_a_day(period: int) -> None:
    assert reported(claims((1, "offered", 7, None, period)))["offered", "day:2026-03-01"] == 7


def test_weeks_and_empty_cells_are_left_out_and_a_queue_stands_apart() -> None:
    rows = [(1, "offered", 5, None, DAY, 0, "sales"), (1, "offered", 9, None, 7 * DAY), (2, "offered", None)]
    assert reported(claims(*rows)) == {("offered", "queue:sales"): 5.0}


def test_a_day_whose_calls_are_held_back_stays_out_of_the_month() -> None:
    rows = claims((1, "offered", 100), (1, "service_level", 90), (2, "offered", 50), (2, "service_level", 10))
    found = reported(rows, [date(2026, 3, 2)])
    assert found["offered", "all"] == 100
    assert found["service_level", "all"] == 90
    assert found["offered", "day:2026-03-02"] == 50


def test_a_day_that_is_held_back_is_reported_and_not_measured() -> None:
    held = date(2026, 3, 2)
    values = {("offered", "all"): 100.0, ("offered", f"day:{held}"): 50.0, ("offered", "day:2026-03-09"): 3.0}
    whole = [Measured("offered", "all", 99.0, n=99), Measured("offered", f"day:{held}", 2.0, n=2)]
    rows = figures_frame(whole, values, "agents", "2026-03", held + timedelta(days=9), [held])
    found = {row["scope"]: (row["reported"], row["measured"], row["status"], row["reason"]) for row in rows.to_dicts()}
    assert found == {
        "all": (100.0, 99.0, "final", None),
        "day:2026-03-02": (50.0, None, "not_measurable", "held_back"),
        "day:2026-03-09": (3.0, None, "not_measurable", "nothing_to_count"),
    }


def test_of_queues_only_those_measured_have_rows() -> None:
    printed = {("offered", "queue:sales"): 5.0, ("offered", "queue:none"): 9.0, ("aht", "queue:sales"): 60.0}
    measured = [Measured("offered", "queue:sales", 5.0)]
    found = figures_frame(measured, printed, "agents", "2026-03", date(2026, 3, 31))
    assert set(found.select("id", "scope", "reported").iter_rows()) == {
        ("offered", "queue:sales", 5.0),
        ("aht", "queue:sales", 60.0),
    }
