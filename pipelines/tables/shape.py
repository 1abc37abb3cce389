"""What a canonical table is: its columns, their types in Polars, its key. The tables stand beside this module."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "int", "key", "seconds", "utc", "date", "bool", "float", "money"]

POLARS: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "key": pl.UInt64(),
    "seconds": pl.Decimal(18, 3),
    "utc": pl.Datetime("us", "UTC"),
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "float": pl.Float64(),
    "money": pl.Decimal(18, 2),
}


@dataclass(frozen=True)
class Column:
    """One canonical column; `kind` decides its type in Polars, Parquet and DuckDB."""

    name: str
    kind: Kind
    description: str


@dataclass(frozen=True)
class Table:
    """One canonical table: `partitions` are its folders in the lake, `key` is unique and orders the rows."""

    name: str
    grain: str
    partitions: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    schema_version: int = 1

    @property
    def schema(self) -> pl.Schema:
        """Column names and Polars types, in order."""
        return pl.Schema({column.name: POLARS[column.kind] for column in self.columns})

    def fit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame's rows with the table's columns, in order and type; a column that it lacks is null."""
        have = set(frame.columns)
        return frame.select(
            (pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name)
            for name, kind in self.schema.items()
        )

    def empty(self) -> pl.DataFrame:
        """The table with no rows."""
        return pl.DataFrame(schema=self.schema)


def columns(*lines: str) -> tuple[Column, ...]:
    """Columns from `name kind description` lines."""
    split = [line.split(maxsplit=2) for line in lines]
    return tuple(Column(name, kind, text) for name, kind, text in split)  # type: ignore[arg-type]
