"""For which time the client's log is whole: gaps found, quiet hours not mistaken for gaps."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.link.coverage.hours import coverage
from pipelines.link.coverage.units import low_runs
from pipelines.tables import COVERAGE, LOG_SPANS

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
OPEN = range(8, 20)
MOMENT = pl.Datetime("us", "UTC")


def log(
    calls_an_hour: int = 40,
    units: tuple[str | None, ...] = (None,),
    hours: range = OPEN,
    routes: tuple[str | None, ...] = (None,),
) -> pl.DataFrame:
    """October, all days alike: so many calls in every open hour (UTC), written by the units and routes in turn."""
    rows = [
        (
            datetime(2026, 10, day, hour, tzinfo=UTC) + timedelta(seconds=3600 * n // calls_an_hour),
            units[n % len(units)],
            routes[n % len(routes)],
        )
        for day in range(1, 32)
        for hour in hours
        for n in range(calls_an_hour)
    ]
    schema = {"arrived_utc": MOMENT, "source": pl.String, "route": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(vendor_id=pl.lit(None, pl.String))
    passed_on = pl.when(pl.col("route").is_not_null()).then(pl.col("arrived_utc") + timedelta(seconds=40))
    return frame.with_columns(transferred_utc=passed_on)


def by_chance(
    seed: int, calls_an_hour: float, units: tuple[float, ...] = (1.0,), routes: tuple[float, ...] = ()
) -> pl.DataFrame:
    """An honest month as chance makes it: less at weekends, hardly any by night, units and routes drawn by call."""
    dice, rows = np.random.default_rng(seed), []
    for day in range(1, 32):
        for hour in range(24):
            start = datetime(2026, 10, day, hour, tzinfo=UTC)
            usual = calls_an_hour * (0.4 if start.weekday() > 4 else 1) * (1 if hour in OPEN else 0.02)
            seconds = np.sort(dice.uniform(0, 3600, dice.poisson(usual)))
            rows += [start + timedelta(seconds=float(second)) for second in seconds]
    names = [f"unit {place}" for place in range(len(units))]
    ways = [*(f"route {place}" for place in range(len(routes))), None]
    frame = pl.DataFrame({"arrived_utc": rows}, schema={"arrived_utc": MOMENT}).with_columns(
        source=pl.Series(dice.choice(np.array(names), len(rows), p=units)),
        route=pl.Series(
            [ways[place] for place in np.searchsorted(np.cumsum(routes), dice.uniform(size=len(rows)))]
        ).cast(pl.String),
        vendor_id=pl.lit(None, pl.String),
    )
    passed_on = pl.when(pl.col("route").is_not_null()).then(pl.col("arrived_utc") + timedelta(seconds=40))
    return frame.with_columns(transferred_utc=passed_on)


def within(day: int, first: float, until: float) -> pl.Expr:
    start = datetime(2026, 10, day, tzinfo=UTC)
    return pl.col("arrived_utc").is_between(
        start + timedelta(hours=first), start + timedelta(hours=until), closed="left"
    )


def judged(arrivals: pl.DataFrame, zone: str = "UTC") -> tuple[pl.DataFrame, pl.DataFrame]:
    """Hours and gaps of October."""
    hours, gaps = coverage(arrivals.lazy(), FIRST, LAST, zone)
    assert (hours.schema, gaps.schema) == (COVERAGE.schema, LOG_SPANS.schema)
    assert not hours.select(COVERAGE.key).is_duplicated().any()
    assert not gaps.select(LOG_SPANS.key).is_duplicated().any()
    return hours, gaps


def bare(arrivals: pl.DataFrame, zone: str = "UTC", route: str = "") -> list[str]:
    """The hours that are not covered."""
    hours, _ = judged(arrivals, zone)
    own = hours.filter(~pl.col("is_covered") & (pl.col("route") == route))
    return own["hour_utc"].dt.strftime("%d %H").to_list()


def gaps_within(arrivals: pl.DataFrame, kind: str) -> list[tuple[Any, ...]]:
    """Gaps of a kind: from, to, route."""
    _, gaps = judged(arrivals)
    rows = gaps.filter(pl.col("kind") == kind).sort("from_utc")
    texts = [pl.col(name).dt.strftime("%d %H:%M") for name in ("from_utc", "to_utc")]
    return rows.select(*texts, "route").rows()


def hours(day: int, span: Iterable[int]) -> list[str]:
    return [f"{day:02d} {hour:02d}" for hour in span]


def test_a_whole_log_is_whole_by_night_too() -> None:
    assert bare(log()) == []
    found, _ = judged(log())
    assert found.height == 31 * 24
    assert found.select("calls", "expected").row(9) == (40, 40.0)


def test_missing_hours_are_found_to_the_second() -> None:
    missing = log().filter(~within(7, 10, 13))
    assert bare(missing) == hours(7, range(10, 13))
    assert gaps_within(missing, "silence") == [("07 09:58", "07 13:00", None)]


def test_a_gap_that_leaves_two_hours_half_is_found() -> None:
    assert gaps_within(log().filter(~within(7, 10.75, 11.25)), "silence") == [("07 10:43", "07 11:15", None)]


def test_hardly_any_call_is_a_gap_and_a_fifth_is_none() -> None:
    assert bare(log().filter(~(within(7, 10, 11) & (pl.col("arrived_utc").dt.minute() >= 12)))) == hours(7, [10])
    every_fourth = pl.col("arrived_utc").dt.minute() % 6 == 0
    assert bare(log().filter(~within(7, 10, 13) | every_fourth)) == []
    every_tenth = (pl.col("arrived_utc").dt.minute() == 30) & (pl.col("arrived_utc").dt.second() == 0)
    assert bare(log().filter(~within(7, 10, 13) | every_tenth)) == hours(7, range(10, 13))


def test_nights_beside_a_missing_day_belong_to_the_gap() -> None:
    missing = hours(6, range(20, 24)) + hours(7, range(24)) + hours(8, range(8))
    assert bare(log().filter(~within(7, 0, 24))) == missing


def test_a_night_beside_a_missing_afternoon_or_morning_belongs_to_the_gap() -> None:
    assert bare(log().filter(~within(6, 15, 24))) == hours(6, range(15, 24)) + hours(7, range(8))
    assert bare(log().filter(~within(7, 0, 12))) == hours(6, range(20, 24)) + hours(7, range(12))


def test_a_quiet_weekend_and_a_closed_day_are_no_gap() -> None:
    weekend = pl.col("arrived_utc").dt.weekday() > 5
    assert bare(log().filter(~(weekend & (pl.col("arrived_utc").dt.minute() >= 9)))) == []
    assert bare(log().filter(pl.col("arrived_utc").dt.weekday() != 1)) == []


def test_a_centre_that_opens_at_half_past_is_not_missed_from_the_full_hour_on() -> None:
    early = (pl.col("arrived_utc").dt.hour() == 8) & (pl.col("arrived_utc").dt.minute() < 30)
    assert bare(log().filter(~early)) == []


@pytest.mark.parametrize("calls_an_hour", [1, 3])
def test_in_a_small_log_a_day_is_missed_and_an_hour_is_not(calls_an_hour: int) -> None:
    small = log(calls_an_hour=calls_an_hour)
    assert bare(small) == []
    assert set(hours(7, range(24))) <= set(bare(small.filter(~within(7, 0, 24))))
    assert bare(small.filter(~within(7, 10, 11))) == []


def test_an_empty_log_covers_nothing() -> None:
    assert len(bare(log().clear())) == 31 * 24


def test_one_silent_unit_of_two_makes_its_hours_bare() -> None:
    two = log(units=("ivr", "switch"))
    silent = (pl.col("source") == "ivr") & within(7, 10, 12)
    assert bare(two) == []
    assert bare(two.filter(~silent)) == hours(7, range(10, 12))
    assert gaps_within(two.filter(~silent), "unit") == [("07 09:35", "07 12:25", None)]
    found, _ = judged(two.filter(~silent))
    assert found["reason"].drop_nulls().unique().to_list() == ["0 calls of unit ivr, where 40 are usual"]


def test_a_unit_that_loses_half_of_its_rows_is_found() -> None:
    two = log(units=("ivr", "switch"))
    half = (pl.col("source") == "ivr") & within(7, 8, 16) & (pl.col("arrived_utc").dt.minute() % 2 == 0)
    assert bare(two.filter(~half)) == hours(7, range(8, 16))


@pytest.mark.parametrize("calls_an_hour", [4, 12])
def test_a_silent_unit_is_found_in_a_small_log_as_soon_as_chance_does_not_explain_it(calls_an_hour: int) -> None:
    two = log(calls_an_hour, units=("ivr", "switch"))
    ivr = pl.col("source") == "ivr"
    assert bare(two) == []
    assert bare(two.filter(~(ivr & within(7, 10, 11)))) == []
    found = bare(two.filter(~(ivr & within(7, 10, 10 + 24 // calls_an_hour))))
    assert set(hours(7, range(10, 10 + 24 // calls_an_hour))) <= set(found) <= set(hours(7, range(9, 18)))


def test_a_unit_of_one_call_in_a_hundred_uncovers_nothing_until_it_is_missed() -> None:
    one = log(100, units=tuple(["switch"] * 99 + ["branch"]))
    branch = pl.col("source") == "branch"
    assert bare(one) == []
    assert bare(one.filter(~(branch & within(7, 8, 11)))) == []
    assert set(hours(7, range(8, 20))) <= set(bare(one.filter(~(branch & within(7, 0, 24)))))


def test_a_route_that_is_missing_uncovers_itself_alone() -> None:
    routed = log(routes=("south", "north", None, None))
    missing = routed.filter(~((pl.col("route") == "south") & within(7, 10, 13)))
    assert bare(missing, route="south") == hours(7, range(10, 13))
    assert bare(missing, route="north") == []
    assert bare(missing) == []
    assert {route for _, _, route in gaps_within(missing, "route")} == {"south"}


def test_legs_without_a_route_are_told_apart_by_vendor() -> None:
    routed = log(routes=("south", None)).with_columns(vendor_id="route", route=pl.lit(None, pl.String))
    missing = routed.filter(~((pl.col("vendor_id") == "south") & within(7, 10, 13)))
    assert bare(missing, route="south") == hours(7, range(10, 13))


def test_legs_whose_time_of_transfer_is_empty_are_a_gap_of_their_route() -> None:
    routed = log(routes=("south", None))
    empty = pl.when(within(7, 10, 13)).then(None).otherwise("transferred_utc").alias("transferred_utc")
    assert bare(routed.with_columns(empty), route="south") == hours(7, range(10, 13))


def test_nothing_passed_on_while_own_calls_go_on_is_a_gap_of_all_routes() -> None:
    """Five legs an hour of each route: no route is missed for an hour, all of them together are."""
    routed = log(routes=("south", "north", "east", "west", None, None, None, None))
    one = routed.filter(~((pl.col("route") == "south") & within(7, 10, 11)))
    assert gaps_within(one, "route") == []
    silent = routed.filter(~(pl.col("route").is_not_null() & within(7, 10, 11)))
    assert ("07 09:53", "07 11:00", None) in gaps_within(silent, "route")
    assert bare(silent) == hours(7, [10])
    _, gaps = judged(silent)
    found = gaps.filter(kind="route")["reason"].to_list()
    assert found == ["no call passed on from 2026-10-07 09:53 UTC to 2026-10-07 11:00 UTC, where 23 are usual"]


def test_what_holds_nearly_all_calls_is_not_judged_by_the_few_others() -> None:
    """A burst of sixty calls that stay in house says nothing of how many should have been passed on meanwhile."""
    routed = log(100, routes=(*["agents"] * 97, None, None, None))
    burst = log(60).filter(within(7, 10, 11)).with_columns(pl.col("arrived_utc") + timedelta(seconds=7))
    assert judged(pl.concat([routed, burst]))[1].filter(pl.col("kind") != "outside").rows() == []
    silent = pl.concat([routed.filter(~(pl.col("route").is_not_null() & within(7, 10, 11))), burst])
    assert bare(silent, route="agents") == hours(7, [10])


def test_a_name_with_braces_is_only_a_name() -> None:
    two = log(units=("{ivr}", "switch"))
    found, _ = judged(two.filter(~((pl.col("source") == "{ivr}") & within(7, 10, 12))))
    assert found["reason"].drop_nulls().unique().to_list() == ["0 calls of unit {ivr}, where 40 are usual"]


def test_hours_are_those_of_the_clients_days_and_weekdays() -> None:
    found, _ = judged(log(), "Asia/Kolkata")
    assert found["hour_utc"][0] == datetime(2026, 9, 30, 18, tzinfo=UTC)
    assert found["hour_utc"][-1] == datetime(2026, 10, 31, 18, tzinfo=UTC)
    autumn, _ = coverage(log().lazy(), date(2026, 10, 25), date(2026, 10, 25), "Europe/Berlin")
    assert autumn.height == 25


@pytest.mark.parametrize("calls_an_hour", [10, 20])
@pytest.mark.parametrize("units", [(1.0,), (0.5, 0.5), (0.99, 0.01), (0.7, 0.2, 0.1)], ids=str)
def test_chance_alone_uncovers_hardly_an_hour(calls_an_hour: int, units: tuple[float, ...]) -> None:
    """Measured over thirty months each: 0.2 to 0.9 % of the open hours; here over six, with room for chance."""
    found = pl.concat(judged(by_chance(seed, calls_an_hour, units, (0.3,)))[0] for seed in range(6))
    opened = found.filter(pl.col("hour_utc").dt.hour().is_between(8, 19), pl.col("route") == "")
    assert (~opened["is_covered"]).mean() < 0.02  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_cut_out_of_a_log_by_chance_lies_in_gaps(seed: int) -> None:
    """Six hours of one unit, of all units, of one route: no call of them lies outside the gaps that count for it."""
    month = by_chance(seed, 20, (0.5, 0.5), (0.3, 0.3))
    unit, route = pl.col("source") == "unit 1", pl.col("route") == "route 1"
    for lost in (within(7, 9, 15), unit & within(13, 9.5, 15.5), route & within(21, 9.3, 15.3)):
        _, gaps = judged(month.filter(~lost))
        missing = month.filter(lost)
        own = gaps.filter(pl.col("route").is_null() | (pl.col("route") == "route 1")).select("from_utc", "to_utc")
        inside = missing.join_where(
            own, pl.col("arrived_utc") >= pl.col("from_utc"), pl.col("arrived_utc") <= pl.col("to_utc")
        )
        assert missing.join(inside, on="arrived_utc", how="anti").height == 0


def test_runs_begin_where_the_sum_leaves_zero_and_end_at_its_peak() -> None:
    assert low_runs(np.array([-1.0, 3.0, 3.0, 3.0, -1.0, -9.0, -1.0]), 7) == [(1, 3)]
    assert low_runs(np.array([3.0, 3.0, -20.0, 3.0, 3.0]), 7) == []
    assert low_runs(np.array([8.0, -7.0, 8.0, -9.0]), 7) == [(0, 0), (2, 2)]
    assert low_runs(np.array([8.0, -6.0, 8.0, -9.0]), 7) == [(0, 2)]
    assert low_runs(np.array([]), 7) == []
