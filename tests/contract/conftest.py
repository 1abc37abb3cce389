"""A small hand-made workspace to edit: every test breaks a copy of it in its own way."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.errors import Fault, TieoutError

INHOUSE = "inhouse.odcs.yaml"
CONTRACT = "vendors/south/data.odcs.yaml"
TERMS = "vendors/south/terms.yaml"
SETTINGS = "tieout.yaml"

Edit = Callable[..., Path]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A fresh copy of the hand-made workspace."""
    return Path(shutil.copytree(Path(__file__).parent / "workspace", tmp_path / "workspace"))


@pytest.fixture
def edit(workspace: Path) -> Edit:
    """Replace text in a file of the copy; the text must be there, so that no edit is lost."""

    def apply(file: str, *changes: tuple[str, str]) -> Path:
        path = workspace / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{old!r} is not in {file}"
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        return path

    return apply


def faults_of(load: Callable[[], object]) -> list[Fault]:
    """The faults that loading raises."""
    with pytest.raises(TieoutError) as caught:
        load()
    return caught.value.faults


@pytest.fixture
def faults() -> Callable[[Callable[[], object]], list[Fault]]:
    return faults_of
