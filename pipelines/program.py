"""The state of the program itself: what it computes may change with any of its lines, so every stamp contains it."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

_SUFFIXES = (".py", ".sql", ".yaml", ".j2", ".css")


@cache
def digest(*packages: str) -> str:
    """SHA-256 over names and contents of the packages' code, SQL and texts."""
    found = hashlib.sha256()
    for package in packages:
        root = Path(str(files(package)))
        for path in sorted(path for path in root.rglob("*") if path.suffix in _SUFFIXES):
            found.update(f"{package}/{path.relative_to(root)}\0".encode() + path.read_bytes())
    return found.hexdigest()
