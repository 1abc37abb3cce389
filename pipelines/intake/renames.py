"""What becomes of received files when the contract gives their object another name, or drops it.

A manifest moves to the object of the same feed whose pattern its path fits; where there is none it is retired, so that
no row counts twice and none counts that the contract no longer describes. Nothing that was received is removed.
"""

import re
from dataclasses import replace
from datetime import date

from fsspec.utils import glob_translate

from pipelines.contract.model import Contract, FeedObject
from pipelines.intake.manifest import Received, received, save
from pipelines.lake import Lake

_MONTH, _DAY = r"[0-9]{4}-[0-9]{2}", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_MARKS = {"{month}": ("TIEOUTMONTHMARK", _MONTH), "{day}": ("TIEOUTDAYMARK", _DAY)}


def template(contract: Contract, item: FeedObject) -> str:
    """Where an object's files lie below the workspace, with `{month}` and `{day}` still in it."""
    path = f"{contract.server.path}/{item.pattern}" if contract.server.path else item.pattern
    return path.replace("{vendor}", contract.source)


def fits(pattern: str, file: str) -> re.Match[str] | None:
    """Whether a path is one that a template names; the groups `month` and `day` hold what it says of its date."""
    for name, (mark, _) in _MARKS.items():
        pattern = pattern.replace(name, mark)
    regex = glob_translate(pattern)
    for name, (mark, digits) in _MARKS.items():
        group = name.strip("{}")
        regex = regex.replace(mark, f"(?P<{group}>{digits})", 1).replace(mark, f"(?P={group})")
    return re.match(regex, file)


def day_of(pattern: str, file: str) -> date | None:
    """The day that a path names; None where it names none."""
    match = fits(pattern, file)
    return date.fromisoformat(match["day"]) if match and "day" in match.groupdict() else None


def follow_renames(lake: Lake, contract: Contract) -> None:
    """Moves, retires or takes back the manifests of a source, as its contract now names the objects."""
    feeds = {item.name: item.feed for item in contract.objects}
    for manifest in received(lake, contract.source):
        if feeds.get(manifest.object) == manifest.feed:
            if manifest.is_retired:
                save(lake, replace(manifest, is_retired=False))
        elif (heir := _heir(contract, manifest)) is not None:
            _move(lake, manifest, heir)
        elif not manifest.is_retired:
            save(lake, replace(manifest, is_retired=True))


def _heir(contract: Contract, manifest: Received) -> str | None:
    """The first object of the feed whose files lie where this one lay."""
    fitting = (
        item.name
        for item in contract.feed(manifest.feed)
        if item.name != manifest.object and fits(template(contract, item), manifest.file)
    )
    return next(fitting, None)


def _move(lake: Lake, manifest: Received, heir: str) -> None:
    """The manifest under another object. Where that has received the content itself, its own manifest stands."""
    known = {item.file_id: item for item in received(lake, manifest.source, heir)}
    mine = known.get(manifest.file_id)
    if mine is None:
        save(lake, replace(manifest, object=heir, is_retired=False))
    elif manifest.received_utc < mine.received_utc:
        first = replace(mine, received_utc=manifest.received_utc, earlier_pull_utc=manifest.earlier_pull_utc)
        save(lake, first)
    lake.drop_json(manifest.name)
