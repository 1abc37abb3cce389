"""Day volumes: which days hold too few rows or too many, and which cannot be compared."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from checks.rules import RuleOutcome, feed_rules
from checks.rules.feed_rules import DAY_VOLUME
from checks.rules.volumes import volume_outcomes

(RULE,) = [rule for rule in feed_rules("vendor_calls") if rule.expectation_type == DAY_VOLUME]
MONDAYS = [date(2026, 10, 5) + timedelta(days=7 * week) for week in range(12)]


def files(folder: Path, rows: Mapping[date, int], month: str | None = None) -> dict[date, Path]:
    """A file per day with so many rows, all of the day's own month unless one is named."""
    found = {}
    for day, count in rows.items():
        found[day] = folder / f"{day}.parquet"
        pl.DataFrame({"row": range(count), "audit_month": [month or f"{day:%Y-%m}"] * count}).write_parquet(found[day])
    return found


def one(found: Mapping[date, Path], day: date) -> RuleOutcome:
    """The answer for a day."""
    return volume_outcomes(RULE, found, [day])[day.isoformat()]


@pytest.mark.parametrize(
    ("rows", "state"), [(100, "pass"), (20, "pass"), (19, "broken"), (300, "pass"), (301, "broken"), (0, "broken")]
)
def test_a_day_is_compared_with_its_weekday(tmp_path: Path, rows: int, state: str) -> None:
    found = files(tmp_path, dict.fromkeys(MONDAYS[:6], 100) | {MONDAYS[3]: rows})
    outcome = one(found, MONDAYS[3])
    assert (outcome.state, outcome.rows_checked, outcome.rows_failed, outcome.samples) == (state, rows, 0, ())
    seen = f"{rows} rows; the median of this weekday is 100 over 6 days"
    assert outcome.detail == (seen if state == "broken" else None)


def test_other_weekdays_do_not_count(tmp_path: Path) -> None:
    sundays = {day - timedelta(days=1): 5 for day in MONDAYS[:5]}
    found = files(tmp_path, dict.fromkeys(MONDAYS[:5], 100) | sundays)
    assert {item.state for item in volume_outcomes(RULE, found, found).values()} == {"pass"}


def test_fewer_than_four_days_are_no_measure(tmp_path: Path) -> None:
    outcome = one(files(tmp_path, {MONDAYS[0]: 100, MONDAYS[1]: 100, MONDAYS[2]: 1}), MONDAYS[2])
    assert (outcome.state, outcome.rows_checked) == ("could_not_run", 0)
    assert outcome.detail == "fewer than 4 such weekdays were delivered within 60 days (3)"


def test_days_more_than_sixty_days_away_do_not_count(tmp_path: Path) -> None:
    found = files(tmp_path, {MONDAYS[0]: 100, **dict.fromkeys(MONDAYS[9:], 100)})
    assert one(found, MONDAYS[0]).detail == "fewer than 4 such weekdays were delivered within 60 days (1)"
    assert one(found, MONDAYS[10]).detail == "fewer than 4 such weekdays were delivered within 60 days (3)"


def test_a_day_that_a_file_of_another_month_only_touches_is_not_a_delivered_day(tmp_path: Path) -> None:
    november = date(2026, 11, 2)
    found = files(tmp_path, dict.fromkeys(MONDAYS[:4], 100)) | files(tmp_path, {november: 3}, "2026-10")
    outcome = one(found, november)
    assert outcome.state == "could_not_run"
    assert outcome.detail == "no file of the day's own month was delivered; files of another month only touch it"
    assert one(found, MONDAYS[3]).state == "pass"


def test_days_without_a_file_are_not_asked(tmp_path: Path) -> None:
    assert volume_outcomes(RULE, files(tmp_path, {MONDAYS[0]: 1}), MONDAYS[1:3]) == {}
