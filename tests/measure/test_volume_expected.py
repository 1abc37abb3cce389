"""How many calls were to be expected: worlds whose truth is known."""

import csv
import gzip
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.simulate.world import busyness
from pipelines.calendar import Month, span
from pipelines.measure.volume.expected import expected, whole
from pipelines.measure.volume.holiday import labelled

OCTOBER = Month("2026-10")
BANK = Path(__file__).parents[3] / "shared" / "data" / "bank"


def counted(
    first: date,
    last: date,
    truth: Callable[[date], float],
    seed: int | None = None,
    scatter: float = 1.0,
    country: str = "CN",
) -> pl.DataFrame:
    """Days with calls: the truth rounded, or drawn around it with a variance of `scatter` times the mean."""
    days = span(first, last)
    means = np.array([truth(day) for day in days])
    if seed is None:
        calls = np.round(means)
    else:
        dice = np.random.default_rng(seed)
        rates = dice.gamma(means / (scatter - 1), scatter - 1) if scatter > 1 else means
        calls = dice.poisson(rates)
    return labelled(days, country).with_columns(calls=pl.Series(calls).cast(pl.Float64))


def told(days: pl.DataFrame, of: Sequence[date]) -> dict[date, dict[str, float | None]]:
    return {row["day"]: row for row in expected(days, of).to_dicts()}


def without(days: pl.DataFrame, *gone: date) -> pl.DataFrame:
    """The same days, of some of which our log lacks hours."""
    return days.with_columns(calls=pl.when(~pl.col("day").is_in(list(gone))).then("calls"))


def instead(days: pl.DataFrame, day: date, calls: float) -> pl.DataFrame:
    return days.with_columns(calls=pl.when(pl.col("day") == day).then(calls).otherwise("calls"))


def office(day: date) -> float:
    """A client whose offices are closed on days off, with more calls at the month's end."""
    row = labelled([day], "CN").to_dicts()[0]
    weekday = [1100, 1000, 950, 1000, 1050, 300, 200][day.weekday()]
    usual = 150 if row["kind"] == "holiday" or row["span"] == "in" else 1020 if row["kind"] == "make_up" else weekday
    return usual * (1.2 if row["span"] == "after" else 1.0) * (1.3 if row["place"] == "end" else 1.0)


def test_golden_week_of_the_simulated_world_is_expected_quiet_and_the_days_after_it_busy() -> None:
    days = counted(OCTOBER.first, OCTOBER.last, lambda day: 2_000 * busyness(day), seed=5)
    rows = told(days, OCTOBER.own_days)
    held = [row["low"] <= 2_000 * busyness(day) <= row["high"] for day, row in rows.items()]  # type: ignore[operator]
    assert sum(held) >= 28  # the worked Saturday is a Saturday like all in that world
    mean = {
        name: np.mean([float(rows[day]["expected"] or 0) for day in some])
        for name, some in {
            "holiday": OCTOBER.own_days[:7],
            "after": OCTOBER.own_days[7:9],
            "usual": OCTOBER.own_days[11:16],
        }.items()
    }
    assert mean["holiday"] / mean["usual"] == pytest.approx(0.7, abs=0.06)
    assert mean["after"] / mean["usual"] == pytest.approx(1.15, abs=0.1)


def test_a_line_that_never_closes_has_no_quiet_holiday() -> None:
    """Counts decide whether a holiday takes the weekday's place: here it does not, and the interval stays narrow."""
    weekly = [1150, 1050, 1000, 1000, 1050, 550, 450]
    days = counted(OCTOBER.first, OCTOBER.last, lambda day: float(weekly[day.weekday()]), seed=3)
    row = told(days, [date(2026, 10, 3)])[date(2026, 10, 3)]  # a Saturday in Golden Week
    assert row["expected"] == pytest.approx(550, rel=0.15)
    assert row["high"] - row["low"] < 300  # type: ignore[operator]


def test_a_may_holiday_is_expected_from_the_holidays_of_other_months() -> None:
    days = counted(date(2026, 3, 1), date(2026, 5, 31), office, seed=2)
    rows = told(days, span(date(2026, 4, 28), date(2026, 5, 9)))
    assert rows[date(2026, 5, 4)]["expected"] == pytest.approx(150, rel=0.15)
    assert rows[date(2026, 5, 9)]["expected"] == pytest.approx(1020, rel=0.1)  # the worked Saturday
    assert rows[date(2026, 4, 29)]["expected"] == pytest.approx(1.3 * 950, rel=0.1)  # the month's end
    assert rows[date(2026, 5, 7)]["expected"] == pytest.approx(1.2 * 1000, rel=0.12)  # what had waited


def test_a_lone_holiday_is_not_guessed() -> None:
    """Mid-Autumn is September's only holiday: no other day shows what a holiday brings."""
    month = Month("2026-09")
    days = counted(month.first, month.last, office)
    rows = told(days, month.own_days)
    assert rows[date(2026, 9, 25)]["expected"] is None
    assert [day for day, row in rows.items() if row["expected"] is None] == [date(2026, 9, 25)]
    assert whole(days, month.text) is None


