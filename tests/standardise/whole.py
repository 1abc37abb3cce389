"""A whole file at once, where the product goes batch by batch: for tests, whose files fit into memory."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.model import FeedObject
from pipelines.formats import Raw
from pipelines.standardise.clocks import ClockChange, FileOrder, read_clocks
from pipelines.standardise.feeds import TABLE_OF, Origin, Standardising


@dataclass(frozen=True)
class Standardised:
    """Canonical rows, rejects (as in `tables.REJECTS`) and what the manifest says about them."""

    frame: pl.DataFrame
    rejects: pl.DataFrame
    counts: dict[str, Any]


def standardise(raw: Raw, item: FeedObject, origin: Origin, name: str, scratch: Path) -> Standardised:
    """All rows of a file. Faults as in `Standardising`."""
    work = Standardising(raw, item, origin, name, scratch)
    frame = pl.concat([TABLE_OF[item.feed].empty(), *work.frames()])
    return Standardised(frame, work.rejects, work.counts)


def to_utc(frame: pl.DataFrame, columns: list[str], anchor: str, zone: str) -> tuple[pl.DataFrame, ClockChange]:
    """The local `columns` of a file, `anchor` among them, in UTC; rows stand in file order, oldest or newest first."""
    order = FileOrder(anchor, zone)
    numbered = frame if "row" in frame.columns else frame.with_row_index("row", 1)
    order.see(numbered)
    step, change = order.decide()
    result, shifted = read_clocks(numbered, columns, anchor, zone, step)
    return result.select(frame.columns), ClockChange(change.resolved, change.unresolved, shifted)
