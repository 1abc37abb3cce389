"""New workspaces and new keys: what `tieout init` writes, and what `tieout rekey` removes."""

import shutil
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pipelines.errors import fault
from pipelines.lake import Lake

TEMPLATES = files("pipelines.contract") / "templates"


def init(directory: Path) -> list[Path]:
    """Writes commented contract files of a new workspace; TieoutError where one is there already."""
    if (directory / "tieout.yaml").exists():
        raise fault(directory, "a workspace already", "an empty or new folder", "choose another folder")
    written = []
    for name, template in _templates(TEMPLATES, Path()):
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(template.read_text(encoding="utf-8"), encoding="utf-8")
        written.append(target)
    return written


def _templates(folder: Traversable, below: Path) -> list[tuple[Path, Traversable]]:
    found = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            found += _templates(item, below / item.name)
        elif item.name.endswith(".yaml"):
            found.append((below / item.name, item))
    return found


def rekey(lake: Lake) -> None:
    """Removes everything that was made with the earlier key; what was received, and its manifests, stay."""
    if not lake.root.exists():
        return
    with lake.writer():
        for folder in lake.root.iterdir():
            if folder.is_dir() and folder.name != "_manifests":
                shutil.rmtree(folder)
        shutil.rmtree(lake.root / "_manifests" / "counts", ignore_errors=True)
