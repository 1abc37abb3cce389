"""Queue logs in the lake → vendors' calls and agents' states, by file of the event that opened them.

A log is cut into files at midnight or by size, and calls do not wait for that: a file is folded together with the files
that lie within a day of it, and keeps what its own events opened. The folding itself stands in `queue_calls.py` and
`queue_states.py`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.model import FeedObject
from pipelines.intake.manifest import Received, delivered
from pipelines.lake import VERSION, Lake, sha
from pipelines.standardise.by_file import by_file, counts, write_counts
from pipelines.standardise.queue_calls import KNOWN, fold_calls
from pipelines.standardise.queue_states import fold_states
from pipelines.tables import AGENT_STATES, QUEUE_EVENTS, VENDOR_CALLS, Table

DERIVED: tuple[Table, ...] = (VENDOR_CALLS, AGENT_STATES)
"""What a queue log's events are folded into."""
_NEAR = timedelta(days=1)
_EVENT = ["event_utc", "call_id", "queue", "agent_id", "event"]
"""What names an event; the rest is what it says."""


@dataclass(frozen=True)
class _Log:
    """A standardised log file: where its events lie, their stamp, and the time that they span."""

    file: Received
    path: Path
    stamp: str
    first: datetime
    last: datetime

    def is_near(self, other: "_Log") -> bool:
        """Whether a call of one may go on in the other."""
        return self.first <= other.last + _NEAR and other.first <= self.last + _NEAR


def fold_logs(
    lake: Lake, item: FeedObject, files: Sequence[Received], client_zone: str, tables: Sequence[Table] = DERIVED
) -> None:
    """Folds every log file of an object whose events, or whose neighbours' events, changed since, into `tables`."""
    ordered = sorted(files, key=delivered)
    logs = [log for file in ordered if (log := _log(lake, file)) is not None]
    names = [table.name for table in tables]
    for log in logs:
        near = [other for other in logs if other.is_near(log)]
        known = (item.time_zone, item.direction, client_zone, names, [other.stamp for other in near])
        stamp = sha("fold", VERSION, *known)
        tally = counts(lake, log.file) or {}
        if tally.get("derived", {}).get("inputs_sha") != stamp:
            derived = _fold(lake, item, log, near, client_zone, names, stamp)
            write_counts(lake, log.file, {**tally, "derived": {**derived, "inputs_sha": stamp}})


def _log(lake: Lake, file: Received) -> _Log | None:
    """A log file in the lake; None where it is not standardised, or holds no event."""
    where = {"source": file.source, "object": file.object, "file": file.file_id}
    table = by_file(QUEUE_EVENTS)
    stamp = lake.stamp(table, **where)
    if stamp is None:
        return None
    path = lake.path(table, **where)
    times = pl.scan_parquet(path, hive_partitioning=False).select(
        first=pl.col("event_utc").min(), last=pl.col("event_utc").max()
    )
    first, last = times.collect().row(0)
    return _Log(file, path, stamp, first, last) if first is not None else None


def _fold(
    lake: Lake,
    item: FeedObject,
    log: _Log,
    near: Sequence[_Log],
    client_zone: str,
    names: Collection[str],
    stamp: str,
) -> dict[str, Any]:
    """Writes what a file's events opened; what the manifest says of it."""
    frames = [pl.read_parquet(other.path, hive_partitioning=False) for other in near]
    own = frames[near.index(log)]
    events = own if len(frames) == 1 else _once(frames, own)
    folded, states = fold_calls(events), fold_states(events)
    where = {"source": log.file.source, "object": log.file.object, "file": log.file.file_id}
    calls = folded.calls.with_columns(direction=pl.lit(item.direction, pl.String))
    strange = own.filter(~pl.col("event").is_in(KNOWN)).group_by("event").len().sort("event")
    lost = folded.without_entry.filter(pl.col("file_id") == log.file.file_id)
    found: dict[str, Any] = {
        "without_entry": lost["call_id"].n_unique() if VENDOR_CALLS.name in names else 0,
        "unknown_events": dict(strange.iter_rows()),
    }
    for table, rows, anchor in ((VENDOR_CALLS, calls, "offered_utc"), (AGENT_STATES, states, "from_utc")):
        if table.name not in names:
            lake.drop(by_file(table), **where)
            continue
        kept = rows.filter(pl.col("file_id") == log.file.file_id)
        frame = table.fit(_placed(kept, anchor, item.time_zone or "UTC", client_zone, log.file))
        lake.write(by_file(table), frame, stamp, **where)
        days = frame.group_by("day").len().sort("day")
        found[table.name] = {
            "rows": frame.height,
            "days": {str(day): count for day, count in days.iter_rows()},
        }
    return found


def _once(frames: Sequence[pl.DataFrame], own: pl.DataFrame) -> pl.DataFrame:
    """Events of several files in order of reception, each once: as the last file that holds it tells it.

    It keeps its place in `own` where it stands there too, so that each file opens the calls that it holds.
    """
    numbered = [frame.with_columns(nth=pl.int_range(pl.len()).over(_EVENT)) for frame in frames]
    placed = [frame.with_columns(place=pl.lit(place)) for place, frame in enumerate(numbered)]
    last = pl.concat(placed).sort("place", "row").unique([*_EVENT, "nth"], keep="last", maintain_order=True)
    here = own.select(*_EVENT, nth=pl.int_range(pl.len()).over(_EVENT), own_file="file_id", own_row="row")
    return last.join(here, on=[*_EVENT, "nth"], how="left", nulls_equal=True).with_columns(
        file_id=pl.coalesce("own_file", "file_id"), row=pl.coalesce("own_row", "row")
    )


def _placed(rows: pl.DataFrame, anchor: str, zone: str, client_zone: str, file: Received) -> pl.DataFrame:
    """Adds whose rows they are, and which day and month they belong to."""
    booked = pl.col(anchor).dt.convert_time_zone(zone).dt.date()
    return rows.with_columns(
        vendor_id=pl.lit(file.source),
        booked_day=booked,
        day=pl.col(anchor).dt.convert_time_zone(client_zone).dt.date(),
        audit_month=pl.lit(file.month) if file.month else booked.dt.strftime("%Y-%m"),
    )
