"""What came, day by day and hour by hour, and who asks every month: rows in, rows out; SQL against plain loops."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.calendar import Month, gate_name, span
from pipelines.contract.workspace import load_workspace
from pipelines.engine import Engine
from pipelines.lake import Lake
from pipelines.measure.scene import Scene
from pipelines.measure.volume.counts import arrivals, audited, lacking, local, months_before, passed_on
from pipelines.measure.volume.days import volume_rows
from pipelines.measure.volume.expected import EXPECTED
from pipelines.measure.volume.family import STEPS, in_service, volume
from pipelines.measure.volume.figures import month_end_rise, regular_callers
from pipelines.measure.volume.holiday import labelled
from pipelines.measure.volume.regular import regulars
from pipelines.measure.volume.swells import reason_rows
from pipelines.tables import COVERAGE, FINDINGS, INHOUSE_CALLS, LINKS, VENDOR_CALLS
from pipelines.tables.volume import REASONS, REGULARS, VOLUME, VOLUME_HOURS
from pipelines.workshop import init
from tests.measure import volume_oracle as oracle
from tests.measure.worlds import Row, frame

ZURICH = "Europe/Zurich"
SEPTEMBER, OCTOBER = Month("2026-09"), Month("2026-10")
CALLS = {"kind": pl.String, "class": pl.String, "starts_us": pl.Int64}


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def leg(call: int, day: date, caller: int | None, reason: str | None, second: int = 40_000, **other: Any) -> Row:
    """A row of the client's log, passed on a minute after it arrived."""
    arrived = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    passed = {"transferred_utc": arrived + timedelta(minutes=1), "vendor_id": "vendor"}
    origin = {"file_id": "log", "row": call, "day": day, "booked_day": day, "audit_month": f"{day:%Y-%m}"}
    ids = {"call_id": f"h{call}", "caller_key": caller, "reason": reason}
    return {**ids, "arrived_utc": arrived, **passed, **origin, **other}


def write_log(lake: Lake, log: list[Row]) -> list[Path]:
    """The log in the lake, a partition a day."""
    days = sorted({row["day"] for row in log})
    return [
        lake.write(INHOUSE_CALLS, frame(INHOUSE_CALLS, [r for r in log if r["day"] == day]), "test", day=str(day))
        for day in days
    ]


# ------------------------------------------------------------------------------------------------- hours of the day


def test_both_hours_of_a_clock_set_back_are_one_and_the_skipped_hour_has_no_calls() -> None:
    """Zurich, 25 October 2026: 2 o'clock comes twice; 29 March: it does not come."""
    back = [datetime(2026, 10, 25, hour, 5, tzinfo=UTC) for hour in (0, 1, 2)]
    forth = [datetime(2026, 3, 29, hour, 5, tzinfo=UTC) for hour in (0, 1)]
    assert counted_hours(back) == {(date(2026, 10, 25), 2): 2, (date(2026, 10, 25), 3): 1}
    assert counted_hours(forth) == {(date(2026, 3, 29), 1): 1, (date(2026, 3, 29), 3): 1}


