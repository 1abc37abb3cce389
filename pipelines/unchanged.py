"""Whether an audit would do the very same again: the state of everything that it reads, and the mark of the last one.

The state names every file of the workspace (path, size, time of change), the key, the settings from the environment and
the program itself. Which partition is stale is not decided here but by the lake; this only spares a run that would find
nothing stale at all.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake, sha
from pipelines.program import digest
from pipelines.standardise.numbers import key_id

_PROGRAM = ("pipelines", "checks", "reports")


def state(space: Workspace, month: str, vendors: Sequence[str], days: Sequence[str]) -> str:
    """The state of everything that this audit reads; `days` are those that it may look at by now."""
    settings = {name: value for name, value in os.environ.items() if name.startswith("TIEOUT_") and "KEY" not in name}
    return sha(digest(*_PROGRAM), month, vendors, days, key_id(space.key()), settings, list(_files(space)))


def is_done(space: Workspace, lake: Lake, month: str, vendors: Sequence[str], now: str) -> bool:
    """Whether the last audit of this month saw this state, ended well, and its results are still there."""
    mark = lake.read_json(_mark(month, vendors))
    results = [space.out / vendor / month / "scorecard.pdf" for vendor in vendors]
    here = (space.dir / ".dagster" / "dagster.yaml").exists() and all(path.exists() for path in results)
    return here and mark is not None and mark["state"] == now


def done(lake: Lake, month: str, vendors: Sequence[str], now: str) -> None:
    """Marks an audit that ended well."""
    lake.write_json(_mark(month, vendors), {"state": now})


def _mark(month: str, vendors: Sequence[str]) -> str:
    return f"_audits/{month}/{sha(sorted(vendors))[:16]}"


def _files(space: Workspace) -> Iterator[tuple[str, int, int]]:
    """Deliveries, contracts and settings; not what tieout itself writes."""
    ours = {space.lake, space.out, space.dir / "landing", space.dir / ".dagster"}
    for folder, names, found in os.walk(space.dir):
        names[:] = sorted(name for name in names if Path(folder, name) not in ours)
        for name in sorted(found):
            stat = Path(folder, name).lstat()
            yield str(Path(folder, name).relative_to(space.dir)), stat.st_size, stat.st_mtime_ns
