"""JSON values as text: one object read with its numbers as printed, and what stands under a dotted path as a cell.

Where one object of a file ends and the next begins is found in `json_objects.py`. RFC 8259: NaN and Infinity are no
JSON, and of a name that stands twice the last one counts.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.formats.received import is_whole

TOO_DEEP = "nested too deeply"
_HALF = re.compile(r"\\u[dD][89a-fA-F]")


class Unreadable(Exception):
    """Why a text is no JSON object, in words for a reject."""


class Printed(str):
    """A number as the file prints it."""

    __slots__ = ()


def parse(text: str) -> dict[str, Any]:
    """One JSON object; its numbers are `Printed`. Raises Unreadable."""
    try:
        value = _DECODER.decode(text.strip())
        whole = is_whole(text) and (not _HALF.search(text) or is_whole(json.dumps(value, ensure_ascii=False)))
    except json.JSONDecodeError as error:
        raise Unreadable(f"no JSON: {error.msg.lower()} at character {error.pos + 1}") from None
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None
    except ValueError as error:
        raise Unreadable(f"no JSON: {error}") from None
    if not whole:
        raise Unreadable("bytes or escapes that are no characters of the file's encoding")
    if not isinstance(value, dict):
        raise Unreadable("no JSON object")
    return value


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_float=Printed, parse_int=Printed, parse_constant=_no_number)


def cell(value: Any) -> str | None:
    """A value as the text of a cell: numbers as printed, true and false, nested values as JSON. Raises Unreadable."""
    if value is None or isinstance(value, str):
        return value
    try:
        return _json(value)
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None


def _json(value: Any) -> str:
    if isinstance(value, Printed):
        return value
    if isinstance(value, dict):
        return "{" + ",".join(f"{_json(name)}:{_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def at(value: Any, path: str) -> Any:
    """What stands under a dotted path (`Queue.Name`, `participants.0.purpose`), None where nothing does.

    A name that itself holds dots is found as well.
    """
    if isinstance(value, dict):
        if path in value:
            return value[path]
        dot = path.find(".")
        while dot != -1:
            if path[:dot] in value and (found := at(value[path[:dot]], path[dot + 1 :])) is not None:
                return found
            dot = path.find(".", dot + 1)
    elif isinstance(value, list):
        head, _, rest = path.partition(".")
        if head.isascii() and head.isdecimal() and len(head) < 10 and int(head) < len(value):
            return at(value[int(head)], rest) if rest else value[int(head)]
    return None


def paths(value: Mapping[str, Any]) -> Iterator[str]:
    """The dotted paths of an object's values, in its order; an array is one value, whatever it holds."""
    for name, inner in value.items():
        if isinstance(inner, dict) and inner:
            yield from (f"{name}.{path}" for path in paths(inner))
        else:
            yield name
