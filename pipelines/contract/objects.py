"""Reads one `schema[]` entry of a contract (one kind of file) into `FeedObject`.

Its columns are read in `columns.py`, its rules in `rules.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipelines.contract.columns import raw_columns, raw_name, read_columns
from pipelines.contract.custom import custom_path, read_custom
from pipelines.contract.documents import Document, KeyPath, listed, meant, path_text, shown
from pipelines.contract.expression import Refusal, check_expression, result_type
from pipelines.contract.model import Column, FeedObject
from pipelines.contract.rules import RuleReader
from pipelines.contract.systems import condition_of, feeds_of, systems, with_known
from pipelines.contract.times import ZONED
from pipelines.contract.vocabulary import (
    FEEDS,
    FEEDS_READ,
    FORMATS,
    FORMATS_READ,
    GENERAL_FORMATS,
    INHOUSE,
    NAMING_FORMATS,
    PSEUDO_COLUMNS,
    TYPING_FORMATS,
)

PLACEHOLDERS = ("{month}", "{day}", "{vendor}")

Node = Mapping[str, Any]


def read_object(document: Document, path: KeyPath, node: Node, source: str, default_format: str | None) -> FeedObject:
    """One object; what is wrong with it is noted. `default_format` is the reader that the server's `format` names."""
    custom = read_custom(document, path, node, "object")
    feed = custom.get("feed")
    if feed is None and custom_path(path, "feed") not in document.broken:
        hint = "add {property: tieout.feed, value: calls} to the object's customProperties"
        document.add(custom_path(path, "feed"), "an object with no feed", listed(FEEDS), hint)
    if feed is not None and _is_wrong_side(document, path, feed, source):
        feed = None
    is_read = feed in FEEDS_READ
    form = _format(document, path, custom, default_format, is_read)
    nodes = _properties(node)
    if form in systems() and feed in FEEDS:
        _check_system(document, path, form, str(feed))
        nodes = with_known(form, str(feed), nodes)
    columns = read_columns(document, path, nodes, str(feed), cells_have_types=form in TYPING_FORMATS)
    rules = RuleReader(document, _by_name(nodes, columns), _with_faulty_role(document, path, nodes), str(feed))
    if is_read:
        columns = tuple(
            replace(column, rules=rules.of_column((*path, "properties", place), item, column))
            for place, (item, column) in enumerate(zip(nodes, columns, strict=True))
        )
        _check_time_zone(document, path, custom, str(feed), columns)
        _check_direction(document, path, custom, columns[: len(_properties(node))])
        _check_lines(document, path, custom, form)
        _check_pseudo(document, path, form, columns)
    _check_period(document, path, custom, str(feed), columns)
    return FeedObject(
        name=_name(document, path, node),
        feed=str(feed),
        format=form,
        pattern=_pattern(document, path, node) if is_read else str(node.get("physicalName") or ""),
        time_zone=custom.get("time_zone"),
        direction=custom.get("direction"),
        where=_where(document, path, custom, nodes, condition_of(form, str(feed)) if form in systems() else None),
        period=custom.get("period"),
        header_rows=int(custom.get("header", True)),
        skip_rows=custom.get("skip_rows", 0),
        columns=columns,
        rules=rules.of_object(path, node) if is_read else (),
        path=path_text(path),
        trailer=custom.get("trailer"),
        sheet=custom.get("sheet"),
        decimal=custom.get("decimal", "."),
    )


def _properties(node: Node) -> list[Node]:
    items = node.get("properties")
    return [item if isinstance(item, Mapping) else {} for item in items] if isinstance(items, list) else []


def _name(document: Document, path: KeyPath, node: Node) -> str:
    """The object's name. It names folders of the lake, and a vendor may have written the file."""
    name = str(node.get("name"))
    if node.get("name") and not re.fullmatch(r"\w[\w .-]{0,63}", name):
        hint = "take a plain name such as calls or daily_report; physicalName holds the file's"
        document.add((*path, "name"), shown(name), "letters, digits, _ - . and blanks, at most 64", hint)
    return name


