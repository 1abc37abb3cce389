"""What named systems' exports say of themselves: their columns, as data in one YAML file for each format.

The files have the syntax of a contract's `properties`, so that an engineer can read there what a format fills and
overrule single columns in the contract: a property of the same name, or with the same role, takes the known one's
place. `where` is a condition for each feed that needs one, as tieout.where; a contract's own narrows it further.
Reading the files themselves is the business of `pipelines/formats/`.
"""

import copy
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pipelines.contract.documents import read_document
from pipelines.contract.vocabulary import ROLES

Node = Mapping[str, Any]

_ELSEWHERE = {"offered_utc": "arrived_utc", "arrived_utc": "offered_utc"}
"""A system that the client runs itself writes the same moment, which has another name there."""


@cache
def _file(system: str) -> Node:
    path = Path(str(files("pipelines.contract.systems") / f"{system}.yaml"))
    document = read_document(path, f"the columns of {system}")
    document.check()
    return document.data


@cache
def systems() -> tuple[str, ...]:
    """The formats that know their own columns."""
    names = (entry.name for entry in files("pipelines.contract.systems").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


def feeds_of(system: str) -> tuple[str, ...]:
    """The feeds that a system's export can fill."""
    return tuple(_file(system)["feeds"])


def condition_of(system: str, feed: str) -> str | None:
    """A system's own `tieout.where` for a feed, to which a contract may add; None where it has none."""
    condition: str | None = _file(system).get("where", {}).get(feed)
    return condition


def known_properties(system: str, feed: str) -> list[dict[str, Any]]:
    """A system's columns as nodes of a contract for a feed; a role that the feed does not have is left off."""
    nodes = copy.deepcopy(list(_file(system)["properties"]))
    for node in nodes:
        node["customProperties"] = list(_fitting(node.get("customProperties") or [], feed))
    return nodes


def _fitting(items: list[dict[str, Any]], feed: str) -> list[dict[str, Any]]:
    """The custom properties with roles of this feed; without a role a map and a unit say nothing."""
    kept = []
    for item in items:
        if item["property"] != "tieout.role" or item["value"] in ROLES[feed]:
            kept.append(item)
        elif _ELSEWHERE.get(item["value"]) in ROLES[feed]:
            kept.append({**item, "value": _ELSEWHERE[item["value"]]})
    has_role = any(item["property"] == "tieout.role" for item in kept)
    return kept if has_role else []


def with_known(system: str, feed: str, own: list[Node]) -> list[Node]:
    """A contract's own properties first, in their places, then the known ones that none of them replaces."""
    names = {str(node.get("physicalName") or node.get("name")) for node in own} | {
        str(node.get("name")) for node in own
    }
    roles = {role for node in own for role in _roles(node)}
    known = [node for node in known_properties(system, feed) if node["name"] not in names]
    return [*own, *(_without_role(node) if roles & set(_roles(node)) else node for node in known)]


def _roles(node: Node) -> list[str]:
    items = node.get("customProperties")
    pairs = [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []
    return [str(item.get("value")) for item in pairs if item.get("property") == "tieout.role"]


def _without_role(node: dict[str, Any]) -> Node:
    """The column stays readable for expressions, but fills nothing."""
    return {**node, "customProperties": []}
