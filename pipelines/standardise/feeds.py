"""One received file → rows of one canonical table, its rejects and its counts, batch by batch.

`records.py` and `claims.py` build the rows. Batches are given on as they come, until a time is met that exists twice:
the file's order must tell it apart, so from there on batches wait in `scratch` for the end of the file.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.model import FeedObject
from pipelines.errors import fault
from pipelines.formats import Raw
from pipelines.standardise.ahead import ahead
from pipelines.standardise.claims import START, dated_claims, named_claims
from pipelines.standardise.clocks import ClockChange, FileOrder, Step
from pipelines.standardise.records import ANCHOR, RECORDS, Origin, dated, named
from pipelines.standardise.rows import TypedRows, type_rows
from pipelines.standardise.tally import Tally
from pipelines.tables import CLAIMS, REJECTS, Table

TABLE_OF: dict[str, Table] = {**RECORDS, "claims": CLAIMS}

__all__ = ["TABLE_OF", "Origin", "Standardising"]


class Standardising:
    """The work on one file (shown to users as `name`); `rejects` and `counts` are whole once `frames` has ended."""

    def __init__(self, raw: Raw, item: FeedObject, origin: Origin, name: str, scratch: Path) -> None:
        self._raw, self._item, self._origin, self._name, self._scratch = raw, item, origin, name, scratch
        self._tally = Tally(item, origin.month)
        self._rejects: list[Path] = []
        self._change = ClockChange()
        self._is_report = item.feed == "claims"

    def reject_frames(self) -> Iterator[pl.DataFrame]:
        """Every cell that makes its row unusable, as in `tables.REJECTS`, in order; they wait in `scratch`."""
        for path in self._rejects:
            yield pl.read_ipc(path).sort(*REJECTS.key)

    @property
    def rejects(self) -> pl.DataFrame:
        """The same at once."""
        return pl.concat([REJECTS.empty(), *self.reject_frames()])

    @property
    def counts(self) -> dict[str, Any]:
        """What the manifest says: rows read, accepted, rejected, left out; days, codes, clocks, columns."""
        return self._tally.told(self._raw.header, self._change)

    def frames(self) -> Iterator[pl.DataFrame]:
        """Canonical rows in order of the file.

        Raises TieoutError where the file is unusable, or if read = accepted + rejected + left out does not hold: a
        fault of ours then, not the sender's.
        """
        for frame in self._rows(ahead(self._typed())):
            self._tally.add_days(frame)
            yield frame
        if not self._tally.adds_up:
            allowed = "read = accepted + rejected + left out"
            raise fault(self._name, self._tally.sums, allowed, "report this; nothing was written")

    def _typed(self) -> Iterator[TypedRows]:
        zoned: dict[str, bool] = {}
        for batch in self._raw.batches:
            rows = type_rows(batch, self._item, zoned)
            self._tally.add(batch, rows)
            if rows.rejects.height:
                self._set_aside(rows.rejects)
            yield rows

    def _set_aside(self, rejects: pl.DataFrame) -> None:
        """A file of nothing but rejects must not fill the memory."""
        self._rejects.append(self._scratch / f"rejects-{len(self._rejects)}.arrow")
        own = rejects.with_columns(file_id=pl.lit(self._origin.file_id)).select(REJECTS.schema.names())
        own.write_ipc(self._rejects[-1])

    def _named(self, rows: TypedRows) -> pl.DataFrame:
        if self._is_report:
            return named_claims(rows, self._item)
        frame, rewritten = named(rows, self._item, self._origin)
        self._tally.add_rewritten(rewritten)
        return frame

    def _dated(self, frame: pl.DataFrame, step: Step | None) -> pl.DataFrame:
        date = dated_claims if self._is_report else dated
        done, shifted = date(frame, self._item, self._origin, step)
        self._change = _sum(self._change, ClockChange(shifted=shifted))
        return done

    def _rows(self, batches: Iterator[TypedRows]) -> Iterator[pl.DataFrame]:
        anchor = START if self._is_report else ANCHOR[self._item.feed]
        order = FileOrder(anchor, self._item.time_zone or "UTC")
        waiting: list[Path] = []
        for frame in ahead(self._named(rows) for rows in batches):
            is_repeated = anchor in frame.columns and order.see(frame)
            if is_repeated or waiting:
                waiting.append(self._scratch / f"waiting-{len(waiting)}.arrow")
                frame.write_ipc(waiting[-1])
                continue
            yield self._dated(frame, None)
        step, change = order.decide()
        self._change = _sum(self._change, change)
        for path in waiting:
            yield self._dated(pl.read_ipc(path), step)


def _sum(one: ClockChange, other: ClockChange) -> ClockChange:
    return ClockChange(one.resolved + other.resolved, one.unresolved + other.unresolved, one.shifted + other.shifted)