def _by_name(nodes: list[Node], columns: tuple[Column, ...]) -> dict[str, Column]:
    named = {str(node.get("name")): column for node, column in zip(nodes, columns, strict=True)}
    return {column.raw: column for column in columns} | named


def _with_faulty_role(document: Document, path: KeyPath, nodes: list[Node]) -> set[str]:
    """Raw names of the columns whose role is faulted already: a rule on them needs no fault of its own."""
    return {
        raw_name(node)
        for place, node in enumerate(nodes)
        if custom_path((*path, "properties", place), "role") in document.broken
    }


def _format(document: Document, path: KeyPath, custom: Node, default: str | None, is_read: bool) -> str:
    here = custom_path(path, "format")
    name = custom.get("format", default)
    if name is None:
        hint = "add {property: tieout.format, value: delimited} to the object's customProperties"
        document.add(here, "an object with no format", listed(FORMATS), hint)
    elif is_read and name not in FORMATS_READ:
        hint = "have the table exported to a file, as Parquet or CSV"
        document.add(here, shown(name), f"{listed(FORMATS_READ)}: this release reads files only", hint)
    return str(name)


def _pattern(document: Document, path: KeyPath, node: Node) -> str:
    here = (*path, "physicalName")
    value = node.get("physicalName")
    if value is None:
        hint = "add physicalName: the file's name, or a glob such as calls_*.csv"
        document.add(here, "no `physicalName`", "the file's name or a glob under the server's path", hint)
    elif isinstance(value, str):
        check_relative(document, here, value)
    return str(value)


def check_relative(document: Document, path: KeyPath, value: str) -> None:
    """A path of a contract stays inside the workspace and has no placeholders but the three that are filled in."""
    if (
        not value.strip()
        or value.startswith(("/", "~", "\\"))
        or re.match(r"[A-Za-z]:", value)
        or ".." in value.split("/")
    ):
        hint = "mount or link the folder into the workspace and name it from there"
        document.add(path, shown(value), "a path inside the workspace, relative, without `..`", hint)
        return
    unknown = [item for item in re.findall(r"\{[^}]*\}?", value) if item not in PLACEHOLDERS]
    if unknown:
        hint = meant(unknown[0], PLACEHOLDERS, "use one of the three, or `*`")
        document.add(path, f"{shown(value)} with {listed(unknown)}", listed(PLACEHOLDERS), hint)


def _where(document: Document, path: KeyPath, custom: Node, nodes: list[Node], known: str | None) -> str | None:
    """The contract's own condition, and what is known of the system's rows."""
    here, text = custom_path(path, "where"), custom.get("where")
    conditions = [check_expression(one, raw_columns(nodes), condition=True) for one in (known, text) if one is not None]
    if text is not None:
        checked = conditions[-1]
        bound = result_type(checked.sql, raw_columns(nodes)) if checked.sql is not None else ""
        for place, refusal in enumerate([*checked.refusals, *([bound] if isinstance(bound, Refusal) else [])]):
            if place:
                document.broken.discard(here)
            document.add(here, refusal.found, refusal.allowed, refusal.hint)
    sound = [one.sql for one in conditions if one.sql is not None]
    return " AND ".join(f"({one})" for one in sound) if len(sound) > 1 else sound[0] if sound else None


_PERIODS = ("period_start", "issued_at")
"""Roles of moments that their names do not show."""


def _check_time_zone(document: Document, path: KeyPath, custom: Node, feed: str, columns: tuple[Column, ...]) -> None:
    """Calls have times, and a time without a zone is not a time. A claim without one is a vague field, not a fault."""
    times = [column for column in columns if (column.role or "").endswith("_utc") or column.role in _PERIODS]
    have_offsets = bool(times) and all("%z" in (column.format or "") or column.format in ZONED for column in times)
    here = custom_path(path, "time_zone")
    if feed == "claims" or not times or have_offsets or "time_zone" in custom or here in document.broken:
        return
    hint = "ask the sender which clock the export shows, then add {property: tieout.time_zone, value: Asia/Shanghai}"
    document.add(
        here, "times without an offset and no time zone", "a name of the tz database, or %z in every format", hint
    )


