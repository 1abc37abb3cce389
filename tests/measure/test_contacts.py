"""Contacts: cases by hand, and every column against plain loops on random worlds."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.simulate import TINY, write_world
from pipelines.link.steps import link_month
from pipelines.measure.contacts.following import NONE, Rows
from pipelines.measure.contacts.places import Places, taken
from pipelines.measure.contacts.sides import outbound
from pipelines.measure.contacts.step import write_contacts
from pipelines.tables import CONTACTS, OFFSETS, VENDOR_CALLS
from tests.backtest.road import accuse
from tests.measure import oracle
from tests.measure.drawn_contacts import worlds
from tests.measure.worlds import ME, T0, Row, Small, at, contacts, frame

HOUR, DAY = 3_600, 86_400
MONTH = "2026-10"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def rows(world: Small, folder: Path) -> list[Row]:
    """The contacts in order of time."""
    return sorted(contacts(world, folder).to_dicts(), key=lambda row: (row["starts_utc"], row["side"]))


# one attempt chain


@pytest.mark.parametrize(("pause", "attempts"), [(1, 3), (60, 3), (61, 1)])
def test_retries_within_a_minute_after_a_block_are_one_attempt_chain(folder: Path, pause: int, attempts: int) -> None:
    """Busy at the vendor, busy again, answered: the two blocked attempts are no contacts, and no repeats."""
    world = Small()
    start = 0
    for outcome in ("blocked", "blocked", "answered"):
        leg = world.leg(start, start, 1)
        world.link(world.call(start, start + 10, 1, outcome=outcome), leg)
        start += 10 + pause
    (found,) = rows(world, folder)
    assert (found["attempts"], found["is_base"], found["starts_utc"]) == (attempts, True, at(2 * (10 + pause)))


def test_a_caller_who_met_busy_at_a_vendor_and_was_passed_on_to_another_made_one_contact(folder: Path) -> None:
    world = Small()
    world.link(world.call(0, 5, 1, outcome="blocked"), world.leg(0, 0, 1))
    world.link(world.call(30, 90, 1, "elsewhere"), world.leg(25, 30, 1, "elsewhere"))
    (found,) = rows(world, folder)
    assert (found["side"], found["attempts"]) == ("elsewhere", 2)


def test_another_caller_and_an_answered_call_make_no_chain(folder: Path) -> None:
    world = Small()
    world.link(world.call(0, 5, 1, outcome="blocked"), world.leg(0, 0, 1))
    world.link(world.call(10, 20, 2), world.leg(10, 10, 2))
    world.link(world.call(30, 90, 2), world.leg(30, 30, 2))
    assert [row["attempts"] for row in rows(world, folder)] == [1, 1]


# who, when, where


def test_a_day_later_the_next_contacts_are_told_apart_by_place(folder: Path) -> None:
    """A bill: answered by the vendor, then elsewhere, by the client's own agent, at the vendor again; called back."""
    world = Small()
    world.link(world.call(0, 100, 1, reason="bill"), world.leg(0, 0, 1, reason="bill"))
    world.link(world.call(HOUR, HOUR + 60, 1, "elsewhere"), world.leg(HOUR, HOUR, 1, "elsewhere"))
    world.leg(2 * HOUR, None, 1, agent_id="in1", reason="bill", ended_utc=at(2 * HOUR + 60))
    world.link(world.call(3 * HOUR, 3 * HOUR + 60, 1), world.leg(3 * HOUR, 3 * HOUR, 1, reason="repair"))
    world.call(DAY, DAY + 60, 1, direction="outbound")
    first = rows(world, folder)[0]
    assert (first["next_side"], first["next_call_id"], first["next_reason"]) == ("elsewhere", "v2", None)
    assert (first["next_utc"], first["other_vendor_utc"], first["unknown_reason_utc"]) == (at(HOUR),) * 3
    assert (first["inhouse_utc"], first["same_reason_utc"]) == (at(2 * HOUR),) * 2
    assert (first["same_vendor_utc"], first["agent_callback_utc"]) == (at(3 * HOUR), at(DAY))


