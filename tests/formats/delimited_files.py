"""Sends a delimited file, reads it, and shows what came out as rows that can be compared."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.errors import Fault, TieoutError
from pipelines.formats.delimited import CHUNK, read_delimited
from pipelines.formats.exact import Limits
from pipelines.formats.raw import Batch, Source


@dataclass(frozen=True)
class Read:
    """A whole file: its batches put together."""

    header: tuple[str, ...]
    frame: pl.DataFrame
    rejects: list[tuple[int, int, str]]
    rows_read: int
    closing: dict[str, str] | None
    batches: int

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Record number, line, cells."""
        return self.frame.rows()


def file_of(*columns: str | Column, **more: Any) -> FeedObject:
    """One kind of file with these text columns."""
    plain = {"time_zone": "UTC", "direction": None, "where": None, "period": None, "header_rows": 1, "skip_rows": 0}
    made = tuple(item if isinstance(item, Column) else Column(item, "string") for item in columns)
    return FeedObject("calls", "calls", "delimited", "calls.csv", columns=made, rules=(), **(plain | more))


def read(
    folder: Path,
    sent: str | bytes,
    *columns: str | Column,
    delimiter: str = ",",
    encoding: str = "utf-8",
    chunk: int = CHUNK,
    limits: Limits | None = None,
    **more: Any,
) -> Read:
    """What is read of a file that holds these bytes."""
    path = folder / "calls.csv"
    path.write_bytes(sent.encode("utf-8" if encoding == "auto" else encoding) if isinstance(sent, str) else sent)
    server = Server("drop", "local", "drop", delimiter, encoding)
    item = file_of(*columns, **more)
    raw = read_delimited(Source(path, "drop/calls.csv", item, server, folder), chunk, limits)
    return together(raw.header, list(raw.batches))


def together(header: tuple[str, ...], batches: list[Batch]) -> Read:
    """The batches as one; each of them must account for its own records."""
    for batch in batches:
        refused = batch.rejects["row"].n_unique()
        assert batch.rows_read == batch.frame.height + refused + sum(batch.left_out.values())
        assert batch.frame[" row"].is_sorted()
    assert all(batch.closing is None for batch in batches[:-1])
    closing = batches[-1].closing if batches else None
    return Read(
        header,
        pl.concat([batch.frame for batch in batches]) if batches else pl.DataFrame(),
        [row for batch in batches for row in batch.rejects.select("row", "line", "reason").rows()],
        sum(batch.rows_read for batch in batches),
        None if closing is None else dict(closing),
        len(batches),
    )


def faults(folder: Path, sent: str | bytes, *columns: str | Column, **more: Any) -> list[Fault]:
    """Why a file cannot be read at all."""
    with pytest.raises(TieoutError) as refused:
        read(folder, sent, *columns, **more)
    return refused.value.faults
