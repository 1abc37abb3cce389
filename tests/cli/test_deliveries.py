"""Deliveries from the drop folder to what `tieout audit` says: twice, corrected, cut off, late, and none blamed for it.

A week of the simulated world with its honest vendor. Lines of the vendor's own file are moved, corrected and left out;
the verdict must stay the honest vendor's, and what was done must be told. How rows of files meet stands in
`tests/standardise/test_overlaps.py`, when a file is late in `tests/intake/test_deliveries.py`.
"""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from data.simulate import TINY, write_world
from pipelines.cli import main
from pipelines.lake import Lake
from pipelines.run import instance
from pipelines.tables import DELIVERY_CHANGES, FINDINGS, SETTLEMENT, VENDOR_CALLS

MONTH = "2026-10"


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A week of the world with the honest vendor, whose contract takes any `calls*.csv`."""
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    folder = tmp_path / "space"
    write_world(folder, size=TINY)
    for other in ("vague", "padding"):
        shutil.rmtree(folder / "vendors" / other)
    contract = folder / "vendors/honest/data.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    assert "physicalName: calls.csv" in text
    contract.write_text(text.replace("physicalName: calls.csv", 'physicalName: "calls*.csv"'), encoding="utf-8")
    return folder


class Audit:
    """Runs `tieout audit` on a workspace, and holds what it said."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        self.lake = Lake(folder / "lake")

    def __call__(self, *words: str) -> str:
        """What it printed, each message in one line."""
        self._monkeypatch.setattr("sys.argv", ["tieout", "audit", "--dir", str(self.folder), *words])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        told = self._capsys.readouterr()
        assert ended.value.code in (0, 1), told.err
        return " ".join((told.out + told.err).split())

    @property
    def owed(self) -> list[tuple[object, ...]]:
        """The settlement, without what only names files."""
        return self.lake.read(SETTLEMENT).select("line", "calls", "amount_low", "amount_high").rows()

    @property
    def card(self) -> str:
        return str(json.loads((self.folder / "out/honest" / MONTH / "figures.json").read_text())["verdict"]["level"])

    @property
    def changes(self) -> list[tuple[object, ...]]:
        found = self.lake.read(DELIVERY_CHANGES).sort("kind", "call_id")
        return found.select("kind", "call_id", "columns").rows()

    @property
    def calls(self) -> int:
        """Those of calls.csv; the calls that agents made themselves lie in a file of their own."""
        return self.lake.read(VENDOR_CALLS, vendor="honest").filter(direction="inbound").height

    def states(self) -> dict[Path, int]:
        """When each table of the lake was written."""
        return {path: path.stat().st_mtime_ns for path in (self.folder / "lake").rglob("*.parquet")}


