"""Which content counts, through corrections, repeats and copies. Contents are letters, paths are named by months."""

from dataclasses import replace
from hashlib import sha256
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.manifest import Received, in_force, received, record
from pipelines.lake import Lake


def item(content: str, path: str, at: int = 0) -> Received:
    """A content received under a path, at second `at`."""
    digest = sha256(content.encode()).hexdigest()
    return Received(
        file_id=digest[:16],
        source="south",
        object="calls",
        feed="calls",
        file=f"drop/{path}/calls.csv",
        sha256=digest,
        size_bytes=1,
        received_utc=f"2026-11-01T00:00:{at:02d}+00:00",
        month=path,
    )


def counting(lake: Lake, *contents: str) -> dict[str, str | None]:
    """Contents in force and the month that each counts for."""
    names = {item(content, "x").file_id: content for content in contents}
    return {names[kept.file_id]: kept.month for kept in in_force(lake, "south")}


def test_the_same_file_again_is_no_second_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    first = record(lake, item("A", "2026-10", at=1))
    assert record(lake, item("A", "2026-10", at=2)) == first
    assert received(lake, "south") == [first]
    assert first.received_utc.endswith("00:01+00:00")


def test_the_same_content_under_another_path_is_noted_and_not_doubled(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    record(lake, item("A", "2026-10"))
    for _ in range(2):
        record(lake, item("A", "2026-11"))
    (kept,) = received(lake, "south")
    assert (kept.file, kept.also_seen) == ("drop/2026-10/calls.csv", ("drop/2026-11/calls.csv",))


def test_another_content_under_the_same_path_supersedes_and_the_earlier_is_kept(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    record(lake, item("A", "2026-10", at=1))
    later = record(lake, item("B", "2026-10", at=2))
    assert counting(lake, "A", "B") == {"B": "2026-10"}
    assert [kept.superseded_by for kept in received(lake, "south")] == [later.file_id, None]


def test_a_file_that_comes_back_counts_again(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for at, content in enumerate("ABACAB"):
        record(lake, item(content, "2026-10", at))
        assert counting(lake, "A", "B", "C") == {content: "2026-10"}


def test_other_objects_and_sources_are_not_superseded(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    record(lake, item("A", "2026-10"))
    record(lake, replace(item("B", "2026-10"), object="report"))
    record(lake, replace(item("B", "2026-10"), source="north"))
    assert sorted((kept.source, kept.object) for kept in in_force(lake, "*")) == [
        ("north", "calls"),
        ("south", "calls"),
        ("south", "report"),
    ]


def test_a_content_stays_in_force_where_another_path_still_holds_it(tmp_path: Path) -> None:
    """October's file also lay in November's folder; then October was corrected."""
    lake = Lake(tmp_path)
    for content, path in (("A", "2026-10"), ("A", "2026-11"), ("B", "2026-10")):
        record(lake, item(content, path))
    assert counting(lake, "A", "B") == {"A": "2026-11", "B": "2026-10"}
    record(lake, item("C", "2026-11"))
    assert counting(lake, "A", "B", "C") == {"B": "2026-10", "C": "2026-11"}


def test_a_superseded_content_that_arrives_under_a_new_path_counts_there(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for content, path in (("A", "2026-10"), ("B", "2026-10"), ("A", "2026-11")):
        record(lake, item(content, path))
    assert counting(lake, "A", "B") == {"A": "2026-11", "B": "2026-10"}


@pytest.mark.parametrize("order", list(permutations(["2026-10", "2026-11", "2026-12"])))
def test_looking_again_at_the_same_folders_changes_nothing_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    lake = Lake(tmp_path)
    holds = {"2026-10": "B", "2026-11": "A", "2026-12": "A"}
    record(lake, item("A", "2026-10"))
    for path in [*order, *order]:
        record(lake, item(holds[path], path))
    assert set(counting(lake, "A", "B")) == {"A", "B"}
    settled = {kept.name: kept for kept in received(lake, "south")}
    for path in order:
        record(lake, item(holds[path], path))
    assert {kept.name: kept for kept in received(lake, "south")} == settled


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["2026-10", "2026-11"])), min_size=1, max_size=7))
def test_what_counts_is_what_lies_in_the_folders(
    tmp_path_factory: pytest.TempPathFactory, events: list[tuple[str, str]]
) -> None:
    lake = Lake(tmp_path_factory.mktemp("lake"))
    for content, path in events:
        record(lake, item(content, path))
    lies_there = {path: content for content, path in events}
    assert set(counting(lake, *"ABC")) == set(lies_there.values())
    for content, month in counting(lake, *"ABC").items():
        assert month is not None
        assert lies_there[month] == content
