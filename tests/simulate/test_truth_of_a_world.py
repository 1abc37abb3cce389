"""Deliveries, truth and reports of a simulated week agree with each other, row by row."""

from collections import Counter, defaultdict
from datetime import datetime
from statistics import median

import phonenumbers
import pytest

VENDORS = ("honest", "padding", "vague")
LOG = "drop/inhouse/2026-10/inhouse.csv"


def calls_of(vendor):
    return f"drop/{vendor}/2026-10/calls.csv"


def report_of(vendor):
    return f"drop/{vendor}/2026-10/daily_report.csv"


def day(row):
    """By the end of the call: some entries are spoilt on purpose, and no call here crosses midnight."""
    return row["ended_at"][:10].replace("/", "-")


def at(text):
    return datetime.fromisoformat(text.replace("/", "-"))


def padded_rows(read):
    return {(line["vendor"], line["row"]) for line in read("truth/padded.csv")}


def spoilt_rows(read):
    return {(line["vendor"], line["row"]) for line in read("truth/dirt.csv")}


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_passed_on_leg_has_exactly_one_record(read, vendor):
    route = {"honest": "R-QD", "padding": "R-WH", "vague": "R-CD"}[vendor]
    passed = [row["call_id"] for row in read(LOG) if row["route"] == route]
    paired = [line["inhouse_call_id"] for line in read("truth/pairs.csv") if line["vendor"] == vendor]
    assert len(passed) > 100
    assert sorted(filter(None, paired)) == sorted(passed)


def test_per_day_a_vendor_holds_the_legs_of_that_day_and_what_it_padded(read):
    passed = Counter((row["route"], row["transferred"][:10]) for row in read(LOG) if row["route"])
    padded = padded_rows(read)
    held = Counter(day(row) for n, row in enumerate(read(calls_of("padding")), 1) if ("padding", str(n)) not in padded)
    assert held == {date: count for (route, date), count in passed.items() if route == "R-WH"}


@pytest.mark.parametrize("truth", ["pairs", "padded", "dirt"])
def test_truth_names_the_rows_as_delivered(read, truth):
    files = {calls_of(vendor): read(calls_of(vendor)) for vendor in VENDORS}
    lines = read(f"truth/{truth}.csv")
    assert lines
    for line in lines:
        assert files[line["file"]][int(line["row"]) - 1]["record"] == line["call_id"]
    if truth == "pairs":
        assert len(lines) == sum(map(len, files.values()))


def test_only_the_padding_vendor_pads_and_only_by_its_shares(read):
    kinds = Counter((line["vendor"], line["kind"]) for line in read("truth/padded.csv"))
    true = sum(line["vendor"] == "padding" and line["inhouse_call_id"] != "" for line in read("truth/pairs.csv"))
    assert kinds == {("padding", "ghost"): round(0.04 * true), ("padding", "duplicate"): round(0.02 * true)}


def test_ghosts_carry_numbers_that_never_rang_the_client(read):
    known = {row["caller"] for row in read(LOG)}
    delivered = read(calls_of("padding"))
    ghosts = [delivered[int(line["row"]) - 1] for line in read("truth/padded.csv") if line["kind"] == "ghost"]
    assert ghosts
    assert not known & {ghost["caller"].removeprefix("0086") for ghost in ghosts}
    assert {ghost["result"] for ghost in ghosts} == {"ANSWERED"}
    assert all(60 <= int(ghost["talk_s"]) <= 75 for ghost in ghosts)


def test_duplicates_repeat_caller_agent_and_talk_within_ten_seconds(read):
    delivered = read(calls_of("padding"))
    lines = [line for line in read("truth/padded.csv") if line["kind"] == "duplicate"]
    assert lines
    for line in lines:
        copy, first = delivered[int(line["row"]) - 1], delivered[int(line["linked_row"]) - 1]
        assert first["record"] == line["linked"]
        assert [copy[name] for name in ("caller", "agent", "talk_s")] == [
            first[n] for n in ("caller", "agent", "talk_s")
        ]
        assert 0 <= (at(copy["queued_at"]) - at(first["queued_at"])).total_seconds() <= 10
        assert int(line["linked_row"]) < int(line["row"])


@pytest.mark.parametrize(("vendor", "offset_s"), [("honest", 37), ("padding", -12), ("vague", 5)])
def test_a_vendors_clock_is_off_by_one_number_and_a_second(read, vendor, offset_s):
    log = {row["call_id"]: row for row in read(LOG)}
    spoilt, deltas = spoilt_rows(read), []
    for line, row in zip(
        [pair for pair in read("truth/pairs.csv") if pair["vendor"] == vendor], read(calls_of(vendor)), strict=True
    ):
        if line["inhouse_call_id"] and (vendor, line["row"]) not in spoilt:
            leg = log[line["inhouse_call_id"]]
            deltas.append((at(row["queued_at"]) - at(leg["transferred"])).total_seconds())
    assert median(deltas) == offset_s
    assert {delta - offset_s for delta in deltas} == {-1, 0, 1}


