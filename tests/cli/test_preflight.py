"""`tieout preflight` as a vendor runs it: exit codes, tables, JSON, names of files, and nothing of what they hide."""

import gzip
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from data.simulate import TINY, write_world
from tests.cli.deliveries import CALLER, CONTRACT, HEAD, REPORT, calls, contract, row, tieout

KEYS = ["exit_code", "files", "refused", "rules", "found", "unusable", "vague_fields", "notes"]
ROOT = Path(__file__).parents[2]


def flown(*words: object) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a preflight."""
    done = tieout("preflight", *words, "--json")
    data = json.loads(done.stdout)
    assert data["exit_code"] == done.exit_code
    return done.exit_code, data


@pytest.fixture
def terms(tmp_path: Path) -> Path:
    return contract(tmp_path / "beihai")


class TestOutcome:
    """0, 1 or 2, and why."""

    def test_clean(self, tmp_path: Path, terms: Path) -> None:
        done = tieout("preflight", calls(tmp_path / "calls.csv"), "--contract", terms, width=200)
        assert done.exit_code == 0, done.output
        assert "clean: nothing to correct (exit code 0)" in done.stdout
        assert "could not run: fewer than" in done.stdout, "no other week is there to compare with"
        assert done.stderr == ""

    @pytest.mark.parametrize(
        ("different", "told"),
        [
            ({"came": "yesterday"}, "a time like %Y-%m-%d %H:%M:%S"),
            ({"result": "B07"}, "'B07' in 1 rows, kept as `unknown`"),
            ({"talk": "-4"}, "no talk time is negative"),
            ({"id": "6.02E+11"}, "call ids that a spreadsheet has flattened"),
            ({"came": "2026-01-10 08:00:00"}, "with day and month turned round"),
        ],
    )
    def test_findings(self, tmp_path: Path, terms: Path, different: dict[str, str], told: str) -> None:
        rows = [row(1), row(2), row(3), row(4, **different)]
        done = tieout("preflight", calls(tmp_path / "calls.csv", rows), "--contract", terms)
        assert done.exit_code == 1, done.output
        assert told in done.stdout
        assert "findings: " in done.stdout

    def test_totals_that_disagree(self, tmp_path: Path) -> None:
        said = "      - {property: tieout.trailer, value: Total}\n    properties:"
        terms = contract(tmp_path / "beihai", CONTRACT.replace("    properties:", said, 1))
        file = calls(tmp_path / "calls.csv", [row(1), row(2), "Total;;;11;120;"])
        code, data = flown(file, "--contract", terms)
        assert code == 1
        assert "the closing line says 11 under wait, the rows give 10" in data["found"][0]["found"]

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"", "an empty file (0 bytes)"),
            (b"id;caller\n1;2\n", "no column 'came'"),
            (b"PK\x03\x04 cut off", "half-uploaded"),
            (b"\x00\xff\xfe\x81" * 50, "found:"),
        ],
    )
    def test_unusable(self, tmp_path: Path, terms: Path, content: bytes, told: str) -> None:
        (tmp_path / "calls_bad.csv").write_bytes(content)
        good = calls(tmp_path / "calls.csv")
        done = tieout("preflight", tmp_path / "calls_bad.csv", good, "--contract", terms)
        assert done.exit_code == 2, done.output
        assert all(word in done.stderr for word in (told, "calls_bad.csv", "allowed:", "do:"))
        assert "cannot be used" in done.stdout
        assert "is calls (calls)" in done.stdout, "the other file is checked all the same"

    def test_no_file_a_folder_and_a_name_for_nothing(self, tmp_path: Path, terms: Path) -> None:
        other = calls(tmp_path / "other.csv")
        code, data = flown(tmp_path / "no.csv", tmp_path, other, calls(tmp_path / "calls.csv"), "--contract", terms)
        assert code == 2
        found = {item["found"] for item in data["unusable"]}
        assert found == {"no such file", "a folder", f"a name that no object of {terms} has"}
        assert [file["file"] for file in data["files"]] == ["calls.csv"]
        assert data["refused"] == ["no.csv", tmp_path.name, "other.csv"]

    def test_a_broken_contract_with_all_its_faults(self, tmp_path: Path) -> None:
        text = CONTRACT.replace("Asia/Shanghai", "Asia/Shangai").replace("value: queue_s", "value: queue_seconds")
        done = tieout("preflight", calls(tmp_path / "calls.csv"), "--contract", contract(tmp_path, text))
        assert done.exit_code == 2
        assert done.stderr.count("found:") == 2
        code, data = flown(tmp_path / "calls.csv", "--contract", tmp_path / "none.yaml")
        assert (code, data["unusable"][0]["found"]) == (2, "no such file")

    def test_open_questions_alone_are_findings(self, tmp_path: Path) -> None:
        terms = contract(tmp_path, CONTRACT + REPORT)
        report = tmp_path / "report.csv"
        report.write_text("day;offered\n2026-10-01;2\n", encoding="utf-8")
        code, data = flown(report, "--contract", terms)
        assert (code, data["found"]) == (1, [])
        assert [field["column"] for field in data["vague_fields"]] == ["offered"]
        assert flown(calls(tmp_path / "calls.csv"), "--contract", terms)[0] == 0, "without a report nothing is asked"

    def test_columns_that_the_contract_does_not_read_are_a_note(self, tmp_path: Path, terms: Path) -> None:
        code, data = flown(calls(tmp_path / "calls.csv", [f"{row()};x"], f"{HEAD};mood"), "--contract", terms)
        assert code == 0
        assert data["files"][0]["extra_columns"] == ["mood"]
        assert data["notes"] == ["calls.csv: columns that the contract does not read: mood"]

    def test_the_simulated_vendors(self, tmp_path: Path) -> None:
        write_world(tmp_path, size=TINY)
        for vendor, expected in (("honest", 0), ("vague", 1)):
            files = sorted((tmp_path / "drop" / vendor).rglob("*.csv"))
            code, data = flown(*files, "--contract", tmp_path / "vendors" / vendor / "data.odcs.yaml")
            assert code == expected
            assert {file["month"] for file in data["files"]} == {"2026-10"}
        own = tmp_path / "drop" / "inhouse" / "2026-10" / "inhouse.csv"
        elsewhere = shutil.copy(tmp_path / "inhouse.odcs.yaml", tmp_path / "log.yaml")
        assert flown(own, "--contract", elsewhere)[0] == 0


class TestData:
    """--json is for programs: always the same keys, nothing beside it, and counts that add up."""

    def test_keys_and_counts(self, tmp_path: Path, terms: Path) -> None:
        rows = [row(1), row(2, came="never"), row(3, result="B07"), row(4), "too;few"]
        code, data = flown(calls(tmp_path / "calls.csv", rows), "--contract", terms)
        assert code == 1
        assert list(data) == KEYS
        (file,) = data["files"]
        assert (file["rows_read"], file["accepted"], file["rejected"], file["left_out"]) == (5, 3, 2, 0)
        assert sum(file["days"].values()) == file["accepted"]
        assert {tuple(fault) for fault in data["found"]} == {("where", "found", "allowed", "hint")}
        page = (ROOT / "docs" / "preflight.md").read_text(encoding="utf-8")
        keys = [*KEYS, *file, *data["rules"][0]]
        assert [key for key in keys if f"`{key}`" not in page] == [], "the page describes each key"

    def test_the_keys_are_there_when_nothing_could_be_read(self, tmp_path: Path) -> None:
        assert list(flown(tmp_path / "a.csv", "--contract", tmp_path / "none.yaml")[1]) == KEYS


class TestHostile:
    """Whatever stands in a file or a name, the output stays readable and gives no number away."""

    CELLS = ("\x1b[31mred\x1b[2J", "[bold]x[/]", "[/]", "\u202egnp.exe", "y" * 9000, CALLER, "139 0000 1234", ":smile:")

    @pytest.mark.parametrize("column", ["came", "wait", "result", "id"])
    def test_cells(self, tmp_path: Path, terms: Path, column: str) -> None:
        rows = [row(place, **{column: cell}) for place, cell in enumerate(self.CELLS)]
        rows.append(row(50, **{column: '"two\n    found:   lines"'}))
        done = tieout("preflight", calls(tmp_path / "calls.csv", rows), "--contract", terms)
        data = tieout("preflight", tmp_path / "calls.csv", "--contract", terms, "--json").stdout
        for text in (done.output, data):
            assert not {"\x1b", "\u202e"} & set(text)
            assert CALLER not in text
            assert "139 0000 1234" not in text
            assert max(map(len, text.splitlines())) < 1000
        assert "\n    found:   lines" not in done.output
        assert column == "id" or "[bold]x[/]" in done.output

    def test_a_file_without_a_header_gives_no_number_away(self, tmp_path: Path, terms: Path) -> None:
        done = tieout("preflight", calls(tmp_path / "calls.csv", [row(2)], row(1)), "--contract", terms)
        assert done.exit_code == 2
        assert CALLER not in done.output
        assert "139******34" in done.stderr

    @pytest.mark.parametrize("name", ["calls[bold].csv", "calls [x] 中文 :smile:.csv", "calls\x1b[31m\n\u202e.csv"])
    @pytest.mark.parametrize("width", [80, 200])
    def test_names(self, tmp_path: Path, terms: Path, name: str, width: int) -> None:
        done = tieout("preflight", calls(tmp_path / name), "--contract", terms, width=width)
        assert done.exit_code == 0, done.output
        assert not {"\x1b", "\u202e"} & set(done.output)
        assert all(part in done.output for part in name.split("\x1b")[0].split())
        assert "2026-10-01" in done.output, "no column is cut off"

    def test_thousands_of_codes_are_not_listed(self, tmp_path: Path, terms: Path) -> None:
        rows = [row(place, result=f"code {place}") for place in range(3000)]
        done = tieout("preflight", calls(tmp_path / "calls.csv", rows), "--contract", terms)
        assert done.exit_code == 1
        assert done.stdout.count("kept as `unknown`") == 20
        assert "2,980 more codes" in done.stdout

    def test_of_rejected_cells_each_kind_is_shown(self, tmp_path: Path, terms: Path) -> None:
        rows = [row(place, wait="soon") for place in range(100)] + [row(7, came="never")]
        found = flown(calls(tmp_path / "calls.csv", rows), "--contract", terms)[1]["found"]
        assert any(item["where"] == "calls.csv: line 102, column came" for item in found)
        assert any(item["found"] == "81 more cells" for item in found)


class TestNames:
    """Which object a file is for, wherever it lies."""

    @pytest.mark.parametrize(
        ("pattern", "name", "month"),
        [
            ("calls_{month}.csv", "calls_2026-10.csv", "2026-10"),
            ("{vendor}_{day}*.csv", "beihai_2026-10-02_v2.csv", "2026-10"),
            ("in/calls_[0-9].csv", "calls_7.csv", None),
            ("{month}/{month}.csv", "2026-10.csv", "2026-10"),
        ],
    )
    def test_patterns(self, tmp_path: Path, pattern: str, name: str, month: str | None) -> None:
        terms = contract(tmp_path, CONTRACT.replace('"calls*"', f'"{pattern}"'))
        code, data = flown(calls(tmp_path / "my desk 桌面" / name), "--contract", terms)
        assert (code, data["files"][0]["month"]) == (0, month)

    def test_the_folder_names_the_month(self, tmp_path: Path, terms: Path) -> None:
        file = calls(tmp_path / "drop" / "beihai" / "2026-09" / "calls.csv")
        assert flown(file, "--contract", terms)[1]["files"][0]["month"] == "2026-09"

    def test_the_same_file_twice_and_the_same_content_twice(self, tmp_path: Path, terms: Path) -> None:
        file, copy = calls(tmp_path / "calls.csv"), calls(tmp_path / "calls_copy.csv")
        code, data = flown(file, file, "--contract", terms)
        assert (code, len(data["files"])) == (0, 1)
        code, data = flown(file, copy, "--contract", terms)
        assert (code, data["found"][0]["found"]) == (1, "the same content as calls.csv")

    def test_two_files_of_one_name_are_both_counted(self, tmp_path: Path, terms: Path) -> None:
        files = [calls(tmp_path / str(day) / "calls.csv", [row(day)]) for day in (1, 2)]
        data = flown(*files, "--contract", terms)[1]
        assert [file["file"] for file in data["files"]] == [str(file) for file in files]
        checked = {rule["rule"]: rule["rows_checked"] for rule in data["rules"]}
        assert checked["vendor_calls.talk_s_not_negative"] == 2

    def test_a_name_that_is_passed_over_as_unfinished(self, tmp_path: Path, terms: Path) -> None:
        code, data = flown(calls(tmp_path / "calls.csv.part"), "--contract", terms)
        assert (code, "half-uploaded" in data["unusable"][0]["found"]) == (2, True)

    def test_packed_files(self, tmp_path: Path, terms: Path) -> None:
        text = calls(tmp_path / "plain.csv").read_bytes()
        (tmp_path / "calls.csv.gz").write_bytes(gzip.compress(text))
        with zipfile.ZipFile(tmp_path / "calls.zip", "w") as archive:
            archive.writestr("calls.csv", text + row(9).encode())
        data = flown(tmp_path / "calls.csv.gz", tmp_path / "calls.zip", "--contract", terms)[1]
        assert [file["accepted"] for file in data["files"]] == [2, 3]

    @pytest.mark.parametrize(("zone", "said", "notes"), [("UTC", (), 1), ("UTC", ("cn",), 0), ("Asia/Calcutta", (), 0)])
    def test_the_country_of_the_numbers(self, tmp_path: Path, zone: str, said: tuple[str, ...], notes: int) -> None:
        terms = contract(tmp_path, CONTRACT.replace("Asia/Shanghai", zone))
        words = [word for country in said for word in ("--country", country)]
        code, data = flown(calls(tmp_path / "calls.csv"), "--contract", terms, *words)
        assert (code, len(data["notes"])) == (0, notes)

    def test_a_country_that_is_none(self, tmp_path: Path, terms: Path) -> None:
        code, data = flown(calls(tmp_path / "calls.csv"), "--contract", terms, "--country", "china")
        assert (code, data["unusable"][0]["found"]) == (2, "no such country")


_GUARD = """
import ctypes, os, socket, sys
socket.socket.connect = None
if os.getuid() == 0:  # rights count for root, too, when it has given up its capabilities
    assert ctypes.CDLL(None).capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()) == 0
from pipelines.cli import main
main()
"""


def test_no_key_no_home_no_network_and_a_folder_that_cannot_be_written(tmp_path: Path, terms: Path) -> None:
    file, closed = calls(tmp_path / "calls.csv"), calls(tmp_path / "calls_closed.csv")
    here, scratch = tmp_path / "here", tmp_path / "scratch"
    here.mkdir(mode=0o555)
    scratch.mkdir()
    closed.chmod(0o000)
    environment = {"HOME": "/nonexistent", "TMPDIR": str(scratch), "PYTHONPATH": str(ROOT), "LANG": "C"}
    command = [sys.executable, "-B", "-c", _GUARD, "preflight", file, closed, "--contract", terms, "--json"]
    done = subprocess.run(command, cwd=here, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (2, "")
    data = json.loads(done.stdout)
    assert [item["found"] for item in data["unusable"]] == ["cannot be used: Permission denied"]
    assert [file["accepted"] for file in data["files"]] == [2]
    assert list(scratch.iterdir()) == [], "nothing is left behind"
