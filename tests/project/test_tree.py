"""What stands where: the fixed top level, the README's tree, and all of the packages in the wheel."""

import re
import subprocess
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.build import build_wheel

ROOT = Path(__file__).parents[2]
PACKAGES = ("pipelines", "checks", "reports", "data", "dagster_home")
TOP = {
    *PACKAGES,
    "tests",
    "docs",
    ".ci",
    "pyproject.toml",
    "Makefile",
    "LICENSE",
    "THIRD_PARTY_LICENSES.md",
    ".gitignore",
}
TOP |= {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
TOP |= {"requirements.lock", "requirements-dev.lock", "requirements-build.lock", "requirements-spark.lock"}


def kept_files(*folders: str) -> set[str]:
    """Every file that git keeps or would keep, as paths from the top."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return {path for path in listed if (ROOT / path).exists()}


def test_the_top_level_is_the_agreed_one() -> None:
    assert {path.split("/")[0] for path in kept_files()} == TOP


def test_everything_in_the_readmes_tree_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = re.findall(r"```\n(pipelines/\n.*?)```", readme, flags=re.DOTALL)[0]
    folder, named = "", []
    for line in tree.splitlines():
        name = line.split()[0]
        if not line.startswith(" "):
            folder = name
        named.append(folder + name if line.startswith(" ") else name)
    assert len(named) > len(PACKAGES)
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with zipfile.ZipFile(tmp_path / build_wheel(str(tmp_path))) as wheel:
        packed = {name for name in wheel.namelist() if ".dist-info/" not in name}
        licence_files = {Path(name).name for name in wheel.namelist() if "/licenses/" in name}
    assert packed == kept_files(*PACKAGES)
    assert licence_files == {"LICENSE", "THIRD_PARTY_LICENSES.md"}


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\n## [{version}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [".ci/run", ".ci/setup.sh", ".ci/setup_spark.sh", ".ci/wheel_demo.sh"])
def test_the_scripts_can_be_run_and_parse(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
    subprocess.run(["bash", "-n", ROOT / script], check=True)


def test_ci_runs_the_readmes_test_command_and_the_linters() -> None:
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    (steps,) = re.findall(r"^for step in (.+); do$", text, flags=re.MULTILINE)
    assert {"lint", "test"} <= set(steps.split())
    # The tests' summary has to close the output.
    assert steps.split()[-1] == "test"
