"""Setting a machine up: what it lacks is found by trying it, and where nothing may be installed the fix is printed.

The whole of it (a bare Debian, `make demo`) cannot run here without a network; these are the decisions in it.
"""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("missing_packages", ROOT / ".ci" / "missing_packages.py")
assert spec is not None
assert spec.loader is not None
machine = importlib.util.module_from_spec(spec)
spec.loader.exec_module(machine)


def test_a_machine_that_runs_the_tests_lacks_nothing() -> None:
    assert machine.missing() == []


def test_what_is_not_there_is_noticed() -> None:
    assert not machine.has_library("libno-such-thing.so.0")
    assert not machine.has_module("no_such_module")
    assert not machine.has_font_for("tlh")  # Klingon


def test_the_missing_packages_are_named_in_order() -> None:
    assert machine.missing((("b", lambda: False), ("c", lambda: True), ("a", lambda: False))) == ["b", "a"]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout with the script only, and a `bin/` in front of PATH for what the machine is to look like."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "setup.sh", tmp_path / ".ci")
    (tmp_path / "bin").mkdir()
    return tmp_path


def program(bare: Path, name: str, script: str) -> None:
    path = bare / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def set_up(bare: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{bare / 'bin'}:/usr/bin:/bin", "HOME": str(bare)}
    command = [str(bare / ".ci" / "setup.sh"), "run"]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


def test_an_old_python_is_told_what_to_install(bare: Path) -> None:
    program(bare, "python3", 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    done = set_up(bare)
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed, found: Python 3.9.2" in done.stderr
    assert "apt-get install python3" in done.stderr


@pytest.mark.parametrize(
    ("java", "found"), [(None, "no java"), ("11.0.2", "11"), ("1.8.0_292", "1")], ids=["none", "11", "8"]
)
def test_spark_without_a_java_that_runs_it_is_told_what_to_install(java: str | None, found: str, bare: Path) -> None:
    shutil.copy(ROOT / ".ci" / "setup_spark.sh", bare / ".ci")
    for name in ("bash", "dirname", "sed"):
        (bare / "bin" / name).symlink_to(str(shutil.which(name)))
    if java is not None:
        program(bare, "java", f"echo 'openjdk version \"{java}\" 2019-01-15' >&2")
    command = [str(bare / ".ci" / "setup_spark.sh")]
    done = subprocess.run(command, env={"PATH": str(bare / "bin")}, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"Spark needs Java 17 or newer, found: {found}." in done.stderr
    assert not (bare / "build").exists()


def test_a_user_without_rights_gets_the_command_and_nothing_is_installed(bare: Path) -> None:
    program(
        bare, "python3", 'case "$1" in *missing_packages.py) printf "libpangoft2-1.0-0\\nfonts-noto-cjk\\n" ;; esac'
    )
    program(bare, "id", "echo 1000")
    program(bare, "sudo", "exit 1")
    program(bare, "apt-get", 'touch "$HOME/apt-was-called"')
    done = set_up(bare)
    assert done.returncode == 2
    assert (
        "\n    sudo sh -c 'apt-get update && "
        "apt-get install -y --no-install-recommends libpangoft2-1.0-0 fonts-noto-cjk'\n" in done.stderr
    )
    assert not (bare / "apt-was-called").exists()
    assert not (bare / ".venv").exists()
