"""A file's text rows → typed rows by raw column: left-out rows, expressions, types, and what cannot be read.

Canonical names come afterwards (see `feeds.py`). Everything is kept or counted: rows read are the rows of `frame` plus
the rejected plus the left out.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.contract.expression import columns_read
from pipelines.contract.model import Column, FeedObject
from pipelines.engine import Engine
from pipelines.formats.raw import REJECT_SCHEMA, Raw
from pipelines.standardise.cells import allowed, typed
from pipelines.standardise.numbers import mask

INDISPENSABLE = {
    "calls": ("call_id", "offered_utc"),
    "inhouse_calls": ("call_id", "arrived_utc"),
    "claims": ("period_start",),
}


@dataclass(frozen=True)
class TypedRows:
    """`frame`: `row`, `line` and one typed column per raw column; `text` is the same rows as printed."""

    frame: pl.DataFrame
    text: pl.DataFrame
    rejects: pl.DataFrame
    left_out: int


def type_rows(raw: Raw, item: FeedObject) -> TypedRows:
    """Types all rows of a file; a row with any cell that cannot be read is rejected, with every such cell named."""
    text = raw.frame.collect()
    kept = _where(text, item)
    text, failed = _expressions(kept, item)
    values = text.select("row", "line", *(typed(column).alias(column.raw) for column in item.columns))
    cells = pl.concat([raw.rejects, failed, *(_rejects(text, values, item, column) for column in item.columns)])
    rejects = cells.unique(["row", "column"], keep="first", maintain_order=True)
    good = ~pl.col("row").is_in(rejects["row"].unique().implode())
    left_out = raw.rows_read - kept.height - raw.rejects["row"].n_unique()
    return TypedRows(values.filter(good), text.filter(good), rejects, left_out)


def _where(text: pl.DataFrame, item: FeedObject) -> pl.DataFrame:
    """The rows that the contract's condition lets in."""
    if item.where is None:
        return text
    with Engine() as engine:
        engine.frame("raw", text)
        return engine.query("kept", f"SELECT * FROM raw WHERE TRY({item.where}) ORDER BY row")


def _expressions(text: pl.DataFrame, item: FeedObject) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Adds the columns that the contract computes; a null from cells that are not all empty is a reject."""
    computed = [column for column in item.columns if column.expression is not None]
    if not computed:
        return text, pl.DataFrame(schema=REJECT_SCHEMA)
    kinds = {column.raw: "TIMESTAMP" if column.logical_type == "timestamp" else "VARCHAR" for column in computed}
    select = ", ".join(f'TRY(CAST(({c.expression}) AS {kinds[c.raw]})) AS "{c.raw}"' for c in computed)
    with Engine() as engine:
        engine.frame("raw", text)
        values = engine.query("computed", f"SELECT row, {select} FROM raw ORDER BY row")
    full = text.drop(kinds, strict=False).join(values, on="row", how="left", maintain_order="left")
    failed = [
        full.filter(_is_given(column) & pl.col(column.raw).is_null()).select(
            "row",
            "line",
            pl.lit(column.raw).alias("column"),
            pl.lit(f"transformLogic gives nothing: {column.expression}").alias("reason"),
            pl.lit("").alias("text"),
        )
        for column in computed
    ]
    return full, pl.concat(failed)


def _is_given(column: Column) -> pl.Expr:
    """Whether any cell that the column's expression reads is filled."""
    return pl.any_horizontal(pl.col(name).is_not_null() for name in sorted(columns_read(column.expression or "")))


def _rejects(text: pl.DataFrame, values: pl.DataFrame, item: FeedObject, column: Column) -> pl.DataFrame:
    """Cells of one column that cannot be read, and indispensable cells that are empty."""
    found = text.select(
        "row",
        "line",
        pl.lit(column.raw).alias("column"),
        pl.col(column.raw).cast(pl.String).alias("text"),
        values[column.raw].is_null().alias("is_null"),
    ).filter(pl.col("is_null"))
    is_needed = column.role in INDISPENSABLE.get(item.feed, ())
    bad = found if is_needed else found.filter(pl.col("text").is_not_null())
    if column.expression is not None and not is_needed:
        bad = bad.clear()
    shown = pl.col("text").map_elements(mask, return_dtype=pl.String) if column.role == "caller" else pl.col("text")
    empty, unread = f"empty, but every row needs {column.role}", f"not {allowed(column)}"
    reason = pl.when(pl.col("text").is_null()).then(pl.lit(empty)).otherwise(pl.lit(unread))
    return bad.select("row", "line", "column", reason.alias("reason"), shown.fill_null("").alias("text"))
