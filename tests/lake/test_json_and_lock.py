"""Manifests and gates as JSON, and the one writer's place, held by a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.errors import TieoutError
from pipelines.lake import Lake

HOLD = """
import sys
from pathlib import Path
from pipelines.lake import Lake
with Lake(Path(sys.argv[1])).writer():
    print("held", flush=True)
    sys.stdin.read()
"""

ROUND_TRIP = """
import sys
from pathlib import Path
from pipelines.lake import Lake
lake = Lake(Path(sys.argv[1]))
lake.write_json("gate", {"reason": "\\u901a\\u8bdd"})
assert lake.read_json("gate") == {"reason": "\\u901a\\u8bdd"}
"""


def test_json_is_written_replaced_listed_and_dropped(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    assert lake.read_json("_gates/vendor_calls/south/2026-10-01") is None
    lake.write_json("_gates/vendor_calls/south/2026-10-02", {"rule": "等待", "rows": 3})
    lake.write_json("_gates/vendor_calls/south/2026-10-01", {"rule": "old"})
    lake.write_json("_gates/vendor_calls/south/2026-10-01", {"rule": "new"})
    assert lake.read_json("_gates/vendor_calls/south/2026-10-02") == {"rule": "等待", "rows": 3}
    assert lake.read_json("_gates/vendor_calls/south/2026-10-01") == {"rule": "new"}
    assert lake.names_json("_gates/vendor_calls/south/*") == [
        "_gates/vendor_calls/south/2026-10-01",
        "_gates/vendor_calls/south/2026-10-02",
    ]
    lake.drop_json("_gates/vendor_calls/south/2026-10-01")
    lake.drop_json("_gates/vendor_calls/south/2026-10-01")
    assert lake.names_json("_gates/*/*/*") == ["_gates/vendor_calls/south/2026-10-02"]


def test_json_does_not_depend_on_the_language_of_the_machine(tmp_path: Path) -> None:
    plain = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-X", "utf8=0", "-c", ROUND_TRIP, str(tmp_path)]
    done = subprocess.run(command, env=plain, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert "通话" in (tmp_path / "gate.json").read_text(encoding="utf-8")


def test_a_second_writer_is_refused_and_told_who_holds_the_lake(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(TieoutError) as refused, lake.writer():
            raise AssertionError("two writers at once")
        holder.communicate()
    assert f"process {holder.pid} on " in refused.value.faults[0].found
    assert refused.value.faults[0].allowed == "one writer at a time"
    with lake.writer():
        pass


def test_the_place_of_a_writer_that_was_killed_is_free(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.kill()
    with Lake(tmp_path).writer():
        assert str(os.getpid()) in (tmp_path / "_writer").read_text(encoding="utf-8")


def test_a_writer_that_fails_gives_its_place_back(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with pytest.raises(RuntimeError), lake.writer():
        raise RuntimeError
    with lake.writer():
        pass