@pytest.mark.parametrize(("vendor", "column"), [(ME, "same_vendor_utc"), ("elsewhere", "other_vendor_utc")])
def test_a_leg_without_a_record_was_at_the_vendor_that_it_was_passed_on_to(
    folder: Path, vendor: str, column: str
) -> None:
    """A vendor that leaves out a record does not turn its caller's second call into one to the client."""
    world = Small()
    world.link(world.call(0, 100, 1), world.leg(0, 0, 1))
    world.link(None, world.leg(HOUR, HOUR + 30, 1, vendor))
    first = rows(world, folder)[0]
    told = {name: first[name] for name in ("same_vendor_utc", "other_vendor_utc", "inhouse_utc")}
    assert told == {**dict.fromkeys(told), column: at(HOUR)}


def test_a_call_out_before_the_first_span_of_a_clock_is_told_by_that_span(tmp_path: Path) -> None:
    """The vendor's clock is an hour fast, and it calls out before the first call comes in."""
    world = Small()
    world.call(HOUR, HOUR + 60, 1, direction="outbound")
    world.call(9 * HOUR, 9 * HOUR + 60, 1, direction="outbound")
    frame(VENDOR_CALLS, world.calls).write_parquet(tmp_path / "calls.parquet")
    clock = frame(OFFSETS, [{"from_utc": at(2 * HOUR), "offset_s": Decimal(HOUR)}])
    found = outbound([tmp_path / "calls.parquet"], clock)["starts_us"]
    since = int(T0.timestamp())
    assert [second // 1_000_000 - since for second in found] == [0, 8 * HOUR]


def test_the_clients_own_answered_calls_are_base_contacts_of_its_own_side(folder: Path) -> None:
    world = Small()
    world.leg(0, None, 1, agent_id="in1", ended_utc=at(60))
    world.leg(HOUR, None, 1, outcome="abandoned")
    world.leg(0, None, 2, agent_id="in1", audit_month="2026-02")
    found = {row["call_id"]: (row["is_base"], row["next_utc"]) for row in rows(world, folder)}
    assert found == {"h1": (True, at(HOUR)), "h2": (False, None), "h3": (False, None)}


def test_windows_are_spans_of_time_whatever_the_clock_on_the_wall_does(folder: Path) -> None:
    """Berlin puts its clock forward in the night to 29 March 2026: a day from Saturday noon is Sunday 13:00 there."""
    zone = ZoneInfo("Europe/Berlin")
    world = Small()
    ends = int((datetime(2026, 3, 28, 12, tzinfo=zone) - T0).total_seconds())
    again = int((datetime(2026, 3, 29, 13, tzinfo=zone) - T0).total_seconds())
    world.link(world.call(ends - 60, ends, 1), world.leg(ends - 60, ends - 60, 1))
    world.link(world.call(again, again + 60, 1), world.leg(again, again, 1))
    first = rows(world, folder)[0]
    assert first["next_utc"] - first["ends_utc"] == timedelta(days=1)


def test_a_call_that_ends_before_it_starts_is_followed_by_what_lies_after_its_end_but_not_by_itself(
    folder: Path,
) -> None:
    world = Small()
    world.link(world.call(100, 90, 1), None, match_class="vendor_only")
    assert rows(world, folder)[0]["next_utc"] is None
    world.link(world.call(95, 99, 1), None)
    assert [row["next_utc"] for row in rows(world, folder)] == [at(100), at(95)]


# against plain loops


@settings(max_examples=100)
@given(world=worlds())
def test_every_column_agrees_with_plain_loops(folder: Path, world: Small) -> None:
    found = {(row["file_id"], row["row"]): row for row in contacts(world, folder).to_dicts()}
    expected = {row["who"]: row for row in oracle.contacts(world)}
    assert found.keys() == expected.keys()
    for who, row in expected.items():
        plain = {
            "caller_key": row["caller"],
            "side": row["side"],
            "call_id": row["id"],
            "inhouse_call_id": row["same"],
            "starts_utc": row["start"],
            "ends_utc": row["end"],
            "is_answered": row["answered"],
            "is_handled_inhouse": row["by_client"],
            "is_base": row["base"],
            "is_handed_back": row["handed_back"],
            "reason": row["reason"],
            "attempts": row["attempts"],
            **{name: value for name, value in row.items() if name.endswith("_utc") or name.startswith("next_")},
        }
        assert {name: found[who][name] for name in plain} == plain


@settings(max_examples=20)
@given(world=worlds())
def test_parts_by_caller_give_the_same_as_one(folder: Path, world: Small) -> None:
    assert contacts(world, folder, parts=3).equals(contacts(world, folder))


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 12), st.integers(-2, 9), st.booleans()), min_size=1, max_size=40
    ),
    st.data(),
)
def test_the_first_row_behind_an_end_is_found_by_bisection_as_by_looking_at_all(
    drawn: list[tuple[int, int, int, bool]], data: st.DataObject
) -> None:
    ordered = sorted(drawn, key=lambda row: row[:2])
    group, starts, lasts, has_end = (np.array(column) for column in zip(*ordered, strict=True))
    call = np.array(data.draw(st.lists(st.integers(0, 5), min_size=len(drawn), max_size=len(drawn))), np.uint64)
    call = np.where(call < 3, call, np.arange(10, 10 + len(drawn)).astype(np.uint64))
    wanted = np.array(data.draw(st.lists(st.booleans(), min_size=len(drawn), max_size=len(drawn))))
    found = Rows(group, starts, starts + lasts, has_end, call).next(wanted)
    for i in range(len(drawn)):
        later = [
            j
            for j in range(len(drawn))
            if has_end[i]
            and wanted[j]
            and group[j] == group[i]
            and call[j] != call[i]
            and starts[j] > starts[i] + lasts[i]
        ]
        assert found[i] == (later[0] if later else NONE)


