"""Real files in folders: which are found, how they are kept, what is refused."""

from datetime import date
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE

import pytest

from pipelines.errors import Fault, TieoutError
from pipelines.intake.manifest import in_force
from pipelines.intake.pull import places, pull, require
from pipelines.lake import Lake
from tests.intake.contracts import calls, column, contract, put, schema

DAYS = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)]


def daily_report(file: str = "report.csv") -> object:
    day = column("day", "date", fmt="%Y-%m-%d", role="period_start")
    return schema("report", "claims", file, day, column("offered", "integer", figure="offered"), period="day")


def found(tmp_path: Path, *objects: object, path: str = "drop/{month}") -> dict[str, str | None]:
    """Pulls the three days; the files found, with the month that their path names."""
    items = pull(tmp_path, Lake(tmp_path / "lake"), contract(tmp_path, *objects, path=path), DAYS)
    return {item.file: item.month for item in items}


def test_files_are_found_by_month_day_and_vendor(tmp_path: Path) -> None:
    put(tmp_path, "drop/2026-09/calls.csv", "september")
    put(tmp_path, "drop/2026-10/calls.csv", "october")
    put(tmp_path, "drop/2026-11/calls.csv", "november")
    put(tmp_path, "drop/2026-10/report.csv", "report")
    assert found(tmp_path, calls(), daily_report()) == {
        "drop/2026-09/calls.csv": "2026-09",
        "drop/2026-10/calls.csv": "2026-10",
        "drop/2026-10/report.csv": "2026-10",
    }
    put(tmp_path, "by_day/south/2026-10-02_calls.csv", "one day")
    put(tmp_path, "by_day/south/2026-10-03_calls.csv", "not asked for")
    by_day = found(tmp_path, calls(file="{day}_calls.csv"), path="by_day/{vendor}")
    assert by_day == {"by_day/south/2026-10-02_calls.csv": "2026-10"}


def test_a_path_without_a_date_belongs_to_no_month_and_is_looked_at_once(tmp_path: Path) -> None:
    put(tmp_path, "drop/calls_1.csv", "one")
    put(tmp_path, "drop/calls_2.csv", "two")
    put(tmp_path, "drop/other.csv", "three")
    south = contract(tmp_path, calls(file="calls_*.csv"), path="drop")
    assert len(places(south, DAYS)) == 1
    assert found(tmp_path, calls(file="calls_*.csv"), path="drop") == {
        "drop/calls_1.csv": None,
        "drop/calls_2.csv": None,
    }


def test_two_stars_reach_into_folders_and_folders_are_no_files(tmp_path: Path) -> None:
    put(tmp_path, "drop/a/b/calls.csv", "deep")
    (tmp_path / "drop/calls.csv").mkdir()
    assert found(tmp_path, calls(), path="drop/**") == {"drop/a/b/calls.csv": None}


def test_a_workspace_may_lie_in_a_folder_with_brackets(tmp_path: Path) -> None:
    home = tmp_path / "client [new]*"
    put(home, "drop/2026-10/calls.csv", "october")
    assert found(home, calls()) == {"drop/2026-10/calls.csv": "2026-10"}


def test_feeds_that_this_release_does_not_read_are_left_where_they_lie(tmp_path: Path) -> None:
    put(tmp_path, "drop/2026-10/calls.csv", "october")
    put(tmp_path, "drop/2026-10/invoice.csv", "amount")
    invoice = schema("invoice", "invoice", "invoice.csv", column("amount", role="amount"))
    assert list(found(tmp_path, calls(), invoice)) == ["drop/2026-10/calls.csv"]


def test_a_file_is_kept_as_sent_for_its_owner_alone(tmp_path: Path) -> None:
    sent = b"\xef\xbb\xbfid,caller\r\n\x00\xff 138,\r\n" * 100_000
    (tmp_path / "drop/2026-10").mkdir(parents=True)
    (tmp_path / "drop/2026-10/calls.csv").write_bytes(sent)
    (item,) = pull(tmp_path, Lake(tmp_path / "lake"), contract(tmp_path, calls()), DAYS)
    kept = tmp_path / "landing" / "south" / sha256(sent).hexdigest()
    assert kept.read_bytes() == sent
    assert (item.sha256, item.file_id, item.size_bytes) == (kept.name, kept.name[:16], len(sent))
    assert (item.source, item.object, item.feed) == ("south", "calls", "calls")
    assert [S_IMODE(path.stat().st_mode) for path in (tmp_path / "landing", kept.parent, kept)] == [0o700, 0o700, 0o600]
    assert list(kept.parent.iterdir()) == [kept]


