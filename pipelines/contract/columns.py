"""Reads one `properties[]` entry of a contract into `Column`, and checks that what it says fits together.

Quality rules on a column are read in `rules.py`, the object around it in `objects.py`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pipelines.contract.column_checks import check_fit
from pipelines.contract.custom import custom_path, read_custom
from pipelines.contract.documents import Document, KeyPath, closest, listed, meant, path_text, shown
from pipelines.contract.expression import Refusal, check_expression, columns_read, result_type
from pipelines.contract.model import MEANINGS, Column
from pipelines.contract.vocabulary import (
    FEEDS_READ,
    INDISPENSABLE,
    LOGICAL_TYPES,
    ROLES,
)

Node = Mapping[str, Any]


def raw_name(node: Node) -> str:
    """The header of the column in the file: `physicalName` if given, else `name`."""
    return str(node.get("physicalName") or node.get("name") or "")


def raw_columns(nodes: list[Node]) -> tuple[str, ...]:
    """The columns that lie in the file: all properties but those that only transformLogic makes."""
    return tuple(
        dict.fromkeys(
            raw_name(node) for node in nodes if raw_name(node) and (_logic(node) is None or _is_itself_raw(node))
        )
    )


def _logic(node: Node) -> str | None:
    logic = node.get("transformLogic")
    return logic if isinstance(logic, str) else None


def _is_itself_raw(node: Node) -> bool:
    """`trim(caller)` on the property `caller` reads the raw column of that name."""
    return raw_name(node).casefold() in {name.casefold() for name in columns_read(_logic(node) or "")}


def read_columns(
    document: Document, path: KeyPath, nodes: list[Node], feed: str, *, cells_have_types: bool = False
) -> tuple[Column, ...]:
    """All columns of the object at `path`; what is wrong with them is noted in the document.

    `cells_have_types` where the format's own cells may be dates, so that a column of times needs no format.
    """
    raw = raw_columns(nodes)
    columns = [
        read_column(document, (*path, "properties", place), node, feed, raw, cells_have_types)
        for place, node in enumerate(nodes)
    ]
    _check_twice(document, path, nodes, columns)
    if feed in FEEDS_READ:
        _check_indispensable(document, path, feed, columns, nodes)
    return tuple(columns)


def read_column(
    document: Document, path: KeyPath, node: Node, feed: str, raw: Collection[str], cells_have_types: bool
) -> Column:
    """One column. For a feed that this release does not read only names are checked, not how they fit together."""
    custom = read_custom(document, path, node, "property")
    role = _role(document, path, custom, feed)
    logical = node.get("logicalType")
    column = Column(
        raw=raw_name(node),
        logical_type=logical if logical in LOGICAL_TYPES else "string",
        role=role,
        figure=custom.get("figure"),
        format=_format(node) if logical in ("timestamp", "date") else None,
        required=node.get("required") is True,
        unique=node.get("unique") is True,
        enum=_enum(document, path, node),
        map=custom.get("map"),
        unit=custom.get("unit"),
        caller_kind=custom.get("caller_kind", "phone"),
        rewrite=custom.get("rewrite", ()),
        expression=_expression(document, path, node, raw),
        meaning={name: str(custom[name]) for name in MEANINGS if name in custom},
        path=path_text(path),
    )
    if feed in FEEDS_READ:
        check_fit(document, path, node, column, feed, custom, cells_have_types)
    return column


def _format(node: Node) -> str | None:
    options = node.get("logicalTypeOptions")
    value = options.get("format") if isinstance(options, Mapping) else None
    return value if isinstance(value, str) else None


def _role(document: Document, path: KeyPath, custom: Mapping[str, Any], feed: str) -> str | None:
    role = custom.get("role")
    allowed = ROLES.get(feed)
    if role is None or allowed is None:
        return role
    if role in allowed:
        return str(role)
    others = [name for name, roles in ROLES.items() if role in roles]
    hint = meant(
        role, allowed, f"`{role}` is a role of {listed(others)}" if others else "take one of the list, or remove it"
    )
    document.add(custom_path(path, "role"), f"`{role}`, not a role of the feed {feed}", listed(allowed), hint)
    return None


def _enum(document: Document, path: KeyPath, node: Node) -> tuple[str, ...] | None:
    values = node.get("enum")
    if values is None:
        return None
    if not isinstance(values, list) or not values or any(isinstance(item, Mapping | list | None) for item in values):
        document.add((*path, "enum"), shown(values), "a list of the raw values that may occur", "enum: [AGENT, HANG]")
        return None
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)


def _expression(document: Document, path: KeyPath, node: Node, raw: Collection[str]) -> str | None:
    logic = _logic(node)
    if logic is None:
        return None
    checked = check_expression(logic, raw)
    refusals = list(checked.refusals)
    if checked.sql is not None:
        refusals += _type_refusals(checked.sql, raw, node)
    for place, refusal in enumerate(refusals):
        if place:  # one expression may have several faults, and all of them stand at its path
            document.broken.discard((*path, "transformLogic"))
        document.add((*path, "transformLogic"), refusal.found, refusal.allowed, refusal.hint)
    return checked.sql


def _type_refusals(sql: str, raw: Collection[str], node: Node) -> list[Refusal]:
    """DuckDB must be able to bind the expression, and a time that is not text must come out as a time."""
    kind = result_type(sql, raw)
    if isinstance(kind, Refusal):
        return [kind]
    logical = node.get("logicalType")
    wanted = {"timestamp": ("TIMESTAMP",), "date": ("DATE", "TIMESTAMP")}.get(str(logical))
    if wanted is None or kind.startswith(wanted) or (kind == "VARCHAR" and _format(node)):
        return []
    hint = "wrap it: strptime(…, '%d.%m.%Y %H:%M:%S'), or add logicalTypeOptions.format for the text that it gives"
    return [Refusal(f"an expression that gives {kind} for logicalType {logical}", listed(wanted), hint)]


def _check_twice(document: Document, path: KeyPath, nodes: list[Node], columns: list[Column]) -> None:
    """Names, roles and figures that stand on two properties of one object."""
    first: dict[tuple[str, str], str] = {}
    for place, (node, column) in enumerate(zip(nodes, columns, strict=True)):
        here = (*path, "properties", place)
        kinds = (
            ("name", node.get("name"), (*here, "name")),
            ("role", column.role, custom_path(here, "role")),
            ("figure", column.figure, custom_path(here, "figure")),
        )
        for kind, value, at in kinds:
            if isinstance(value, str) and (kind, value) in first:
                hint = f"keep it on one of the two (the first is property `{first[kind, value]}`)"
                document.add(at, f"the {kind} `{value}` for the second time", f"each {kind} once in an object", hint)
            elif isinstance(value, str):
                first[kind, value] = str(node.get("name"))


def _check_indispensable(
    document: Document, path: KeyPath, feed: str, columns: list[Column], nodes: list[Node]
) -> None:
    """A role that is merely misspelt is one fault, not two: a near miss counts as present."""
    claimed = {column.role for column in columns} | _misspelt(nodes, feed)
    for role in INDISPENSABLE[feed]:
        if role not in claimed:
            hint = f"add {{property: tieout.role, value: {role}}} to the customProperties of the column that holds it"
            at = (*path, "properties", f"({role})")
            document.add(at, f"no column with the role {role}", f"one, without which {feed} cannot be used", hint)
    if feed == "claims":
        _check_reported(document, path, columns, nodes, claimed)


def _check_reported(
    document: Document, path: KeyPath, columns: list[Column], nodes: list[Node], claimed: Collection[str | None]
) -> None:
    """A report is wide, one column for each figure, or long, one row for each: then two columns say which and what."""
    is_wide, is_long = _has_figure(nodes), [role for role in ("figure", "value") if role in claimed]
    if not is_wide and not is_long:
        hint = "add {property: tieout.figure, value: answered}, or the roles figure and value to a table of long form"
        at = (*path, "properties", "(figure)")
        document.add(at, "no column with a tieout.figure", "at least one reported figure", hint)
    elif is_wide and is_long:
        hint = "keep tieout.figure where each figure has its column, the roles where each row is one figure"
        found, allowed = f"a column with a tieout.figure beside the role {is_long[0]}", "one of the two forms"
        document.add((*path, "properties", "(figure)"), found, allowed, hint)
    elif len(is_long) == 1:
        lacking = "value" if is_long == ["figure"] else "figure"
        says = "what is reported" if lacking == "value" else "which figure a row reports"
        hint = f"add {{property: tieout.role, value: {lacking}}} to the column that says {says}"
        found = f"the role {is_long[0]} without the role {lacking}"
        document.add((*path, "properties", f"({lacking})"), found, "both, where each row is one figure", hint)
    for place, column in enumerate(columns):
        here = custom_path((*path, "properties", place), "map")
        if column.role == "figure" and column.map is None and here not in document.broken:
            hint = "add {property: tieout.map, value: {Calls answered: answered, Service level: service_level}}"
            allowed = "the vendor's name of each figure → its figure id"
            document.add(here, "the role figure with no tieout.map", allowed, hint)


def _has_figure(nodes: list[Node]) -> bool:
    return any(name == "tieout.figure" for node in nodes for name, _ in _customs(node))


def _misspelt(nodes: list[Node], feed: str) -> set[str | None]:
    named = [str(value) for node in nodes for name, value in _customs(node) if closest(name, ["tieout.role"])]
    return {closest(value, ROLES[feed]) for value in named}


def _customs(node: Node) -> list[tuple[str, Any]]:
    items = node.get("customProperties")
    if not isinstance(items, list):
        return []
    return [(str(item.get("property")), item.get("value")) for item in items if isinstance(item, Mapping)]
