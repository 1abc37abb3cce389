"""A vendor's contract in few lines: one object per kind of file, and the rules that a test wants in it."""

from pathlib import Path

from pipelines.contract.model import Contract
from pipelines.contract.odcs import load_contract

_TEXT = """apiVersion: v3.1.0
kind: DataContract
id: agents
version: 1.0.0
status: active
{team}servers:
  - {{server: drop, type: local, path: "drop/{{month}}", format: csv}}
schema:
{objects}"""

CALLS = (
    *("call_id", "caller", "offered_utc", "answered_utc", "ended_utc"),
    *("queue_s", "talk_s", "outcome", "agent_id", "queue"),
)


def an_object(name: str, feed: str, roles: tuple[str, ...], quality: str = "", **properties: str) -> str:
    """YAML of one object; `properties` are more keys of single columns, by role, as YAML."""
    lines = [
        f"  - name: {name}",
        f"    physicalName: {name}.csv",
        "    customProperties:",
        f"      - {{property: tieout.feed, value: {feed}}}",
        "      - {property: tieout.time_zone, value: Asia/Shanghai}",
        "    properties:",
    ]
    for role in roles:
        unit = ", {property: tieout.unit, value: s}" if role.endswith("_s") else ""
        values = {"outcome": "{A: answered, H: abandoned}", "state": "{T: talk, I: idle}"}
        mapped = f", {{property: tieout.map, value: {values[role]}}}" if role in values else ""
        kind = "integer" if role.endswith("_s") else "string"
        if role in ("hired", "left"):
            kind = "date, logicalTypeOptions: {format: '%Y-%m-%d'}"
        if role.endswith("_utc"):
            kind = "timestamp, logicalTypeOptions: {format: '%Y-%m-%d %H:%M:%S'}"
        more = f", {properties[role]}" if role in properties else ""
        lines.append(
            f"      - {{name: {role}, logicalType: {kind}, "
            f"customProperties: [{{property: tieout.role, value: {role}}}{unit}{mapped}]{more}}}"
        )
    return "\n".join(lines) + "\n" + (f"    quality: [{quality}]\n" if quality else "")


def contract(folder: Path, *objects: str, team: str = "") -> Contract:
    """The contract of the vendor `agents`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "data.odcs.yaml"
    file.write_text(_TEXT.format(objects="".join(objects), team=team), encoding="utf-8")
    return load_contract(file, "agents")
