"""Write THIRD_PARTY_LICENSES.md: every package that tieout needs to run, its locked release and its licence.

The packages are those of `requirements.lock` that apply on Linux with CPython; the licences are what the installed
packages say of themselves (read by pip-licenses). `make licences` runs this; `tests/project/test_licences.py` says when
the page is stale.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
PAGE = ROOT / "THIRD_PARTY_LICENSES.md"
TARGET = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "platform_system": "Linux",
    "python_full_version": "3.11.0",
    "python_version": "3.11",
    "sys_platform": "linux",
}
HEAD = """# Licences of third parties

What tieout needs to run, as locked in `requirements.lock` for Linux and CPython 3.11, and the licence that each package
states. tieout's wheel holds none of them: `pip` brings them from their own authors. From Debian come Pango, HarfBuzz,
fontconfig and the Noto CJK fonts, under their own licences. This page is generated: `make licences`.

| package | release | licence |
| --- | --- | --- |
"""


def locked(lock: str) -> dict[NormalizedName, str]:
    """Canonical name → release of every requirement in a lock's text that applies on the target."""
    lines = [line.rstrip("\\ ") for line in lock.splitlines() if line[:1].isalnum()]
    requirements = [Requirement(line) for line in lines]
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate(dict(TARGET))
    }


def stated_licences(names: Iterable[str]) -> list[dict[str, str]]:
    """What the installed packages say: one `{"Name", "Version", "License"}` for each."""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--with-system", "--packages", *names]
    stated: list[dict[str, str]] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return stated


def page(stated: list[dict[str, str]], wanted: dict[NormalizedName, str]) -> str:
    """The page's text. Raises SystemExit when a package is missing, of another release, or states no licence."""
    found = {canonicalize_name(entry["Name"]): entry for entry in stated}
    faults = [
        f"{name}: locked {release}, installed {found[name]['Version'] if name in found else 'not at all'}"
        for name, release in wanted.items()
        if name not in found or found[name]["Version"] != release
    ]
    faults += [f"{name}: states no licence" for name, entry in found.items() if entry["License"] == "UNKNOWN"]
    if faults:
        raise SystemExit("\n".join(["THIRD_PARTY_LICENSES.md was not written:", *faults, "First run: make test"]))
    rows = [f"| {name} | {release} | {found[name]['License']} |" for name, release in sorted(wanted.items())]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    releases = locked(LOCK.read_text(encoding="utf-8"))
    PAGE.write_text(page(stated_licences(releases), releases), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: {len(releases)} packages\n")
