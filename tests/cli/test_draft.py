"""`tieout draft` as people run it: what is no table, headers that YAML misreads, files that must not be lost."""

import gzip
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.simulate import TINY, write_world
from pipelines.contract import load_contract
from pipelines.errors import TieoutError
from tests.cli.deliveries import calls, row, tieout

ODD = (
    *(
        "a: b",
        "# x",
        "- x",
        "yes",
        "no",
        "null",
        "~",
        "'q'",
        '"dq"',
        "two\nlines",
        "😀",
        "tieout.role",
        "tieout.feed",
        "",
    ),
    *(
        "?",
        "&a",
        "*b",
        "!tag",
        "%d",
        "@x",
        "{x}",
        "[y]",
        "010",
        "1e3",
        "2026-10-01",
        "\x1b[31m",
        "\u202e",
        "\x85",
        "EDIT",
    ),
    *("---", "{file}", "平均通话时长统计周期内所有已接通来电的通话时长之和除以接通量（秒）", "x" * 60 + " / "),
)


def only_edits(folder: Path, text: str, vendor: str = "beihai") -> bool:
    """Whether the draft is YAML, and loads or is refused for nothing but what it marks itself; True where it loads."""
    assert isinstance(yaml.safe_load(text), dict)
    path = folder / "drafted.odcs.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        load_contract(path, vendor)
    except TieoutError as error:
        for item in error.faults:
            role = item.found.removeprefix("no column with the role ")
            is_asked = "EDIT" in item.found or f"EDIT: no column found for {role}" in text
            is_route = ".tieout.map." in item.where and "EDIT: write for each code the vendor's folder name" in text
            assert is_asked or is_route, str(item)
        return False
    return True


class TestHeaders:
    """The draft is always YAML, whatever the columns are called."""

    @pytest.mark.parametrize("odd", ODD)
    def test_one_odd_name(self, tmp_path: Path, odd: str) -> None:
        quoted = '"' + odd.replace('"', '""') + '"'
        head = f"call_id;caller;start;wait_s;talk_s;result;{quoted}"
        file = calls(tmp_path / "calls.csv", [f"{row(1)};x", f"{row(2, result='LOST')};y"], head)
        done = tieout("draft", file, "--zone", "Asia/Shanghai", "--vendor", "beihai")
        assert done.exit_code == 0, done.output
        assert only_edits(tmp_path, done.stdout)
        assert not {"\x1b", "\u202e"} & set(done.stdout)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        head=st.lists(
            st.sampled_from([*ODD, "start", "caller", "result", "通话时长", "日期", "呼入量"]), min_size=2, max_size=9
        ),
        vendor=st.sampled_from(["beihai", "inhouse", "no", "123"]),
        cells=st.sampled_from(["2026-10-01 08:00:00", "7", "x: y", "13900000001", ""]),
    )
    def test_any_of_them_together(self, tmp_path: Path, head: list[str], vendor: str, cells: str) -> None:
        names = ['"' + name.replace('"', '""') + '"' for name in head]
        file = calls(tmp_path / "calls.csv", [";".join([cells] * len(head))] * 3, ";".join(names))
        done = tieout("draft", file, "--vendor", vendor)
        assert done.exit_code in (0, 2), done.output
        if done.exit_code == 0:
            only_edits(tmp_path, done.stdout, vendor)

    @pytest.mark.parametrize(
        "name", ["a: b#.csv", "通话 明细.csv", "[x]{month}*?.csv", "~calls.csv", "c:calls.csv", "a\nb.csv"]
    )
    def test_names_of_files(self, tmp_path: Path, name: str) -> None:
        head = "call_id;caller;start;wait_s;talk_s;result"
        done = tieout("draft", calls(tmp_path / name, head=head), "--zone", "Asia/Shanghai")
        assert only_edits(tmp_path, done.stdout)
        again = tieout("preflight", tmp_path / name, "--contract", tmp_path / "drafted.odcs.yaml")
        assert again.exit_code == 0, again.output

    def test_three_hundred_columns(self, tmp_path: Path) -> None:
        more = [f"field {place}" for place in range(300)]
        head = ";".join(["call_id", "caller", "start", "wait_s", "talk_s", "result", *more])
        done = tieout("draft", calls(tmp_path / "calls.csv", [row(1) + ";1" * 300], head), "--zone", "Asia/Shanghai")
        assert only_edits(tmp_path, done.stdout)

    def test_names_that_stand_twice_are_told(self, tmp_path: Path) -> None:
        head = "call_id;caller;start;wait_s;talk_s;result;note;note"
        done = tieout("draft", calls(tmp_path / "calls.csv", [row(1) + ";a;b"], head))
        assert "# EDIT: the column 'note' stands twice" in done.stdout


