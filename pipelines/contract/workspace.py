"""Loads a whole workspace: `tieout.yaml`, the client's contract, and each vendor's contract and terms.

Settings come from the command line, else from `TIEOUT_<KEY>` variables, else from the file. All faults of all files are
raised together. What is in the lake or in the drop folders is not looked at here.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from pipelines.contract.documents import Document, read_document, shown
from pipelines.contract.model import Contract
from pipelines.contract.models import read_model
from pipelines.contract.odcs import load_contract
from pipelines.contract.terms import Terms, load_terms
from pipelines.contract.vocabulary import INHOUSE
from pipelines.contract.workspace_model import LogComplete, Settings
from pipelines.errors import Fault, TieoutError, fault

T = TypeVar("T")

SHORTEST_KEY = 16
"""Characters; phone numbers are few, so a short key could be tried out together with all of them."""

_SET_BY_VARIABLE = tuple(name for name in Settings.model_fields if name != "log_complete")


@dataclass(frozen=True)
class Vendor:
    """One vendor: what it delivers, and on which terms."""

    id: str
    contract: Contract
    terms: Terms


@dataclass(frozen=True)
class Workspace:
    """One client's workspace; `lake` and `out` are absolute."""

    dir: Path
    client: str
    language: str
    country: str
    time_zone: str
    first_day: date
    windows: tuple[str, ...]
    key_variable: str
    log_complete: LogComplete | None
    lake: Path
    out: Path
    inhouse: Contract
    vendors: Mapping[str, Vendor]

    def key(self) -> bytes:
        """The secret for hashing callers' numbers (UTF-8). Raises TieoutError where it is not set, or too short."""
        where = f"environment variable {self.key_variable}"
        fix = f'export {self.key_variable}="$(openssl rand -hex 32)"'
        keep = "keep it safe: another key makes other hashes"
        value = os.environ.get(self.key_variable, "")
        if not value.strip():
            found = "empty" if self.key_variable in os.environ else "not set"
            raise fault(where, found, f"a secret of at least {SHORTEST_KEY} characters", f"{fix}  ({keep})")
        if len(value) < SHORTEST_KEY:
            found = f"a secret of {len(value)} characters"
            raise fault(where, found, f"at least {SHORTEST_KEY} characters", f"{fix}  ({keep})")
        return value.encode()


def load_workspace(directory: Path, overrides: Mapping[str, str] | None = None) -> Workspace:
    """Load and check everything. `overrides` are settings of the command line, by their key in `tieout.yaml`.

    Raises TieoutError with the faults of all files.
    """
    directory = directory.resolve()
    if not directory.is_dir():
        raise fault(
            directory, "no such folder", "a workspace, made by `tieout init DIR`", "correct --dir or TIEOUT_DIR"
        )
    faults: list[Fault] = []
    settings = _collect(faults, lambda: _settings(directory / "tieout.yaml", overrides or {}))
    inhouse = _collect(faults, lambda: load_contract(directory / "inhouse.odcs.yaml", INHOUSE))
    folders = sorted(path for path in (directory / "vendors").glob("[!.]*") if path.is_dir())
    vendors = {path.name: _vendor(faults, path) for path in folders}
    if faults or settings is None or inhouse is None:
        raise TieoutError(faults)
    return Workspace(
        dir=directory,
        client=settings.client,
        language=settings.language,
        country=settings.country,
        time_zone=settings.time_zone,
        first_day=settings.first_day,
        windows=settings.windows,
        key_variable=settings.key_variable,
        log_complete=settings.log_complete,
        lake=directory / settings.lake,
        out=directory / settings.out,
        inhouse=inhouse,
        vendors={name: vendor for name, vendor in vendors.items() if vendor},
    )


def _collect(faults: list[Fault], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except TieoutError as error:
        faults += error.faults
        return None


def _settings(path: Path, overrides: Mapping[str, str]) -> Settings:
    document = read_document(path, "the workspace's settings")
    document.data = dict(document.data) | _overridden(document, overrides)
    settings = read_model(document, Settings)
    log = settings.log_complete if settings else None
    if log and log.until < log.since:
        hint = "correct one of the two dates"
        document.add(("log_complete", "until"), shown(log.until), f"a date from {log.since} on", hint)
    document.check()
    assert settings is not None  # or its faults were raised
    return settings


def _overridden(document: Document, overrides: Mapping[str, str]) -> dict[str, object]:
    """What the command line or the environment sets, with a note of where it came from for messages."""
    values: dict[str, object] = {}
    for name in _SET_BY_VARIABLE:
        variable = f"TIEOUT_{name.upper()}"
        if name in overrides:
            text, origin = overrides[name], f"command line: {name}"
        elif variable in os.environ:
            text, origin = os.environ[variable], f"environment variable {variable}"
        else:
            continue
        document.origins[(name,)] = origin
        if not text.strip():
            document.add((name,), "set, but empty", "a value, or not set at all", "give it a value, or unset it")
        values[name] = [item.strip() for item in text.split(",")] if name == "windows" else text
    return values


def _vendor(faults: list[Fault], folder: Path) -> Vendor | None:
    name = folder.name
    if not re.fullmatch("[a-z0-9_-]+", name) or name == INHOUSE:
        found = f"the vendor id `{name}`"
        allowed = f"a-z, 0-9, _ and - (and not `{INHOUSE}`): it names folders and partitions"
        faults.append(Fault(str(folder), found, allowed, "rename the folder, and `vendor` in its terms.yaml"))
        return None
    contract = _collect(faults, lambda: load_contract(folder / "data.odcs.yaml", name))
    terms = _collect(faults, lambda: load_terms(folder / "terms.yaml"))
    if terms and terms.vendor != name:
        hint = f"write `vendor: {name}`, or rename the folder"
        faults.append(Fault(f"{terms.file}: vendor", shown(terms.vendor), f"`{name}`, the folder's name", hint))
    return Vendor(name, contract, terms) if contract and terms else None
