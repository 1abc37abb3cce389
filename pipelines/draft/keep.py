"""Puts a drafted contract where the user wants it: never over a file that somebody may have edited, never by halves."""

import os
import tempfile
from pathlib import Path

from pipelines.errors import fault


def keep(to: Path, text: str, *, over: bool = False) -> None:
    """Writes the text to a new file; `over` an old one only where that was said. Folders on the way are made.

    TieoutError where a file lies there already, or where nothing can be written.
    """
    if os.path.lexists(to) and (not over or to.is_dir()):
        found = "a folder" if to.is_dir() else "a file that lies there already, and may have been edited"
        hint = "name another file, or add --force to lose what is there"
        raise fault(to, found, "the name of a new file", "name a file in it" if to.is_dir() else hint)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        _whole(to, text)
    except OSError as error:
        where, hint = error.filename or to, "name a folder in which you may write"
        raise fault(where, f"cannot be written: {error.strerror}", "a file that can be written", hint) from None


def _whole(to: Path, text: str) -> None:
    """Written beside it and then renamed; a link is kept, and what it points to replaced."""
    target = to.resolve()
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:50]}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        umask = os.umask(0)
        os.umask(umask)
        Path(beside).chmod(0o666 & ~umask)
        Path(beside).replace(target)
    finally:
        Path(beside).unlink(missing_ok=True)
