"""Both sides' rows that can be paired, narrowed to what pairing needs and dealt into parts by their callers' keys.

A key is an HMAC, so the parts are of one size, and all calls of a caller lie in one part: each part is paired by
itself, and memory does not grow with the month. Rows without a key are a part of their own, `KEYLESS`. Which records
of several legs stand for their call is said by `whole_calls.sql`; what belongs together is decided in `pair.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipelines.engine import Engine
from pipelines.tables import INHOUSE_CALLS, VENDOR_CALLS, Table

STEPS = files("pipelines.link")
ROWS_OF_A_PART = 2_500_000
"""Rows of one side that are paired at once; about 1 GB of memory."""
KEYLESS = -1
_SOME = 20
_REF = ("file_id", "row")
_BOTH = {
    "file": pl.Int64(),
    "row": pl.Int64(),
    "call_id": pl.String(),
    "caller_key": pl.UInt64(),
    "caller_mask": pl.String(),
    "day": pl.Date(),
    "at_us": pl.Int64(),
    "lasted_us": pl.Int64(),
    "in_month": pl.Boolean(),
}
CALLS = pl.Schema({**_BOTH, "queue": pl.String()})
LEGS = pl.Schema({**_BOTH, "route": pl.String()})
_SIDES = {"calls": CALLS, "legs": LEGS}


@dataclass(frozen=True)
class Dealt:
    """Where the dealt rows lie: `calls/part=<n>/…` and `legs/part=<n>/…` below `folder`.

    Columns as in `CALLS` and `LEGS`: `file` numbers the files of a side (their ids in order: `files`), for numbers sort
    and join quicker than texts; `at_us` is when a call was offered, by the vendor's clock, or passed on, by the
    client's; `lasted_us` the time from then to its end. `bounds`: first and last at_us of each day of the calls (day,
    first_us, last_us). Part n holds the nth of as many equal ranges of keys. `in_minutes`: how many sides tell their
    times in whole minutes.
    """

    folder: Path
    parts: int
    bounds: pl.DataFrame
    files: dict[str, pl.Series]
    in_minutes: int

    def rows(self, side: str, part: int) -> list[Path]:
        """Files of one part of `calls` or `legs`."""
        return sorted((self.folder / side / f"part={part}").glob("*.parquet"))


def deal(calls: Sequence[Path], legs: Sequence[Path], vendor: str, month: str, folder: Path) -> Dealt:
    """Deals partitions of vendor_calls and inhouse_calls; `month` decides what is in_month.

    Every record has its offered_utc, for its day comes from it.
    """
    parts = 1 + max(count(calls), count(legs)) // ROWS_OF_A_PART
    is_leg = (pl.col("vendor_id") == vendor) & pl.col("transferred_utc").is_not_null()
    rows = {"calls": _records(calls, folder), "legs": _scan(legs, INHOUSE_CALLS).filter(is_leg)}
    ids = {"calls": _ids(calls, VENDOR_CALLS), "legs": _ids(legs, INHOUSE_CALLS)}
    times = {"calls": ("offered_utc", "ended_utc"), "legs": ("transferred_utc", "leg_ended_utc")}
    part = (pl.col("caller_key") // 2**32 * parts // 2**32).cast(pl.Int64).fill_null(KEYLESS).alias("part")
    for side, schema in _SIDES.items():
        narrow = _narrow(rows[side], *times[side], month, ids[side]).select(_cast(schema))
        target = pl.PartitionBy(folder / side, key="part", include_key=False)
        narrow.with_columns(part).sink_parquet(target, compression="lz4", mkdir=True)
    return Dealt(folder, parts, _bounds(folder), ids, sum(_in_minutes(folder, side) for side in _SIDES))


def _ids(paths: Sequence[Path], table: Table) -> pl.Series:
    """The files of one side, in order."""
    return _scan(paths, table).select(pl.col("file_id").unique()).collect(engine="streaming")["file_id"].sort()


def _narrow(rows: pl.LazyFrame, start: str, end: str, month: str, ids: pl.Series) -> pl.LazyFrame:
    """What pairing needs of the rows of one side."""
    at = pl.col(start).dt.epoch("us")
    return rows.with_columns(
        file=pl.col("file_id").cast(pl.Enum(ids)).to_physical(),
        at_us=at,
        lasted_us=pl.col(end).dt.epoch("us") - at,
        in_month=(pl.col("audit_month") == month).fill_null(value=False),
    )


def _cast(schema: pl.Schema) -> list[pl.Expr]:
    return [pl.col(name).cast(kind) for name, kind in schema.items()]


def _records(paths: Sequence[Path], folder: Path) -> pl.LazyFrame:
    """Inbound records (or not said), of several legs of one call the one that stands for it."""
    rows = _scan(paths, VENDOR_CALLS)
    if not paths or not _has_legs(paths):
        return rows.filter(pl.col("direction").fill_null("inbound") == "inbound")
    with Engine(folder) as engine:
        engine.look(VENDOR_CALLS, list(paths))
        engine.name(STEPS / "whole_calls.sql")
        standing = engine.run(STEPS / "standing.sql")
    return rows.join(standing.lazy(), on=list(_REF), how="semi", maintain_order="left")


def _has_legs(paths: Sequence[Path]) -> bool:
    """Whether any record numbers its leg, as the files' statistics say."""
    return any(_filled(path, "leg") for path in paths)