def test_two_weeks_are_too_few() -> None:
    days = counted(date(2026, 6, 1), date(2026, 6, 14), office)
    assert expected(days, days["day"].to_list())["expected"].null_count() == 14
    assert whole(days, "2026-06") is None


@given(st.sampled_from(OCTOBER.own_days), st.integers(0, 50_000))
@settings(max_examples=25, deadline=None)
def test_a_day_does_not_predict_itself(day: date, calls: int) -> None:
    days = counted(OCTOBER.first, OCTOBER.last, office, seed=1)
    before, after = (told(given_days, [day])[day] for given_days in (days, instead(days, day, float(calls))))
    bare = told(without(days, day), [day])[day]
    assert after["learned"] == before["learned"] == bare["learned"]
    assert after["expected"] == pytest.approx(before["expected"], rel=1e-5)
    assert bare["expected"] == pytest.approx(before["expected"], rel=1e-5)


def test_a_day_of_outage_does_not_bend_the_others() -> None:
    days = counted(date(2026, 8, 1), date(2026, 10, 31), office, seed=8)
    outage = date(2026, 10, 20)
    plain, bent = (told(given_days, OCTOBER.own_days) for given_days in (days, instead(days, outage, 10.0)))
    for day in OCTOBER.own_days:
        if day != outage:
            assert bent[day]["expected"] == pytest.approx(plain[day]["expected"], rel=0.04), day
    assert bent[outage]["low"] > 10  # type: ignore[operator]


def test_a_closed_saturday_is_expected_to_bring_nobody() -> None:
    days = counted(OCTOBER.first, OCTOBER.last, lambda day: 0.0 if day.weekday() >= 5 else 800.0)
    row = told(days, [date(2026, 10, 24)])[date(2026, 10, 24)]
    assert row["expected"] < 1  # type: ignore[operator]


@pytest.mark.parametrize(
    ("first", "level", "scatter"),
    [(OCTOBER.first, 250, 1), (OCTOBER.first, 2_500, 6), (date(2026, 8, 1), 2_500, 6), (date(2025, 10, 1), 40, 2)],
)
def test_intervals_hold_what_they_say(first: date, level: int, scatter: float) -> None:
    """95 % of days within; whole counts hold a little more where days are small."""
    held = []
    for seed in range(6):
        days = counted(first, OCTOBER.last, lambda day: office(day) * level / 1_000, seed=seed, scatter=scatter)
        rows = told(days, OCTOBER.own_days)
        calls = dict(zip(days["day"], days["calls"], strict=True))
        held += [row["low"] <= calls[day] <= row["high"] for day, row in rows.items()]
    assert 0.92 <= sum(held) / len(held) <= 0.995


def test_a_month_is_expected_from_the_months_before_it_alone() -> None:
    """Five months of one level, and one that is doubled: its own days must not make that look usual."""
    june, last = date(2026, 5, 1), date(2026, 10, 31)
    days = counted(june, last, lambda day: office(day) * (2 if day.month == 10 else 1), seed=4)
    found = whole(days, "2026-10")
    assert found is not None
    assert found.months == 5
    usual = sum(office(day) for day in OCTOBER.own_days)
    assert found.value == pytest.approx(usual, rel=0.1)
    assert found.high < 1.5 * usual


def test_the_interval_of_a_month_holds_what_it_says() -> None:
    """Levels of months differ by some 5 %, the sixth month's too."""
    held = []
    for seed in range(12):
        dice = np.random.default_rng([seed, 6])
        level = dict(zip(range(5, 11), np.exp(0.05 * dice.standard_normal(6)), strict=True))
        days = counted(date(2026, 5, 1), OCTOBER.last, lambda day: office(day) * level[day.month], seed=seed, scatter=4)  # noqa: B023
        found, came = whole(days, "2026-10"), days.filter(pl.col("day") >= OCTOBER.first)["calls"].sum()
        assert found is not None
        held.append(found.low <= came <= found.high)
    assert sum(held) / len(held) >= 0.8


@pytest.mark.skipif(not BANK.exists(), reason="the bank's data is not here")
def test_the_banks_february_is_as_its_january_lets_expect() -> None:
    """Israel, 1999: Friday is half a day and Saturday nearly none; there was no holiday."""
    counts: Counter[date] = Counter()
    for name in ("january", "february"):
        with gzip.open(BANK / f"{name}.txt.gz", "rt", encoding="ascii", errors="replace") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if (row["outcome"] or "").strip() in ("AGENT", "HANG"):
                    counts[datetime.strptime(row["date"], "%y%m%d").date()] += 1  # noqa: DTZ007
    first, last = min(counts), max(counts)
    days = counted(first, last, lambda day: float(counts[day]), country="IL")
    rows = told(days, span(date(1999, 2, 1), last))
    held = [row["low"] <= counts[day] <= row["high"] for day, row in rows.items()]  # type: ignore[operator]
    assert sum(held) >= 0.85 * len(held)
    weekly = {day.isoweekday(): row["expected"] for day, row in rows.items()}
    assert weekly[6] < weekly[5] < weekly[7]  # type: ignore[operator]
    assert last - first > timedelta(days=50)
