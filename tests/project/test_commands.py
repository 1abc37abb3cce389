"""The commands that the pages tell people to type exist."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(str(path.relative_to(ROOT)) for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def code(page: str) -> str:
    """What a page shows as commands: fenced blocks and `inline` code, a line each."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```\n(.*?)```", text, flags=re.DOTALL) + re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("page", PAGES)
def test_every_make_command_is_a_target(page: str) -> None:
    commands = re.findall(r"^make ([a-zA-Z =\"-]+)", code(page), flags=re.MULTILINE)
    named = {word for command in commands for word in re.sub(r'[A-Z]+=(".*?"|\S*)', "", command).split()}
    assert named <= TARGETS


def test_the_readme_opens_with_the_two_commands() -> None:
    commands = re.findall(r"^make (\w+)", code("README.md"), flags=re.MULTILINE)
    assert commands[:2] == ["demo", "test"]


def test_make_alone_lists_every_target_that_says_what_it_does() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert set(re.findall(r"^make ([a-z-]+)", listed, flags=re.MULTILINE)) == TARGETS - {
        "setup",
        "setup-dev",
        "setup-spark",
    }


@pytest.fixture(scope="module")
def help_text() -> str:
    run = "import sys; from pipelines.cli import main; sys.exit(main())"
    wide = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    command = [sys.executable, "-c", run, "--help"]
    return subprocess.run(command, cwd=ROOT, env=wide, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "dagster_home/README.md"])
def test_every_tieout_command_is_one_that_help_lists(page: str, help_text: str) -> None:
    named = set(re.findall(r"^tieout ([a-z]+)", code(page), flags=re.MULTILINE))
    offered = set(re.findall(r"^\W*([a-z]+)\s{2,}", help_text, flags=re.MULTILINE))
    assert named
    assert named <= offered