def test_records_are_found_again_by_file_and_number_and_strangers_are_not() -> None:
    frame = pl.DataFrame({"file_id": ["b", "a", "b"], "row": [7, 1, 2], "word": ["b7", "a1", "b2"]})
    places = Places(frame)
    asked = (pl.Series(["b", "a", "c", "b", None, "a"]), pl.Series([2, 1, 1, 3, None, 8], dtype=pl.Int64))
    assert taken(frame, places.of(*asked))["word"].to_list() == ["b2", "a1", None, None, None, None]


# on a lake


def test_the_step_makes_the_same_in_parts_of_any_size_and_drops_parts_that_are_left_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a secret of some length")
    world = write_world(tmp_path / "world", seed=7, size=TINY)
    space, lake, month = accuse(world.directory, MONTH, has_rules=False)
    for vendor in space.vendors:
        link_month(space, lake, vendor, month)

    def made(rows_of_a_part: int) -> tuple[int, pl.DataFrame]:
        told = write_contacts(space, lake, month, rows_of_a_part)
        found = lake.read(CONTACTS, month=MONTH)
        assert told["contacts"].sum() == found.height > 0
        assert told["part"].to_list() == lake.values(CONTACTS, "part", month=MONTH)
        return told.height, found.sort(CONTACTS.key)

    many, in_parts = made(200)
    one, whole = made(1_000_000)
    assert many > one == 2
    assert in_parts.equals(whole)
    before = [path.read_bytes() for path in lake.paths(CONTACTS)]
    for path in lake.paths(CONTACTS):
        path.unlink()
    made(1_000_000)
    assert [path.read_bytes() for path in lake.paths(CONTACTS)] == before
    keyless = pl.concat(pl.read_parquet(path, hive_partitioning=False) for path in lake.paths(CONTACTS, part="none"))
    assert keyless.height == keyless["caller_key"].null_count() == whole["caller_key"].null_count()
