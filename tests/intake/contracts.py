"""Hand-made contracts for the tests of the first steps: written as files, read and checked as any vendor's."""

import shutil
from pathlib import Path
from typing import Any

import yaml

from pipelines.contract import Contract, Workspace, load_contract, load_workspace

KEY = "an example key, not a secret"
TIME = "%Y-%m-%d %H:%M:%S"
EXAMPLE = Path(__file__).parents[1] / "contract" / "workspace"


def _custom(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"property": f"tieout.{name}", "value": value} for name, value in values.items()]


def column(
    name: str, logical: str = "string", *, raw: str | None = None, fmt: str = "", logic: str = "", **custom: Any
) -> dict[str, Any]:
    """One property; `custom` is what stands under `tieout.`."""
    node: dict[str, Any] = {"name": name, "logicalType": logical, "customProperties": _custom(custom)}
    node |= {"physicalName": raw} if raw else {}
    node |= {"logicalTypeOptions": {"format": fmt}} if fmt else {}
    return node | ({"transformLogic": logic} if logic else {})


def time(name: str, role: str, **more: Any) -> dict[str, Any]:
    """A time as `2026-10-01 08:00:00`."""
    return column(name, "timestamp", fmt=TIME, role=role, **more)


def schema(name: str, feed: str, file: str, *columns: dict[str, Any], zone: str | None = None, **custom: Any) -> Any:
    """One kind of file."""
    custom = {"feed": feed, "format": "delimited", **({"time_zone": zone} if zone else {}), **custom}
    return {"name": name, "physicalName": file, "customProperties": _custom(custom), "properties": list(columns)}


def calls(*more: dict[str, Any], file: str = "calls.csv", zone: str = "Europe/Berlin", **custom: Any) -> Any:
    """A vendor's calls: id, caller, start, and whatever else a test needs."""
    plain = (column("id", role="call_id"), column("caller", role="caller"), time("start", "offered_utc"))
    return schema(custom.pop("name", "calls"), "calls", file, *plain, *more, zone=zone, **custom)


def write_contract(file: Path, source: str, *objects: Any, path: str = "drop/{month}", **server: Any) -> Path:
    node = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": source,
        "version": "1.0.0",
        "status": "active",
        "servers": [{"server": "drop", "type": "local", "path": path, "format": "csv", **server}],
        "schema": list(objects),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.safe_dump(node, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return file


def contract(folder: Path, *objects: Any, source: str = "south", **server: Any) -> Contract:
    """The contract of a vendor, read from a file in `folder`."""
    return load_contract(write_contract(folder / "data.odcs.yaml", source, *objects, **server), source)


def workspace(folder: Path, *objects: Any, **server: Any) -> Workspace:
    """A workspace (Germany, Berlin) whose vendor `south` delivers `objects`."""
    if not folder.exists():
        shutil.copytree(EXAMPLE, folder)
    write_contract(folder / "vendors/south/data.odcs.yaml", "south", *objects, **server)
    return load_workspace(folder)


def put(folder: Path, name: str, *lines: str, encoding: str = "utf-8") -> Path:
    """A file of these lines."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path
