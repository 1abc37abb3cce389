"""The locks give everyone the same releases: complete, hashed, agreeing with each other, and silent about hosts."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock", "requirements-spark.lock")


def entries(lock: str) -> list[str]:
    """Each requirement of a lock with its continuation lines, comments left out."""
    lines = [line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines() if "# via" not in line[:9]]
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    return re.split(r"\n(?=\S)", text.strip())


def releases(lock: str) -> dict[str, set[str]]:
    """Canonical name → the locked releases (more than one where Pythons differ)."""
    found: dict[str, set[str]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.split("\\\n")[0].strip())
        found.setdefault(canonicalize_name(requirement.name), set()).add(str(requirement.specifier).removeprefix("=="))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_one_release_with_hashes(lock: str) -> None:
    for entry in entries(lock):
        assert re.match(r"[a-z0-9.-]+(\[[a-z,]+\])?==[^ ]+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize(
    ("lock", "needs"),
    [
        ("requirements.lock", PROJECT["project"]["dependencies"]),
        ("requirements-dev.lock", PROJECT["project"]["optional-dependencies"]["dev"]),
        ("requirements-build.lock", PROJECT["build-system"]["requires"]),
        ("requirements-spark.lock", PROJECT["dependency-groups"]["spark"]),
    ],
)
def test_what_pyproject_asks_for_is_locked(lock: str, needs: list[str]) -> None:
    locked = releases(lock)
    for need in map(Requirement, needs):
        assert all(need.specifier.contains(release) for release in locked[canonicalize_name(need.name)]), str(need)


@pytest.mark.parametrize("smaller", ["requirements.lock", "requirements-build.lock"])
def test_the_development_lock_holds_the_others(smaller: str) -> None:
    everything = releases("requirements-dev.lock")
    assert {name: everything.get(name) for name in releases(smaller)} == releases(smaller)
