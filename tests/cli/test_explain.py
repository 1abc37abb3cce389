"""`tieout explain` of a padded call, an honest one and a figure; the same audit again; one night; `init`."""

import csv
from pathlib import Path

import pytest

from data.simulate import TINY, write_world
from pipelines.cli import main
from pipelines.contract.workspace import load_workspace

MONTH = "2026-10"


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audited week of the simulated world."""
    folder = tmp_path_factory.mktemp("explain") / "space"
    write_world(folder, size=TINY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIEOUT_KEY", "a key for tests only")
        assert run(patch, "audit", "--dir", str(folder), "--month", MONTH) == 1, "the padding vendor has findings"
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["tieout", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def explain(
    space: Path, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str
) -> str:
    capsys.readouterr()
    assert run(monkeypatch, "explain", "--dir", str(space), "--month", MONTH, name, *more) == 0
    return capsys.readouterr().out


def padded(space: Path, kind: str) -> str:
    with (space / "truth" / "padded.csv").open(encoding="utf-8") as file:
        return next(row["call_id"] for row in csv.DictReader(file) if row["kind"] == kind)


def test_a_ghost(space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told = explain(space, padded(space, "ghost"), monkeypatch, capsys)
    assert "No partner (vendor_only)" in told
    assert "Contradicted by records: reported as answered" in told
    assert "Innocent reading:" in told
    assert "Money: deducted, as clause" in told
    assert "fraud" not in told


def test_a_matched_call(space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    with (space / "truth" / "pairs.csv").open(encoding="utf-8") as file:
        pair = next(row for row in csv.DictReader(file) if row["vendor"] == "honest" and row["inhouse_call_id"])
    told = explain(space, pair["call_id"], monkeypatch, capsys, "--vendor", "honest")
    assert f"with leg {pair['inhouse_call_id']}" in told
    assert "Nothing is held against it." in told
    assert f"drop/honest/2026-10/calls.csv, record {pair['row']}" in told


def test_a_figure_with_its_sql(
    space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explain(space, "fcr_24h", monkeypatch, capsys, "--vendor", "honest")
    assert "fcr_24h of honest, 2026-10 (data until" in told
    assert "-- pipelines/measure/next_contacts.sql" in told
    assert "ROW_NUMBER() OVER" in told


def test_an_id_that_nobody_has(
    space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explain", "--dir", str(space), "--month", MONTH, "nobody") == 2
    assert "a call id of either side, or one of: offered" in capsys.readouterr().err


def test_the_same_audit_again_does_nothing_and_says_the_same(
    space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    card = space / "out" / "padding" / MONTH / "scorecard.pdf"
    before = card.stat().st_mtime_ns
    assert run(monkeypatch, "audit", "--dir", str(space), "--month", MONTH) == 1
    told = capsys.readouterr()
    assert "nothing has changed since the last audit" in told.err
    assert f"padding/{MONTH}/scorecard.pdf" in told.out
    assert card.stat().st_mtime_ns == before


def test_one_night(space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    assert run(monkeypatch, "audit", "--dir", str(space), "--day", "2026-10-14", "--vendor", "honest") == 0
    assert "honest, 2026-10-14 (provisional):" in capsys.readouterr().out


def test_an_empty_workspace_has_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tieout", "init", str(tmp_path / "acme")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    space = load_workspace(tmp_path / "acme")
    assert list(space.vendors) == ["vendor"]
    assert run(monkeypatch, "init", str(tmp_path / "acme")) == 2, "what is there is not written over"
