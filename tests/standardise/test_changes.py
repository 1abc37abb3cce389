"""A corrected file against its predecessor: which records were added, removed and changed, rows in and rows out."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.manifest import in_force
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.standardise.by_file import by_file
from pipelines.standardise.changes import changes, changes_name, write_changes
from pipelines.standardise.files import standardise_files
from pipelines.tables import CLAIMS, DELIVERY_CHANGES, VENDOR_CALLS, Table
from tests.intake.contracts import calls, column, put, workspace
from tests.standardise.test_days import DAYS

Line = dict[str, Any]
START = datetime(2026, 10, 1, 8, tzinfo=UTC)


def rows(table: Table, file: str, lines: list[Line]) -> pl.LazyFrame:
    whole = [{name: line.get(name) for name in table.schema} for line in lines]
    frame = pl.DataFrame(whole, schema=table.schema, orient="row")
    number = pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
    return frame.with_columns(number.alias("row"), file_id=pl.lit(file)).lazy()


def told(before: list[Line], after: list[Line], table: Table = VENDOR_CALLS) -> list[tuple[Any, ...]]:
    frame, counts = changes(table, rows(table, "new", after), rows(table, "old", before))
    assert frame.schema == DELIVERY_CHANGES.schema
    assert dict(Counter(frame["kind"])) == {kind: count for kind, count in counts.items() if count}
    return frame.select("kind", "replaced_row", "row", "columns").rows()


def call(call_id: str | None, minute: int = 0, **more: Any) -> Line:
    return {"vendor_id": "south", "call_id": call_id, "offered_utc": START + timedelta(minutes=minute), **more}


def test_what_is_the_same_word_for_word_is_no_difference_wherever_it_stands() -> None:
    lines = [call("a"), call("b", 1), call("b", 1), call(None, 2)]
    assert told(lines, lines[::-1]) == []


def test_added_removed_and_changed_records() -> None:
    before = [call("a"), call("b", 1, talk_s=50), call("c", 2)]
    after = [call("b", 1, talk_s=49, outcome="answered"), call("d", 5), call("c", 2)]
    assert told(before, after) == [
        ("added", None, 2, None),
        ("removed", 1, None, None),
        ("changed", 2, 1, "talk_s,outcome"),
    ]


def test_a_record_less_of_a_counter_is_one_record_and_does_not_shift_the_others() -> None:
    before = [call("1", minute) for minute in range(50)]
    assert told(before, before[:20] + before[21:]) == [("removed", 21, None, None)]


def test_one_copy_more_of_a_record_is_one_added() -> None:
    assert told([call("a")], [call("a"), call("a")]) == [("added", None, 2, None)]


def test_the_cells_before_and_after_are_told_and_no_number_is() -> None:
    before = call("a", caller_key=11, caller_mask="030******78", called="03012345678", talk_s=5)
    after = call("a", caller_key=12, caller_mask="030******79", called="03012345679", talk_s=None)
    frame, _ = changes(VENDOR_CALLS, rows(VENDOR_CALLS, "new", [after]), rows(VENDOR_CALLS, "old", [before]))
    assert frame["columns"].to_list() == ["caller_key,caller_mask,called,talk_s"]
    assert json.loads(frame["before"][0]) == {"caller_mask": "030******78", "called": "030******78", "talk_s": 5.0}
    assert json.loads(frame["after"][0]) == {"caller_mask": "030******79", "called": "030******79", "talk_s": None}


def test_an_added_record_is_told_whole_without_its_key() -> None:
    new = rows(VENDOR_CALLS, "new", [call("a", caller_key=11, caller_mask="030******78")])
    frame, _ = changes(VENDOR_CALLS, new, rows(VENDOR_CALLS, "old", []))
    assert json.loads(frame["after"][0]) == {
        "vendor_id": "south",
        "call_id": "a",
        "caller_mask": "030******78",
        "offered_utc": "2026-10-01T08:00:00+00:00",
    }


def test_a_figure_that_was_restated() -> None:
    def claim(field: str, value: float, hour: int = 0) -> Line:
        start = START + timedelta(hours=hour)
        return {"field": field, "period_start_utc": start, "period_s": 3600, "value": value, "printed": str(value)}

    before = [claim("offered", 10), claim("answered", 9), claim("offered", 4, 1)]
    after = [claim("offered", 10), claim("answered", 8)]
    assert told(before, after, CLAIMS) == [("removed", 3, None, None), ("changed", 2, 2, "value,printed")]


def test_many_differences_are_counted_exactly_and_kept_up_to_a_bound() -> None:
    after = [call(str(number)) for number in range(40)]
    frame, counts = changes(VENDOR_CALLS, rows(VENDOR_CALLS, "n", after), rows(VENDOR_CALLS, "o", []), most=3)
    assert frame["row"].to_list() == [1, 2, 3]
    assert counts == {"added": 40, "removed": 0, "changed": 0}


SMALL = st.lists(st.tuples(st.sampled_from(["1", "2", None]), st.sampled_from([0, 1]), st.sampled_from([None, 5])))


@given(SMALL, SMALL)
def test_the_counts_are_those_of_the_slow_loop(before: list[Any], after: list[Any]) -> None:
    """What both hold is struck out one by one; what is left is paired by its id, one by one."""
    old, new = list(before), list(after)
    for line in list(new):
        if line in old:
            old.remove(line)
            new.remove(line)
    changed = sum(min(Counter(x[0] for x in old)[name], Counter(x[0] for x in new)[name]) for name in ("1", "2", None))
    sides = [[call(name, minute, talk_s=talk) for name, minute, talk in lines] for lines in (after, before)]
    _, counts = changes(VENDOR_CALLS, rows(VENDOR_CALLS, "n", sides[0]), rows(VENDOR_CALLS, "o", sides[1]))
    assert counts == {"added": len(new) - changed, "removed": len(old) - changed, "changed": changed}


def deliver(folder: Path, *lines: str) -> Lake:
    """A file of October, pulled and standardised; what it changed is written."""
    space = workspace(folder / "w", calls(column("note", role="reason")))
    put(space.dir, "drop/2026-10/calls.csv", "id,caller,start,note", *lines)
    lake, south = Lake(space.lake), space.vendors["south"].contract
    pull(space.dir, lake, south, DAYS)
    standardise_files(space, lake, south, DAYS)
    write_changes(lake, south, lambda item: [VENDOR_CALLS], by_file)
    return lake


def line(call_id: str, note: str = "") -> str:
    return f"{call_id},030 12345678,2026-10-01 08:00:00,{note}"


def test_a_file_delivered_again_with_other_rows(folder: Path) -> None:
    assert deliver(folder, line("a"), line("b")).read(DELIVERY_CHANGES).is_empty()
    lake = deliver(folder, line("a", "bill"), line("c"))
    found = lake.read(DELIVERY_CHANGES, source="south", object="calls")
    assert sorted(found.select("kind", "call_id", "columns").rows()) == [
        ("added", "c", None),
        ("changed", "a", "reason"),
        ("removed", "b", None),
    ]
    (file,) = in_force(lake, "south")
    assert set(found["file_id"]) == {file.file_id}
    earlier = found["replaced_file_id"][0]
    assert lake.read_json(changes_name(file)) == {earlier: {"vendor_calls": {"added": 1, "removed": 1, "changed": 1}}}
    path = lake.path(DELIVERY_CHANGES, source="south", object="calls", file=file.file_id)
    before = path.stat().st_mtime_ns
    deliver(folder, line("a", "bill"), line("c"))
    assert path.stat().st_mtime_ns == before
    assert b"03012345678" not in path.read_bytes()


def test_a_third_content_is_told_against_the_second_and_one_that_comes_back_against_what_it_replaces(
    folder: Path,
) -> None:
    deliver(folder, line("a"))
    deliver(folder, line("a"), line("b"))
    lake = deliver(folder, line("a"), line("b"), line("c"))
    assert told_now(lake) == [("added", "c")]
    assert told_now(deliver(folder, line("a"))) == [("removed", "b"), ("removed", "c")]


def told_now(lake: Lake) -> list[tuple[str, str]]:
    (file,) = in_force(lake, "south")
    found = lake.read(DELIVERY_CHANGES, source="south", object="calls", file=file.file_id)
    return sorted(found.select("kind", "call_id").rows())
