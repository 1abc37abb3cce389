"""Reads an ODCS 3.1.0 contract file into `Contract`: structure first, then what it means here, all faults at once.

The steps: YAML (`documents.py`), ODCS's schema and model (`structure.py`), then the parts: the server below, objects in
`objects.py`, deadlines in `sla.py`.
"""

import codecs
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.contract.custom import read_custom
from pipelines.contract.documents import Document, KeyPath, listed, meant, read_document, shown
from pipelines.contract.model import Contract, FeedObject, Server
from pipelines.contract.objects import check_relative, read_object
from pipelines.contract.sla import read_promises
from pipelines.contract.structure import check_structure
from pipelines.contract.vocabulary import INHOUSE, SERVERS, SERVERS_READ

_SERVER_FORMATS = {
    **dict.fromkeys(("csv", "tsv", "txt", "delimited"), "delimited"),
    **dict.fromkeys(("json", "jsonl", "ndjson", "json_lines"), "json_lines"),
    "xlsx": "xlsx",
    "parquet": "parquet",
}
_SERVER_KEYS = ("server", "type", "path", "format", "delimiter", "encoding")
_SERVER_NOTES = ("id", "description", "environment", "roles", "customProperties")

Node = Mapping[str, Any]


def load_contract(path: Path, source: str) -> Contract:
    """Read the contract of one source (a vendor's id, or `inhouse`).

    Raises TieoutError with every fault of the file: not YAML, not ODCS 3.1.0, unknown names under `tieout.`, or a
    content that this release cannot use.
    """
    what = "the client's own contract" if source == INHOUSE else f"the contract of the vendor {source}"
    document = read_document(path, what)
    check_structure(document)
    read_custom(document, (), document.data, None)
    server = _server(document)
    schema = document.data.get("schema")
    nodes = [item if isinstance(item, Mapping) else {} for item in schema] if isinstance(schema, list) else []
    default = _default_format(_first_server(document))
    objects = tuple(read_object(document, ("schema", place), node, source, default) for place, node in enumerate(nodes))
    _check_objects(document, objects, source)
    promises = read_promises(document, tuple(item.name for item in objects))
    document.check()
    version = str(document.data.get("version"))
    latency, frequency = promises.latency, promises.frequency
    return Contract(
        source, version, server, objects, promises.latency_days, document.sha, document.file, latency, frequency
    )


def _first_server(document: Document) -> Node:
    servers = document.data.get("servers")
    return servers[0] if isinstance(servers, list) and servers and isinstance(servers[0], Mapping) else {}


def _default_format(server: Node) -> str | None:
    """The reader that the server's `format` names. A server that cannot be used is one fault, not one an object."""
    if server.get("type") != "local":
        return "delimited"
    return _SERVER_FORMATS.get(str(server.get("format")).lower())


def _server(document: Document) -> Server:
    servers = document.data.get("servers")
    if not servers:
        hint = "add servers: [{server: drop, type: local, path: drop/{month}, format: csv}]"
        document.add(("servers",), "no server", "one, from which the files are pulled", hint)
    for extra in range(1, len(servers) if isinstance(servers, list) else 0):
        hint = "let all files arrive under one path, and tell them apart by physicalName"
        document.add(("servers", extra), "a second server", "one: this release pulls from one place", hint)
    node, path = _first_server(document), ("servers", 0)
    read_custom(document, path, node, "server")
    if node.get("type") == "local":
        _check_local(document, path, node)
    elif isinstance(node.get("type"), str):
        _check_server_type(document, (*path, "type"), node["type"])
    return Server(
        name=str(node.get("server")),
        type="local",
        path=str(node.get("path")),
        delimiter=str(node.get("delimiter", ",")),
        encoding=str(node.get("encoding", "utf-8")),
    )


def _check_server_type(document: Document, path: KeyPath, value: str) -> None:
    allowed = f"{listed(SERVERS_READ)}: this release reads files from local folders"
    hint = "fetch the files into a folder of the workspace, and name that with type: local"
    if value not in SERVERS:
        hint = meant(value, SERVERS_READ, hint)
    document.add(path, shown(value), allowed, hint)


def _check_local(document: Document, path: KeyPath, node: Node) -> None:
    allowed = (*_SERVER_KEYS, *_SERVER_NOTES)
    for key in node.keys() - set(allowed):
        hint = meant(key, allowed, "remove it: a local server has no such key")
        document.add((*path, key), f"the unknown key `{key}`", listed(allowed), hint)
    if isinstance(node.get("path"), str):
        check_relative(document, (*path, "path"), node["path"])
    if "delimiter" in node:
        _check_delimiter(document, (*path, "delimiter"), node["delimiter"])
    if "encoding" in node:
        _check_encoding(document, (*path, "encoding"), node["encoding"])


def _check_delimiter(document: Document, path: KeyPath, value: object) -> None:
    if isinstance(value, str) and len(value) == 1 and value not in '"\r\n':
        return
    hint = r'write a tab as "\t", in double quotes' if str(value).lower() in ("tab", r"\t") else 'write delimiter: ";"'
    document.add(path, shown(value), "one character, such as , ; | or a tab", hint)


def _check_encoding(document: Document, path: KeyPath, value: object) -> None:
    if value == "auto":
        return
    try:
        "".encode(str(value))  # refuses what is not known, and codecs that are no text encodings
        codecs.lookup(str(value))
    except (LookupError, ValueError):
        hint = meant(str(value), ("utf-8", "gb18030", "gbk", "big5", "cp1252", "latin-1"), "utf-8 is the usual one")
        document.add(path, shown(value), "the name of a text encoding, such as utf-8, gb18030, cp1252", hint)


def _check_objects(document: Document, objects: tuple[FeedObject, ...], source: str) -> None:
    if not objects and ("schema",) not in document.broken:
        document.add(("schema",), "no object", "one object for each kind of file", "describe the files under `schema:`")
    names: set[str] = set()
    for place, item in enumerate(objects):
        if item.name in names:
            hint = "give each object a name of its own"
            document.add(("schema", place, "name"), f"`{item.name}` for the second time", "each name once", hint)
        names.add(item.name)
    has_log = any(item.feed == "inhouse_calls" for item in objects)
    misspelt = any(path[-1:] == ("tieout.feed",) for path in document.broken)
    if source == INHOUSE and objects and not has_log and not misspelt:
        hint = "add {property: tieout.feed, value: inhouse_calls} to the object that is the client's log"
        document.add(("schema",), "no object with the feed inhouse_calls", "the client's own log of its calls", hint)
