"""A vendor's own codes → the canonical vocabulary, by the contract's map.

A code that the map does not name, in whatever width its letters stand, is a finding and becomes `unknown`; an empty
cell stays null. The frames are those of `rows.TypedRows.text`.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.contract.codes import UNSEEN, same_code
from pipelines.contract.model import Column
from pipelines.contract.vocabulary import CANONICAL_VALUES
from pipelines.standardise.cells import slot
from pipelines.standardise.numbers import hide_numbers

_CLOSED = ("outcome", "direction")


@dataclass(frozen=True)
class UnknownCode:
    """A code outside the map: which column, how many rows, and the first of them."""

    column: str
    code: str
    rows: int
    first_row: int
    first_line: int
    allowed: str


def by_map(column: Column) -> pl.Expr:
    """The text in the column's slot through its map; without one, outcomes and directions must be canonical already."""
    text = _code(column)
    table = _table(column)
    if table is None:
        return text
    return _same(text).replace_strict(
        table, default=pl.when(text.is_not_null()).then(pl.lit("unknown")), return_dtype=pl.String
    )


def unknown_codes(frame: pl.DataFrame, column: Column) -> list[UnknownCode]:
    """The codes of a column that its map does not name, in order."""
    table = _table(column)
    if table is None:
        return []
    code = _code(column)
    outside = (
        frame.filter(code.is_not_null() & ~_same(code).is_in(list(table)))
        .group_by(code.alias("code"))
        .agg(pl.len().alias("rows"), pl.col("row").min().alias("first_row"), pl.col("line").min().alias("first_line"))
    )
    allowed = ", ".join(raw.strip() for raw in (column.map or table))
    return [
        UnknownCode(column.raw, hide_numbers(code_), rows, row, line, allowed)
        for code_, rows, row, line in outside.sort("code").iter_rows()
    ]


def _table(column: Column) -> dict[str, str] | None:
    if column.map is not None:
        return {same_code(raw): canonical for raw, canonical in column.map.items()}
    return {name: name for name in CANONICAL_VALUES[column.role]} if column.role in _CLOSED else None


def _same(text: pl.Expr) -> pl.Expr:
    """`contract.codes.same_code` of a column."""
    return text.map_batches(_in_one_spelling, return_dtype=pl.String)


def _in_one_spelling(text: pl.Series) -> pl.Series:
    if not (text.str.len_bytes() == text.str.len_chars()).all():
        text = text.str.replace_many(list(UNSEEN), [""]).str.normalize("NFKC")
    return text.str.strip_chars()


def _code(column: Column) -> pl.Expr:
    return pl.col(slot(column)).cast(pl.String).str.strip_chars()
