"""Where a received file's canonical rows and counts stand in the lake: one partition, and one manifest, a file."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipelines.intake.manifest import Received
from pipelines.lake import Lake
from pipelines.tables import Table


def by_file(table: Table) -> Table:
    """The same table, one partition a received file."""
    return replace(table, name=f"{table.name}_by_file", partitions=("source", "object", "file"))


def counts(lake: Lake, file: Received) -> dict[str, Any] | None:
    """What the manifest says about a file's rows: read, accepted, rejected, left out, unknown codes, days."""
    return lake.read_json(_name(file))


def write_counts(lake: Lake, file: Received, tally: Mapping[str, Any]) -> None:
    """Writes what the manifest says about a file's rows."""
    lake.write_json(_name(file), tally)


def _name(file: Received) -> str:
    return f"_manifests/counts/{file.source}/{file.object}/{file.file_id}"
