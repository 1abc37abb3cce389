"""From received files to the days of the lake: what is laid, what stays untouched, what goes."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipelines.contract import Workspace
from pipelines.errors import TieoutError
from pipelines.intake.manifest import in_force
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.standardise.by_file import counts
from pipelines.standardise.days import Laid, lay_days
from pipelines.standardise.files import standardise_files
from pipelines.standardise.overlaps import Noted
from pipelines.tables import REJECTS, VENDOR_CALLS
from tests.intake.contracts import calls, column, put, workspace

DAYS = [date(2026, 10, 1) + timedelta(days=day) for day in range(31)]
HEAD = "id,caller,start"


def line(call: str, day: int, caller: str = "030 12345678") -> str:
    return f"{call},{caller},2026-10-{day:02d} 08:00:00"


def night(space: Workspace, days: list[date] = DAYS) -> Laid:
    """Pulls, standardises and lays these days of the vendor."""
    lake, south = Lake(space.lake), space.vendors["south"].contract
    pull(space.dir, lake, south, days)
    standardise_files(space, lake, south, days)
    return lay_days(lake, "south", VENDOR_CALLS, days)


def on_days(space: Workspace) -> dict[int, list[str]]:
    """Calls by day of October, as they lie in the lake."""
    lake = Lake(space.lake)
    found = {day: lake.read(VENDOR_CALLS, day=day) for day in lake.values(VENDOR_CALLS, "day")}
    return {int(day[-2:]): sorted(rows["call_id"]) for day, rows in found.items()}


def written(space: Workspace) -> dict[str, int]:
    """Every partition and count of the lake, with the moment of its last writing."""
    kept = [path for path in space.lake.rglob("*") if path.is_file() and "received" not in path.parts]
    return {str(path.relative_to(space.lake)): path.stat().st_mtime_ns for path in kept}


@pytest.fixture(name="space")
def a_space(folder: Path) -> Workspace:
    return workspace(folder / "w", calls(file="calls*.csv"))


def test_one_file_fills_many_days(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1), line("b", 3), line("c", 1))
    laid = night(space)
    assert on_days(space) == {1: ["a", "c"], 3: ["b"]}
    assert {day: rows for day, rows in laid.rows.items() if rows} == {"2026-10-01": 2, "2026-10-03": 1}


def test_many_files_fill_one_day_and_a_shared_row_is_kept_once(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls_1.csv", HEAD, line("a", 1), line("b", 1), line("c", 2))
    put(space.dir, "drop/2026-10/calls_2.csv", HEAD, line("b", 1), line("c", 2), line("d", 2))
    laid = night(space)
    assert on_days(space) == {1: ["a", "b"], 2: ["c", "d"]}
    assert laid.repeated == {"2026-10-01": Noted(1), "2026-10-02": Noted(1)}
    last = next(file for file in in_force(Lake(space.lake), "south") if file.file.endswith("calls_2.csv"))
    rows = Lake(space.lake).read(VENDOR_CALLS, day="2026-10-01").filter(call_id="b")
    assert rows["file_id"].to_list() == [last.file_id]


def test_the_same_row_twice_in_one_file_is_evidence_and_stays(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls_1.csv", HEAD, line("a", 1), line("a", 1), line("b", 1))
    put(space.dir, "drop/2026-10/calls_2.csv", HEAD, line("a", 1))
    put(space.dir, "drop/2026-10/calls_3.csv", HEAD, line("b", 1), line("b", 1), line("b", 1))
    assert night(space).repeated == {"2026-10-01": Noted(2)}
    assert on_days(space) == {1: ["a", "a", "b", "b", "b"]}


def test_one_content_for_two_kinds_of_file_counts_once(folder: Path) -> None:
    space = workspace(folder / "w", calls(file="calls_1.csv"), calls(file="calls_2.csv", name="more"))
    for name in ("calls_1.csv", "calls_2.csv"):
        put(space.dir, f"drop/2026-10/{name}", HEAD, line("a", 1), line("a", 1))
    night(space)
    assert on_days(space) == {1: ["a", "a"]}


def test_one_file_of_two_kinds_gives_each_row_once(folder: Path) -> None:
    """Two objects that match one file and read it differently: the first in the order of names speaks."""
    queued = calls(column("queue", role="queue"), name="with_queue")
    space = workspace(folder / "w", calls(), queued)
    put(space.dir, "drop/2026-10/calls.csv", f"{HEAD},queue", line("a", 1) + ",cards", line("b", 1) + ",loans")
    assert night(space).repeated == {"2026-10-01": Noted(2)}
    assert on_days(space) == {1: ["a", "b"]}


def test_a_row_of_many_files_is_kept_from_the_one_received_last(space: Workspace) -> None:
    for number in range(1, 6):
        put(space.dir, f"drop/2026-10/calls_{number}.csv", HEAD, line("a", 1), line(f"b{number}", 1))
        night(space)
    lake = Lake(space.lake)
    received = {file.file_id: file.file for file in in_force(lake, "south")}
    kept = lake.read(VENDOR_CALLS).filter(call_id="a")["file_id"].to_list()
    assert [received[file_id] for file_id in kept] == ["drop/2026-10/calls_5.csv"]


def test_nothing_new_writes_nothing(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1), line("b", 3), "c,1,never")
    night(space)
    before = written(space)
    assert len(before) == 5
    again = night(space)
    assert written(space) == before
    assert again.rows["2026-10-01"] == 1
    assert again.repeated == {}


def test_a_new_file_rewrites_only_its_days(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls_1.csv", HEAD, line("a", 1), line("b", 3))
    night(space)
    before = written(space)
    put(space.dir, "drop/2026-10/calls_2.csv", HEAD, line("c", 3))
    night(space)
    after = written(space)
    assert [name for name in before if after[name] != before[name]] == [
        "vendor_calls/vendor=south/day=2026-10-03/data.parquet"
    ]
    assert on_days(space) == {1: ["a"], 3: ["b", "c"]}


def test_a_corrected_file_lays_its_days_anew_and_days_without_rows_go(space: Workspace) -> None:
    path = put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1), line("b", 2), line("c", 3))
    night(space)
    sent_first = path.read_bytes()
    put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1), line("B", 2), line("d", 4))
    night(space)
    assert on_days(space) == {1: ["a"], 2: ["B"], 4: ["d"]}
    path.write_bytes(sent_first)
    night(space)
    assert on_days(space) == {1: ["a"], 2: ["b"], 3: ["c"]}


@pytest.mark.parametrize(
    "change",
    [
        lambda item: item["properties"].append(column("more", role="queue")),
        lambda item: item["customProperties"][2].update(value="Asia/Shanghai"),
    ],
    ids=["a column", "the time zone"],
)
def test_a_changed_contract_standardises_again(folder: Path, change: Callable[[dict[str, object]], None]) -> None:
    space = workspace(folder / "w", calls())
    put(space.dir, "drop/2026-10/calls.csv", f"{HEAD},more", line("a", 1) + ",q")
    night(space)
    before = Lake(space.lake).read(VENDOR_CALLS)
    item = calls()
    change(item)
    night(workspace(folder / "w", item))
    assert not Lake(space.lake).read(VENDOR_CALLS).equals(before)


def test_files_of_other_months_are_left_alone(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1))
    lake, south = Lake(space.lake), space.vendors["south"].contract
    pull(space.dir, lake, south, DAYS)
    standardise_files(space, lake, south, [date(2026, 11, 1)])
    assert [counts(lake, file) for file in in_force(lake, "south")] == [None]


def test_every_file_that_cannot_be_used_is_named_and_the_others_are_there(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls_1.csv", "id,start", "a,2026-10-01 08:00:00")
    put(space.dir, "drop/2026-10/calls_2.csv", HEAD, line("b", 1))
    put(space.dir, "drop/2026-10/calls_3.csv", HEAD, *["é"] * 3, encoding="cp1252")
    with pytest.raises(TieoutError) as refused:
        night(space)
    assert [fault.where for fault in refused.value.faults] == [
        "drop/2026-10/calls_1.csv: line 1 (header)",
        "drop/2026-10/calls_3.csv: byte 16",
    ]
    lay_days(Lake(space.lake), "south", VENDOR_CALLS, DAYS)
    assert on_days(space) == {1: ["b"]}


def test_rejects_and_counts_lie_beside_the_rows(space: Workspace) -> None:
    put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1), "b,1,never")
    night(space)
    lake = Lake(space.lake)
    (file,) = in_force(lake, "south")
    tally = counts(lake, file) or {}
    assert (tally["rows_read"], tally["accepted"], tally["rejected"], tally["days"]) == (2, 1, 1, {"2026-10-01": 1})
    rejects = lake.read(REJECTS, source="south", file=file.file_id)
    assert rejects.select("row", "line", "column", "text").rows() == [(2, 3, "start", "never")]


def test_another_key_is_refused_with_what_to_do(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    put(space.dir, "drop/2026-10/calls.csv", HEAD, line("a", 1))
    night(space)
    before = written(space)
    secret = os.environ["TIEOUT_KEY"]
    monkeypatch.setenv("TIEOUT_KEY", "quite another secret than before")
    put(space.dir, "drop/2026-11/calls.csv", HEAD, "z,030 12345678,2026-11-01 08:00:00")
    for days in (DAYS, [date(2026, 11, 1)]):
        with pytest.raises(TieoutError, match="tieout rekey") as refused:
            night(space, days)
        assert secret not in str(refused.value)
        assert "quite another" not in str(refused.value)
    assert written(space) == before


def test_no_raw_number_reaches_the_lake(space: Workspace) -> None:
    put(
        space.dir,
        "drop/2026-10/calls.csv",
        HEAD,
        line("a", 1, "03012345678"),
        "b,03012345678,03012345678",
        "c,03012345678",
    )
    night(space)
    for path in space.lake.rglob("*"):
        assert not path.is_file() or b"03012345678" not in path.read_bytes()
    assert Lake(space.lake).read(REJECTS)["text"].to_list() == ["030******78", ""]
