"""What is counted while a file is standardised: for its manifest, and for what the engineer is told of it.

Every row read is accepted, rejected or left out, and the sums are kept here. A closing line with totals is compared
with the rows above it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.contract.model import Column, FeedObject
from pipelines.formats.raw import Batch, raw_columns
from pipelines.standardise.cells import damaged_id, slot, turned_dates, typed
from pipelines.standardise.clocks import ClockChange
from pipelines.standardise.outcomes import UnknownCode, unknown_codes
from pipelines.standardise.rewrites import Rewritten
from pipelines.standardise.rows import TypedRows

_COUNT = re.compile(r"\D*(\d{1,9})\D*")
OUTSIDE = "outside tieout.where"
_ANCHORS = ("offered_utc", "arrived_utc", "event_utc", "from_utc", "period_start")


class Tally:
    """Counts of one file, batch by batch."""

    def __init__(self, item: FeedObject, month: str | None) -> None:
        self._item, self._month = item, month
        self._read = self._accepted = self._rejected = 0
        self._left_out: Counter[str] = Counter()
        self._codes: dict[tuple[str, str], UnknownCode] = {}
        self._days: Counter[str] = Counter()
        self._turned = self._damaged = self._unseen = 0
        self._rewritten: Counter[tuple[str, str]] = Counter()
        self._sums: dict[str, Decimal] = {}
        self._since_closing = 0
        self._closings: list[dict[str, Any]] = []

    def add(self, batch: Batch, rows: TypedRows) -> None:
        """Counts one batch."""
        self._read += batch.rows_read
        self._accepted += rows.frame.height
        self._rejected += rows.rejects["row"].n_unique()
        self._unseen += rows.unseen
        self._left_out.update(batch.left_out)
        if rows.left_out:
            self._left_out[OUTSIDE] += rows.left_out
        for column in self._item.columns:
            if column.role:
                self._add_codes(unknown_codes(rows.text, column))
                self._add_damage(rows, column)
        if self._item.trailer is not None:
            self._add_sums(rows)
        self._since_closing += batch.rows_read
        if batch.closing:
            self._close(batch.closing)

    def add_days(self, frame: pl.DataFrame) -> None:
        """Counts the rows of each day."""
        if "day" in frame.columns:
            self._days.update({str(day): count for day, count in frame.group_by("day").len().iter_rows()})

    def add_rewritten(self, rewritten: Iterable[Rewritten]) -> None:
        """Counts the numbers that `tieout.rewrite` has changed; a rule that fits none counts none."""
        for one in rewritten:
            self._rewritten[one.column, one.rule] += one.rows

    @property
    def adds_up(self) -> bool:
        """Whether every row read is accepted, rejected or left out."""
        return self._read == self._accepted + self._rejected + self._left_out.total()

    @property
    def sums(self) -> str:
        """The counts in words."""
        out = self._left_out.total()
        return f"{self._read} read, {self._accepted} accepted, {self._rejected} rejected, {out} left out"

    def told(self, header: tuple[str, ...], change: ClockChange) -> dict[str, Any]:
        """The counts as the manifest holds them."""
        wanted = set(raw_columns(self._item))
        return {
            "rows_read": self._read,
            "accepted": self._accepted,
            "rejected": self._rejected,
            "left_out": self._left_out.total(),
            "left_out_by": dict(sorted(self._left_out.items())),
            "header": list(header),
            "extra_columns": [name for name in header if name not in wanted],
            "unknown_codes": [asdict(self._codes[key]) for key in sorted(self._codes)],
            "clock_change": asdict(change),
            "turned_dates": self._turned,
            "damaged_ids": self._damaged,
            "rewritten": [{"column": c, "rule": rule, "rows": rows} for (c, rule), rows in self._rewritten.items()],
            "unseen_signs": self._unseen,
            "closing": self._closings,
            "days": dict(sorted(self._days.items())),
        }

    def _add_codes(self, codes: list[UnknownCode]) -> None:
        for code in codes:
            known = self._codes.get((code.column, code.code))
            more = code if known is None else replace(known, rows=known.rows + code.rows)
            self._codes[code.column, code.code] = more

    def _add_damage(self, rows: TypedRows, column: Column) -> None:
        """Ids that a spreadsheet flattened or could not show, and dates whose day and month it turned round."""
        if column.role == "call_id":
            flat = rows.text.filter(pl.col(slot(column)).str.contains_any(["E+", "e+", "#"]))
            self._damaged += int(flat.select(damaged_id(pl.col(slot(column))).sum()).item() or 0)
        elif column.role in _ANCHORS and self._leaves_month(rows.frame[slot(column)]):
            self._turned += int(turned_dates(rows.frame[slot(column)], self._month).sum() or 0)

    def _leaves_month(self, times: pl.Series) -> bool:
        """Whether any date of a column lies outside the file's month: hardly ever, and quickly seen."""
        if self._month is None or not times.dtype.is_temporal():
            return False
        ends = {f"{end:%Y-%m}" for end in (times.min(), times.max()) if isinstance(end, date)}
        return bool(ends - {self._month})

    def _add_sums(self, rows: TypedRows) -> None:
        for column in self._item.columns:
            if _adds_up(column):
                values = rows.frame[slot(column)].cast(pl.Decimal(18, 3), strict=False)
                self._sums[column.raw] = self._sums.get(column.raw, Decimal()) + Decimal(str(values.sum() or 0))

    def _close(self, closing: Mapping[str, str]) -> None:
        """What a closing line says, and what the rows give since the one before: a workbook has one a sheet."""
        cells = [(column, closing.get(column.raw)) for column in self._item.columns]
        self._closings += [found for column, cell in cells if cell and (found := self._compare(column, cell.strip()))]
        self._sums, self._since_closing = {}, 0

    def _compare(self, column: Column, cell: str) -> dict[str, Any] | None:
        """A total under its column, or a number of records under a column that has no total."""
        if column.raw in self._sums:
            printed = pl.DataFrame({slot(column): [cell]})
            says = printed.select(typed(column, None, self._item.decimal).cast(pl.Decimal(18, 3), strict=False)).item()
            rows = self._sums[column.raw]
        else:
            count = _COUNT.fullmatch(cell) if column.role and not column.figure else None
            if count is None:
                return None
            says, rows = Decimal(count[1]), Decimal(self._since_closing)
        agrees = says is not None and Decimal(str(says)) == rows
        return {"column": column.raw, "says": cell, "adds_up_to": f"{rows.normalize():f}", "agrees": agrees}


def _adds_up(column: Column) -> bool:
    """Counts and durations of records have totals; rates and averages have none that is a sum."""
    if column.figure:
        return column.unit in ("calls",)
    return (column.role or "").endswith("_s")
