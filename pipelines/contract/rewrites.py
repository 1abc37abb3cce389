"""Reads `tieout.rewrite`: what a switch puts before callers' numbers, and what is to stand there instead.

The rules are tried in order and the first that fits is applied. How they are applied stands in
`pipelines/standardise/rewrites.py`.
"""

import re
from collections.abc import Mapping
from typing import Any

from pipelines.contract.documents import Document, KeyPath, closest, listed, meant, shown
from pipelines.contract.model import Rewrite

_KEYS = ("starts", "digits", "replace")
_EXAMPLE = '{starts: "9", digits: 12, replace: ""}'
_START = re.compile(r"\+?[0-9]*")
_MOST = 20


def read_rewrites(document: Document, path: KeyPath, value: Any) -> tuple[Rewrite, ...] | None:
    """The rules; None, with every fault noted, where one of them does not hold."""
    if not isinstance(value, list) or not value:
        hint = f"write one rule a beginning: [{_EXAMPLE}]"
        document.add(path, shown(value), "a list of rules, tried in order", hint)
        return None
    rules = [_rule(document, (*path, place), item) for place, item in enumerate(value)]
    _check_reached(document, path, rules)
    known = tuple(rule for rule in rules if rule is not None)
    return known if len(known) == len(rules) and not _is_broken(document, path) else None


def _rule(document: Document, path: KeyPath, item: Any) -> Rewrite | None:
    if not isinstance(item, Mapping):
        document.add(path, shown(item), "a rule with starts, digits or both, and replace", f"write it as {_EXAMPLE}")
        return None
    for key in (key for key in item if key not in _KEYS):
        document.add((*path, key), f"the unknown key `{key}`", listed(_KEYS), meant(key, _KEYS, "remove it"))
    misspelt = {closest(key, _KEYS) for key in item if key not in _KEYS}
    if "starts" not in item and "digits" not in item and not misspelt & {"starts", "digits"}:
        hint = "say which numbers are meant, by their beginning, their count of digits, or both"
        document.add(path, "a rule for every number", "`starts`, `digits` or both", hint)
    if "replace" not in item and "replace" not in misspelt:
        hint = 'add replace: "" where the beginning only goes'
        document.add((*path, "replace"), "no `replace`", "what stands in place of the beginning", hint)
    starts = _beginning(document, (*path, "starts"), item.get("starts", ""), may_be_empty="starts" not in item)
    replace = _beginning(document, (*path, "replace"), item.get("replace", ""), may_be_empty=True)
    digits = _digits(document, (*path, "digits"), item.get("digits"), starts or "") if "digits" in item else None
    return None if _is_broken(document, path) else Rewrite(starts or "", digits, replace or "")


def _beginning(document: Document, path: KeyPath, value: Any, *, may_be_empty: bool) -> str | None:
    if isinstance(value, str) and _START.fullmatch(value) and len(value) <= _MOST and (value or may_be_empty):
        return value
    hint = "blanks and signs between digits are not looked at: leave them out"
    if isinstance(value, int) and not isinstance(value, bool):
        hint = 'put it in quotes, as in "9" or "+86": a plus and zeros count'
    elif value == "":
        hint = "remove `starts` where any beginning fits; the digits are then put before the number"
    document.add(path, shown(value), f"text of at most {_MOST} digits, with or without a plus before them", hint)
    return None


def _digits(document: Document, path: KeyPath, value: Any, starts: str) -> int | None:
    least = max(1, len(starts.removeprefix("+")))
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST:
        return value
    hint = "count all digits of the number as it is delivered, its beginning and hidden ones included, no plus"
    document.add(path, shown(value), f"a whole number from {least} to {_MOST}", hint)
    return None


def _check_reached(document: Document, path: KeyPath, rules: list[Rewrite | None]) -> None:
    """A rule behind one that takes all its numbers is a mistake in their order."""
    for place, rule in enumerate(rules):
        before = [at for at, other in enumerate(rules[:place]) if rule and other and covers(other, rule)]
        if before:
            hint = "put the narrower rule first, or remove one of the two"
            found = f"a rule that is never reached: rule {before[0] + 1} takes all its numbers"
            document.add((*path, place), found, "rules that each take some numbers, in order", hint)


def _is_broken(document: Document, path: KeyPath) -> bool:
    return any(place[: len(path)] == path for place in document.broken)


def covers(one: Rewrite, other: Rewrite) -> bool:
    """Whether the first rule takes every number that the other one would take."""
    return other.starts.startswith(one.starts) and one.digits in (None, other.digits)
