"""Lays out the YAML of a drafted contract: what is sure as values, what is not as comments beside them.

What it says is decided in `contract.py` and `properties.py`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipelines.contract.model import Rewrite
from pipelines.draft.properties import Property, Said

_PLAIN = re.compile(r"[^\W\d]\w*(?:[ ./-]\w+)*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
_ONE_LINE = 130


@dataclass(frozen=True)
class Place:
    """The server: where the files are dropped, and what holds for all delimited ones."""

    path: str
    format: str
    delimiter: str | None
    encoding: str
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Item:
    """One object of the contract: how it is called, which files it stands for, what is said of it and its columns."""

    name: str
    pattern: str
    pattern_note: str
    seen: str
    notes: Sequence[str]
    grain: str
    custom: Sequence[Said]
    properties: Sequence[Property]


def scalar(value: object) -> str:
    """A value as YAML that every loader reads as the same text, number or boolean."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and text.casefold() not in _WORDS:
        return text
    return _quoted(text)


def _given(value: str | Sequence[Rewrite] | Mapping[str, str | None]) -> str:
    """The value of a `tieout.*` name on one line; rules for numbers say themselves what they are."""
    return scalar(value) if isinstance(value, str) else f"[{', '.join(map(str, value))}]"


def contract_text(vendor: str, place: Place, items: Sequence[Item]) -> str:
    """The whole file."""
    is_own = vendor == "inhouse"
    lines = [
        "# Drafted by tieout draft from sample files. It says what the files show; nobody was asked.",
        "# EDIT marks what only a human knows. A ? marks a guess to look at. Lines with # in front are not in force.",
        "apiVersion: v3.1.0",
        "kind: DataContract",
        f"id: {scalar(vendor)}",
        f"name: {'Our own call log' if is_own else scalar(f'Deliveries of {vendor}')}",
        "version: 1.0.0",
        "status: active",
        "servers:",
        "  # path is relative to the workspace; {month} becomes 2026-10, {day} becomes 2026-10-31.",
        *(f"  # {_comment(note)}" for note in place.notes),
        f"  - {{{_server(place)}}}",
        "slaProperties:",
        "  - {property: frequency, value: 1, unit: month}   # ? how often files come",
        "  # - {property: latency, value: 3, unit: day}     # how long after the period's end they are due",
        "schema:",
    ]
    for item in items:
        lines += _object(item)
    return "\n".join(lines) + "\n"


def _server(place: Place) -> str:
    said = {"server": "drop", "type": "local", "path": place.path, "format": place.format}
    if place.delimiter is not None:
        said["delimiter"] = place.delimiter
    said["encoding"] = place.encoding
    return ", ".join(f"{key}: {scalar(value)}" for key, value in said.items())


def _object(item: Item) -> Iterator[str]:
    yield f"  # {_comment(item.seen)}"
    for note in item.notes:
        yield f"  # {_comment(note)}"
    yield f"  - name: {scalar(item.name)}"
    yield f"    physicalName: {_quoted(item.pattern)}" + _beside(item.pattern_note)
    if item.grain:
        yield f"    dataGranularityDescription: {item.grain}"
    yield "    customProperties:"
    for said in item.custom:
        mark = "# " if said.is_hidden else ""
        yield f"      {mark}- {{property: tieout.{said.name}, value: {scalar(said.value)}}}" + _beside(said.note)
    if any(not made.is_hidden for made in item.properties):
        yield "    properties:"
    for made in item.properties:
        yield from _property(made)


def _quoted(text: str) -> str:
    """In double quotes, with escapes for all that YAML does not let stand."""
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in json.dumps(text, ensure_ascii=False))


def _escape(sign: str) -> str:
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def _beside(note: str) -> str:
    return f"   # {_comment(note)}" if note else ""


def _comment(text: str) -> str:
    """One line, and nothing that ends a comment or cannot be printed."""
    return "".join(sign if sign.isprintable() else " " for sign in " ".join(text.split()))


def _property(made: Property) -> Iterator[str]:
    if made.is_hidden and not made.custom:
        yield f"      # - {{{_fields(made)}}}   # not read: {_comment(made.notes[0])}"
        return
    for note in made.notes:
        yield f"      # {_comment(note)}"
    lines = _short(made) or _long(made)
    yield from (f"      # {line}" if made.is_hidden else f"      {line}" for line in lines)


def _fields(made: Property) -> str:
    return ", ".join(f"{key}: {value}" for key, value in _head(made).items())


def _head(made: Property) -> dict[str, str]:
    """The keys of a property that ODCS itself knows."""
    said = {"name": scalar(made.name)}
    if made.physical_name is not None:
        said["physicalName"] = _quoted(made.physical_name)
    said["logicalType"] = made.logical_type
    if made.required:
        said["required"] = "true"
    if made.unique:
        said["unique"] = "true"
    if made.format is not None:
        said["logicalTypeOptions"] = f"{{format: {_quoted(made.format)}}}"
    if made.expression is not None:
        single = "'" + made.expression.replace("'", "''") + "'"
        said["transformLogic"] = single if single.isprintable() else _quoted(made.expression)
    return said


def _short(made: Property) -> list[str] | None:
    """A property on one line, where it has neither a map nor questions and fits."""
    if made.questions or any(isinstance(value, Mapping) for _, value in made.custom):
        return None
    custom = ", ".join(f"{{property: tieout.{name}, value: {_given(value)}}}" for name, value in made.custom)
    line = f"- {{{_fields(made)}" + (f", customProperties: [{custom}]" if custom else "") + "}"
    return [line] if len(line) <= _ONE_LINE or "transformLogic" not in line else None


def _long(made: Property) -> Iterator[str]:
    for place, (key, value) in enumerate(_head(made).items()):
        yield f"{'  ' if place else '- '}{key}: {value}"
    if made.custom or made.questions:
        yield "  customProperties:"
    for name, given in made.custom:
        if not isinstance(given, Mapping):
            yield f"    - {{property: tieout.{name}, value: {_given(given)}}}"
            continue
        yield f"    - property: tieout.{name}"
        yield "      value:"
        for code, canonical in given.items():
            yield f"        {_quoted(code)}:{'' if canonical is None else ' ' + scalar(canonical)}" + _beside(
                (made.code_notes or {}).get(code, "")
            )
    if made.questions:
        yield "    # Vague until the sender says this in writing; then take off the # and fill in:"
    for meaning, question in (made.questions or {}).items():
        yield f"    # - {{property: tieout.{meaning}, value: }}   # {_comment(question)}"
