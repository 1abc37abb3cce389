"""The manifests: which file was received, from where, when, with which content; and which one is in force.

A content is received once, under the first 16 hex digits of its SHA-256. Another content under the same path supersedes
the earlier one, which is kept, and stays in force where it was seen under another path too. The counts that
`standardise` adds stand beside it, in a file of their own.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from pipelines.lake import Lake


@dataclass(frozen=True)
class Received:
    """One received file. `file` is its path below the workspace; `month` is the one that the path names, if any.

    `also_seen` are other paths that hold the same content, `also_months` the months that those name.
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

    @property
    def name(self) -> str:
        """Name of its manifest in the lake."""
        return f"_manifests/received/{self.source}/{self.object}/{self.file_id}"


def save(lake: Lake, item: Received) -> None:
    """Writes one manifest."""
    lake.write_json(item.name, asdict(item))


def received(lake: Lake, source: str, object_name: str = "*") -> list[Received]:
    """All manifests of a source, superseded ones too, in order of file name and arrival."""
    names = lake.names_json(f"_manifests/received/{source}/{object_name}/*")
    items = [_load(lake.read_json(name) or {}) for name in names]
    return sorted(items, key=lambda item: (item.object, item.file, item.received_utc, item.file_id))


def in_force(lake: Lake, source: str, object_name: str = "*") -> list[Received]:
    """The manifests that count: what no later file under the same path has superseded."""
    return [item for item in received(lake, source, object_name) if item.superseded_by is None]


def record(lake: Lake, item: Received) -> Received:
    """Lists a received file. The same content again is noted, and accuses nobody; another content supersedes."""
    known = received(lake, item.source, item.object)
    same = next((other for other in known if other.file_id == item.file_id), None)
    if same is None:
        kept = item
    elif same.superseded_by is not None:
        kept = replace(same, file=item.file, month=item.month, superseded_by=None)
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
