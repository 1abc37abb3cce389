"""First-contact resolution and callback rates of the agreed windows, and which calls were followed by which contact."""

from datetime import timedelta
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake
from pipelines.link.steps import NOT_DELIVERED, absences
from pipelines.measure.catalogue import window_s
from pipelines.measure.measured import Found
from pipelines.measure.resolution.figures import resolution_figures
from pipelines.measure.scene import EPOCH, Scene, microseconds
from pipelines.tables import REPEATS

STEPS = files("pipelines.measure.resolution")


def resolution(scene: Scene) -> Found:
    """FCR and callback rates of the agreed windows; table `repeats`."""
    space, engine, vendor = scene.space, scene.engine, scene.vendor
    windows = {name: window_s(name) for name in space.windows}
    engine.frame("blind", _blind(space, scene.lake, vendor, scene.month, scene.hours()))
    lengths = pl.DataFrame({"name": list(windows), "length_us": [s * 1_000_000 for s in windows.values()]})
    engine.frame("windows", lengths)
    longest = max(windows.values()) * 1_000_000
    following = engine.run(STEPS / "next_contacts.sql", vendor=vendor, longest_us=longest)
    counted = engine.run(STEPS / "windows.sql", data_end_us=microseconds(scene.until))
    contacts = engine.read("contacts").filter(pl.col("is_base") & (pl.col("side") == vendor))
    unended = contacts["ends_utc"].null_count()
    rows = {row["name"]: _window(row, space.time_zone) for row in counted.to_dicts()}
    nothing = dict.fromkeys(
        ("closed", "resolved", "resolved_blind", "called_inhouse", "quiet_blind", "no_number", "still_open"), 0
    )
    sees = bool({"outcome", "agent_id"} & scene.own_roles)
    found = [figure for name in windows for figure in resolution_figures(name, rows.get(name, nothing), unended, sees)]
    return Found(tuple(found), {REPEATS: _repeats(following, vendor)})


def _window(row: dict[str, Any], zone: str) -> dict[str, Any]:
    """Counts as whole numbers, and the local date on which the last open window closes."""
    counts = {name: int(value or 0) for name, value in row.items() if name not in ("name", "closes_us")}
    closes = (EPOCH + timedelta(microseconds=int(row["closes_us"] or 0))).astimezone(ZoneInfo(zone)).date()
    return {**counts, "closes": closes.isoformat()}


def _blind(space: Workspace, lake: Lake, vendor: str, month: Month, hours: pl.DataFrame) -> pl.DataFrame:
    """Spans in which a contact would not be seen: uncovered hours of our log, and the vendor's days held back."""
    bare = hours.filter(~pl.col("is_covered"))["hour_utc"].to_list()
    spans = [(hour, hour + timedelta(hours=1)) for hour in bare]
    held = [item for item in absences(space, lake, vendor, month) if item.reason != NOT_DELIVERED]
    utc = pl.Datetime("us", "UTC")
    rows = [*spans, *((item.start, item.end) for item in held)]
    return pl.DataFrame(rows, schema={"from_utc": utc, "to_utc": utc}, orient="row")


def _repeats(following: pl.DataFrame, vendor: str) -> pl.DataFrame:
    """Rows of `repeats`: base calls that were followed by a contact within the longest window."""
    gap = ((pl.col("next_us") - pl.col("ends_us")) / 1_000_000).round(3).cast(pl.Decimal(18, 3))
    rows = following.filter(pl.col("next_us").is_not_null()).with_columns(side=pl.lit(vendor), gap_s=gap)
    return REPEATS.fit(rows)
