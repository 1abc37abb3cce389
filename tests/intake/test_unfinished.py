"""Folders as uploads leave them: half-uploaded files, files that still grow, links, folders nobody may read."""

import os
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.local import LocalFileSystem

from pipelines.errors import TieoutError
from pipelines.intake.manifest import in_force, pulls
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from tests.intake.contracts import calls, contract, put

DAYS = [date(2026, 10, 1)]
NOBODY = 65534


def taken(root: Path, pattern: str = "calls*", path: str = "drop/{month}") -> tuple[list[str], dict[str, str]]:
    """Names of the files that a pull receives, and those passed over with the reason."""
    lake = Lake(root / "lake")
    items = pull(root, lake, contract(root, calls(file=pattern), path=path), DAYS)
    over = {Path(item.file).name: item.reason for item in pulls(lake, "south").passed_over}
    return [Path(item.file).name for item in items], over


@pytest.mark.parametrize("pattern", ["calls*", "calls.csv"])
@pytest.mark.parametrize("ending", ["part", "filepart", "tmp", "crdownload", "uploading"])
def test_a_half_uploaded_file_is_passed_over_and_noted(tmp_path: Path, pattern: str, ending: str) -> None:
    put(tmp_path, f"drop/2026-10/calls.csv.{ending}", "half")
    assert taken(tmp_path, pattern) == ([], {f"calls.csv.{ending}": "half-uploaded"})


def test_the_case_of_an_ending_does_not_matter(tmp_path: Path) -> None:
    put(tmp_path, "drop/2026-10/CALLS.CSV.PART", "half")
    assert taken(tmp_path, "CALLS*") == ([], {"CALLS.CSV.PART": "half-uploaded"})


def test_what_other_programs_leave_beside_a_file_is_passed_over(tmp_path: Path) -> None:
    for name in ("~$calls.csv", ".calls.csv.Xy12", "._calls.csv", "calls.csv"):
        put(tmp_path, f"drop/2026-10/{name}", "rows")
    received, over = taken(tmp_path, "*calls.csv*")
    assert received == ["calls.csv"]
    assert set(over) == {"~$calls.csv", ".calls.csv.Xy12"}
    assert over["~$calls.csv"] == "open in another program"


def test_the_note_goes_when_the_upload_is_done(tmp_path: Path) -> None:
    half = put(tmp_path, "drop/2026-10/calls.csv.part", "half")
    assert taken(tmp_path)[1]
    half.rename(half.with_suffix(""))
    assert taken(tmp_path) == (["calls.csv"], {})


def test_a_contract_that_names_such_files_gets_them(tmp_path: Path) -> None:
    put(tmp_path, "drop/2026-10/calls.tmp", "whole")
    assert taken(tmp_path, "*.tmp") == (["calls.tmp"], {})


class Growing(LocalFileSystem):
    """A folder whose files are written to while they are read."""

    def open(self, path: str, mode: str = "rb", **more: Any) -> Any:
        handle = super().open(path, mode, **more)
        with Path(path).open("ab") as file:
            file.write(b"one more line\n")
        return handle


def test_a_file_that_is_still_being_written_is_not_received(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "drop/2026-10/calls.csv", "the first line")
    with monkeypatch.context() as patched:
        patched.setattr("pipelines.intake.pull.fsspec.filesystem", lambda name: Growing(skip_instance_cache=True))
        with pytest.raises(TieoutError, match="still being written"):
            taken(tmp_path)
    assert in_force(Lake(tmp_path / "lake"), "south") == []
    assert list((tmp_path / "landing/south").iterdir()) == []
    assert taken(tmp_path)[0] == ["calls.csv"]


def test_a_link_is_followed_inside_the_folder_and_refused_out_of_it(tmp_path: Path) -> None:
    """Whoever may put files into the folder must not have the secrets beside it read."""
    whole = put(tmp_path, "drop/elsewhere/calls.csv", "whole")
    secret = put(tmp_path, "settings.csv", "secret")
    (tmp_path / "drop/2026-10").mkdir()
    (tmp_path / "drop/2026-10/calls_1.csv").symlink_to(whole)
    assert taken(tmp_path)[0] == ["calls_1.csv"]
    (tmp_path / "drop/2026-10/calls_2.csv").symlink_to(secret)
    with pytest.raises(TieoutError, match="leads out of the folder") as refused:
        taken(tmp_path)
    assert [Path(fault.where).name for fault in refused.value.faults] == ["calls_2.csv"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    put(tmp_path, "mounted/2026-10/calls.csv", "rows")
    home = tmp_path / "client"
    home.mkdir()
    (home / "drop").symlink_to(tmp_path / "mounted")
    assert taken(home)[0] == ["calls.csv"]


@pytest.fixture(name="open_folder")
def an_open_folder() -> Iterator[Path]:
    """A folder that any user of the machine may enter: pytest's own are closed to all but their owner."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.mark.parametrize("closed", ["drop", "drop/2026-10", "drop/2026-10/site"])
def test_a_folder_that_may_not_be_read_is_a_fault_and_no_silence(open_folder: Path, closed: str) -> None:
    put(open_folder, "drop/2026-10/site/calls.csv", "rows")
    south = contract(open_folder, calls(file="*/calls.csv"))
    (open_folder / closed).chmod(0)
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(TieoutError, match="cannot be read: Permission denied"):
            pull(open_folder, Lake(open_folder / "lake"), south, DAYS)
    finally:
        if was == 0:
            os.seteuid(was)
        (open_folder / closed).chmod(0o755)
