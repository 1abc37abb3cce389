"""A batch of text rows → typed rows by slot (see `cells.slot`): left-out rows, expressions, types, unreadable cells.

Canonical names come afterwards (see `feeds.py`). Everything is kept or counted: rows read are the rows of `frame` plus
the rejected plus the left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import sqlglot
from sqlglot import exp

from pipelines.contract.codes import UNSEEN
from pipelines.contract.expression import columns_read
from pipelines.contract.model import Column, FeedObject
from pipelines.contract.vocabulary import REJECTS_THE_ROW
from pipelines.engine import Engine
from pipelines.formats.raw import LINE, PRINTED, ROW, Batch, no_rejects, reads_number
from pipelines.standardise.cells import carries_offset, reason, slot, typed
from pipelines.standardise.claims import is_claimed, is_not_reported
from pipelines.standardise.numbers import hide_numbers, mask

_PERSONAL = ("caller", "staff_number")


@dataclass(frozen=True)
class TypedRows:
    """`frame`: `row`, `line` and one typed column per slot; `text` is the same rows as printed.

    `unseen` cells of the batch, rejected rows included, held signs that nobody sees.
    """

    frame: pl.DataFrame
    text: pl.DataFrame
    rejects: pl.DataFrame
    left_out: int
    unseen: int = 0


def type_rows(batch: Batch, item: FeedObject, zoned: dict[str, bool] | None = None) -> TypedRows:
    """Types the rows of a batch; a row with any cell that cannot be read is rejected, with every such cell named.

    `zoned` remembers from batch to batch which columns of times, of those without a format, are written with an offset:
    what the first time in the file shows holds for all of it.
    """
    shown, unseen = _without_unseen(batch.frame)
    read = shown.with_columns(_filled(pl.exclude(ROW, LINE)))
    kept = _where(read, item)
    text, failed = _cells(kept, item)
    zoned = _remember({} if zoned is None else zoned, text, item)
    values = text.select(
        "row",
        "line",
        *(
            typed(c, text.schema[slot(c)], item.decimal, is_zoned=zoned.get(slot(c), False)).alias(slot(c))
            for c in _slots(item)
        ),
    )
    needed = REJECTS_THE_ROW[item.feed]
    bad = [_rejects(text, values, column, column.role in needed, item.decimal) for column in _slots(item)]
    rejects = pl.concat([batch.rejects, *failed, *bad]).unique(["row", "column"], keep="first", maintain_order=True)
    left_out = read.height - kept.height
    if rejects.is_empty():
        return TypedRows(values, text, rejects, left_out, unseen)
    good = ~pl.col("row").is_in(rejects["row"].unique().implode())
    return TypedRows(values.filter(good), text.filter(good), rejects, left_out, unseen)


def _remember(zoned: dict[str, bool], text: pl.DataFrame, item: FeedObject) -> dict[str, bool]:
    for column in _slots(item):
        name = slot(column)
        if name not in zoned and (is_zoned := carries_offset(column, text[name])) is not None:
            zoned[name] = is_zoned
    return zoned


def _without_unseen(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The cells as a person sees them, without joiners, directions and byte order marks; in how many there were any.

    An id, a name or a number is the same with and without them, and must not differ by them.
    """
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    beyond_ascii = frame.select(pl.col(texts).str.len_bytes().sum() > pl.col(texts).str.len_chars().sum())
    suspects = [name for name in texts if beyond_ascii[name].item()]  # counting is quick, and most columns are ASCII
    held = frame.select(pl.col(suspects).str.contains_any(list(UNSEEN)).sum())
    found = {name: held[name].item() for name in suspects if held[name].item()}
    cleaned = frame.with_columns(pl.col(list(found)).str.replace_many(list(UNSEEN), [""])) if found else frame
    return cleaned, sum(found.values())


def _filled(text: pl.Expr) -> pl.Expr:
    """A cell of blanks is an empty one: exports of fixed width pad their cells."""
    return pl.when(text.str.strip_chars() != "").then(text)


def _slots(item: FeedObject) -> list[Column]:
    """The contract's columns, each slot once."""
    return list({slot(column): column for column in item.columns}.values())


def _where(read: pl.DataFrame, item: FeedObject) -> pl.DataFrame:
    """The rows that the contract's condition lets in."""
    if item.where is None:
        return read
    return read.filter(_evaluate(read, [item.where]).to_series().cast(pl.Boolean).fill_null(value=False))


