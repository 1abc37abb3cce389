"""What every reader is given, and what it gives back: batches of rows as text, and what could not be read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from pipelines.contract.expression import columns_read
from pipelines.contract.model import Column, FeedObject, Server

ROW, LINE = " row", " line"
"""Columns that a reader adds. A header's names are stripped, so no column of a file can be called the same."""
PRINTED = " printed"
"""Behind a raw column's name: the text as printed, where it is not the cell's value (see `xlsx.py`)."""
REJECT_SCHEMA = {"row": pl.Int64, "line": pl.Int64, "column": pl.String, "reason": pl.String, "text": pl.String}


@dataclass(frozen=True)
class Source:
    """One received file: where it lies, how users know it (`name`), its contract, and a folder for scratch files."""

    path: Path
    name: str
    item: FeedObject
    server: Server
    scratch: Path


@dataclass(frozen=True)
class Batch:
    """Some records of a file, in its order: rows_read = rows of `frame` + distinct rejected rows + sum of `left_out`.

    `frame` has ROW (record number from 1), LINE (of the file) and one text column per raw column of the contract;
    empty is null. `rejects` has the rows that could not be read. `left_out` counts, by reason, records that the format
    itself makes superfluous. `closing` holds the cells of a closing line with totals by column; it is no record.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    rows_read: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    closing: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Raw:
    """`header` names the file's own columns in order, as it has them; empty where only the format knows them.

    `batches` are read once. TieoutError comes from the reader or from a batch, where the file as a whole is unusable.
    """

    header: tuple[str, ...]
    batches: Iterator[Batch]


def no_rejects() -> pl.DataFrame:
    """An empty table of rejects."""
    return pl.DataFrame(schema=REJECT_SCHEMA)


def raw_columns(item: FeedObject) -> list[str]:
    """The file's columns that a contract reads: its own, in its order, and those that its expressions name."""
    own = [column.raw for column in item.columns if lies_in_file(column)]
    texts = [text for text in (item.where, *(column.expression for column in item.columns)) if text is not None]
    return list(dict.fromkeys([*own, *sorted(set().union(*map(columns_read, texts)))]))


def lies_in_file(column: Column) -> bool:
    """Whether the file has the column: it is not computed, or it is computed from itself, as in `trim(caller)`."""
    return column.expression is None or column.raw in columns_read(column.expression)


def with_decimal_comma(item: FeedObject) -> frozenset[str]:
    """The columns in which a typed format's own numbers are to be printed with a comma, as the file's text has them.

    Those that are read as numbers, where the contract says `tieout.decimal: ","`: a point would be taken for a sign
    between thousands. Columns that only expressions read keep the point, as SQL wants it.
    """
    if item.decimal == ".":
        return frozenset()
    return frozenset(column.raw for column in item.columns if column.expression is None and reads_number(column))


def reads_number(column: Column) -> bool:
    """Whether a column's text is read by the sign before decimals: numbers, durations, times that are counted."""
    if column.map is not None:
        return False
    is_counted = column.logical_type in ("timestamp", "date") and column.format is not None
    return column.logical_type in ("integer", "number") or (column.role or "").endswith("_s") or is_counted
