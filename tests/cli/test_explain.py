"""`tieout explain` of a padded call, an honest one and a figure, with pictures; the audit again; one night; `init`."""

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
    assert "by the vendor's (Asia/Shanghai)." in told
    assert "Clock: the vendor's stands 12.0 s behind ours; that is taken off." in told
    assert "no gap within 5 minutes; the client's telecom desk declares the log complete." in told
    assert "Candidates: no legs of this caller within 15 minutes (tolerance 30.0 s)." in told
    assert "No partner (vendor_only)" in told
    assert "Innocent readings looked at: a gap in our log: none near; a wrong clock: no;" in told
    assert "Contradicted by records: reported as answered" in told
    assert "Innocent reading:" in told
    assert "Money: deducted, as clause" in told
    assert "fraud" not in told
    assert len(told.splitlines()) <= 15


def test_a_call_reported_twice_has_both_records_told(
    space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call_id = padded(space, "duplicate")
    told = explain(space, call_id, monkeypatch, capsys, "--vendor", "padding").splitlines()
    assert len([line for line in told if line.startswith(f"Call {call_id} of padding")]) == 2
    [twin] = [line for line in told if "matched by number with" in line]
    assert f"within the tolerance; matched by number with {call_id} (record " in twin
    assert len([line for line in told if "Other records of this caller then:" in line]) == 2


def a_pair(space: Path) -> dict[str, str]:
    with (space / "truth" / "pairs.csv").open(encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["vendor"] == "honest" and row["inhouse_call_id"])


def test_a_matched_call(space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pair = a_pair(space)
    told = explain(space, pair["call_id"], monkeypatch, capsys, "--vendor", "honest")
    assert f"with leg {pair['inhouse_call_id']}" in told
    assert f"    {pair['inhouse_call_id']} at " in told
    assert "within the tolerance; its partner" in told
    assert "Clock: the vendor's stands 37.0 s ahead of ours; that is taken off." in told
    assert "Why this one: no other leg of this caller lies within the tolerance" in told
    assert "Nothing is held against it." in told
    assert f"drop/honest/2026-10/calls.csv, record {pair['row']}" in told
    assert told == explain(space, pair["inhouse_call_id"], monkeypatch, capsys, "--vendor", "honest"), "by either id"


def test_the_picture_of_a_call(
    space: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "new" / "call.svg"
    told = explain(space, padded(space, "duplicate"), monkeypatch, capsys, "--picture", str(file))
    both = [file, file.with_stem("call-2")]
    assert sorted(path.name for path in file.parent.iterdir()) == ["call-2.svg", "call.svg"]
    assert [f"Picture: {path}" in told for path in both] == [True, True]
    assert [path.read_text(encoding="utf-8")[:5] for path in both] == ["<svg ", "<svg "]


@pytest.mark.parametrize(
    ("name", "file", "found"),
    [
        ("fcr_24h", "a.svg", "fcr_24h is a figure"),
        ("", "a.png", "no name of an SVG file"),
        ("", "", "no name of an SVG file"),
        ("", "taken.svg/a.svg", "taken.svg/a.svg"),
    ],
)
def test_a_picture_that_cannot_be_drawn_is_a_fault(
    space: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    file: str,
    found: str,
) -> None:
    (tmp_path / "taken.svg").write_text("a file, no folder", encoding="utf-8")
    words = ("--dir", str(space), "--month", MONTH, name or padded(space, "ghost"), "--picture", str(tmp_path / file))
    assert run(monkeypatch, "explain", *words) == 2
    told = capsys.readouterr().err
    assert found in " ".join(told.split())
    assert "Traceback" not in told
    assert [path.name for path in tmp_path.iterdir()] == ["taken.svg"]


def test_a_figure_with_its_sql(
    space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explain(space, "fcr_24h", monkeypatch, capsys, "--vendor", "honest")
    assert "fcr_24h of honest, 2026-10 (data until" in told
    assert "-- pipelines/measure/resolution/followed.sql" in told
    assert "contacts.side," in told


def test_an_id_that_nobody_has(
    space: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "explain", "--dir", str(space), "--month", MONTH, "nobody") == 2
    assert "a call id of either side, or one of: attempts, offered" in capsys.readouterr().err


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


def test_one_night_is_provisional_and_can_be_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_world(tmp_path / "space", size=TINY).directory
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    assert run(monkeypatch, "audit", "--dir", str(folder), "--day", "2026-10-12", "--vendor", "honest") == 0
    assert "honest, 2026-10-12 (provisional):" in capsys.readouterr().out
    told = explain(folder, a_pair(folder)["call_id"], monkeypatch, capsys)
    assert "Our log: not known to be whole around that time." in told
    assert "within the tolerance; its partner" in told
    assert "Provisional: linked with its night alone; the audit of the month decides." in told


def test_an_empty_workspace_has_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["tieout", "init", str(tmp_path / "acme")])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    space = load_workspace(tmp_path / "acme")
    assert list(space.vendors) == ["vendor"]
    assert run(monkeypatch, "init", str(tmp_path / "acme")) == 2, "what is there is not written over"
