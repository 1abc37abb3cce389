"""The evidence tables that a vendor can re-run: matched with whom, what was not, what is accused, who rang again.

Parquet files beside the scorecard, made from the lake alone, and pictures of what is accused (`pictures.py`); callers'
numbers appear in none of them.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import polars as pl

from pipelines.lake import replacing
from reports import pictures


def matches(links: pl.LazyFrame) -> pl.DataFrame:
    """One row per pair of the month."""
    pairs = links.filter(pl.col("in_month") & (pl.col("side") == "pair"))
    named = pairs.select(
        "vendor_call_id",
        "file_id",
        "row",
        "inhouse_call_id",
        "match_class",
        "delta_s",
        "confidence",
        "options",
        "reason",
    )
    return named.collect(engine="streaming").sort("file_id", "row")


def unmatched(links: pl.LazyFrame) -> pl.DataFrame:
    """One row per record or leg of the month without a partner; `match_class` is `not_judged` where none could be."""
    alone = links.filter(pl.col("in_month") & (pl.col("side") != "pair"))
    named = alone.select(
        "side",
        pl.coalesce("vendor_call_id", "inhouse_call_id").alias("call_id"),
        "file_id",
        "row",
        "reason",
        pl.when("is_absent").then(pl.lit("not_judged")).otherwise("match_class").alias("match_class"),
        "is_covered",
    )
    return named.collect(engine="streaming").sort("side", "file_id", "row")


def padding(findings: pl.DataFrame, drawn: Collection[str]) -> pl.DataFrame:
    """One row per accused record; `picture` is where its picture lies, null where it was left out."""
    place = pl.format(f"{pictures.FOLDER}/{{}}-{{}}.svg", "file_id", "row")
    named = findings.drop("vendor_id").with_columns(
        picture=pl.when(place.is_in(list(drawn))).then(place).otherwise(pl.lit(None, pl.String))
    )
    return named.sort("file_id", "row", "detector")


def write_evidence(
    folder: Path,
    links: pl.LazyFrame,
    findings: pl.DataFrame,
    repeats: pl.DataFrame,
    drawn: Mapping[str, str],
    language: str,
) -> None:
    """Writes the four tables and the pictures, each in place of its earlier state.

    `drawn`: the pictures' texts by their place below `folder`.
    """
    tables = {
        "matches": matches(links),
        "unmatched": unmatched(links),
        "padding": padding(findings, drawn),
        "repeats": repeats.sort("file_id", "row"),
    }
    for name, frame in tables.items():
        with replacing(folder / f"{name}.parquet") as beside:
            frame.write_parquet(beside, compression="zstd")
    pictures.put(folder, drawn, findings.select("file_id", "row").n_unique(), language)
