"""How right a match is, told from the truth that `link_world.py` keeps: day by day, so that memory stays small.

`python -m tests.bench.link_judge --folder WORLD --pairs FILE` prints JSON. A pair is right where the record is of that
leg; of a record that stands twice, either copy is. Ghosts and records of lost legs have no right pair. A pair that
tieout itself calls ambiguous is not asserted: it is counted apart, neither right nor wrong, and nothing is found by it.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

_LEG = ["leg_file_id", "leg_row"]


@dataclass(frozen=True)
class Verdict:
    """Pairs asserted; how many are right; legs that stand in two; of the legs with a record, how many were found."""

    pairs: int
    ambiguous: int
    right_pct: float
    legs_twice: int
    found_pct: float
    found_by_number_pct: float


def judge(folder: Path, pairs: Path) -> Verdict:
    """Judges pairs: file_id and row of the record, leg_file_id and leg_row; or the folder of `links`."""
    found = pl.scan_parquet(pairs / "**" / "*.parquet" if pairs.is_dir() else pairs, hive_partitioning=False)
    ambiguous = 0
    if pairs.is_dir():
        doubted = pl.col("match_class") == "ambiguous"
        found = found.filter(pl.col("side") == "pair")
        ambiguous = int(found.filter(doubted).select(pl.len()).collect().item())
        found = found.filter(~doubted).rename({"inhouse_file_id": "leg_file_id", "inhouse_row": "leg_row"})
    found = found.select("file_id", "row", *_LEG).drop_nulls()
    days = [_day(found, path) for path in sorted((folder / "truth").glob("*.parquet"))]
    sums = {name: sum(day[name] for day in days) for name in days[0]}
    legs = found.select(pl.col("leg_row").cast(pl.Int64).hash() ^ pl.col("leg_file_id").hash())
    return Verdict(
        pairs=sums["pairs"],
        ambiguous=ambiguous,
        right_pct=_pct(sums["right"], sums["pairs"]),
        legs_twice=sums["pairs"] - int(legs.unique().select(pl.len()).collect(engine="streaming").item()),
        found_pct=_pct(sums["legs_found"], sums["legs"]),
        found_by_number_pct=_pct(sums["numbered_found"], sums["numbered"]),
    )


def _day(found: pl.LazyFrame, truth: Path) -> dict[str, int]:
    """Counts over the records of one file of the vendor."""
    true = pl.read_parquet(truth)
    files = true["file_id"].unique().to_list()
    pairs = found.filter(pl.col("file_id").is_in(files)).with_columns(pl.col("row", "leg_row").cast(pl.Int64)).collect()
    told = pairs.join(true, on=["file_id", "row"], how="left", suffix="_true")
    is_right = (pl.col("leg_file_id") == pl.col("leg_file_id_true")) & (pl.col("leg_row") == pl.col("leg_row_true"))
    right = told.filter(is_right)
    known, numbered = true.drop_nulls("leg_row"), pl.col("caller_kind") == "number"
    return {
        "pairs": pairs.height,
        "right": right.height,
        "legs": known.select(_LEG).n_unique(),
        "legs_found": right.select(_LEG).n_unique(),
        "numbered": known.filter(numbered).select(_LEG).n_unique(),
        "numbered_found": right.filter(numbered).select(_LEG).n_unique(),
    }


def _pct(part: int, whole: int) -> float:
    return round(100 * part / whole, 3) if whole else 0.0


def main() -> None:
    """Prints the verdict on one file of pairs."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(asdict(judge(given.folder, given.pairs))) + "\n")


if __name__ == "__main__":
    main()
