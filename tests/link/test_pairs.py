"""Which record belongs to which leg by its number, and what is said of those that are left: rows in, rows out.

Pairs without a number stand in test_weak.py.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from pipelines.link.bare import Absence
from pipelines.standardise.keys import caller_key
from pipelines.tables import LINKS, OFFSETS
from tests.link.worlds import CLOCK, alone, day, gaps, leg, legs, linked, moment, pairs, record, records


def test_a_call_and_its_leg(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3600.0)], [(1, 3596.5)])
    assert found.links.schema == LINKS.schema
    row = found.links.filter(pl.col("vendor_call_id") == "v1").to_dicts()[0]
    assert {name: value for name, value in row.items() if value is not None} == {
        "side": "pair",
        "vendor_id": "south",
        "vendor_call_id": "v1",
        "file_id": "f",
        "row": 1,
        "inhouse_call_id": "h1",
        "inhouse_file_id": "f",
        "inhouse_row": 1,
        "match_class": "number",
        "delta_s": pytest.approx(3.5),
        "confidence": 0.99,
        "options": 1,
        "reason": "same number, the only ones within the tolerance",
        "offset_s": 0,
        "is_covered": True,
        "is_absent": False,
        "in_month": True,
    }


def test_the_tolerance_includes_its_ends(tmp_path: Path) -> None:
    vendor = [(1, 3600.0), (2, 3600.0), (3, 3600.0), (4, 3600.0)]
    inhouse = [(1, 3570.0), (2, 3630.0), (3, 3569.999), (4, 3630.001)]
    assert pairs(day(tmp_path, vendor, inhouse)) == {"v1": "h1", "v2": "h2"}


def test_another_caller_at_the_same_time_is_no_partner(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3600.0)], [(2, 3600.0)])
    assert pairs(found) == {}
    assert alone(found, "reason") == [
        ("inhouse", "inhouse_only", "no record of this caller within the tolerance"),
        ("vendor", "vendor_only", "no leg of this caller within the tolerance"),
    ]


def test_a_call_reported_twice_takes_one_leg_the_nearer_record(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3608.0), (1, 3602.0)], [(1, 3600.0)])
    assert pairs(found) == {"v2": "h1"}
    assert alone(found, "vendor_call_id") == [("vendor", "vendor_only", "v1")]
    assert found.links.filter(pl.col("vendor_call_id") == "v2")["confidence"].to_list() == [0.95]


def test_as_many_pairs_as_possible_go_before_the_nearest_pair(tmp_path: Path) -> None:
    """The record at 20 lies nearest to the leg at 21, but then the record at 45 would have none."""
    assert pairs(day(tmp_path, [(1, 20.0), (1, 45.0)], [(1, 0.0), (1, 21.0)])) == {"v1": "h1", "v2": "h2"}


def test_among_as_many_pairs_the_least_difference_counts(tmp_path: Path) -> None:
    assert pairs(day(tmp_path, [(1, 10.0), (1, 12.0)], [(1, 13.0), (1, 9.0)])) == {"v1": "h2", "v2": "h1"}


def test_calls_keep_their_order(tmp_path: Path) -> None:
    """Crosswise the two pairs would be ten seconds apart in all as well."""
    found = day(tmp_path, [(1, 10.0), (1, 11.0), (2, 50.0), (2, 50.0)], [(1, 15.0), (1, 16.0), (2, 50.0), (2, 50.0)])
    assert pairs(found) == {"v1": "h1", "v2": "h2", "v3": "h3", "v4": "h4"}


@pytest.mark.parametrize(
    ("second", "match_class", "confidence"),
    [(3602.0, "ambiguous", 0.5), (3603.0, "ambiguous", 0.5), (3603.001, "number", 0.95), (3597.0, "ambiguous", 0.5)],
)
def test_a_pair_is_ambiguous_where_another_is_at_most_a_second_worse(
    tmp_path: Path, second: float, match_class: str, confidence: float
) -> None:
    """The first record lies two seconds from the only leg."""
    found = day(tmp_path, [(1, 3602.0), (1, second)], [(1, 3600.0)])
    row = found.links.filter(pl.col("inhouse_call_id") == "h1").to_dicts()[0]
    assert (row["row"], row["match_class"], row["confidence"], row["options"]) == (1, match_class, confidence, 2)


def test_where_all_have_a_partner_nothing_is_ambiguous(tmp_path: Path) -> None:
    """Who is whose partner follows from their order, and nobody could be left out."""
    found = day(tmp_path, [(1, 3600.0), (1, 3600.0), (1, 3601.0)], [(1, 3600.0), (1, 3600.0), (1, 3601.0)])
    rows = found.links.filter(pl.col("vendor_call_id").is_in(["v1", "v2", "v3"]))
    assert rows.select("match_class", "confidence", "options").unique().rows() == [("number", 0.95, 3)]


def test_what_is_left_of_an_ambiguous_choice_is_said_to_have_lost_its_leg(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3602.0), (1, 3602.0)], [(1, 3600.0)])
    assert pairs(found) == {"v1": "h1"}
    reason = "the legs of this caller within the tolerance belong to other records"
    assert alone(found, "vendor_call_id", "options", "reason") == [("vendor", "vendor_only", "v2", 1, reason)]


def test_a_keyed_hash_matches_as_the_number_does(tmp_path: Path) -> None:
    """A vendor that delivers the same hash shows no digit; half of all hashes are beyond what a signed number holds."""
    hashed = [caller_key(f"+8613800138{last:03}", b"a key of the tests") for last in range(20)]
    assert any(key >= 2**63 for key in hashed)
    vendor = [record(number, key, 60.0 * number, caller_mask=None) for number, key in enumerate(hashed, 1)]
    inhouse = [leg(number, key, 60.0 * number, caller_mask="138******00") for number, key in enumerate(hashed, 1)]
    found = day(tmp_path, vendor, inhouse)
    assert pairs(found) == {f"v{number}": f"h{number}" for number in range(1, 21)}
    assert set(found.links["match_class"]) == {"number"}


def test_calls_of_other_vendors_and_those_never_passed_on_are_no_legs(tmp_path: Path) -> None:
    background = [(number, caller, at) for number, (caller, at) in enumerate(CLOCK, 9001)]
    inhouse = [leg(1, 1, 3600.0, vendor_id="north"), leg(2, 1, 3600.0, vendor_id=None, transferred_utc=None)]
    found = linked(tmp_path, records([(1, 3600.0)]), inhouse + [leg(*call) for call in background])
    assert pairs(found) == {}
    assert set(found.links["inhouse_call_id"].drop_nulls()) == {f"h{number}" for number, _, _ in background}


def test_outbound_calls_and_later_legs_of_a_call_need_no_partner(tmp_path: Path) -> None:
    vendor = [
        record(1, 1, 10.0, direction="outbound"),
        record(2, 2, 10.0, direction="inbound", call_id="x", leg="1"),
        record(3, 2, 40.0, direction="inbound", call_id="x", leg="2"),
        record(4, 2, 11.0, direction="inbound", call_id="x", leg="1"),
    ]
    found = linked(tmp_path, vendor, [])
    assert found.links["row"].sort().to_list() == [2, 4]


@pytest.mark.parametrize(
    ("at", "covered"),
    [
        (3600 * 12 - 301, True),
        (3600 * 12 - 299, False),
        (3600 * 12 + 1800, False),
        (3600 * 13 + 299, False),
        (3600 * 13 + 301, True),
    ],
)
def test_a_record_within_five_minutes_of_a_bare_hour_is_in_it(tmp_path: Path, at: int, covered: bool) -> None:
    found = day(tmp_path, [(1, float(at))], [], bare=gaps((12 * 3600, 13 * 3600)))
    assert alone(found, "is_covered") == [("vendor", "vendor_only", covered)]


def test_coverage_is_asked_on_the_clients_clock(tmp_path: Path) -> None:
    """The vendor's clock is an hour ahead: its 13:30 is the client's bare 12:30."""
    vendor = [record(number, caller, at + 3600) for number, (caller, at) in enumerate(CLOCK, 9001)]
    inhouse = [leg(number, caller, at) for number, (caller, at) in enumerate(CLOCK, 9001)]
    ghosts = [record(1, 1, 13.5 * 3600), record(2, 2, 12.5 * 3600)]
    found = linked(tmp_path, vendor + ghosts, inhouse, bare=gaps((12 * 3600, 13 * 3600)))
    assert alone(found, "vendor_call_id", "is_covered") == [
        ("vendor", "vendor_only", "v1", False),
        ("vendor", "vendor_only", "v2", True),
    ]


def test_hours_that_nobody_judged_are_not_covered(tmp_path: Path) -> None:
    found = day(tmp_path, [(1, 3600.0 * 30)], [(2, 3600.0 * 30)], bare=gaps((21 * 3600, 8 * 86_400)))
    assert alone(found, "is_covered") == [("inhouse", "inhouse_only", False), ("vendor", "vendor_only", False)]


def test_a_leg_of_a_day_that_was_not_delivered_is_absent(tmp_path: Path) -> None:
    missing = Absence(moment(7200), moment(10_800), "not delivered")
    found = day(tmp_path, [], [(1, 7199.0), (2, 7200.0), (3, 10_799.0), (4, 10_800.0)], absences=[missing])
    assert alone(found, "is_absent") == [("inhouse", "inhouse_only", absent) for absent in (False, True, True, False)]
    assert found.links.filter("is_absent")["reason"].unique().to_list() == ["not delivered"]


def test_an_absent_day_is_a_local_one_with_its_margin() -> None:
    berlin = Absence.of_day(date(2026, 10, 25), "Europe/Berlin", 30, "late")
    assert berlin.start == datetime(2026, 10, 24, 21, 59, 30, tzinfo=UTC)
    assert berlin.end == datetime(2026, 10, 25, 23, 0, 30, tzinfo=UTC)
    # the clock of Cairo goes from 24:00 back to 23:00: a day of 25 hours, and its margin is still half a minute
    cairo = Absence.of_day(date(2026, 10, 29), "Africa/Cairo", 30, "late")
    assert cairo.end - cairo.start == timedelta(hours=25, minutes=1)


def test_a_record_belongs_to_the_month_of_its_file(tmp_path: Path) -> None:
    vendor = [record(1, 1, 10.0), record(2, 2, 20.0, audit_month="2026-09")]
    inhouse = [leg(3, 3, 10.0), leg(4, 4, 20.0, audit_month="2026-11")]
    found = linked(tmp_path, vendor, inhouse)
    assert found.links.sort("row")["in_month"].to_list() == [True, False, True, False]


def test_nothing_to_link(tmp_path: Path) -> None:
    found = linked(tmp_path, [], [])
    assert found.links.equals(LINKS.empty())
    assert found.offsets.equals(OFFSETS.empty())
    assert alone(linked(tmp_path, [], legs([(1, 10.0)]))) == [("inhouse", "inhouse_only")]
