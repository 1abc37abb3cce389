"""The evidence tables that a vendor can re-run: matched with whom, what was not, what is accused, who rang again.

Parquet files beside the scorecard, made from the lake alone; callers' numbers appear in none of them.
"""

from pathlib import Path

import polars as pl

from pipelines.lake import replacing


def matches(links: pl.DataFrame) -> pl.DataFrame:
    """One row per pair of the month."""
    pairs = links.filter(pl.col("in_month") & (pl.col("side") == "pair"))
    return pairs.select(
        "vendor_call_id", "file_id", "row", "inhouse_call_id", "match_class", "delta_s", "confidence"
    ).sort("file_id", "row")


def unmatched(links: pl.DataFrame) -> pl.DataFrame:
    """One row per record or leg of the month without a partner; `match_class` is `not_judged` where none could be."""
    alone = links.filter(pl.col("in_month") & (pl.col("side") != "pair"))
    return alone.select(
        "side",
        pl.coalesce("vendor_call_id", "inhouse_call_id").alias("call_id"),
        "file_id",
        "row",
        "reason",
        pl.when("is_absent").then(pl.lit("not_judged")).otherwise("match_class").alias("match_class"),
        "is_covered",
    ).sort("side", "file_id", "row")


def padding(findings: pl.DataFrame) -> pl.DataFrame:
    """One row per accused record."""
    return findings.drop("vendor_id").sort("file_id", "row", "detector")


def write_evidence(folder: Path, links: pl.DataFrame, findings: pl.DataFrame, repeats: pl.DataFrame) -> None:
    """Writes the four tables, each in place of its earlier state."""
    tables = {
        "matches": matches(links),
        "unmatched": unmatched(links),
        "padding": padding(findings),
        "repeats": repeats.sort("file_id", "row"),
    }
    for name, frame in tables.items():
        with replacing(folder / f"{name}.parquet") as beside:
            frame.write_parquet(beside, compression="zstd")
