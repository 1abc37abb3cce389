"""What a user is told about bad input: file, line, found, allowed, what to do; and nothing half-written."""

import shutil
from pathlib import Path

import pytest

from data.simulate import TINY, write_world
from pipelines.cli import main

MONTH = "2026-10"


@pytest.fixture
def two_vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A week of the simulated world with two of its vendors, and a key."""
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    write_world(tmp_path / "space", size=TINY)
    shutil.rmtree(tmp_path / "space" / "vendors" / "vague")
    return tmp_path / "space"


@pytest.fixture
def workspace(two_vendors: Path) -> Path:
    """The same with the honest vendor only."""
    shutil.rmtree(two_vendors / "vendors" / "padding")
    return two_vendors


def tieout(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Runs the command; its exit code."""
    monkeypatch.setattr("sys.argv", ["tieout", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def audit(monkeypatch: pytest.MonkeyPatch, space: Path, *more: str) -> int:
    return tieout(monkeypatch, "audit", "--dir", str(space), "--month", MONTH, *more)


def edit(path: Path, line: int, old: str, new: str) -> None:
    """Replaces text in one line, counted from 1."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert old in lines[line - 1], lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new)
    path.write_text("\n".join(lines), encoding="utf-8")


def calls(space: Path, vendor: str = "honest") -> Path:
    return space / "drop" / vendor / MONTH / "calls.csv"


class TestCannotBeUsed:
    """Exit code 2, the fix in the message, and no scorecard of that vendor."""

    def test_a_missing_file(
        self, two_vendors: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        calls(two_vendors).unlink()
        assert audit(monkeypatch, two_vendors) == 2
        told = capsys.readouterr()
        assert "drop/honest/2026-10/calls.csv" in told.err
        assert "no file (honest, feed calls, month 2026-10)" in told.err
        assert "put the delivery there" in told.err
        assert not (two_vendors / "out" / "honest").exists()
        assert (two_vendors / "out" / "padding" / MONTH / "scorecard.pdf").exists(), "one vendor's fault stops no other"

    def test_an_empty_file(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        calls(workspace).write_text("")
        assert audit(monkeypatch, workspace, "--vendor", "honest") == 2
        told = capsys.readouterr().err
        assert "calls.csv" in told
        assert "an empty file (0 bytes)" in told
        assert "ask the sender" in told
        assert not (workspace / "out").exists()

    def test_a_missing_column(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        edit(calls(workspace), 1, "queued_at", "queued")
        assert audit(monkeypatch, workspace, "--vendor", "honest") == 2
        told = capsys.readouterr().err
        assert "drop/honest/2026-10/calls.csv: line 1 (header)" in told
        assert "no column 'queued_at'" in told
        assert not (workspace / "out").exists()
        kept = (workspace / "lake").glob("vendor_calls*/**/*honest*/**/*.parquet")
        assert not [path for path in kept if "object=outbound" not in path.parts]

    def test_no_key(self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.delenv("TIEOUT_KEY")
        assert audit(monkeypatch, workspace) == 2
        told = capsys.readouterr().err
        assert "TIEOUT_KEY" in told
        assert "openssl rand -hex 32" in told
        assert not (workspace / "lake").exists()

    def test_another_key(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        audit(monkeypatch, workspace, "--vendor", "honest")
        monkeypatch.setenv("TIEOUT_KEY", "quite another key than before")
        assert audit(monkeypatch, workspace, "--vendor", "honest") == 2
        assert "tieout rekey" in capsys.readouterr().err
        assert tieout(monkeypatch, "rekey", "--dir", str(workspace)) == 0
        assert audit(monkeypatch, workspace, "--vendor", "honest") in (0, 1)

    def test_three_faults_of_a_contract_at_once(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        contract = workspace / "vendors" / "honest" / "data.odcs.yaml"
        text = contract.read_text(encoding="utf-8")
        for old, new in (
            ("value: Asia/Shanghai", "value: Asia/Shangai"),
            ("value: agent_id", "value: agent"),
            ("value: delimited", "value: delimeted"),
        ):
            assert old in text
            text = text.replace(old, new, 1)
        contract.write_text(text, encoding="utf-8")
        assert audit(monkeypatch, workspace) == 2
        told = capsys.readouterr().err
        assert told.count("found:") == 3
        assert all(word in told for word in ("Asia/Shangai", "agent", "delimeted"))
        assert not (workspace / "lake").exists()

    @pytest.mark.parametrize("month", ["2026-13", "October", "2026-10-01"])
    def test_a_month_that_is_none(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], month: str
    ) -> None:
        assert tieout(monkeypatch, "audit", "--dir", str(workspace), "--month", month) == 2
        assert "a month as 2026-10" in capsys.readouterr().err

    def test_a_vendor_that_is_none(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert audit(monkeypatch, workspace, "--vendor", "nobody") == 2
        assert "allowed: honest" in capsys.readouterr().err

    def test_explain_before_an_audit(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert tieout(monkeypatch, "explain", "--dir", str(workspace), "--month", MONTH, "x") == 2
        assert "tieout audit" in capsys.readouterr().err


class TestFindings:
    """Exit code 1: the rest is used, and the row or code is named."""

    def test_an_unreadable_date(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        edit(calls(workspace), 5, "2026-10-1", "2026-31-1")
        assert audit(monkeypatch, workspace, "--vendor", "honest") == 1
        told = capsys.readouterr().out
        assert "drop/honest/2026-10/calls.csv: line 5, column " in told
        assert "2026-31-1" in told
        assert "a time like %Y-%m-%d %H:%M:%S" in told

    def test_an_unknown_outcome(
        self, workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        rows = calls(workspace).read_text(encoding="utf-8").split("\n")
        line = next(n for n, row in enumerate(rows, 1) if row.endswith("ANSWERED"))
        edit(calls(workspace), line, "ANSWERED", "HANDLED")
        assert audit(monkeypatch, workspace, "--vendor", "honest") == 1
        told = capsys.readouterr().out
        assert f"calls.csv: line {line}, column result" in told
        assert "'HANDLED' in 1 rows" in told
        assert "ANSWERED" in told.split("allowed:", 1)[1]
