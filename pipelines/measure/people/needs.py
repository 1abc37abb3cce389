"""Which feeds of people were delivered for a month, where their files lie, and why a figure cannot be measured."""

from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl

from pipelines.calendar import midnight_after, open_paths, span
from pipelines.contract.model import Contract
from pipelines.measure.catalogue import kpi
from pipelines.measure.fed import fed_paths
from pipelines.measure.people.staff import NEW_DAYS
from pipelines.measure.scene import EPOCH, Scene
from pipelines.tables import AGENT_STATES, OFFSETS, QUALITY_SCORES, ROSTER, SURVEYS, VENDOR_CALLS, Table

_BY_FILE = {table.name: table for table in (ROSTER, QUALITY_SCORES, SURVEYS)}


def why_not(scene: Scene, figure: str) -> str | None:
    """The code of what is missing, from what the figure's catalogue entry needs; None where nothing is."""
    for feed, columns in kpi(figure).needs.items():
        if feed == "inhouse_calls":
            continue
        if feed != "calls" and not _is_delivered(scene, feed):
            return f"feed_missing:{feed}"
        roles = scene.roles if feed == "calls" else _roles(scene, feed)
        lacking = [name for name in columns if name not in roles]
        if lacking:
            return f"column_missing:{', '.join(lacking)}"
    return None


def contract(scene: Scene) -> Contract:
    """The vendor's contract."""
    return scene.space.vendors[scene.vendor].contract


def state_spans(scene: Scene) -> pl.DataFrame:
    """Stretches of the month on which states were delivered, cut at the end of the data: from_utc, to_utc, days."""
    days = _state_days(scene)
    return joined_days(days, scene.space.time_zone, scene.until if days else EPOCH)


def clock_us(scene: Scene) -> int:
    """How far the vendor's clock is ahead of the client's: the median over the month's spans."""
    offsets = scene.lake.read(OFFSETS, vendor=scene.vendor, month=scene.month.text)["offset_s"].cast(pl.Float64)
    median = offsets.median()
    return round(1e6 * median) if isinstance(median, float) else 0


def joined_days(days: list[date], zone: str, until: datetime) -> pl.DataFrame:
    """Local days, in order, as stretches of time: neighbours are one, and what lies behind `until` is cut off."""
    rows: list[tuple[datetime, datetime, list[date]]] = []
    for day in days:
        start, end = midnight_after(day - timedelta(days=1), zone), min(midnight_after(day, zone), until)
        if start < end and rows and rows[-1][1] == start:
            rows[-1] = (rows[-1][0], end, [*rows[-1][2], day])
        elif start < end:
            rows.append((start, end, [day]))
    utc = pl.Datetime("us", "UTC")
    return pl.DataFrame(rows, schema={"from_utc": utc, "to_utc": utc, "days": pl.List(pl.Date)}, orient="row")


def state_paths(scene: Scene) -> list[Path]:
    """States of the month's days, and of those beside it, from which one may reach over midnight."""
    days = span(scene.month.first - timedelta(days=1), scene.month.last + timedelta(days=1))
    return open_paths(scene.lake, AGENT_STATES, scene.vendor, days)


def past_paths(scene: Scene) -> list[Path]:
    """The vendor's records of the days before the month in which an agent is new."""
    first = scene.month.first
    days = span(first - timedelta(days=NEW_DAYS), first - timedelta(days=1))
    return open_paths(scene.lake, VENDOR_CALLS, scene.vendor, days)


def file_paths(scene: Scene) -> list[Path]:
    """Files of roster, quality scores and surveys."""
    return [path for table in _BY_FILE.values() for path in _paths(scene, table)]


def _paths(scene: Scene, table: Table) -> list[Path]:
    contracts = (contract(scene),) if table is ROSTER else (contract(scene), scene.space.inhouse)
    return [path for each in contracts for path in fed_paths(scene.lake, each, table)]


def _is_delivered(scene: Scene, feed: str) -> bool:
    if feed == AGENT_STATES.name:
        return bool(_state_days(scene))
    return bool(_paths(scene, _BY_FILE[feed]))


def _state_days(scene: Scene) -> list[date]:
    """Days of the month of which there is a state."""
    full = {date.fromisoformat(path.parent.name.partition("=")[2]) for path in state_paths(scene) if _has_rows(path)}
    return [day for day in scene.month.own_days if day in full]


def _roles(scene: Scene, feed: str) -> set[str | None]:
    contracts = (contract(scene), scene.space.inhouse)
    return {column.role for each in contracts for item in each.feed(feed) for column in item.columns}


def _has_rows(path: Path) -> bool:
    return bool(pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item())
