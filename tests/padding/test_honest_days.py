"""How an honest call could come to look like a padded one: whole days by way of link, coverage and detectors.

Every record here is true. Whatever goes wrong with clocks, files and numbers, none of them may be proven wrong; and a
record that nobody made, among them, still is where its surroundings are whole.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.measure.worlds import Row, at
from tests.padding.cases import Days, record

DAY = 86_400
NOON = 2 * DAY + 12 * 3600
"""Noon of the third day."""


def of_day(days: Days, which: int) -> list[Row]:
    """The vendor's records of one day."""
    return [row for row in days.world.calls if at(which * DAY) <= row["offered_utc"] < at((which + 1) * DAY)]


def shift(rows: list[Row], seconds: int) -> None:
    """The vendor's clock is that far off."""
    for row in rows:
        for name in ("offered_utc", "answered_utc", "ended_utc"):
            row[name] += timedelta(seconds=seconds)
        row["day"] = row["booked_day"] = row["offered_utc"].date()


def nothing(days: Days) -> None:
    """All is well."""


def an_hour_wrong_on_one_day(days: Days) -> None:
    shift(of_day(days, 2), 3600)


def an_hour_wrong_on_a_day_of_few_calls(days: Days) -> None:
    days.world.calls = [row for row in days.world.calls if row not in of_day(days, 2)[6:]]
    shift(of_day(days, 2), -3600)


def a_clock_set_in_the_middle_of_a_day(days: Days) -> None:
    shift([row for row in of_day(days, 2) if row["offered_utc"] >= at(NOON)], 1800)


def a_clock_set_while_our_log_shows_no_number(days: Days) -> None:
    late = [row for row in of_day(days, 2) if row["offered_utc"] >= at(NOON)]
    for row in late[::3]:
        days.leg_of(row)["caller_key"] = None
    shift(late, 3600)


def a_date_wrong_for_two_hours(days: Days) -> None:
    shift([row for row in of_day(days, 2) if at(NOON) <= row["offered_utc"] < at(NOON + 7200)], -DAY)


def a_route_mapped_to_another_vendor(days: Days) -> None:
    for row in of_day(days, 2)[::4]:
        days.leg_of(row)["vendor_id"] = "elsewhere"


def a_route_that_nobody_knows_and_numbers_withheld(days: Days) -> None:
    for row in of_day(days, 2)[::4]:
        days.leg_of(row).update(vendor_id=None, caller_key=None)


def rows_of_our_log_that_cannot_be_read(days: Days) -> None:
    days.rejects = [days.leg_of(row)["call_id"] for row in of_day(days, 2)[::5]]


def a_day_of_our_log_that_is_missing(days: Days) -> None:
    days.world.legs = [leg for leg in days.world.legs if not at(2 * DAY) <= leg["arrived_utc"] < at(3 * DAY)]


def three_hours_of_our_log_that_are_missing(days: Days) -> None:
    days.world.legs = [leg for leg in days.world.legs if not at(NOON) <= leg["arrived_utc"] < at(NOON + 3 * 3600)]


def half_an_hour_of_our_log_that_is_missing(days: Days) -> None:
    """The hour keeps half of its rows, so it looks whole."""
    days.world.legs = [leg for leg in days.world.legs if not at(NOON + 900) <= leg["arrived_utc"] < at(NOON + 2700)]


def three_hours_of_the_route_to_one_vendor_that_are_missing(days: Days) -> None:
    """Our own calls are all there, so the hours look whole."""
    days.world.legs = [
        leg
        for leg in days.world.legs
        if leg["transferred_utc"] is None or not at(NOON) <= leg["transferred_utc"] < at(NOON + 3 * 3600)
    ]


def one_switch_of_two_that_is_silent_for_an_hour(days: Days) -> None:
    for place, leg in enumerate(days.world.legs):
        leg["source"] = "ivr" if place % 2 else "switch"
    days.world.legs = [
        leg
        for leg in days.world.legs
        if leg["source"] == "switch" or not at(NOON) <= leg["arrived_utc"] < at(NOON + 3600)
    ]


def single_legs_that_are_missing_while_rows_are_numbered(days: Days) -> None:
    """No statistic sees one leg in ten missing; a hole in the numbers does."""
    lost = [days.leg_of(row) for row in of_day(days, 2)[::10]]
    for number, leg in enumerate(sorted(days.world.legs, key=lambda leg: leg["arrived_utc"])):
        leg["sequence"] = number
    days.world.legs = [leg for leg in days.world.legs if leg not in lost]


def transferred_is_empty(days: Days) -> None:
    for row in of_day(days, 2)[::4]:
        days.leg_of(row)["transferred_utc"] = None


def a_number_changed_on_the_way(days: Days) -> None:
    for row in of_day(days, 2)[::4]:
        row["caller_key"] += 500_000


