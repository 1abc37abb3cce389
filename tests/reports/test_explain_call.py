"""What a manager reads about one call: the candidates, both clocks, our own log, and why this one."""

import pytest

from reports.case import contradict
from reports.explain_call import call_lines
from tests.reports.cases import CLOCK, LEG, PAIR, PAIRED, VOUCHED, case, known, leg, record

NAMES = {"theirs": "drop/south/calls.csv", "own": "drop/inhouse/log.csv"}
NAMELESS = {"key": None, "mask": None, "kind": "withheld", "match_class": "no_number"}


def test_a_pair_among_several() -> None:
    told = case(
        record(1, 0, pair=1), leg(1, -2, pair=1), leg(2, 12, pair=2), record(2, 13, pair=2), leg(3, 700), **PAIRED
    )
    assert call_lines(told, "south", NAMES) == [
        "Call v1 of south (drop/south/calls.csv, record 1), caller 139******21",
        "  When: 2026-10-14 20:00:00 by our clock, 20:00:10 by the vendor's (Asia/Shanghai).",
        "  Clock: the vendor's stands 10.0 s ahead of ours; that is taken off. Of 240 pairs of that day nine in ten "
        "lie within ± 1.5 s of that.",
        "  Our log: 31 calls came from 20:00 to 21:00 (30 are usual); no gap within 5 minutes; the log numbers its "
        "rows, and no number is missing.",
        "  Candidates, legs of this caller within 15 minutes (tolerance 30.0 s):",
        "    h1 at 19:59:58: the record 2.0 s later, within the tolerance; its partner",
        "    h2 at 20:00:12: the record 12.0 s earlier, within the tolerance; matched by number with v2",
        "    h3 at 20:11:40: the record 0:11:40 earlier, beyond the tolerance; without partner",
        "  Other records of this caller then: v2 at 20:00:13 (record 2), matched with h2.",
        "  Matched by number with leg h1 (drop/inhouse/log.csv, record 1), the record 2.0 s later: same number, least "
        "total time difference among several. Confidence 0.95.",
        "  Why this one: of all ways to pair the calls of this caller this one makes the most pairs, and of those it "
        "leaves the least difference in total; calls keep their order; the next, h2, lies 12.0 s away and is matched "
        "with v2.",
    ]


def test_the_only_ones_need_no_comparison() -> None:
    lines = call_lines(case(record(1, 0, pair=1), leg(1, 0, pair=1), **{**PAIRED, "options": 1}), "south", NAMES)
    assert "    h1 at 20:00:00: at the same time, within the tolerance; its partner" in lines
    assert lines[-1] == (
        "  Why this one: no other leg of this caller lies within the tolerance, and no other record of the caller "
        "claims this one."
    )


def test_an_ambiguous_pair_says_so_and_is_held_against_nobody() -> None:
    link = {**PAIR, **LEG, "match_class": "ambiguous", "reason": "as good", "confidence": 0.6}
    told = case(record(1, 0, pair=1), leg(1, -2, pair=1), leg(2, 2), **link)
    *_, matched, why = call_lines(told, "south", NAMES)
    assert matched.startswith("  Matched by number, but ambiguous, with leg h1")
    assert "nothing is held against any of them" in why
    assert "the next, h2, lies 2.0 s away and is left without partner" in why


def test_a_call_without_partner_tells_which_innocent_readings_were_looked_at() -> None:
    told = case(record(1, 0), leg(1, 5, **NAMELESS), leg(2, -9, key=8), leg(3, 200, match_class=None))
    lines = call_lines(told, "south", NAMES)
    assert "    h3 at 20:03:20: the record 0:03:20 earlier, beyond the tolerance; not passed on to south" in lines
    assert (
        "    h1 at 20:00:05 (caller's number withheld): the record 5.0 s earlier, within the tolerance; without partner"
        in lines
    )
    assert lines[-2:] == [
        "  No partner (vendor_only): no leg of this caller within the tolerance.",
        "  Innocent readings looked at: a gap in our log: none near; a wrong clock: no; a leg without number left over "
        "then: h1; a leg of another number left over then: h2; a row of this caller in our log that was not passed on: "
        "h3.",
    ]


def test_a_gap_of_our_log_is_told_with_its_times_and_excuses_everything() -> None:
    gap = known("gap", -600, 3_000, "0 calls, where 44 are usual")
    lines = call_lines(case(record(1, 0), log=(gap, VOUCHED), is_covered=False), "south", NAMES)
    assert (
        "  Our log: 31 calls came from 20:00 to 21:00 (30 are usual); a gap from 19:50:00 to 20:50:00 (0 calls, where "
        "44 are usual); so nothing can be held against a call there." in lines
    )
    assert "a gap in our log: yes" in lines[-1]


def test_a_log_that_nothing_vouches_for_is_named_as_such() -> None:
    [log] = [line for line in call_lines(case(record(1, 0), log=()), "south", NAMES) if "Our log:" in line]
    assert log.endswith("no gap within 5 minutes; nothing vouches that it is complete.")


def test_an_unknown_clock_is_no_clock() -> None:
    lines = call_lines(case(record(1, 0), clock={**CLOCK, "basis": "none"}), "south", NAMES)
    assert lines[1] == "  When: 2026-10-14 20:00:10 by the vendor's clock (Asia/Shanghai)."
    assert "is not known that day" in lines[2]
    assert "a wrong clock: not known" in lines[-1]


def test_a_withheld_number_is_looked_for_by_time_alone_and_digits_that_contradict_are_no_candidates() -> None:
    own = record(1, 0, key=None, mask="138******44", kind="masked", match_class="no_number")
    told = case(own, leg(1, 5), leg(2, 9, mask="138******44", key=8), leg(3, 40, mask="138******44", key=8))
    lines = call_lines(told, "south", NAMES)
    assert lines[0].endswith("caller 138******44, of whom no more digits are shown")
    assert "  Candidates, legs at that time whose digits do not contradict (tolerance 30.0 s):" in lines
    assert [line for line in lines if line.startswith("    ")] == [
        "    h2 at 20:00:09 (caller 138******44): the record 9.0 s earlier, within the tolerance; without partner"
    ]


def test_a_leg_tells_what_the_vendors_clock_showed() -> None:
    told = case(leg(1, 0), side="inhouse", match_class="inhouse_only", reason="nobody", offset_s=None)
    lines = call_lines(told, "south", NAMES)
    assert lines[0] == "Leg h1 of our own log, passed on to south (drop/inhouse/log.csv, record 1), caller 139******21"
    assert (
        lines[1] == "  When: 2026-10-14 20:00:00 by our clock (Asia/Shanghai); the vendor's clock showed 20:00:10 then."
    )
    assert "  Candidates: no records of this caller within 15 minutes (tolerance 30.0 s)." in lines


def test_many_candidates_are_cut() -> None:
    told = case(record(1, 0), *(leg(number, 40 + number) for number in range(9)))
    lines = call_lines(told, "south", NAMES)
    assert "    and 3 more, further away" in lines
    assert len(lines) <= 15


@pytest.mark.parametrize(
    ("one", "other", "is_contradiction"),
    [
        ("138******44", "138******44", False),
        ("138******44", "139******44", True),
        ("138******44", "138******45", True),
        ("138********", "*********44", False),
        ("138******44", None, False),
        ("13*******44", "138******44", False),
        ("*********4", "138******44", False),
        ("*********5", "138******44", True),
        ("", "138******44", False),
    ],
)
def test_digits_contradict_only_where_both_sides_show_them(one: str, other: str, is_contradiction: bool) -> None:
    assert contradict(one, other) is contradict(other, one) is is_contradiction
