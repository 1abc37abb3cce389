"""Rows of the feeds that are kept by file (roster, trunks, forecast, surveys, quality scores), as far as they count."""

from pathlib import Path

import polars as pl

from pipelines.contract.model import Contract
from pipelines.intake.manifest import in_force
from pipelines.lake import Lake
from pipelines.standardise.by_file import by_file
from pipelines.tables import Table


def fed_paths(lake: Lake, contract: Contract, table: Table) -> list[Path]:
    """The files in force of the feed that carries the table's name, in order."""
    files = [file for item in contract.feed(table.name) for file in in_force(lake, contract.source, item.name)]
    paths = [lake.path(by_file(table), source=file.source, object=file.object, file=file.file_id) for file in files]
    return sorted(path for path in paths if path.exists())


def fed(lake: Lake, contract: Contract, table: Table) -> pl.DataFrame:
    """All rows of the feed; the empty table where nothing was delivered."""
    frames = [pl.read_parquet(path, hive_partitioning=False) for path in fed_paths(lake, contract, table)]
    return pl.concat(frames) if frames else table.empty()
