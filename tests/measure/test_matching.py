"""How many legs have a record, for how much of the month our log is whole, and how the vendor delivered."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.calendar import Month
from pipelines.contract.workspace import load_workspace
from pipelines.engine import Engine
from pipelines.lake import Lake
from pipelines.measure.matching import _complete, complete, match_figures, on_time
from pipelines.measure.scene import STEPS, Scene
from pipelines.tables import DELIVERIES, VENDOR_CALLS
from pipelines.workshop import init
from tests.measure.worlds import Small, frame

MARCH = [date(2026, 3, 1) + timedelta(days=n) for n in range(31)]


def hours(*covered: bool) -> pl.DataFrame:
    """Hours of the month, covered or not."""
    return pl.DataFrame({"is_covered": list(covered)}, schema={"is_covered": pl.Boolean})


def world() -> Small:
    """Three pairs, a leg without a record, one that a record without a number might belong to; and what is left out."""
    made = Small()
    for n in range(3):
        made.link(made.call(n, n + 9, n), made.leg(n, n, n))
    made.link(None, made.leg(10, 10, 1))
    made.link(None, made.leg(11, 11, 1), match_class="no_number")
    made.link(None, made.leg(12, 12, 1), is_absent=True)
    made.link(made.call(13, 20, 1), None)
    made.link(made.call(14, 20, 1), made.leg(14, 14, 1), in_month=False)
    return made


def test_match_rate_and_coverage() -> None:
    with Engine() as engine:
        world().put(engine)
        (counts,) = engine.run(STEPS / "match_counts.sql").to_dicts()
    rate, coverage = match_figures(counts, hours(True, True, True, False))
    assert (rate.value, rate.low, rate.high, rate.n) == (60.0, 60.0, 80.0, 5)
    assert (coverage.value, coverage.side) == (75.0, "inhouse")


def test_a_month_without_a_link_has_no_match_rate() -> None:
    with Engine() as engine:
        Small().put(engine)
        (counts,) = engine.run(STEPS / "match_counts.sql").to_dicts()
    rate, coverage = match_figures(counts, hours())
    assert (rate.reason, coverage.reason) == ("nothing_to_count", "feed_missing:inhouse_calls")


def deliveries(*states: str, is_promised: bool = True) -> pl.DataFrame:
    """One row of `deliveries` for each state."""
    due = datetime(2026, 4, 2, tzinfo=UTC) if is_promised else None
    rows = [{"object": "calls", "file": f"{n}.csv", "state": state, "due_utc": due} for n, state in enumerate(states)]
    return DELIVERIES.fit(pl.DataFrame(rows, infer_schema_length=None)) if rows else DELIVERIES.empty()


def test_files_on_time() -> None:
    found = on_time(deliveries("on_time", "on_time", "late", "missing", "further", "superseded", "not_due_yet"))
    assert (found.value, found.low, found.n) == (50.0, None, 4)


def test_files_found_at_the_first_look_are_left_open() -> None:
    found = on_time(deliveries("on_time", "late", "not_measurable"))
    assert (found.value, found.n) == (50.0, 2)
    assert (round(found.low or 0, 2), round(found.high or 0, 2)) == (33.33, 66.67)
    assert on_time(deliveries("not_measurable", "not_measurable")).reason == "found_at_first_pull"


def test_without_a_promise_no_file_is_due() -> None:
    assert on_time(deliveries("not_measurable", is_promised=False)).reason == "nothing_due"
    assert on_time(deliveries()).reason == "nothing_due"


def test_a_day_on_which_calls_were_passed_on_is_due() -> None:
    sundays = [day for day in MARCH if day.weekday() == 6]
    found = complete(MARCH, {*sundays, MARCH[3]}, [day for day in MARCH if day not in sundays])
    assert (found.value, found.n) == (100 * 25 / 26, 26)


def test_where_the_log_names_no_vendor_the_usual_weekdays_are_due() -> None:
    sundays = [day for day in MARCH if day.weekday() == 6]
    assert complete(MARCH, {*sundays, MARCH[3]}, []).n == 26


@given(st.sets(st.sampled_from(MARCH)), st.sets(st.sampled_from(MARCH)))
def test_days_due_hold_every_day_with_data(empty: set[date], passed: set[date]) -> None:
    found = complete(MARCH, empty, passed)
    full = len(MARCH) - len(empty)
    assert (found.n or 0) >= full
    assert found.value is None or 0 <= found.value <= 100
    assert passed == set() or found.n == len({*passed, *set(MARCH) - empty})


def test_a_vendor_that_delivered_is_not_said_to_have_sent_nothing_where_our_own_log_is_missing(tmp_path: Path) -> None:
    init(tmp_path)
    lake, day = Lake(tmp_path / "lake"), date(2026, 10, 5)
    reasons = []
    rows = [{"day": day, "booked_day": day, "audit_month": "2026-10", "call_id": "1", "file_id": "f", "row": 1}]
    with Engine() as engine:
        found = Scene(load_workspace(tmp_path), lake, "vendor", Month("2026-10"), engine)
        reasons.append(_complete(found).reason)
        lake.write(VENDOR_CALLS, frame(VENDOR_CALLS, rows), "test", vendor="vendor", day=day.isoformat())
        reasons.append(_complete(found).reason)
    assert reasons == ["feed_missing:calls", "feed_missing:inhouse_calls"]