def a_switchboard_for_a_number(days: Days) -> None:
    """For one day our log writes one number for all, and every third call is passed on minutes late."""
    for place, row in enumerate(of_day(days, 2)):
        leg = days.leg_of(row)
        leg["caller_key"] = 7
        leg["transferred_utc"] -= timedelta(seconds=400 * (place % 3 == 0))


def ids_used_again(days: Days) -> None:
    for place, row in enumerate(days.world.calls):
        row["call_id"] = f"id{place % 20}"


def two_lines_of_one_household_with_one_lost_leg(days: Days) -> None:
    for row in of_day(days, 2)[::4]:
        again = record(
            days.world, int((row["offered_utc"] - at(0)).total_seconds()) + 8, row["caller_key"], agent="ben"
        )  # type: ignore[operator]
        again["audit_month"] = "2026-03"


def passed_on_twice_under_one_row(days: Days) -> None:
    """Given back by the vendor, and passed on again 20 minutes later; our log keeps the first time, and the end."""
    for row in of_day(days, 2)[::4]:
        start = int((row["offered_utc"] - at(0)).total_seconds())  # type: ignore[operator]
        row["outcome"] = "overflowed"
        record(days.world, start + 1200, row["caller_key"], agent="ben")
        days.leg_of(row)["leg_ended_utc"] = at(start + 1400)


def calls_at_midnight(days: Days) -> None:
    for which in range(1, 6):
        for second in (-6, -3, 0, 3):
            days.call(which * DAY + second, 50_000 + 10 * which + second)


def the_first_and_last_minute_of_our_log(days: Days) -> None:
    """Their legs stand in the log of the month before and after, which is not there yet."""
    for second in (20, 6 * DAY - 20):
        record(days.world, second, 60_000 + second)


def transfers_without_a_leg_number(days: Days) -> None:
    """After half an hour's talk another agent takes over; our log shows no end."""
    for row in of_day(days, 2)[::6]:
        start = int((row["offered_utc"] - at(0)).total_seconds())  # type: ignore[operator]
        row["ended_utc"] = at(start + 1800)
        record(days.world, start + 1801, row["caller_key"], agent="ben", call_id=row["call_id"])


WRONGS = (
    nothing,
    an_hour_wrong_on_one_day,
    an_hour_wrong_on_a_day_of_few_calls,
    a_clock_set_in_the_middle_of_a_day,
    a_clock_set_while_our_log_shows_no_number,
    a_date_wrong_for_two_hours,
    a_route_mapped_to_another_vendor,
    a_route_that_nobody_knows_and_numbers_withheld,
    rows_of_our_log_that_cannot_be_read,
    a_day_of_our_log_that_is_missing,
    three_hours_of_our_log_that_are_missing,
    half_an_hour_of_our_log_that_is_missing,
    three_hours_of_the_route_to_one_vendor_that_are_missing,
    one_switch_of_two_that_is_silent_for_an_hour,
    single_legs_that_are_missing_while_rows_are_numbered,
    transferred_is_empty,
    a_number_changed_on_the_way,
    a_switchboard_for_a_number,
    ids_used_again,
    two_lines_of_one_household_with_one_lost_leg,
    passed_on_twice_under_one_row,
    calls_at_midnight,
    the_first_and_last_minute_of_our_log,
    transfers_without_a_leg_number,
)


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.__name__)
def test_no_honest_call_is_proven_wrong(wrong: Callable[[Days], None], tmp_path: Path) -> None:
    days = Days()
    wrong(days)
    invented = record(days.world, 4 * DAY + 11 * 3600 + 50, 999_999)["row"]
    found = days.audit(tmp_path)
    proven = {row: finding for row, finding in found.items() if finding["certainty"] == "proven"}
    assert set(proven) <= {invented}, {row: finding["explanation"] for row, finding in proven.items()}
    assert set(proven) == {invented}, found.get(invented, "not found")


@pytest.mark.parametrize(
    ("wrong", "start", "end"),
    [
        (three_hours_of_our_log_that_are_missing, NOON, NOON + 3 * 3600),
        (half_an_hour_of_our_log_that_is_missing, NOON + 900, NOON + 2700),
        (a_day_of_our_log_that_is_missing, 2 * DAY, 3 * DAY),
        (three_hours_of_the_route_to_one_vendor_that_are_missing, NOON, NOON + 3 * 3600),
        (one_switch_of_two_that_is_silent_for_an_hour, NOON, NOON + 3600),
    ],
    ids=lambda part: getattr(part, "__name__", None),
)
def test_nobody_is_accused_in_a_gap_nor_five_minutes_around_it(
    wrong: Callable[[Days], None], start: int, end: int, tmp_path: Path
) -> None:
    days = Days()
    wrong(days)
    for place, second in enumerate(range(start - 295, end + 300, 295)):
        record(days.world, second + 5, 70_000 + place)
    named = [
        row
        for row in days.audit(tmp_path)
        if at(start - 300) <= days.world.calls[row - 1]["offered_utc"] < at(end + 300)
    ]
    assert named == []
