"""What the link step is measured beside, each reading the lake's own Parquet files and writing its result.

The floors only read both sides, sort them together by caller and time, and write them; pandas, Splink and datacompy
pair the calls as far as they can. Nothing of tieout is imported, so that a tool may run in an environment of its own:
`python -m tests.bench.link_rivals SIDE --folder FOLDER --out FILE`. Numbers and tolerance are given by who calls.
"""

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = "4GB"
"""What DuckDB may take before it goes to disk; the process takes more."""
MEMORY_OF_SPLINK = "12GB"
"""Its clustering fails with less at ten million calls a side."""

CALLS = ("call_id", "file_id", "row", "caller_key", "caller_mask", "queue", "offered_utc", "talk_s", "audit_month")
LEGS = ("call_id", "file_id", "row", "caller_key", "caller_mask", "route", "transferred_utc", "audit_month")
"""The columns that a match needs: who, where, when, what its row is, and to which month it belongs."""


@dataclass(frozen=True)
class Given:
    """Where the lake and the result lie; how far apart two times of one call may be, and the clock's offset."""

    folder: Path
    out: Path
    tolerance_s: int
    offset_s: float

    @property
    def calls(self) -> str:
        """The vendor's files."""
        return str(self.folder / "lake" / "vendor_calls" / "*" / "*" / "*.parquet")

    @property
    def legs(self) -> str:
        """The client's files."""
        return str(self.folder / "lake" / "inhouse_calls" / "*" / "*.parquet")


def _database(given: Given, module: Any, memory: str = MEMORY) -> Any:
    con = module.connect(":memory:")
    con.execute(f"SET memory_limit = '{memory}'")
    con.execute(f"SET temp_directory = '{given.folder / 'spill'}'")
    con.execute("SET TimeZone = 'UTC'")
    con.execute("SET preserve_insertion_order = false")
    return con


def floor_duckdb(given: Given) -> None:
    """The floor by DuckDB: calls without a time, for they were never passed on, are left out."""
    import duckdb

    _database(given, duckdb).execute(
        f"""COPY (
            SELECT 'vendor' AS side, call_id, file_id, row, caller_key, caller_mask, queue AS route,
                offered_utc AS at_utc, talk_s, audit_month
            FROM read_parquet('{given.calls}', hive_partitioning = FALSE)
            UNION ALL
            SELECT 'inhouse', call_id, file_id, row, caller_key, caller_mask, route, transferred_utc,
                date_diff('second', leg_answered_utc, leg_ended_utc)::DECIMAL(18, 3), audit_month
            FROM read_parquet('{given.legs}', hive_partitioning = FALSE)
            WHERE transferred_utc IS NOT NULL
            ORDER BY caller_key, at_utc
        ) TO '{given.out}' (COMPRESSION zstd)"""
    )


def floor_duckdb_all(given: Given) -> None:
    """The floor with every column of both tables."""
    import duckdb

    _database(given, duckdb).execute(
        f"""COPY (
            SELECT * FROM (
                SELECT 'vendor' AS side, offered_utc AS at_utc, *
                FROM read_parquet('{given.calls}', hive_partitioning = FALSE)
                UNION ALL BY NAME
                SELECT 'inhouse' AS side, transferred_utc AS at_utc, *
                FROM read_parquet('{given.legs}', hive_partitioning = FALSE)
                WHERE transferred_utc IS NOT NULL
            )
            ORDER BY caller_key, at_utc
        ) TO '{given.out}' (COMPRESSION zstd)"""
    )


def floor_polars(given: Given) -> None:
    """The floor by Polars, by its streaming engine."""
    import polars as pl

    own = {"side": pl.lit("vendor")}
    calls = pl.scan_parquet(given.calls, hive_partitioning=False).select(
        *CALLS[:5], route="queue", at_utc="offered_utc", talk_s="talk_s", audit_month="audit_month", **own
    )
    talk = (pl.col("leg_ended_utc") - pl.col("leg_answered_utc")).dt.total_seconds().cast(pl.Decimal(18, 3))
    legs = pl.scan_parquet(given.legs, hive_partitioning=False).filter(pl.col("transferred_utc").is_not_null())
    legs = legs.select(
        *LEGS[:6], at_utc="transferred_utc", talk_s=talk, audit_month="audit_month", side=pl.lit("inhouse")
    )
    both = pl.concat([calls, legs]).sort("caller_key", "at_utc")
    both.sink_parquet(given.out, compression="zstd", engine="streaming")


def pandas_asof(given: Given) -> None:
    """The nearest leg of each record by `merge_asof`: the offset is given, and a leg may be taken more than once."""
    _pandas(given, CALLS, LEGS)


def pandas_bare(given: Given) -> None:
    """The same with the least that says which call is which: call ids, file and row, key and time."""
    names = ("call_id", "file_id", "row", "caller_key")
    _pandas(given, (*names, "offered_utc"), (*names, "transferred_utc"))


