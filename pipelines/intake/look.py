"""Looks into folders: which files lie there, which are not finished, and what must not or cannot be taken.

A file that is still being uploaded is passed over and told. A link is followed only inside the folder that the contract
names: whoever may put files there may not have others read through them. That folder itself may be a link.
"""

import glob
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.errors import Fault

UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".download", ".upload", ".uploading")
"""How transfer programs name a file until it is whole."""

_OPEN = ("~$", ".~lock.")
_NO_DELIVERY = ("._", ".DS_Store", ".gitkeep", ".keep")
"""What file managers and the like leave in folders: no file that anybody sent."""
_WILD = "*?[{"


@dataclass
class Looked:
    """Paths that may be received, in order; paths passed over, with the reason; and what is wrong in the folder."""

    files: list[str] = field(default_factory=list)
    passed_over: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def look(files: Any, root: Path, pattern: str, template: str) -> Looked:
    """What lies where a pattern (a glob below `root`) points to; `template` is the same with its dates not filled in.

    `files` is fsspec's file system.
    """
    bounds = fixed_folder(root, template)
    found = Looked(faults=list(_closed_folders(root, pattern)))
    home = f"{glob.escape(str(root))}/"
    folder, _, name = pattern.rpartition("/")
    inside = f"{folder}/" if folder else ""
    begun = [f"{pattern}{ending}" for ending in UNFINISHED] + [f"{inside}{mark}{name}" for mark in _OPEN]
    for path in sorted({str(path) for one in (pattern, *begun) for path in files.glob(home + one)}):
        if files.isdir(path) or (PurePosixPath(path).name.startswith(_NO_DELIVERY) and name[0] != "."):
            continue
        reason = _unfinished(path, name)
        if reason:
            found.passed_over[path] = reason
        elif fault := _leads_out(bounds, path):
            found.faults.append(fault)
        else:
            found.files.append(path)
    return found


def _unfinished(path: str, pattern: str) -> str | None:
    """Why a file is not taken, by its name; None where it is whole, or the contract itself names such files."""
    name = PurePosixPath(path).name
    lower = name.lower()
    if name.startswith(_OPEN) and not pattern.startswith(_OPEN):
        return "open in another program"
    if lower.endswith(UNFINISHED) and not pattern.lower().endswith(UNFINISHED):
        return "half-uploaded"
    return "hidden, as transfer programs name what is not whole" if name[0] == "." and pattern[0] != "." else None


def fixed_folder(root: Path, pattern: str) -> Path:
    """The folder that a pattern names without any wildcard or date."""
    parts = PurePosixPath(pattern).parts[:-1]
    wild = next((place for place, part in enumerate(parts) if any(char in part for char in _WILD)), len(parts))
    return root.joinpath(*parts[:wild])


def _leads_out(bounds: Path, path: str) -> Fault | None:
    """A link out of the folder; one that leads nowhere is told when the file is opened."""
    try:
        real = os.path.realpath(path, strict=True)
    except OSError:
        return None
    home = os.path.realpath(bounds)
    if os.path.commonpath([real, home]) == home:
        return None
    hint = "put the file itself there; the whole folder may be a link, a file in it may not lead out of it"
    return Fault(path, "a link that leads out of the folder", f"a file below {home}", hint)


def _closed_folders(root: Path, pattern: str) -> Iterator[Fault]:
    """Folders on the way that may not be looked into: their files would be missing without a word."""
    start, errors = fixed_folder(root, pattern), list[OSError]()
    depth = None if "**" in pattern else len(PurePosixPath(pattern).parts) - 1 - len(start.relative_to(root).parts)
    for folder, names, _ in os.walk(start, onerror=errors.append):
        if depth is not None and len(Path(folder).relative_to(start).parts) >= depth:
            names.clear()
    for error in errors:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            hint = "give the user who runs tieout the right to list it"
            yield Fault(str(error.filename), f"a folder that cannot be read: {error.strerror}", "a readable one", hint)
