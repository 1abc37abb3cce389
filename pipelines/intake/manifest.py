"""The manifests: which file was received, from where, when, with which content; and which one is in force.

A content is received once, under the first 16 hex digits of its SHA-256. Another content under the same path supersedes
the earlier one, which is kept, and stays in force where it was seen under another path too. The counts that
`standardise` adds stand beside it, in a file of their own. When a source was pulled, and what was passed over then,
stands in one file a source. A manifest follows its object when the contract gives that another name (`renames.py`).
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from pipelines.lake import Lake

_PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst")
_NUMBERED = re.compile(r"([^0-9]*)([0-9]*)")


@dataclass(frozen=True)
class Received:
    """One received file. `file` is its path below the workspace; `month` is the one that the path names, if any.

    `also_seen` are other paths that hold the same content, `also_months` the months that those name. `earlier_pull_utc`
    is the last time before that its place was looked at; None where it was found at the first look. A retired manifest
    is of an object that the contract no longer has: kept, and not counted. `again_utc` is when a content
    that another had taken the place of was put back.
    """

    file_id: str
    source: str
    object: str
    feed: str
    file: str
    sha256: str
    size_bytes: int
    received_utc: str
    month: str | None = None
    also_seen: tuple[str, ...] = ()
    superseded_by: str | None = None
    also_months: tuple[str | None, ...] = ()
    earlier_pull_utc: str | None = None
    is_retired: bool = False
    again_utc: str | None = None

    @property
    def name(self) -> str:
        """Name of its manifest in the lake."""
        return f"_manifests/received/{self.source}/{self.object}/{self.file_id}"


def delivered(item: Received) -> tuple[str, str, list[tuple[str, int]], str]:
    """Sorts files in order of delivery: by the pull, then, as that tells no more, by name with numbers as numbers.

    `calls.csv`, `calls (1).csv`, `calls_v2.csv`, `calls_v10.csv`: what a person or a program numbers comes later.
    """
    path = PurePosixPath(item.file)
    name = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    stem = name.with_suffix("").name.lower()
    pieces = [(text, int(digits or 0)) for text, digits in _NUMBERED.findall(stem)]
    return item.again_utc or item.received_utc, str(path.parent), pieces, item.file_id


def save(lake: Lake, item: Received) -> None:
    """Writes one manifest."""
    lake.write_json(item.name, asdict(item))


def received(lake: Lake, source: str, object_name: str = "*") -> list[Received]:
    """All manifests of a source, superseded ones too, in order of file name and arrival."""
    names = lake.names_json(f"_manifests/received/{source}/{object_name}/*")
    items = [_load(lake.read_json(name) or {}) for name in names]
    return sorted(items, key=lambda item: (item.object, item.file, item.received_utc, item.file_id))


def in_force(lake: Lake, source: str, object_name: str = "*") -> list[Received]:
    """The manifests that count: what no later file under the same path has superseded, of objects in the contract."""
    items = received(lake, source, object_name)
    return [item for item in items if item.superseded_by is None and not item.is_retired]


def replaced_by(lake: Lake, item: Received) -> list[Received]:
    """The contents that this one stands in the place of, in order of arrival."""
    others = [other for other in received(lake, item.source, item.object) if other.superseded_by == item.file_id]
    return sorted(others, key=lambda other: (other.received_utc, other.file, other.file_id))


def tally(lake: Lake, item: Received) -> dict[str, Any] | None:
    """The counts that `standardise` has written of a file; None where it was not read."""
    return lake.read_json(f"_manifests/counts/{item.source}/{item.object}/{item.file_id}")


@dataclass(frozen=True)
class PassedOver:
    """A file that was looked at and not taken: its path below the workspace, the object that it may be for, and why."""

    file: str
    object: str
    reason: str


@dataclass(frozen=True)
class Pulls:
    """When a source was pulled first; when each place (a pattern with its dates) was looked at last; what lay there."""

    first_utc: str | None = None
    looked_utc: Mapping[str, str] = field(default_factory=dict)
    passed_over: tuple[PassedOver, ...] = ()


def pulls(lake: Lake, source: str) -> Pulls:
    """What is known of a source's pulls; nothing where there was none."""
    fields = lake.read_json(f"_manifests/received/{source}")
    if fields is None:
        return Pulls()
    return Pulls(**{**fields, "passed_over": tuple(PassedOver(**item) for item in fields["passed_over"])})


def save_pulls(lake: Lake, source: str, state: Pulls) -> None:
    """Writes what is known of a source's pulls."""
    lake.write_json(f"_manifests/received/{source}", asdict(state))


def record(lake: Lake, item: Received) -> Received:
    """Lists a received file. The same content again is noted, and accuses nobody; another content supersedes."""
    known = received(lake, item.source, item.object)
    same = next((other for other in known if other.file_id == item.file_id), None)
    if same is None:
        kept = item
    elif same.superseded_by is not None:
        kept = replace(same, file=item.file, month=item.month, superseded_by=None, again_utc=item.received_utc)
    elif item.file in (same.file, *same.also_seen):
        kept = same
    else:
        kept = replace(same, also_seen=(*same.also_seen, item.file), also_months=(*same.also_months, item.month))
    if kept != same:
        save(lake, kept)
    for other in known:
        left = _without(other, item.file, kept.file_id)
        if other.file_id != kept.file_id and left != other:
            save(lake, left)
    return kept


def _without(item: Received, path: str, successor: str) -> Received:
    """What is left of a content in force when another one lies under `path`: its other paths, if it has any."""
    if item.superseded_by is not None or path not in (item.file, *item.also_seen):
        return item
    places = dict(zip((item.file, *item.also_seen), (item.month, *item.also_months), strict=True))
    del places[path]
    if not places:
        return replace(item, superseded_by=successor)
    (file, month), *others = places.items()
    also_seen, also_months = tuple(name for name, _ in others), tuple(named for _, named in others)
    return replace(item, file=file, month=month, also_seen=also_seen, also_months=also_months)


def _load(fields: dict[str, Any]) -> Received:
    tuples = {name: tuple(fields[name]) for name in ("also_seen", "also_months")}
    return Received(**{**fields, **tuples})
