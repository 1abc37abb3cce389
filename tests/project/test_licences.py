"""THIRD_PARTY_LICENSES.md says what the lock says; when it does not, `make licences` mends it."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("licences", ROOT / ".ci" / "licences.py")
assert spec is not None
assert spec.loader is not None
licences = importlib.util.module_from_spec(spec)
spec.loader.exec_module(licences)


def test_the_page_lists_every_locked_release_with_its_licence() -> None:
    page = licences.PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9][a-z0-9-]*) \| ([^ |]+) \| ([^|]+) \|$", page, flags=re.MULTILINE)
    locked = licences.locked(licences.LOCK.read_text(encoding="utf-8"))
    assert {name: release for name, release, _ in rows if name != "package"} == locked, "run: make licences"


def test_only_what_linux_installs_is_listed() -> None:
    hashed = " \\\n    --hash=x\n"
    lock = hashed.join(["ab==1", "colorama==2 ; sys_platform == 'win32'", "Cd[e]==3 ; python_version < '3.12'", ""])
    assert licences.locked(lock) == {"ab": "1", "cd": "3"}


def test_a_package_that_is_missing_differs_or_states_nothing_stops_the_page() -> None:
    stated = [
        {"Name": "old", "Version": "1", "License": "MIT"},
        {"Name": "mute", "Version": "1", "License": "UNKNOWN"},
    ]
    with pytest.raises(SystemExit) as stop:
        licences.page(stated, {"old": "2", "mute": "1", "gone": "1"})
    message = str(stop.value)
    assert "old: locked 2, installed 1" in message
    assert "gone: locked 1, installed not at all" in message
    assert "mute: states no licence" in message
