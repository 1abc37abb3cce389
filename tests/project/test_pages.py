"""The pages of docs/ that are made from the code say what the code says."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", ROOT / ".ci" / "pages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["tables.md", "figures.md", "formats.md", "commands.md"])
def test_a_generated_page_is_not_stale(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == pages().PAGES[name](), "run `make pages`"


def test_every_command_has_its_section() -> None:
    from pipelines.cli import app

    names = {command.callback.__name__ for command in app.registered_commands if command.callback}
    text = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f"## tieout {name}\n" not in text] == []
