"""Whose contract it is, which of its objects a file is for by its name, and in which country its clock hangs.

What `pipelines/intake/pull.py` finds by looking into folders is asked here the other way round: a file lies anywhere.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path

import phonenumbers

from pipelines.contract.model import Contract, FeedObject
from pipelines.contract.odcs import load_contract
from pipelines.contract.vocabulary import FEEDS_READ, INHOUSE
from pipelines.errors import fault
from pipelines.intake.look import UNFINISHED
from pipelines.intake.renames import fits

NOWHERE = "ZZ"
"""The country of a zone that lies in none, such as UTC: numbers without a country code cannot be read there."""


@dataclass(frozen=True)
class Named:
    """An object that a file's name fits; the month that its path names, and whether its path is to name one."""

    item: FeedObject
    month: str | None
    has_month: bool


def contract_of(path: Path) -> Contract:
    """The contract in a file that may lie anywhere. TieoutError with all its faults."""
    try:
        return load_contract(path, _source(path))
    except OSError as error:
        hint = "give yourself the right to read it, or correct --contract"
        raise fault(path, f"cannot be read: {error.strerror}", "a contract, data.odcs.yaml", hint) from None


def _source(path: Path) -> str:
    """The client's own by its name or by the log that it describes, else the vendor whose folder it lies in."""
    text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
    own_log = re.search(r"^[^#\n]*\binhouse_calls\b", text, re.MULTILINE)
    if path.name == f"{INHOUSE}.odcs.yaml" or own_log:
        return INHOUSE
    folder = path.resolve().parent.name
    return folder if re.fullmatch("[a-z0-9_-]+", folder) and folder != INHOUSE else "vendor"


def named(path: Path, contract: Contract) -> list[Named]:
    """The objects that a file is for: by its whole path, else by what stands below the server's folder, else by name.

    TieoutError where there is none, or where the client would take the name for that of a half-uploaded file.
    """
    items = [item for item in contract.objects if item.feed in FEEDS_READ]
    parts = path.absolute().parts[1:]
    paths = ["/".join(parts[place:]) for place in range(len(parts))]
    for patterns in ([_whole(contract, item) for item in items], [_own(item) for item in items]):
        found = [
            Named(item, month, _is_dated(contract, item))
            for item, pattern in zip(items, patterns, strict=True)
            for month in _months(pattern, paths)
        ]
        if found:
            return _taken(path, found)
    by_name = [
        Named(item, month, _is_dated(contract, item))
        for item in items
        for month in _months(_own(item).rpartition("/")[2], [path.name])
    ]
    if not by_name:
        allowed = ", ".join(item.pattern for item in items) or "none: the contract describes no file that is read"
        hint = "give the file the name under which it will be sent, or correct physicalName"
        raise fault(path, f"a name that no object of {contract.file} has", allowed, hint)
    folder = by_name[0].item.pattern.rpartition("/")[0]
    return _taken(path, [name for name in by_name if name.item.pattern.rpartition("/")[0] == folder])


def _taken(path: Path, found: list[Named]) -> list[Named]:
    ending = next((ending for ending in UNFINISHED if path.name.lower().endswith(ending)), None)
    if ending is not None and not any(name.item.pattern.lower().endswith(ending) for name in found):
        hint = f"take {ending} off the name when the file is whole"
        raise fault(path, f"a name in {ending}: the file would be passed over as half-uploaded", "a whole file", hint)
    return found


def _whole(contract: Contract, item: FeedObject) -> str:
    own = _own(item)
    return f"{contract.server.path}/{own}".replace("{vendor}", "*") if contract.server.path else own


def _own(item: FeedObject) -> str:
    return item.pattern.replace("{vendor}", "*")


def _is_dated(contract: Contract, item: FeedObject) -> bool:
    whole = _whole(contract, item)
    return "{month}" in whole or "{day}" in whole


def _months(pattern: str, paths: list[str]) -> Iterator[str | None]:
    """Once, the month that the first fitting path names, or None where it names none; nothing where none fits."""
    match = next((match for path in paths if (match := fits(pattern, path))), None)
    if match is not None:
        dates = match.groupdict()
        month = (dates.get("month") or dates.get("day") or "")[:7]
        yield month if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month) else None


def country_of(zone: str | None, said: str | None = None) -> str:
    """The country as `said`, else the one that a time zone lies in. TieoutError where what is said is no country."""
    if said is not None:
        if said.upper() not in phonenumbers.SUPPORTED_REGIONS:
            raise fault(
                f"--country {said}", "no such country", "two letters (ISO 3166), such as CN or DE", "correct it"
            )
        return said.upper()
    return _countries().get(_links().get(zone or "", zone or ""), NOWHERE)


@cache
def _countries() -> dict[str, str]:
    lines = (line.split("\t") for line in _table("zone.tab") if not line.startswith("#"))
    return {line[2]: line[0] for line in lines}


@cache
def _links() -> dict[str, str]:
    """Older names of zones: Asia/Calcutta is Asia/Kolkata. Those with a country of their own are no older names."""
    lines = (line.split() for line in _table("tzdata.zi") if line.startswith("L "))
    return {old: new for _, new, old in lines if old not in _countries()}


def _table(name: str) -> list[str]:
    return (resources("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8").splitlines()