def _filled(path: Path, column: str) -> bool:
    found = pq.read_metadata(path)
    place = found.schema.to_arrow_schema().get_field_index(column)
    groups = [found.row_group(number) for number in range(found.num_row_groups)]
    stats = [(group.num_rows, group.column(place).statistics) for group in groups]
    return any(told is None or told.null_count is None or told.null_count < rows for rows, told in stats)


def _bounds(folder: Path) -> pl.DataFrame:
    at = pl.col("at_us")
    rows = _dealt(folder, "calls")
    return rows.group_by("day").agg(first_us=at.min(), last_us=at.max()).sort("day").collect(engine="streaming")


def _in_minutes(folder: Path, side: str) -> bool:
    """Whether nearly all of a side's times are whole minutes; a side with few rows is not asked."""
    whole = (pl.col("at_us") % 60_000_000 == 0).sum()
    rows, minutes = _dealt(folder, side).select(pl.len(), whole).collect(engine="streaming").row(0)
    return bool(rows >= _SOME and minutes >= 0.99 * rows)


def _dealt(folder: Path, side: str) -> pl.LazyFrame:
    paths = sorted((folder / side).glob("part=*/*.parquet"))
    return pl.scan_parquet(paths, hive_partitioning=False) if paths else _SIDES[side].to_frame().lazy()


def _scan(paths: Sequence[Path], table: Table) -> pl.LazyFrame:
    return pl.scan_parquet(list(paths), hive_partitioning=False) if paths else table.empty().lazy()


def count(paths: Sequence[Path]) -> int:
    """Rows of Parquet files."""
    return sum(pq.read_metadata(path).num_rows for path in paths)


def masked(dealt: Sequence[Path], first: int, most: int | None = None) -> pl.DataFrame:
    """Dealt rows of which `first` digits show at the beginning and two at the end: day, at_us, those digits.

    At most `most` of each day, spread over it.
    """
    if not dealt:
        return pl.DataFrame(schema={"day": pl.Date(), "at_us": pl.Int64(), "digits": pl.String()})
    mask = pl.col("caller_mask")
    shown = pl.scan_parquet(list(dealt), hive_partitioning=False).filter(
        mask.str.contains(rf"^[0-9]{{{first}}}.*[0-9]{{2}}$")
    )
    rows = shown.select("day", "at_us", digits=mask.str.slice(0, first) + mask.str.slice(-2)).sort("at_us", "digits")
    every = pl.len() // most + 1 if most else pl.lit(1)
    return rows.filter((pl.int_range(pl.len()) % every == 0).over("day")).collect()
