"""Reads `slaProperties`: how often each object's files are due (`frequency`), and how soon after (`latency`).

An `element` (an object, or object.property) narrows a promise to that object; a promise without one holds for all that
have none of their own. What became of the promises stands in `pipelines/intake/deliveries.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines.contract.documents import Document, KeyPath, listed, meant, shown
from pipelines.contract.model import Every, Frequency

_DAYS = {"d": 1, "day": 1, "days": 1, "w": 7, "week": 7, "weeks": 7}
_EVERY: Mapping[str, Every] = {
    **dict.fromkeys(("h", "hour", "hours"), "hour"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("w", "week", "weeks"), "week"),
    **dict.fromkeys(("m", "month", "months"), "month"),
}
_WORDS: Mapping[str, Every] = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}


@dataclass
class Promises:
    """Latency in days and frequency, by object; the key None holds what is promised of every object."""

    latency: dict[str | None, int] = field(default_factory=dict)
    frequency: dict[str | None, Frequency] = field(default_factory=dict)

    @property
    def latency_days(self) -> int | None:
        """The one that holds for all; where there is none, the longest of those that hold for one object."""
        return self.latency.get(None, max(self.latency.values(), default=None))


def read_promises(document: Document, objects: tuple[str, ...]) -> Promises:
    """The promises of a contract with these objects. Faults are noted in the document: values, units, elements."""
    found = Promises()
    items = document.data.get("slaProperties")
    for place, item in enumerate(items if isinstance(items, list) else ()):
        path: KeyPath = ("slaProperties", place)
        if not isinstance(item, Mapping):
            continue
        if item.get("property") == "latency":
            _note(document, path, item, _latency(document, path, item), found.latency, objects)
        elif item.get("property") == "frequency":
            _note(document, path, item, _frequency(document, path, item), found.frequency, objects)
    return found


def _latency(document: Document, path: KeyPath, item: Mapping[str, Any]) -> int | None:
    value, unit = item.get("value"), str(item.get("unit"))
    if not _is_whole(value, 0):
        document.add((*path, "value"), shown(value), "a whole number, 0 or more", "value: 3 with unit: day")
    elif unit not in _DAYS:
        document.add((*path, "unit"), shown(item.get("unit")), listed(_DAYS), "say in days when a file is due")
    else:
        return int(str(value)) * _DAYS[unit]
    return None


def _frequency(document: Document, path: KeyPath, item: Mapping[str, Any]) -> Frequency | None:
    value, unit = item.get("value"), item.get("unit")
    if str(value) in _WORDS and unit is None:
        return Frequency(1, _WORDS[str(value)])
    if not _is_whole(value, 1):
        allowed = f"a whole number, 1 or more, with a unit; or {listed(_WORDS)}"
        document.add((*path, "value"), shown(value), allowed, "value: 1 with unit: month")
    elif str(unit) not in _EVERY:
        document.add((*path, "unit"), shown(unit), listed(_EVERY), "value: 1 with unit: month is one delivery a month")
    else:
        return Frequency(int(str(value)), _EVERY[str(unit)])
    return None


def _is_whole(value: object, least: int) -> bool:
    """YAML keeps a quoted number as text; ODCS allows both."""
    if isinstance(value, str):
        return value.isdecimal() and value.isascii() and int(value) >= least
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _note(
    document: Document,
    path: KeyPath,
    item: Mapping[str, Any],
    promise: int | Frequency | None,
    known: dict[str | None, Any],
    objects: tuple[str, ...],
) -> None:
    """Notes a promise for each object that its element names; two that contradict each other are a fault."""
    for name in _elements(document, path, item, objects):
        if promise is None:
            continue
        if name in known and known[name] != promise:
            of = f" of {name}" if name else ""
            found = f"another {item['property']}{of}, {item.get('value')} {item.get('unit', '')}".rstrip()
            hint = "keep the later of the two" if item["property"] == "latency" else "keep the one that was agreed"
            document.add((*path, "value"), found, f"one {item['property']} for each object", hint)
        known.setdefault(name, promise)


def _elements(document: Document, path: KeyPath, item: Mapping[str, Any], objects: tuple[str, ...]) -> list[str | None]:
    """The objects that a promise is about; [None] where it names none."""
    text = item.get("element")
    if text is None:
        return [None]
    found: list[str | None] = []
    for element in str(text).split(","):
        name = element.strip().partition(".")[0]
        if name in objects:
            found.append(name)
        else:
            hint = meant(name, objects, "name an object under `schema:`, or leave `element` out")
            document.add((*path, "element"), shown(element.strip()), listed(objects), hint)
    return list(dict.fromkeys(found))