def _check_direction(document: Document, path: KeyPath, custom: Node, columns: tuple[Column, ...]) -> None:
    """Of the contract's own columns. Where a named system knows a direction, tieout.direction fills its empty cells."""
    if "direction" in custom and any(column.role == "direction" for column in columns):
        hint = "keep the column if calls of other directions are in the file, else tieout.direction"
        found = "tieout.direction beside a column with the role direction"
        document.add(custom_path(path, "direction"), found, "one of the two", hint)


_LINES = {
    **dict.fromkeys(("header", "skip_rows", "trailer"), NAMING_FORMATS),
    "sheet": ("xlsx",),
    "decimal": GENERAL_FORMATS,
}


def _check_lines(document: Document, path: KeyPath, custom: Node, form: str) -> None:
    """What stands above, below and around the records is said of the formats that have such a thing.

    A named system writes its numbers in one way, so nothing is said of their decimals.
    """
    for name, formats in ((name, formats) for name, formats in _LINES.items() if name in custom):
        if form in FORMATS_READ and form not in formats:
            hint = f"remove it: a file of the format {form} has nothing of the kind"
            document.add(
                custom_path(path, name), shown(custom[name]), f"tieout.{name} with {listed(formats)} only", hint
            )


def _check_pseudo(document: Document, path: KeyPath, form: str, columns: tuple[Column, ...]) -> None:
    """A column that the reader itself gives is read from the formats whose reader does."""
    for place, column in enumerate(columns):
        formats = PSEUDO_COLUMNS.get(column.raw)
        if form in FORMATS_READ and formats is not None and form not in formats:
            hint = f"remove the property: the reader of {form} files has no {column.raw}"
            here = (*path, "properties", place, "physicalName")
            document.add(here, shown(column.raw), f"{column.raw} with {listed(formats)} only", hint)


def _check_system(document: Document, path: KeyPath, form: str, feed: str) -> None:
    """A named system's export fills certain feeds only."""
    if feed not in feeds_of(form):
        hint = "correct tieout.feed, or tieout.format if the file comes from another system"
        document.add(custom_path(path, "feed"), f"`{feed}` from {form}", listed(feeds_of(form)), hint)


def _check_period(document: Document, path: KeyPath, custom: Node, feed: str, columns: tuple[Column, ...]) -> None:
    here = custom_path(path, "period")
    period = custom.get("period")
    if feed != "claims":
        if period is not None and feed in FEEDS:
            hint = "remove it, or correct tieout.feed"
            document.add(here, f"a period on the feed {feed}", "a period on claims only", hint)
        return
    if period is None and not any(column.role == "period_end" for column in columns):
        hint = "add {property: tieout.period, value: day}, with the length of one line of the report"
        document.add(here, "reported figures with no period", "interval:<seconds>, hour, day, week, month", hint)
    starts = [column for column in columns if column.role == "period_start"]
    if period and (period == "hour" or period.startswith("interval:")):
        for column in starts:
            if column.logical_type == "date":
                hint = "set logicalType: timestamp, with transformLogic where day and time stand in two columns"
                place = (*path, "properties", columns.index(column), "logicalType")
                document.add(place, f"a date as the start of a period of {period}", "timestamp", hint)


def _is_wrong_side(document: Document, path: KeyPath, feed: str, source: str) -> bool:
    """The client's log in a vendor's contract, or the reverse: then nothing else in the object makes sense."""
    here = custom_path(path, "feed")
    if source == INHOUSE and feed in ("calls", "claims"):
        hint = "in inhouse.odcs.yaml the client's log has the feed inhouse_calls; vendors' files belong under vendors/"
        allowed = "inhouse_calls, and forecast, trunks, surveys, quality_scores, carrier_calls"
        document.add(here, f"`{feed}` in the client's own contract", allowed, hint)
        return True
    if source != INHOUSE and feed == "inhouse_calls":
        hint = "a vendor's calls have the feed calls; the client's log belongs in inhouse.odcs.yaml"
        document.add(here, f"`{feed}` in the contract of a vendor", "calls, claims and the vendor's other feeds", hint)
        return True
    return False