@pytest.fixture
def audit(space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Audit:
    return Audit(space, monkeypatch, capsys)


def drop(space: Path) -> Path:
    return space / "drop/honest" / MONTH


def rows_of(space: Path, name: str = "calls.csv") -> list[str]:
    return (drop(space) / name).read_text(encoding="utf-8").splitlines()


def put(space: Path, name: str, lines: list[str]) -> None:
    (drop(space) / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def test_a_file_cut_and_sent_in_many_ways_is_the_same_month(space: Path, audit: Audit) -> None:
    """The whole month, then exports that overlap, a copy, an upload under way, a deleted file: nothing changes."""
    audit("--month", MONTH)
    whole, owed, verdict = audit.calls, audit.owed, audit.card
    head, *rows = rows_of(space)
    middle = len(rows) // 2
    put(space, "calls_2.csv", [head, *rows[: middle + 20]])
    put(space, "calls_3.csv", [head, *rows[middle - 20 :]])
    put(space, "calls(1).csv", [head, *rows])
    put(space, "calls_4.csv.part", [head])
    (drop(space) / "calls.csv").unlink()
    told = audit("--month", MONTH)
    assert (audit.calls, audit.owed, audit.card) == (whole, owed, verdict)
    assert f"{len(rows) + 40} rows that a later file holds too (" in told
    assert "in drop/honest/2026-10/calls.csv and drop/honest/2026-10/calls_" in told
    assert "calls_4.csv.part found: half-uploaded: passed over" in told
    assert "with other content" not in told
    assert not any(word in told.lower() for word in ("fraud", "fabricated", "cheat", "manipulat"))
    before = audit.states()
    (space / "notes.txt").write_text("a change that concerns no delivery")
    audit("--month", MONTH)
    assert audit.states() == before, "nothing new, nothing written"


def test_a_correction_and_its_correction_are_kept_and_shown(space: Path, audit: Audit) -> None:
    audit("--month", MONTH)
    whole = audit.calls
    head, *rows = rows_of(space)
    place = head.split(",").index("talk_s")
    answered = next(number for number, row in enumerate(rows) if row.split(",")[place])
    cells = rows[answered].split(",")
    wrong = [*cells[:place], str(int(cells[place]) + 7), *cells[place + 1 :]]
    last = rows[-1].split(",")[0]
    put(space, "calls.csv", [head, *rows[:answered], ",".join(wrong), *rows[answered + 1 : -1]])
    told = audit("--month", MONTH)
    assert "calls.csv: vendor_calls found: a corrected file: 1 row removed, 1 changed against the earlier one" in told
    assert audit.changes == [("changed", cells[0], "talk_s"), ("removed", last, None)]
    assert audit.calls == whole - 1
    history = list((space / "lake").glob("figures_history/**/*.parquet"))
    assert len(history) >= 2, "the figures of both states are kept"
    put(space, "calls.csv", [head, *rows])
    told = audit("--day", "2026-10-15")
    assert "a corrected file: 1 row added, 1 changed against the earlier one" in told
    put(space, "calls.csv", [head])
    told = audit("--day", "2026-10-15")
    assert f"a corrected file: {whole:,} rows removed against the earlier one" in told


def test_a_night_tells_what_a_broken_upload_left_and_the_whole_file_heals_it(space: Path, audit: Audit) -> None:
    (head, *rows), path = rows_of(space), drop(space) / "calls.csv"
    day = "2026-10-15"
    assert any(day in row for row in rows)
    path.write_text("\n".join([head, *rows[:50]])[:-40], encoding="utf-8")
    told = audit("--day", day)
    assert f"calls.csv: line 51 found: the last record is not whole ({rows[49][:-40].count(',') + 1} cells" in told
    put(space, "calls.csv", [head, *rows])
    told = audit("--day", day)
    assert "not whole" not in told
    assert f"a corrected file: {len(rows) - 49} rows added against the earlier one" in told


def test_files_of_one_pull_that_contradict_each_other_are_told_and_can_be_put_right(space: Path, audit: Audit) -> None:
    head, *rows = rows_of(space)
    place = head.split(",").index("talk_s")
    day = "2026-10-15"
    answered = next(n for n, row in enumerate(rows) if row.split(",")[place] and day in row.split(",")[4])
    cells = rows[answered].split(",")
    other = ",".join([*cells[:place], str(int(cells[place]) + 7), *cells[place + 1 :]])
    put(space, "calls_v10.csv", [head, *rows])
    put(space, "calls_v9.csv", [head, *rows[:answered], other, *rows[answered + 1 :]])
    (drop(space) / "calls.csv").unlink()
    told = audit("--day", day)
    in_one_pull = "files that came in one pull say different things of the same rows: drop/honest/2026-10/calls_v10.csv"
    assert f"{in_one_pull} was taken, not drop/honest/2026-10/calls_v9.csv (1 rows)" in told
    assert talk(audit, cells[0]) == int(cells[place])
    shutil.copyfile(drop(space) / "calls_v9.csv", drop(space) / "calls_v10.csv")
    told = audit("--day", day)
    assert "in one pull" not in told
    assert talk(audit, cells[0]) == int(cells[place]) + 7


def talk(audit: Audit, call_id: str) -> float:
    """The talk time of the one record of a call."""
    return float(audit.lake.read(VENDOR_CALLS, vendor="honest").filter(call_id=call_id)["talk_s"].item())


def test_who_delivers_calls_twice_gains_nothing(space: Path, audit: Audit) -> None:
    """Copies in a file of their own: as they were, seconds later, without their caller, and under new ids."""
    audit("--month", MONTH)
    whole, owed = audit.calls, audit.owed
    head, *rows = rows_of(space)
    names = head.split(",")
    answered = [row.split(",") for row in rows if row.split(",")[names.index("talk_s")] not in ("", "0")][:40]
    as_it_was, seconds_later, nameless, new_id = answered[:10], answered[10:20], answered[20:30], answered[30:40]
    copies = [
        *as_it_was,
        *(changed(names, cells, queued_at=second_later(cells[names.index("queued_at")])) for cells in seconds_later),
        *(changed(names, cells, caller="") for cells in nameless),
        *(changed(names, cells, record=f"X{number}") for number, cells in enumerate(new_id)),
    ]
    put(space, "calls_more.csv", [head, *(",".join(cells) for cells in copies)])
    told = audit("--month", MONTH)
    assert "30 rows that a later file holds too, 20 of them with other content" in told
    assert audit.calls == whole + 10, "what bears a new id is a record of its own"
    accused = audit.lake.read(FINDINGS).filter(pl.col("detector") == "duplicate", certainty="proven")
    twins = {f"X{number}": cells[names.index("record")] for number, cells in enumerate(new_id)}
    named = [twins.get(call_id, call_id) for call_id in accused["vendor_call_id"]]
    assert sorted(named) == sorted(twins.values()), "one of each two, whichever has no leg of its own"
    assert audit.owed[-1][2:] == owed[-1][2:], f"nothing more is owed: {audit.owed}, before {owed}"


def changed(names: list[str], cells: list[str], **new: str) -> list[str]:
    return [new.get(name, cell) for name, cell in zip(names, cells, strict=True)]


def second_later(text: str) -> str:
    return f"{datetime.fromisoformat(text) + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}"


def test_the_promises_are_checks_with_a_state_for_each_day(space: Path, audit: Audit) -> None:
    """Nobody looked in time to say when the month's file came; that it came, and that a night owes none, is known."""
    audit("--day", "2026-10-30")
    audit("--day", "2026-10-31")
    with instance(space, ["honest"]) as record:
        states = {
            name: {
                info.partition_key: info.latest_execution_status.value
                for info in record.event_log_storage.get_asset_check_partition_info(
                    [dg.AssetCheckKey(dg.AssetKey("rules"), f"deliveries__{name}")]
                )
                if info.partition_key
            }
            for name in ("in_time", "complete")
        }
    assert states["in_time"] == {"2026-10-30|honest": "SUCCEEDED", "2026-10-31|honest": "FAILED"}
    assert states["complete"] == {"2026-10-30|honest": "SUCCEEDED", "2026-10-31|honest": "SUCCEEDED"}