def _pandas(given: Given, of_calls: tuple[str, ...], of_legs: tuple[str, ...]) -> None:
    import pandas as pd
    import pyarrow.compute as pc

    # a column with gaps would be read as floats, and lose digits of the key
    whole = pc.field("caller_key").is_valid()
    lake, read = given.folder / "lake", {"partitioning": None, "engine": "pyarrow"}
    calls = pd.read_parquet(lake / "vendor_calls", columns=[*of_calls], filters=whole, **read)
    calls = calls.rename(columns={"offered_utc": "at"})
    whole &= pc.field("transferred_utc").is_valid()
    legs = pd.read_parquet(lake / "inhouse_calls", columns=[*of_legs], filters=whole, **read)
    legs = legs.rename(columns={name: f"leg_{name}" for name in of_legs if name != "caller_key"})
    calls["at"] -= pd.Timedelta(seconds=given.offset_s)
    found = pd.merge_asof(
        calls.sort_values("at"),
        legs.sort_values("leg_transferred_utc"),
        left_on="at",
        right_on="leg_transferred_utc",
        by="caller_key",
        direction="nearest",
        tolerance=pd.Timedelta(seconds=given.tolerance_s),
    )
    found.to_parquet(given.out, compression="zstd", index=False)


def splink_links(given: Given) -> None:
    """Splink on DuckDB: callers with a number block, the time decides, single best links make it one to one."""
    import duckdb
    import splink.comparison_level_library as levels
    from splink import DuckDBAPI, Linker, SettingsCreator
    from splink.internals.comparison_library import CustomComparison

    con = _database(given, duckdb, MEMORY_OF_SPLINK)
    shift = round(given.offset_s * 1_000_000)
    for name, files, at, take in (
        ("calls", given.calls, "offered_utc", shift),
        ("legs", given.legs, "transferred_utc", 0),
    ):
        con.execute(
            f"""CREATE TABLE {name} AS
            SELECT file_id || '-' || row AS unique_id, file_id, row, caller_key, epoch_us({at}) - {take} AS at_us
            FROM read_parquet('{files}', hive_partitioning = FALSE)
            WHERE caller_key IS NOT NULL AND {at} IS NOT NULL"""
        )
    near = f"abs(at_us_l - at_us_r) <= {given.tolerance_s * 1_000_000}"
    steps = [
        levels.CustomLevel("abs(at_us_l - at_us_r) <= 3000000", "3 s").configure(
            m_probability=0.9, u_probability=0.001
        ),
        levels.CustomLevel(near, "tolerance").configure(m_probability=0.09, u_probability=0.009),
        levels.ElseLevel().configure(m_probability=0.01, u_probability=0.99),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            f"l.caller_key = r.caller_key and abs(l.at_us - r.at_us) <= {given.tolerance_s * 1_000_000}"
        ],
        comparisons=[CustomComparison(output_column_name="at", comparison_levels=steps)],
        probability_two_random_records_match=0.5,
        retain_intermediate_calculation_columns=False,
    )
    db = DuckDBAPI(connection=con)
    linker = Linker([db.register(name, dataset_display_name=name) for name in ("calls", "legs")], settings)
    predicted = linker.inference.predict()
    clusters = linker.clustering.cluster_using_single_best_links(
        predicted, duplicate_free_datasets=["calls", "legs"], threshold_match_probability=0.5
    )
    con.execute(
        f"""COPY (
            SELECT calls.file_id, calls.row, legs.file_id AS leg_file_id, legs.row AS leg_row
            FROM {clusters.physical_name} AS one
            JOIN {clusters.physical_name} AS other ON one.cluster_id = other.cluster_id
            JOIN calls ON one.source_dataset = 'calls' AND one.unique_id = calls.unique_id
            JOIN legs ON other.source_dataset = 'legs' AND other.unique_id = legs.unique_id
        ) TO '{given.out}' (COMPRESSION zstd)"""
    )


def datacompy_rows(given: Given) -> None:
    """datacompy joins on equal keys only: the n-th record of a caller and day with the n-th leg, times compared."""
    import polars as pl
    from datacompy import PolarsCompare

    keys = ["caller_key", "day"]
    at = pl.col("at").dt.epoch("s")
    calls = pl.scan_parquet(given.calls, hive_partitioning=False).rename({"offered_utc": "at"})
    legs = pl.scan_parquet(given.legs, hive_partitioning=False).rename({"transferred_utc": "at"})
    names = ["file_id", "row"]
    one = (
        calls.drop_nulls(["caller_key", "at"])
        .sort("at")
        .select(*keys, *names, at_s=at - round(given.offset_s))
        .collect()
    )
    other = legs.drop_nulls(["caller_key", "at"]).sort("at")
    other = other.select(*keys, at_s=at, **{f"leg_{name}": name for name in names}).collect()
    found = PolarsCompare(one, other, join_columns=keys, abs_tol=given.tolerance_s).intersect_rows
    near = (pl.col("at_s_df1") - pl.col("at_s_df2")).abs() <= given.tolerance_s
    found.filter(near).select(
        **{name: f"{name}_df1" for name in names}, **{name: f"{name}_df2" for name in ("leg_file_id", "leg_row")}
    ).write_parquet(given.out, compression="zstd")


SIDES: dict[str, tuple[Callable[[Given], None], str]] = {
    "floor-duckdb": (floor_duckdb, "duckdb"),
    "floor-polars": (floor_polars, "polars"),
    "floor-duckdb-all": (floor_duckdb_all, "duckdb"),
    "pandas": (pandas_asof, "pandas"),
    "pandas-bare": (pandas_bare, "pandas"),
    "splink": (splink_links, "splink"),
    "datacompy": (datacompy_rows, "datacompy"),
}


def main() -> None:
    """Runs one side."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=SIDES)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tolerance-s", type=int, default=30)
    parser.add_argument("--offset-s", type=float, default=168.0)
    given = parser.parse_args()
    run, package = SIDES[given.side]
    importlib.import_module(package)
    run(Given(given.folder, given.out, given.tolerance_s, given.offset_s))


if __name__ == "__main__":
    main()
