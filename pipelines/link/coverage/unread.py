"""Where in time a row of the client's log lies that could not be read: between the rows that stand beside it."""

from collections.abc import Iterable
from datetime import timedelta

import polars as pl

from pipelines.link.coverage.spans import SPANS, merged

_BEFORE, _AFTER = timedelta(minutes=15), timedelta(hours=1)
"""A call is passed on some time after it arrived."""
_ONE_SIDED = timedelta(hours=12)
_UNSORTED_SHARE = 0.05
REASON = "a row of our own log around that time could not be read"


def unread_rows(days: Iterable[pl.DataFrame], rejects: pl.DataFrame) -> pl.DataFrame:
    """Spans around unreadable rows: from_utc, to_utc; each day has file_id, row, arrived_utc of the readable ones.

    In a file that is in no order of arrival the row may lie anywhere.
    """
    lost = rejects.select("file_id", "row").unique().sort("file_id", "row")
    if lost.is_empty():
        return pl.DataFrame(schema=SPANS)
    parts = [_of_day(rows.join(lost, on="file_id", how="semi"), lost) for rows in days]
    files = pl.concat([part[0] for part in parts]).group_by("file_id").agg(pl.col("back", "rows").sum(), *_ends())
    beside = (
        pl.concat([part[1] for part in parts])
        .group_by("file_id", "row")
        .agg(
            before_utc=pl.col("before_utc").sort_by("before", nulls_last=False).last(),
            after_utc=pl.col("after_utc").sort_by("after", nulls_last=True).first(),
        )
    )
    known = lost.join(files, on="file_id").join(beside, on=["file_id", "row"], how="left")
    return merged(known.select(*_bounds()))


def _ends() -> tuple[pl.Expr, pl.Expr]:
    return pl.col("first_utc").min(), pl.col("last_utc").max()


def _of_day(rows: pl.DataFrame, lost: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of one day: each file's order and reach, and for each lost row the rows next to it."""
    ordered = rows.drop_nulls("arrived_utc").sort("file_id", "row")
    went_back = (pl.col("arrived_utc").diff() < timedelta()).sum()
    files = ordered.group_by("file_id").agg(
        back=went_back.cast(pl.Int64),
        rows=pl.len().cast(pl.Int64),
        first_utc=pl.col("arrived_utc").min(),
        last_utc=pl.col("arrived_utc").max(),
    )
    own = lost.join(ordered, on="file_id", how="semi").sort("row")
    by_row = ordered.sort("row")
    before = by_row.rename({"arrived_utc": "before_utc"}).with_columns(before="row")
    after = by_row.rename({"arrived_utc": "after_utc"}).with_columns(after="row")
    near = own.join_asof(before, on="row", by="file_id", strategy="backward", check_sortedness=False)
    near = near.join_asof(after, on="row", by="file_id", strategy="forward", check_sortedness=False)
    return files, near.select("file_id", "row", "before", "before_utc", "after", "after_utc")


def _bounds() -> list[pl.Expr]:
    """Between its neighbours; beyond the first and last row of a file, and in one without order, as far as may be."""
    before = pl.coalesce("before_utc", pl.col("after_utc") - _ONE_SIDED)
    after = pl.coalesce("after_utc", pl.col("before_utc") + _ONE_SIDED)
    unsorted = pl.col("back") > _UNSORTED_SHARE * pl.col("rows")
    start = pl.when(unsorted).then("first_utc").otherwise(pl.min_horizontal(before, after))
    end = pl.when(unsorted).then("last_utc").otherwise(pl.max_horizontal(before, after))
    return [(start - _BEFORE).alias("from_utc"), (end + _AFTER).alias("to_utc")]
