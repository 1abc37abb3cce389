"""What every reader gives back: rows as text, and what could not be read."""

from dataclasses import dataclass

import polars as pl

from pipelines.contract.expression import columns_read
from pipelines.contract.model import Column, FeedObject

ROW, LINE = " row", " line"
"""Columns that a reader adds. A header's names are stripped, so no column of a file can be called the same."""
REJECT_SCHEMA = {"row": pl.Int64, "line": pl.Int64, "column": pl.String, "reason": pl.String, "text": pl.String}


@dataclass(frozen=True)
class Raw:
    """`frame` has ROW (record number from 1), LINE (of the file) and one text column per raw column; empty is null.

    `rejects` has the rows that could not be read (row, line, column, reason, text). `extra` names the file's columns
    that the contract does not know. `rows_read` counts all records, the rejected ones too.
    """

    frame: pl.LazyFrame
    rejects: pl.DataFrame
    rows_read: int
    extra: tuple[str, ...]


def raw_columns(item: FeedObject) -> list[str]:
    """The file's columns that a contract reads: its own, in its order, and those that its expressions name."""
    own = [column.raw for column in item.columns if lies_in_file(column)]
    texts = [text for text in (item.where, *(column.expression for column in item.columns)) if text is not None]
    return list(dict.fromkeys([*own, *sorted(set().union(*map(columns_read, texts)))]))


def lies_in_file(column: Column) -> bool:
    """Whether the file has the column: it is not computed, or it is computed from itself, as in `trim(caller)`."""
    return column.expression is None or column.raw in columns_read(column.expression)