class TestNoTable:
    """What no contract can be drafted from is refused, all of it at once; a header alone is enough for one."""

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"  \n\n",
            b"\x00\x01\x02\xff" * 99,
            b"%PDF-1.7",
            b"one\ntwo\nthree\n",
            b"\xd0\xcf\x11\xe0old",
            b"PK\x03\x04",
        ],
    )
    def test_refused(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.csv").write_bytes(content)
        done = tieout("draft", tmp_path / "x.csv", tmp_path / "missing.csv", tmp_path)
        assert done.exit_code == 2
        assert done.stderr.count("found:") == 3
        assert done.stdout == ""

    def test_a_header_alone(self, tmp_path: Path) -> None:
        head = "call_id;caller;start;wait_s;talk_s;result"
        done = tieout("draft", calls(tmp_path / "calls.csv", [], head))
        assert done.exit_code == 0, done.output
        only_edits(tmp_path, done.stdout)

    def test_a_packed_file(self, tmp_path: Path) -> None:
        head = "call_id;caller;start;wait_s;talk_s;result"
        (tmp_path / "calls.csv.gz").write_bytes(gzip.compress(calls(tmp_path / "calls.csv", head=head).read_bytes()))
        done = tieout("draft", tmp_path / "calls.csv.gz", "--zone", "Asia/Shanghai")
        assert only_edits(tmp_path, done.stdout)


class TestOut:
    """A contract that somebody has edited is never lost."""

    def test_a_new_folder_then_never_over_it(self, tmp_path: Path) -> None:
        file, to = calls(tmp_path / "calls.csv"), tmp_path / "new" / "beihai" / "data.odcs.yaml"
        done = tieout("draft", file, "--out", to)
        assert (done.exit_code, done.stdout) == (0, "")
        assert "lines marked EDIT:" in done.stderr
        to.write_text("edited by hand", encoding="utf-8")
        done = tieout("draft", file, "--out", to)
        assert done.exit_code == 2
        assert "add --force to lose what is there" in done.stderr
        assert to.read_text(encoding="utf-8") == "edited by hand"
        assert tieout("draft", file, "--out", to, "--force").exit_code == 0
        assert to.read_text(encoding="utf-8") == tieout("draft", file).stdout
        assert [path.name for path in to.parent.iterdir()] == ["data.odcs.yaml"]

    def test_a_folder_and_a_place_that_cannot_be(self, tmp_path: Path) -> None:
        file = calls(tmp_path / "calls.csv")
        for to in (tmp_path, file / "data.odcs.yaml"):
            done = tieout("draft", file, "--out", to, "--force")
            assert done.exit_code == 2, done.output
            assert "found:" in done.stderr


def test_the_simulated_vendors_files_are_read_with_what_was_drafted_from_them(tmp_path: Path) -> None:
    write_world(tmp_path, size=TINY)
    for vendor in ("honest", "padding", "inhouse"):
        for file in sorted((tmp_path / "drop" / vendor).rglob("*.csv")):
            log = [file.with_name("inhouse.csv")] if vendor == "inhouse" else []  # no own contract without the own log
            done = tieout("draft", *dict.fromkeys([*log, file]), "--vendor", vendor, "--zone", "Asia/Shanghai")
            assert done.exit_code == 0, done.output
            text = re.sub(r'^( +"R-\w+":)$', r"\1 honest", done.stdout, flags=re.MULTILINE)  # the one edit: the routes
            assert only_edits(tmp_path, text, vendor), text
            told = tieout("preflight", file, "--contract", tmp_path / "drafted.odcs.yaml", "--json")
            (read,) = json.loads(told.stdout)["files"]
            assert read["rows_read"] == read["accepted"] > 0