def test_every_empty_or_unreadable_file_is_named_and_the_rest_is_kept(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    empty = [put(tmp_path, f"drop/2026-10/calls_{number}.csv") for number in (1, 2)]
    (tmp_path / "drop/2026-10/calls_3.csv").symlink_to(tmp_path / "gone.csv")
    put(tmp_path, "drop/2026-10/calls_4.csv", "good")
    with pytest.raises(TieoutError) as refused:
        pull(tmp_path, lake, contract(tmp_path, calls(file="calls_*.csv")), DAYS)
    assert [fault.where for fault in refused.value.faults] == [*map(str, empty), str(empty[0].with_name("calls_3.csv"))]
    assert [fault.found for fault in refused.value.faults] == [
        "an empty file (0 bytes)",
        "an empty file (0 bytes)",
        "a file that cannot be received: No such file or directory",
    ]
    assert [item.file for item in in_force(lake, "south")] == ["drop/2026-10/calls_4.csv"]
    assert len(list((tmp_path / "landing/south").iterdir())) == 1


def missing(tmp_path: Path, month: str, feed: str = "calls", path: str = "drop/{month}") -> list[Fault]:
    south = contract(tmp_path, calls(), daily_report(), path=path)
    pull(tmp_path, Lake(tmp_path / "lake"), south, DAYS)
    with pytest.raises(TieoutError) as refused:
        require(tmp_path, Lake(tmp_path / "lake"), south, month, feed)
    return refused.value.faults


def test_a_month_without_its_file_is_a_fault_with_the_place_where_it_should_lie(tmp_path: Path) -> None:
    put(tmp_path, "drop/2026-10/calls.csv", "october")
    (fault,) = missing(tmp_path, "2026-09")
    assert fault.where == str(tmp_path / "drop/2026-09/calls.csv")
    assert "south, feed calls, month 2026-09" in fault.found
    assert missing(tmp_path, "2026-10", "claims")[0].where == str(tmp_path / "drop/2026-10/report.csv")


def test_a_file_of_its_month_will_do_and_one_of_no_month_for_every_month(tmp_path: Path) -> None:
    put(tmp_path, "drop/calls.csv", "all of it")
    put(tmp_path, "dated/2026-10/calls.csv", "october")
    lake = Lake(tmp_path / "lake")
    for path, months in (("drop", ("2026-10", "2031-01")), ("dated/{month}", ("2026-10",))):
        south = contract(tmp_path, calls(name=path[:4]), path=path)
        pull(tmp_path, lake, south, DAYS)
        for month in months:
            require(tmp_path, lake, south, month, "calls")


def test_a_feed_that_the_contract_lacks_is_told_as_that(tmp_path: Path) -> None:
    south = contract(tmp_path, calls())
    with pytest.raises(TieoutError) as refused:
        require(tmp_path, Lake(tmp_path / "lake"), south, "2026-10", "claims")
    (fault,) = refused.value.faults
    assert (fault.where, fault.found) == (south.file, "no schema object with the feed claims")


def test_another_feed_stands_in_where_the_contract_lacks_the_first(tmp_path: Path) -> None:
    put(tmp_path, "drop/2026-10/report.csv", "october")
    lake, both = Lake(tmp_path / "lake"), contract(tmp_path, calls(), daily_report(), path="drop/{month}")
    pull(tmp_path, lake, both, DAYS)
    with pytest.raises(TieoutError, match="feed calls, month 2026-10"):
        require(tmp_path, lake, both, "2026-10", "calls", "claims")
    alone = contract(tmp_path, daily_report(), path="drop/{month}")
    require(tmp_path, lake, alone, "2026-10", "calls", "claims")
    with pytest.raises(TieoutError, match="feed claims, month 2026-09"):
        require(tmp_path, lake, alone, "2026-09", "calls", "claims")