def recount(rows, counts_abandoned=True):
    """What a manager with a pencil would count from a vendor's own rows, by day."""
    days = defaultdict(list)
    for row in rows:
        days[day(row)].append(row)
    table = {}
    for date, held in days.items():
        answered = [row for row in held if row["connected_at"]]
        abandoned = [row for row in held if row["result"] == "ABANDONED"]
        in_time = [row for row in answered if int(row["queue_s"]) <= 20]
        base = len(answered) + (len(abandoned) if counts_abandoned else 0)
        table[date] = (
            len(held),
            len(answered),
            len(abandoned),
            100 * len(in_time) / base,
            sum(int(row["talk_s"]) for row in answered) / len(answered),
            sum(int(row["queue_s"]) for row in answered) / len(answered),
        )
    return table


def printed(rows):
    return {
        next(iter(row.values())).replace("/", "-"): [float(cell) for cell in list(row.values())[1:]] for row in rows
    }


@pytest.mark.parametrize("vendor", ["honest", "padding"])
def test_the_daily_report_is_a_true_count_of_the_vendors_own_rows(read, vendor):
    counted, reported = recount(read(calls_of(vendor))), printed(read(report_of(vendor)))
    assert len(reported) == 7
    assert counted.keys() == reported.keys()
    for date, figures in reported.items():
        assert figures == pytest.approx(counted[date], abs=0.0501)


def test_the_vague_report_leaves_abandoned_calls_out_of_its_service_level(read):
    rows = read(calls_of("vague"))
    dirty = {day(rows[int(line["row"]) - 1]) for line in read("truth/dirt.csv")}
    without, counting = recount(rows, counts_abandoned=False), recount(rows)
    clean = {date: line for date, line in printed(read(report_of("vague"))).items() if date not in dirty}
    assert len(clean) >= 3
    for date, figures in clean.items():
        assert figures == pytest.approx(without[date], abs=0.0501)
    assert any(abs(figures[3] - counting[date][3]) > 0.1 for date, figures in clean.items())


def test_only_the_vague_vendor_spoils_rows_each_kind_on_one_day(read):
    rows = read(calls_of("vague"))
    days = defaultdict(set)
    for line in read("truth/dirt.csv"):
        assert line["vendor"] == "vague"
        days[line["kind"]].add(rows[int(line["row"]) - 1]["ended_at"][:10])
    assert days.keys() == {"unreadable_time", "unknown_result", "negative_queue", "endless_talk"}
    assert all(len(dates) == 1 for dates in days.values())
    assert len(set().union(*days.values())) == 4
    assert [n for n, row in enumerate(rows, 1) if int(row["queue_s"]) < 0] == [
        int(line["row"]) for line in read("truth/dirt.csv") if line["kind"] == "negative_queue"
    ]


def test_three_spellings_are_one_caller_and_nobodys_number(read):
    log = {row["call_id"]: row["caller"] for row in read(LOG)}
    delivered = {vendor: read(calls_of(vendor)) for vendor in VENDORS}
    for line in read("truth/pairs.csv"):
        if not line["inhouse_call_id"]:
            continue
        theirs, ours = delivered[line["vendor"]][int(line["row"]) - 1]["caller"], log[line["inhouse_call_id"]]
        if ours == "anonymous":
            assert theirs in ("anonymous", "withheld", "")
            continue
        number = phonenumbers.parse(ours, "CN")
        assert phonenumbers.parse(theirs, "CN") == number
        assert phonenumbers.is_possible_number(number)
        assert ours.startswith("05321000") or not phonenumbers.is_valid_number(number)


def test_repeats_name_an_earlier_and_a_later_call_of_the_same_caller(read):
    log = {row["call_id"]: row for row in read(LOG)}
    repeats = read("truth/repeats.csv")
    assert {line["why"] for line in repeats} == {"unresolved", "lost", "two_lines"}
    for line in repeats:
        first, again = log[line["call_id"]], log[line["next_call_id"]]
        assert first["caller"] == again["caller"]
        assert first["arrived"] < again["arrived"]
        assert line["why"] == "two_lines" or first["ended"] < again["arrived"]


def test_real_oddities_are_in_every_honest_record(read):
    for vendor in ("honest", "padding"):
        rows = read(calls_of(vendor))
        answered = [row for row in rows if row["connected_at"]]
        assert any(row["connected_at"] < row["queued_at"] for row in answered)
        assert any(int(row["talk_s"]) < 10 for row in answered)
        assert {"ANSWERED", "ABANDONED", "RETURNED"} == {row["result"] for row in rows}
