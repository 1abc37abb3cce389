"""What Dagster needs beside the assets: partitions, keys, metadata. Nothing here knows a step of the road.

The assets themselves stand in `definitions/`, in the order of the road.
"""

import os
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

import dagster as dg
import polars as pl

from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace, load_workspace
from pipelines.errors import fault
from pipelines.lake import Lake
from pipelines.tables import Table

# Dagster calls partition mappings and backfill policies beta, and checks by partition a preview. They are what makes a
# month one run, they are pinned by the lock, and the people who read the console cannot act on the notice.
warnings.filterwarnings("ignore", category=dg.BetaWarning)
warnings.filterwarnings("ignore", category=dg.PreviewWarning)

Context = dg.AssetExecutionContext | dg.OpExecutionContext

VENDORS = dg.DynamicPartitionsDefinition(name="vendor")
_HIDDEN = ("caller_key",)
_PREVIEW_ROWS = 5
_SHOWN = 8


def workspace_dir() -> Path:
    """The workspace that Dagster works on. Raises TieoutError where TIEOUT_DIR is not set."""
    if not os.environ.get("TIEOUT_DIR"):
        raise fault("environment variable TIEOUT_DIR", "not set", "the workspace's folder", "use `tieout ui --dir DIR`")
    return Path(os.environ["TIEOUT_DIR"])


@lru_cache(maxsize=4)
def _load(directory: Path, state: tuple[tuple[Path, int], ...]) -> Workspace:
    """The workspace as its files stand; `state` is what makes a changed file count."""
    return load_workspace(directory)


@dataclass(frozen=True)
class Desk:
    """What every asset works on: the workspace as it is now, and its lake."""

    space: Workspace
    lake: Lake

    @classmethod
    def open(cls) -> "Desk":
        """Reads the contracts anew where one of them changed, so that a correction counts without a restart."""
        directory = workspace_dir()
        paths = [
            directory / "tieout.yaml",
            *sorted(directory.glob("*.odcs.yaml")),
            *sorted(directory.glob("vendors/*/*")),
        ]
        space = _load(directory, tuple((path, path.stat().st_mtime_ns) for path in paths if path.exists()))
        return cls(space, Lake(space.lake))


class Step(Protocol):
    """A monthly step: writes its table, and gives its rows back."""

    def __call__(self, space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
        """Does one vendor's month."""
        ...


def by_day(space: Workspace) -> dg.DailyPartitionsDefinition:
    """The client's local days, today included."""
    return dg.DailyPartitionsDefinition(space.first_day.isoformat(), timezone=space.time_zone, end_offset=1)


def by_vendor_day(space: Workspace) -> dg.MultiPartitionsDefinition:
    """Vendor × day."""
    return dg.MultiPartitionsDefinition({"day": by_day(space), "vendor": VENDORS})


def by_vendor_month(space: Workspace) -> dg.MultiPartitionsDefinition:
    """Vendor × month, the present month included."""
    months = dg.MonthlyPartitionsDefinition(
        f"{space.first_day:%Y-%m}", fmt="%Y-%m", timezone=space.time_zone, end_offset=1
    )
    return dg.MultiPartitionsDefinition({"month": months, "vendor": VENDORS})


def vendor_days(context: Context) -> dict[str, list[date]]:
    """Days of the run by vendor."""
    found: dict[str, list[date]] = {}
    for day, vendor in _keys(context):
        found.setdefault(vendor, []).append(date.fromisoformat(day))
    return found


def vendor_months(context: dg.AssetExecutionContext) -> list[tuple[str, Month]]:
    """(vendor, month) pairs of the run, months in order, so that all vendors of a month are done together."""
    return [(vendor, Month(month)) for month, vendor in sorted(set(_keys(context)))]


def days_of(context: Context) -> list[date]:
    """Days of a run that has no vendor."""
    return [date.fromisoformat(key) for key in context.partition_keys]


def day_key(vendor: str, day: str) -> str:
    """The partition key of a vendor's day; dimensions stand in the order of their names."""
    return f"{day}|{vendor}"


def month_key(vendor: str, month: Month) -> str:
    """The partition key of a vendor's month."""
    return f"{month.text}|{vendor}"


def schema_of(table: Table) -> dict[str, Any]:
    """Static metadata of an asset that writes a table: its grain and columns."""
    columns = [
        dg.TableColumn(column.name, str(table.schema[column.name]), column.description) for column in table.columns
    ]
    return {"grain": table.grain, "dagster/column_schema": dg.TableSchema(columns=columns)}


def preview(frame: pl.DataFrame) -> dg.MetadataValue:
    """The first rows as a Markdown table, without callers' keys."""
    shown = frame.drop(_HIDDEN, strict=False).head(_PREVIEW_ROWS)
    lines = ["| " + " | ".join(shown.columns) + " |", "|" + " --- |" * len(shown.columns)]
    lines += ["| " + " | ".join(_cell(value) for value in row) + " |" for row in shown.iter_rows()]
    return dg.MetadataValue.md("\n".join(lines))


def _cell(value: object) -> str:
    return "" if value is None else str(value).replace("|", "\\|")


def noted(frame: pl.DataFrame) -> dict[str, Any]:
    """Row count and preview of what a partition holds."""
    return {"dagster/row_count": frame.height, "preview": preview(frame)}


def day_metadata(
    context: dg.AssetExecutionContext, lake: Lake, table: Table, source: str, keys: Mapping[str, str]
) -> None:
    """Notes row count and preview of each day partition; `keys` maps ISO dates to partition keys."""
    where = {"vendor": source} if "vendor" in table.partitions else {}
    for day, key in keys.items():
        path = lake.path(table, **where, day=day)
        rows = pl.read_parquet(path, hive_partitioning=False) if path.exists() else table.empty()
        context.add_asset_metadata(noted(rows), partition_key=key)


def listed(names: Iterable[str]) -> str:
    """Names on one line, the first few of many."""
    all_names = list(names)
    more = f" and {len(all_names) - _SHOWN} more" if len(all_names) > _SHOWN else ""
    return ", ".join(all_names[:_SHOWN]) + more


def _keys(context: Context) -> list[tuple[str, str]]:
    """(day or month, vendor) of each partition of the run."""
    return [(when, vendor) for when, _, vendor in (str(key).partition("|") for key in context.partition_keys)]
