"""Rows, rejects and left-out records as a reader meets them, numbered and put into batches of bounded size.

For readers that go record by record; what a record means is theirs to know.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from pipelines.formats.raw import LINE, REJECT_SCHEMA, ROW, Batch

BATCH_RECORDS = 200_000
BATCH_CHARACTERS = 32 << 20


@dataclass
class Collector:
    """Counts all records of a file from 1; `columns` are the raw columns that a batch's frame has, in order."""

    columns: list[str]
    records: int = 0
    _cells: list[tuple[int | str | None, ...]] = field(default_factory=list)
    _rejects: list[tuple[int, int, str, str, str]] = field(default_factory=list)
    _left_out: Counter[str] = field(default_factory=Counter)
    _size: int = 0
    _before: int = 0

    def row(self, line: int, cells: Mapping[str, str | None]) -> None:
        """One record that could be read; a column that it lacks, and an empty cell, is null."""
        self.records += 1
        values = [cells.get(column) or None for column in self.columns]
        self._size += sum(len(value) for value in values if value) + 16 * len(values)
        self._cells.append((self.records, line, *values))

    def reject(self, line: int, reason: str) -> None:
        """One record that could not be read. Its text is not shown: a number may stand anywhere in it."""
        self.records += 1
        self._rejects.append((self.records, line, "", reason, ""))

    def leave_out(self, reason: str) -> None:
        """One record that the format itself makes superfluous."""
        self.records += 1
        self._left_out[reason] += 1

    @property
    def is_full(self) -> bool:
        """Whether it is time for a batch."""
        return self.records - self._before >= BATCH_RECORDS or self._size >= BATCH_CHARACTERS

    def batch(self) -> Batch:
        """What came since the last batch."""
        schema = {ROW: pl.Int64, LINE: pl.Int64, **dict.fromkeys(self.columns, pl.String)}
        frame = pl.DataFrame(self._cells, schema=schema, orient="row")
        rejects = pl.DataFrame(self._rejects, schema=REJECT_SCHEMA, orient="row")
        batch = Batch(frame, rejects, self.records - self._before, dict(self._left_out))
        self._cells, self._rejects, self._left_out = [], [], Counter()
        self._size, self._before = 0, self.records
        return batch
