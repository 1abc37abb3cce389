"""Do two files speak of the same calls, or do their ids merely repeat? Evidence of a day's rows, by pair of files.

A counter that begins anew every hour, or in each queue, gives one id to many calls. Where such files were taken for
corrections of each other, rows of an honest sender would be lost; so an agreement that chance can make counts only
between files whose surer rows say that they hold the same calls. Nothing is left out here (see `overlaps.py`).
"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import polars as pl

_EVIDENCE = {" order": pl.Int64, "later": pl.Int64, "by_time": pl.Boolean, "by_caller": pl.Boolean, "by_id": pl.Boolean}
_WHO = ("caller_key", " mask", " unknown")


def evidence(rows: pl.DataFrame, shared: pl.DataFrame, anchor: str) -> pl.DataFrame:
    """By two files (` order`, `later`), whether their ids mean the same call where something else is to agree too.

    `rows` are all of the day's, `shared` those whose id several files hold. `by_time`: an id, or a caller, of one
    moment is one call, whoever the caller is said to be. `by_caller`: an id is one call, whenever it is said to have
    come; a caller without a number is no evidence. `by_id`: the same, and other calls of the two files bear it out.
    """
    reach = {order: np.sort(part) for order, part in _moments(rows, anchor)}
    prepared = _prepared(shared, anchor)
    moments = _only(prepared.filter(pl.col("has_id")), "moment")
    calls = _only(prepared.filter(pl.col("has_id")), "call")
    often = prepared.group_by(" order", "moment").len()
    found = list(combinations(sorted(reach), 2))
    pairs = pl.DataFrame(found, schema={" order": pl.Int64, "later": pl.Int64}, orient="row")
    one_moment = _tally(moments, "moment", agree=_same_number(), against=_other_number())
    held = _tally(often, "moment", held=pl.min_horizontal("len", "len_later"))
    one_call = _tally(calls, "call", same=_same_call(), strange=~_same_call() & ~_nobody())
    told = pairs.join(one_moment, on=[" order", "later"], how="left")
    told = told.join(held, on=[" order", "later"], how="left").join(one_call, on=[" order", "later"], how="left")
    told = told.fill_null(0).with_columns(
        smaller=pl.Series([_smaller(reach[a], reach[b]) for a, b in found], dtype=pl.Int64)
    )
    return told.select(
        " order",
        "later",
        by_time=((pl.col("agree") > 0) & (pl.col("agree") >= pl.col("against")))
        | (2 * pl.col("held") >= pl.col("smaller")),
        by_id=(pl.col("same") >= pl.col("strange")) & (pl.col("same") > 0),
        by_caller=(pl.col("same") >= pl.col("strange")) & ((pl.col("same") > 0) | (pl.col("smaller") > 0)),
    ).select(pl.col(name).cast(dtype) for name, dtype in _EVIDENCE.items())


def _moments(rows: pl.DataFrame, anchor: str) -> Iterator[tuple[int, "np.ndarray[tuple[int], np.dtype[np.int64]]"]]:
    slim = rows.select(" order", moment=pl.col(anchor).dt.epoch("us"))
    for (order,), part in slim.partition_by(" order", as_dict=True).items():
        yield int(order), part["moment"].drop_nulls().to_numpy()


def _smaller(
    one: "np.ndarray[tuple[int], np.dtype[np.int64]]", other: "np.ndarray[tuple[int], np.dtype[np.int64]]"
) -> int:
    """Rows of the file that has fewer where both have some: how many calls they could share."""
    if not len(one) or not len(other):
        return 0
    low, high = max(one[0], other[0]), min(one[-1], other[-1])
    within = [int(np.searchsorted(side, high, "right") - np.searchsorted(side, low, "left")) for side in (one, other)]
    return max(min(within), 0)


def _prepared(rows: pl.DataFrame, anchor: str) -> pl.DataFrame:
    """What is compared, with ids and moments as hashes: one that two share by chance is one among billions."""
    has_id = pl.col("call_id").is_not_null()
    by_id = pl.struct("call_id", "leg", anchor).hash()
    by_caller = pl.struct("leg", anchor, *_WHO).hash(seed=1)
    return rows.select(
        " order",
        *_WHO,
        time=anchor,
        has_id=has_id,
        call=pl.struct("call_id", "leg").hash(),
        moment=pl.when(has_id).then(by_id).otherwise(by_caller),
    )


def _only(rows: pl.DataFrame, by: str) -> pl.DataFrame:
    """Rows whose like their file does not hold again."""
    return rows.filter(pl.len().over(" order", by) == 1)


def _tally(rows: pl.DataFrame, by: str, **what: pl.Expr) -> pl.DataFrame:
    """By two files, the sum of each expression over the pairs of rows that are equal in `by`."""
    parts = rows.partition_by(" order", as_dict=True)
    schema = {" order": pl.Int64, "later": pl.Int64, **dict.fromkeys(what, pl.Int64)}
    found = [pl.DataFrame(schema=schema)]
    for (order,), part in parts.items():
        later = rows.filter(pl.col(" order") > order).rename({" order": "later"})
        if later.height:
            pairs = part.join(later, on=by, how="inner", suffix="_later")
            counts = [one.fill_null(value=0).cast(pl.Int64).sum().alias(name) for name, one in what.items()]
            found.append(pairs.group_by(" order", "later").agg(counts).cast(schema))  # type: ignore[arg-type]
    return pl.concat(found)


def _same_number() -> pl.Expr:
    return pl.col("caller_key") == pl.col("caller_key_later")


def _other_number() -> pl.Expr:
    return pl.col("caller_key") != pl.col("caller_key_later")


def _same_call() -> pl.Expr:
    """At one time, or of one caller that shows a number or a part of it."""
    masked = pl.col(" mask") == pl.col(" mask_later")
    return (
        (pl.col("time") == pl.col("time_later")).fill_null(value=False)
        | _same_number().fill_null(value=False)
        | masked.fill_null(value=False)
    )


def _nobody() -> pl.Expr:
    """Neither shows anything of its caller: nothing can be said."""
    return pl.col(" unknown").is_not_null() & pl.col(" unknown_later").is_not_null()