def counted_hours(moments: list[datetime], zone: str = ZURICH) -> dict[tuple[date, int], int]:
    counts = Counter(int(moment.timestamp()) // 900 for moment in moments)
    quarters = pl.DataFrame({"quarter": list(counts), "calls": list(counts.values())})
    return {(row["day"], row["hour"]): row["calls"] for row in local(quarters, zone).to_dicts()}


@given(
    st.lists(st.integers(0, 3 * 86_400), min_size=1, max_size=40),
    st.sampled_from([ZURICH, "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe"]),
    st.sampled_from([datetime(2026, 10, 24, tzinfo=UTC), datetime(2026, 3, 28, tzinfo=UTC)]),
)
@settings(deadline=None)
def test_quarters_fall_into_the_local_hours_that_a_loop_finds(seconds: list[int], zone: str, first: datetime) -> None:
    moments = [first + timedelta(seconds=second) for second in seconds]
    assert counted_hours(moments, zone) == dict(oracle.hours(moments, zone))


# ------------------------------------------------------------------------------------------------ the vendor's count

_RECORD = st.tuples(
    st.integers(0, 20_000), st.sampled_from(["answered", "abandoned", "blocked", None]), st.booleans(), st.booleans()
)


@given(st.lists(_RECORD, max_size=12), st.integers(-200, 200))
@settings(max_examples=60, deadline=None)
def test_offered_counts_what_the_vendor_delivered_proven_or_not(
    engine: Engine, rows: list[tuple[int, str | None, bool, bool]], offset: int
) -> None:
    start = datetime(2026, 3, 10, tzinfo=UTC)
    records: list[Row] = []
    links: list[Row] = []
    calls: list[Row] = []
    wrong: set[tuple[str, int]] = set()
    for number, (second, outcome, is_wrong, in_month) in enumerate(rows, 1):
        place = {"file_id": "theirs", "row": number}
        moment = start + timedelta(seconds=second)
        records.append({**place, "offered_utc": moment, "outcome": outcome, "vendor_id": "vendor"})
        links.append({**place, "side": "vendor", "in_month": in_month, "offset_s": Decimal(offset)})
        if is_wrong:
            wrong.add(("theirs", number))
        elif in_month:
            kind = "blocked" if outcome == "blocked" else "answered"
            calls.append({"kind": "record", "class": kind, "start": moment - timedelta(seconds=offset)})
    calls.append({"kind": "leg", "class": "none", "start": start})  # a leg without a record is no record
    given_calls = [{**call, "starts_us": round(call["start"].timestamp() * 1_000_000)} for call in calls]
    engine.frame("calls", pl.DataFrame(given_calls).select(pl.col(name).cast(kind) for name, kind in CALLS.items()))
    findings = [{"file_id": file, "row": row, "certainty": "proven", "detector": "ghost"} for file, row in wrong]
    for table, its in ((LINKS, links), (VENDOR_CALLS, records), (FINDINGS, findings)):
        engine.frame(table.name, frame(table, its))
    found = engine.run(STEPS / "offered.sql").to_dicts()
    told = {datetime.fromtimestamp(row["quarter"] * 900, UTC): row["calls"] for row in found}
    assert told == dict(oracle.offered(calls, links, wrong, records))


# ------------------------------------------------------------------------------------------------- regular callers

_ASKED = st.tuples(
    st.sampled_from([None, 1, 2, 3]),
    st.sampled_from([None, "", "bill", "login"]),
    st.integers(0, 91),
    st.integers(1, 30),
)


@given(st.lists(_ASKED, max_size=40), st.integers(2, 3))
@settings(max_examples=60, deadline=None)
def test_regular_callers_are_those_that_a_loop_finds(
    engine: Engine, asked: list[tuple[int | None, str | None, int, int]], months: int
) -> None:
    first = date(2026, 8, 1)
    log = [leg(call, first + timedelta(days=day), caller, reason) for caller, reason, day, call in asked]
    names = ["2026-10", "2026-09", "2026-08"][:months]
    places = {day: place for place, name in enumerate(names, 1) for day in Month(name).own_days}
    inside = [row for row in log if row["day"] in places]
    engine.frame("regular_legs", frame(INHOUSE_CALLS, inside))
    engine.frame("regular_days", pl.DataFrame({"day": list(places), "place": list(places.values())}))
    engine.frame("regular_singles", pl.DataFrame({"caller_key": []}, schema={"caller_key": pl.UInt64}))
    found = engine.run(STEPS / "regulars.sql", months=months).to_dicts()
    told = {row["reason"]: (row["callers"], row["calls"]) for row in found}
    assert told == oracle.regulars(inside, names)


def test_numbers_that_stand_for_one_call_each_are_nobody_who_rings_every_month(tmp_path: Path) -> None:
    """Unknown callers get 0700…1, 0700…2, … anew each month: 300 numbers that ring once in both are no regulars."""
    lake, log = Lake(tmp_path), []
    for month in (SEPTEMBER, OCTOBER):
        for place, day in enumerate(month.own_days):
            known = leg(9_000 + place, day, 7, "bill", caller_mask="139***11", caller_kind="number")
            unknown = [
                leg(call, day, 700_000 + call, "login", caller_mask="700***00", caller_kind="number")
                for call in range(10 * place, 10 * place + 10)
            ]
            twice = {**unknown[0], "row": 8_000 + place}  # its second leg
            log += [known, *unknown, twice]
    write_log(lake, [{**row, "call_id": f"{row['audit_month']} {row['call_id']}"} for row in log])
    arrived = pl.DataFrame({"reason": ["bill", "login"], "calls": [31, 310], "numbered": [31, 310]})
    with Engine() as engine:
        found = regulars(engine, lake, [OCTOBER, SEPTEMBER], arrived.select("reason", "calls"))
    assert found.rows.select("reason", "callers", "calls").rows() == [("bill", 1, 31)]
    assert (found.singles, found.kinds) == (310, ("700",))
    figure = regular_callers(found, 2, arrived)
    assert (figure.value, figure.low, figure.high) == pytest.approx((100 * 31 / 341, 100 * 31 / 341, 100))
    assert figure.reason == "numbers:700"


# ---------------------------------------------------------------------------------------------------- days and states


def states(
    day: date, offered: int | None, own: int, bounds: tuple[float, float, float] | None, *, whole: bool = True
) -> Row:
    """The row of one day of which so much was to be expected."""
    days = labelled([day], "CN").with_columns(calls=pl.lit(float(own) if whole else None, pl.Float64))
    low, usual, high = bounds or (None, None, None)
    told = pl.DataFrame([(day, usual, low, high, 60)], schema=EXPECTED, orient="row")
    counts = {} if offered is None else {day: offered}
    (row,) = volume_rows(days, told, counts, {day: own}, {day: own}).to_dicts()
    return row


MONDAY, SUNDAY = date(2026, 10, 12), date(2026, 10, 18)


@pytest.mark.parametrize(
    ("day", "offered", "own", "bounds", "state", "note"),
    [
        (MONDAY, 100, 100, (80, 100, 120), "as_expected", ""),
        (MONDAY, 120, 100, (80, 100, 120), "as_expected", ""),  # the bound itself is within
        (MONDAY, 80, 100, (80, 100, 120), "as_expected", ""),
        (MONDAY, 121, 100, (80, 100, 120), "above", ""),
        (MONDAY, 79, 100, (80, 100, 120), "below", ""),
        (MONDAY, 150, 149, (80, 100, 120), "above", "own_log_too"),  # both sides saw a busy day
        (MONDAY, 150, 60, (80, 100, 120), "above", ""),  # ours lies outside on the other side
        (MONDAY, None, 100, (80, 100, 120), "not_delivered", ""),
        (MONDAY, 100, 100, None, "too_few", ""),
        (MONDAY, 0, 0, (80, 100, 120), "below", "own_log_too"),
        (SUNDAY, 0, 0, None, "not_open", ""),
        (SUNDAY, 0, 0, (0, 0.1, 1), "not_open", ""),
        (SUNDAY, 40, 0, (0, 0.1, 1), "above", ""),  # calls on a day on which nobody works
        (date(2026, 10, 2), 0, 0, None, "not_open", ""),
    ],
)
def test_a_count_is_set_beside_what_was_to_be_expected(
    day: date, offered: int | None, own: int, bounds: tuple[float, float, float] | None, state: str, note: str
) -> None:
    row = states(day, offered, own, bounds)
    assert (row["state"], row["note"]) == (state, note)


def test_a_day_of_which_our_log_lacks_hours_says_so() -> None:
    assert states(MONDAY, 100, 60, (80, 100, 120), whole=False)["note"] == "log_incomplete"


def test_a_day_lacks_hours_where_calls_were_usual_and_not_where_nobody_rings(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    hours = [
        {"hour_utc": datetime(2026, 10, day, hour, tzinfo=UTC), "route": "", "calls": 5, "expected": usual}
        | {"is_covered": is_covered}
        for day, hour, usual, is_covered in (
            (12, 2, 100.0, True),
            (12, 3, 100.0, False),  # at 11 o'clock in Shanghai
            (13, 2, 100.0, True),
            (13, 15, 0.1, False),  # at 23 o'clock
        )
    ]
    lake.write(COVERAGE, frame(COVERAGE, hours), "test", month=OCTOBER.text)
    assert lacking(audited(lake, [OCTOBER, SEPTEMBER]), "Asia/Shanghai") == [date(2026, 10, 12)]


@given(st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=19, max_size=19))
@settings(deadline=None)
def test_the_rise_at_the_months_end_is_what_a_loop_finds(calls: list[int | None]) -> None:
    days = labelled(OCTOBER.own_days, "CN")
    worked = days.filter(pl.col("kind").is_in(["working", "make_up"]))["day"].to_list()
    counts = dict(zip(worked, calls, strict=False))
    given_days = days.with_columns(calls=pl.Series([counts.get(day) for day in days["day"]], dtype=pl.Float64))
    found, truth = month_end_rise(given_days, OCTOBER.text), oracle.rise([(day, counts.get(day)) for day in worked])
    assert (found.value is None) == (truth is None)
    if truth is not None:
        assert found.value == pytest.approx(float(truth))


# --------------------------------------------------------------------------------------------- reasons that swell


def asked(month: Month, shares: dict[str, int], jitter: int = 0) -> pl.DataFrame:
    """So many calls a day with each reason; on every third day `jitter` more of the first."""
    rows = [
        (day, reason, calls + (jitter if place == 0 and day.day % 3 == 0 else 0), calls)
        for day in month.own_days
        for place, (reason, calls) in enumerate(shares.items())
    ]
    return pl.DataFrame(rows, schema=["day", "reason", "calls", "numbered"], orient="row")


def flagged(now: pl.DataFrame, before: pl.DataFrame) -> list[str]:
    return reason_rows(now, before).filter("has_swelled")["reason"].to_list()


USUAL = {"bill": 60, "delivery": 100, "login": 40}


def test_a_reason_that_swells_after_an_event_is_told_and_the_others_are_not() -> None:
    assert flagged(asked(OCTOBER, {**USUAL, "login": 60}), asked(SEPTEMBER, USUAL)) == ["login"]
    assert flagged(asked(OCTOBER, USUAL), asked(SEPTEMBER, USUAL)) == []


def test_a_reason_that_jumps_from_day_to_day_anyway_must_rise_by_more() -> None:
    shares = {"bill": 60, "delivery": 100}
    steady = asked(OCTOBER, {**shares, "bill": 70}), asked(SEPTEMBER, shares)
    restless = asked(OCTOBER, {**shares, "bill": 70}, jitter=400), asked(SEPTEMBER, shares, jitter=400)
    assert flagged(*steady) == ["bill"]
    assert flagged(*restless) == []


def test_without_a_month_before_nothing_is_said_to_have_swelled() -> None:
    rows = reason_rows(asked(OCTOBER, USUAL), asked(SEPTEMBER, USUAL).clear())
    assert rows["calls_before"].null_count() == rows["q"].null_count() == 3
    assert not rows["has_swelled"].any()


def test_a_reason_that_is_new_this_month_is_told() -> None:
    rows = reason_rows(asked(OCTOBER, {**USUAL, "recall": 20}), asked(SEPTEMBER, USUAL))
    (new,) = rows.filter(pl.col("reason") == "recall").to_dicts()
    assert (new["calls_before"], new["has_swelled"]) == (0, True)


def test_where_nothing_has_happened_false_alarms_are_rare() -> None:
    """Sixty pairs of months alike, their days restless: about one in twenty has any reason flagged."""
    wrong = 0
    for seed in range(60):
        dice = np.random.default_rng(seed)
        now, before = (drawn(month, dice) for month in (OCTOBER, SEPTEMBER))
        wrong += bool(flagged(now, before))
    assert wrong <= 8


def drawn(month: Month, dice: np.random.Generator) -> pl.DataFrame:
    """Days on which the mix of five reasons strays by a fifth around the same middle."""
    rows = []
    for day in month.own_days:
        weights = np.array([30, 25, 20, 15, 10]) * np.exp(0.2 * dice.standard_normal(5))
        calls = dice.multinomial(400, weights / weights.sum())
        rows += [(day, f"reason {place}", int(count), int(count)) for place, count in enumerate(calls)]
    return pl.DataFrame(rows, schema=["day", "reason", "calls", "numbered"], orient="row")


# ------------------------------------------------------------------------------------------------ the whole family


def write_months(folder: Path, months: list[str], per_day: int) -> Scene:
    """A workspace whose log holds these months: so many calls a day, on days off a third; one caller rings monthly."""
    init(folder)
    space = load_workspace(folder)
    lake, log = Lake(space.lake), []
    for month in (Month(name) for name in months):
        for row in labelled(month.own_days, "CN").to_dicts():
            is_off = row["kind"] in ("holiday", "weekend")
            calls = [
                leg(number, row["day"], 1_000 * row["day"].toordinal() + number, "delivery", 20_000 + 40 * number)
                for number in range(1, (per_day // 3 if is_off else per_day) + 1)
            ]
            loyal = leg(900, row["day"], 7, "bill", 30_000)
            again = leg(901, row["day"], 7, "bill", 30_000, call_id="h900")  # its second leg
            log += [*calls, *([loyal, again] if row["day"].day == 15 else [])]
    write_log(lake, log)
    month = Month(months[-1])
    records = [row for row in log if row["audit_month"] == month.text]
    for day in month.own_days:
        its = [{**row, "offered_utc": row["transferred_utc"]} for row in records if row["day"] == day]
        lake.write(VENDOR_CALLS, frame(VENDOR_CALLS, its), "test", vendor="vendor", day=day.isoformat())
    engine = Engine()
    starts = [int(row["transferred_utc"].timestamp()) * 1_000_000 for row in records]
    padded = [start for start in starts if start >= int(datetime(2026, 10, 28, 16, tzinfo=UTC).timestamp()) * 1_000_000]
    given_calls = pl.DataFrame({"starts_us": starts + padded}).with_columns(
        kind=pl.lit("record"), **{"class": pl.lit("answered")}
    )
    engine.frame("calls", given_calls)
    for table in (LINKS, FINDINGS, VENDOR_CALLS):
        engine.frame(table.name, table.empty())
    return Scene(space, lake, "vendor", month, engine)


def test_three_months_of_a_log_and_a_vendor_that_counts_the_last_days_twice(tmp_path: Path) -> None:
    found = volume(write_months(tmp_path, ["2026-08", "2026-09", "2026-10"], per_day=90))
    days = {row["day"]: row for row in found.tables[VOLUME].to_dicts()}
    assert list(days) == OCTOBER.own_days
    doubled = [day for day, row in days.items() if row["state"] == "above"]
    assert doubled == span(date(2026, 10, 29), date(2026, 10, 31))
    assert days[date(2026, 10, 29)]["offered"] == 2 * days[date(2026, 10, 29)]["passed_on"] == 180
    assert days[date(2026, 10, 15)]["passed_on"] == 92
    assert days[date(2026, 10, 15)]["arrived"] == 91  # two legs of one call arrived once
    figures = {figure.id: figure for figure in found.figures}
    passed = sum(row["passed_on"] for row in days.values())
    assert figures["expected_volume"].value == pytest.approx(passed, rel=0.02)
    assert figures["month_end_rise"].value == pytest.approx(0, abs=0.5)
    (regular,) = found.tables[REGULARS].to_dicts()
    assert (regular["reason"], regular["months"], regular["callers"], regular["calls"]) == ("bill", 3, 1, 1)
    assert figures["regular_callers"].value == pytest.approx(100 / (passed - 1))
    assert found.tables[REASONS]["has_swelled"].to_list() == [False, False]
    hours = found.tables[VOLUME_HOURS]
    assert hours["passed_on"].sum() == passed
    assert hours.group_by("kind").agg(pl.col("own_share_pct").sum())["own_share_pct"].round(6).to_list() == [100.0] * 3


def test_a_single_month_has_no_regular_callers_yet(tmp_path: Path) -> None:
    found = volume(write_months(tmp_path, ["2026-10"], per_day=30))
    figures = {figure.id: figure for figure in found.figures}
    assert (figures["regular_callers"].status, figures["regular_callers"].reason) == (
        "not_measurable",
        "too_few_months",
    )
    assert REGULARS not in found.tables
    assert figures["expected_volume"].definition == "EXPECTED months=0"


def test_days_that_the_vendor_has_not_delivered_or_that_a_rule_holds_back_are_not_judged(tmp_path: Path) -> None:
    scene = write_months(tmp_path, ["2026-10"], per_day=30)
    scene.lake.drop(VENDOR_CALLS, vendor="vendor", day="2026-10-31")
    scene.lake.write_json(gate_name(VENDOR_CALLS, "vendor", "2026-10-20"), {"held_back": ["a wait is not negative"]})
    rows = volume(scene).tables[VOLUME].filter(pl.col("state") == "not_delivered")
    assert rows["day"].to_list() == [date(2026, 10, 20), date(2026, 10, 31)]
    assert rows["offered"].null_count() == 2
    assert rows["expected"].null_count() == 0


def served(counts: dict[date, float | None], first: date, last: date) -> list[date]:
    """The days of a span that are the vendor's; days that are not named brought nobody."""
    days = labelled(span(first, last), "CN")
    calls = pl.Series([counts.get(day, 0.0) for day in days["day"].to_list()], dtype=pl.Float64)
    days = days.with_columns(calls=calls)
    return list(days.filter(in_service(days))["day"])


def test_days_before_a_vendor_takes_over_and_after_it_leaves_are_none_of_its_days() -> None:
    """Else eleven honest days of a vendor that begins or leaves in mid-month lie outside of what is expected."""
    first, last = date(2026, 9, 1), date(2026, 9, 30)
    autumn = span(first, last)
    busy = {day: 70.0 for day in autumn if day.weekday() < 5}
    assert served(busy, first, last) == autumn  # a weekend brings nobody
    assert served(dict.fromkeys(autumn[15:], 70.0), first, last) == autumn[15:]
    assert served(dict.fromkeys(autumn[:12], 70.0), first, last) == autumn[:12]
    gaps: dict[date, float | None] = {**dict.fromkeys(autumn[:3]), **dict.fromkeys(autumn[3:], 70.0)}
    assert served(gaps, first, last) == autumn  # what our log lacks may have had calls
    assert served({}, first, last) == []
    assert served(dict.fromkeys(autumn), first, last) == autumn


def test_a_vendor_that_takes_over_in_mid_month_is_not_judged_by_the_days_before(tmp_path: Path) -> None:
    scene = write_months(tmp_path, ["2026-08", "2026-09", "2026-10"], per_day=30)
    for day in span(date(2026, 8, 1), date(2026, 9, 8)):
        path = scene.lake.path(INHOUSE_CALLS, day=day.isoformat())
        rows = pl.read_parquet(path, hive_partitioning=False)
        others = rows.with_columns(vendor_id=pl.lit("earlier"))
        scene.lake.write(INHOUSE_CALLS, others, "earlier", day=day.isoformat())
    found = volume(scene)
    states = found.tables[VOLUME].filter(pl.col("day") < date(2026, 10, 29))["state"]
    assert set(states) <= {"as_expected", "too_few"}
    (total,) = [each for each in found.figures if each.id == "expected_volume"]
    passed = found.tables[VOLUME]["passed_on"].sum()
    assert total.value == pytest.approx(passed, rel=0.05)


def test_months_go_back_over_the_years_end() -> None:
    assert [month.text for month in months_before(Month("2027-02"), 3)] == ["2027-01", "2026-12", "2026-11"]


def test_counts_are_of_the_vendor_that_is_asked_for(tmp_path: Path) -> None:
    day = date(2026, 10, 12)
    log = [
        leg(1, day, 1, "bill"),
        leg(2, day, 2, None, vendor_id="other"),
        leg(3, day, None, "bill", transferred_utc=None),
    ]
    paths = write_log(Lake(tmp_path), log)
    assert passed_on(paths, "vendor")["calls"].to_list() == [1]
    told = {row["reason"]: (row["calls"], row["numbered"]) for row in arrivals(paths).to_dicts()}
    assert told == {"": (1, 1), "bill": (2, 1)}
