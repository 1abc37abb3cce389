"""Reads `customProperties` under `tieout.`: the table of the names that exist, where each stands and what it may hold.

Every name is checked, so a typo is a fault and never a property that is silently missing. What several properties mean
together is the business of `objects.py` and `columns.py`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from zoneinfo import available_timezones

from pipelines.contract.codes import same_code
from pipelines.contract.documents import Document, KeyPath, closest, listed, meant, shown
from pipelines.contract.rewrites import read_rewrites
from pipelines.contract.vocabulary import FEEDS, FIGURE_IDS, FORMATS, UNITS

Place = Literal["server", "object", "property"]
Reader = Callable[[Document, KeyPath, Any], Any]
PREFIX = "tieout."


@dataclass(frozen=True)
class Custom:
    """One `tieout.<name>`: where it stands, how its value is read, and what it says."""

    name: str
    place: Place
    read: Reader
    meaning: str


def custom_path(path: KeyPath, name: str) -> KeyPath:
    """The path of a custom property as messages show it."""
    return (*path, "customProperties", PREFIX + name)


def read_custom(document: Document, path: KeyPath, node: Mapping[str, Any], place: Place | None) -> dict[str, Any]:
    """The valid `tieout.*` values of one node, by name without prefix; everything else is noted as a fault."""
    items = node.get("customProperties")
    known = {item.name: item for item in CUSTOM if item.place == place}
    values: dict[str, Any] = {}
    seen: set[str] = set()
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if not isinstance(item, Mapping) or not isinstance(item.get("property"), str):
            continue
        full = item["property"]
        if not full.casefold().startswith("tieout"):
            continue
        name = full.removeprefix(PREFIX) if full.startswith(PREFIX) else full
        here = (*path, "customProperties", full)
        document.lines.setdefault(here, document.lines.get((*path, "customProperties", index), 0))
        if full in seen:
            document.broken.discard(here)
            document.add(here, f"`{full}` for the second time", "each name once", "delete one of them")
        elif name not in known:
            document.add(here, f"the unknown name `{full}`", *_unknown(full, place, known))
            if near := closest(full, [PREFIX + item for item in known]):  # misspelt, so it is not missing, too
                document.broken.add((*path, "customProperties", near))
        elif "value" in item and (*path, "customProperties", index, "value") not in document.broken:
            value = known[name].read(document, here, item["value"])
            if value is not None:
                values[name] = value
        seen.add(full)
    return values


def _unknown(full: str, place: Place | None, known: Mapping[str, Custom]) -> tuple[str, str]:
    names = [PREFIX + name for name in known]
    elsewhere = [item.place for item in CUSTOM if PREFIX + item.name == full]
    if elsewhere:
        return listed(names), f"`{full}` stands on the {elsewhere[0]}, not here"
    near = closest(full, names)
    hint = f"did you mean `{near}`?" if near else "remove it, or give it a name without `tieout.`"
    return listed(names), hint


def _choice(words: tuple[str, ...]) -> Reader:
    def read(document: Document, path: KeyPath, value: Any) -> str | None:
        if isinstance(value, str) and value in words:
            return value
        document.add(path, shown(value), listed(words), meant(str(value), words, "take one of the list"))
        return None

    return read


def _text(document: Document, path: KeyPath, value: Any) -> str | None:
    if isinstance(value, str) and value.strip():
        return value
    document.add(path, shown(value), "text that is not empty", "write what it means, in words, in quotes if need be")
    return None


def _header(document: Document, path: KeyPath, value: Any) -> int | bool | None:
    if isinstance(value, bool) or (isinstance(value, int) and 0 <= value <= 5):
        return value
    hint = "write false where the first line is a record, 2 where two lines name the columns"
    document.add(path, shown(value), "true, false, or how many lines name the columns (at most 5)", hint)
    return None


def _count(document: Document, path: KeyPath, value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    document.add(path, shown(value), "a whole number, 0 or more", "count the lines before the header or first record")
    return None


@cache
def zones() -> frozenset[str]:
    """The names of all time zones of the tz database."""
    return frozenset(available_timezones())


def _zone(document: Document, path: KeyPath, value: Any) -> str | None:
    if isinstance(value, str) and value in zones():
        return value
    hint = meant(str(value), zones(), "take the tz database's name of the place whose clock the records show")
    document.add(path, shown(value), "a name of the tz database, such as Asia/Shanghai or Europe/Berlin", hint)
    return None


def _period(document: Document, path: KeyPath, value: Any) -> str | None:
    allowed = "interval:<seconds>, hour, day, week, month"
    if value in ("hour", "day", "week", "month"):
        return str(value)
    match = re.fullmatch(r"interval:([1-9][0-9]{0,4})", str(value))
    if match and 86_400 % int(match[1]) == 0:
        return str(value)
    if match:
        hint = "take seconds that divide the day evenly, such as interval:900 or interval:1800"
    else:
        hint = meant(str(value), ("hour", "day", "week", "month"), "half hours are written interval:1800")
    document.add(path, shown(value), allowed, hint)
    return None


def _unit(document: Document, path: KeyPath, value: Any) -> str | None:
    if isinstance(value, str) and (value in UNITS or re.fullmatch(r"[A-Z]{3}", value)):
        return value
    allowed = f"{listed(UNITS)}, or a currency (three capitals, such as CNY)"
    usual = {"sec": "s", "second": "s", "seconds": "s", "minutes": "min", "%": "pct", "percent": "pct", "hours": "h"}
    near = usual.get(str(value).casefold())
    document.add(
        path, shown(value), allowed, f"write `{near}`" if near else meant(str(value), UNITS, "take one of these")
    )
    return None


def _map(document: Document, path: KeyPath, value: Any) -> dict[str, str] | None:
    if not isinstance(value, Mapping) or not value:
        hint = "write it as {AGENT: answered, HANG: abandoned}"
        document.add(path, shown(value), "a mapping: raw value → canonical value", hint)
        return None
    bad = [raw for raw, canonical in value.items() if isinstance(canonical, Mapping | list | None)]
    for raw in bad:
        document.add((*path, raw), shown(value[raw]), "one word", "give the canonical value of this raw value")
    if bad:
        return None
    words = {str(raw): _word(canonical) for raw, canonical in value.items()}
    return words if _are_codes(document, path, words) else None


def _are_codes(document: Document, path: KeyPath, words: Mapping[str, str]) -> bool:
    """Whether every raw value is one that a cell may hold, and none stands twice in other spellings."""
    known: dict[str, str] = {}
    sound = True
    for raw, canonical in words.items():
        code = same_code(raw)
        if not code:
            hint = "remove it: an empty cell stays empty, and is never mapped"
            document.add((*path, raw), "a raw value of nothing but blanks", "what a cell may hold", hint)
        elif words[known.setdefault(code, raw)] != canonical:
            hint = "blanks around a code, unseen signs and full-width letters make no difference: keep one of the two"
            found = f"{shown(raw)}, which is {shown(known[code])} in another spelling, mapped to something else"
            document.add((*path, raw), found, "each raw value once", hint)
        else:
            continue
        sound = False
    return sound


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


CUSTOM: tuple[Custom, ...] = (
    Custom("user_variable", "server", _text, "environment variable with the user's name"),
    Custom("password_variable", "server", _text, "environment variable with the password"),
    Custom("key_file_variable", "server", _text, "environment variable with the path of the key file"),
    Custom("feed", "object", _choice(FEEDS), "what the file holds"),
    Custom("format", "object", _choice(FORMATS), "which reader reads the file"),
    Custom("time_zone", "object", _zone, "zone of every time without an offset"),
    Custom("direction", "object", _choice(("inbound",)), "the whole export holds inbound calls only"),
    Custom("where", "object", _text, "condition on raw columns; rows outside it are counted as left out"),
    Custom("period", "object", _period, "how long a reported period lasts"),
    Custom("header", "object", _header, "whether the file has a header line, or how many"),
    Custom("skip_rows", "object", _count, "leading lines to skip"),
    Custom("sheet", "object", _text, "the workbook's sheet, or `*` for all of them"),
    Custom("trailer", "object", _text, "how a closing line with totals begins"),
    Custom("decimal", "object", _choice((".", ",")), "the sign before the decimals of the file's numbers"),
    Custom("role", "property", _text, "the canonical column that it fills"),
    Custom("map", "property", _map, "raw value → canonical value"),
    Custom("unit", "property", _unit, "unit of the values"),
    Custom("figure", "property", _choice(FIGURE_IDS), "the figure that the column reports"),
    Custom("stage", "property", _text, "where on a call's way the figure is counted"),
    Custom("numerator", "property", _text, "what is counted"),
    Custom("denominator", "property", _text, "what it is divided by"),
    Custom("window", "property", _text, "over which time"),
    Custom("short_call_rule", "property", _text, "what happens to short calls"),
    Custom("attributed_at", "property", _text, "to which moment's interval a call is booked"),
    Custom("caller_kind", "property", _choice(("phone", "customer", "keyed")), "what the caller column holds"),
    Custom("rewrite", "property", read_rewrites, "what stands in place of the beginnings of numbers"),
)
"""Every name under `tieout.`; anything else is a fault."""