def _cells(kept: pl.DataFrame, item: FeedObject) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """The cells by slot, computed ones included, and the rows where an expression fails: null from what is not empty.

    A date or a time that an expression makes keeps its type; all else is text.
    """
    plain = [column for column in _slots(item) if column.expression is None]
    computed = [column for column in _slots(item) if column.expression is not None]
    printed = [pl.col(c.raw + PRINTED).alias(slot(c) + PRINTED) for c in plain if c.raw + PRINTED in kept.columns]
    cells = kept.select(
        pl.col(ROW).alias("row"), pl.col(LINE).alias("line"), *(pl.col(c.raw).alias(slot(c)) for c in plain), *printed
    )
    if not computed:
        return cells, []
    values = _evaluate(kept, [_as_sql(column, item.decimal) for column in computed])
    values = values.rename(dict(zip(values.columns, map(slot, computed), strict=True)))
    failed = [
        cells.filter(kept.select(_is_given(column)).to_series() & values[slot(column)].is_null()).select(
            "row",
            "line",
            pl.lit(column.raw).alias("column"),
            pl.lit(f"transformLogic gives nothing: {column.expression}").alias("reason"),
            pl.lit("").alias("text"),
        )
        for column in computed
    ]
    texts = [name for name, kind in values.schema.items() if kind == pl.String]
    return cells.hstack(values.with_columns(_filled(pl.col(texts)))), failed


def _as_sql(column: Column, decimal: str) -> str:
    """Times keep the type that the expression gives them, and with it their offset; all else is text.

    Numbers that an expression computes are printed as the file's are, to be read by the same sign before decimals.
    """
    expression = column.expression or "NULL"
    if column.logical_type in ("timestamp", "date"):
        return expression
    text = f"CAST(({expression}) AS VARCHAR)"
    if decimal == "." or not reads_number(column):
        return text
    return f"CASE WHEN typeof(({expression})) = 'VARCHAR' THEN {text} ELSE replace({text}, '.', '{decimal}') END"


def _evaluate(read: pl.DataFrame, expressions: Sequence[str]) -> pl.DataFrame:
    """One column per SQL expression over the file's columns, null where it fails; rows in the order of `read`.

    Columns go into the database under numbers: SQL does not tell `Date` from `date`, nor a file's `row` from ours.
    """
    numbers = {name: f"c{place}" for place, name in enumerate(read.columns)}
    select = ", ".join(f'TRY({_renamed(text, numbers)}) AS "e{place}"' for place, text in enumerate(expressions))
    with Engine() as engine:
        engine.frame("raw", read.rename(numbers))
        return engine.query("computed", f'SELECT {select} FROM raw ORDER BY "{numbers[ROW]}"')


def _renamed(text: str, names: dict[str, str]) -> str:
    tree = sqlglot.parse_one(text, dialect="duckdb", into=exp.Condition)
    for column in tree.find_all(exp.Column):
        column.set("this", exp.to_identifier(names[column.name], quoted=True))
    return tree.sql(dialect="duckdb", comments=False)


def _is_given(column: Column) -> pl.Expr:
    """Whether all cells that the column's expression reads are filled: a date without a time is no time, and no fault.

    Where the role is needed by every row, an empty result is a reject all the same.
    """
    named = sorted(columns_read(column.expression or ""))
    return pl.all_horizontal(pl.lit(value=bool(named)), *(pl.col(name).is_not_null() for name in named))


def _rejects(text: pl.DataFrame, values: pl.DataFrame, column: Column, is_needed: bool, decimal: str) -> pl.DataFrame:
    """Cells of one column that cannot be read, and indispensable cells that are empty."""
    name = slot(column)
    empty = values[name].is_null()
    if not is_needed:
        empty = empty & text[name].is_not_null()
    if is_claimed(column) and text.schema[name] == pl.String:
        empty = empty & ~text.select(is_not_reported(column)).to_series().fill_null(value=False)
    if not empty.any():
        return no_rejects()
    bad = text.filter(empty).select("row", "line", pl.col(name).cast(pl.String).alias("text"))
    shown = pl.col("text").map_elements(mask if column.role in _PERSONAL else hide_numbers, return_dtype=pl.String)
    lacking = pl.lit(f"empty, but every row needs {column.role}")
    return bad.select(
        "row",
        "line",
        pl.lit(column.raw).alias("column"),
        pl.coalesce(reason(column, pl.col("text"), decimal), lacking).alias("reason"),
        shown.fill_null("").alias("text"),
    )
