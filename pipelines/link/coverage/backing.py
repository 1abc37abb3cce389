"""What the client's log itself says of its completeness: unbroken numbers, closing lines, and rows known to be lost.

Times in which it is silent are found in `hours.py`. A hole in the numbers wins over whoever vouches: it is `lost`.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from pipelines.link.coverage.sequence import counts_together, lost_numbers, numbered, stretches
from pipelines.link.coverage.spans import SPANS, common
from pipelines.link.coverage.unread import REASON, unread_rows
from pipelines.tables import INHOUSE_CALLS, LOG_SPANS

_SLACK = timedelta(hours=1)
_UNNUMBERED = 0.001


def backing(paths: list[Path], rejects: pl.DataFrame, counted: Sequence[str]) -> list[pl.DataFrame]:
    """Spans of states `lost` and `vouched`, as `tables.LOG_SPANS`.

    `paths` are partitions of inhouse_calls, `rejects` the unreadable rows of the same source (file_id, row), `counted`
    the files whose closing lines agree with the number of their rows.
    """
    numbers, are_together = _numbers(paths)
    reach = _reach(paths)
    units: list[str | None] = [None] if are_together else reach["name"].unique().to_list()
    is_numbered = reach["bare"].sum() <= _UNNUMBERED * max(float(reach["rows"].sum()), 1)
    unbroken = numbered(numbers, units) if is_numbered else pl.DataFrame(schema=SPANS)
    return [
        named(unread_rows(_days(paths, "file_id", "row", "arrived_utc"), rejects), "lost", "unread", REASON),
        named(lost_numbers(numbers), "lost", "number"),
        named(unbroken, "vouched", "numbered", "the log numbers its rows, and no number is missing"),
        named(within_files(reach, counted), "vouched", "counted", "the files' closing lines agree with their rows"),
    ]


def named(found: pl.DataFrame, state: str, kind: str, reason: str | None = None) -> pl.DataFrame:
    """Spans as rows of `log_spans`, with one reason for all where they have none of their own."""
    own = found if reason is None else found.with_columns(reason=pl.lit(reason))
    return LOG_SPANS.fit(own.with_columns(state=pl.lit(state), kind=pl.lit(kind)))


def _days(paths: list[Path], *wanted: str) -> Iterator[pl.DataFrame]:
    for path in paths:
        yield pl.read_parquet(path, columns=list(wanted), hive_partitioning=False)


def _numbers(paths: list[Path]) -> tuple[pl.DataFrame, bool]:
    """Unbroken numbers, and whether all units are numbered together."""

    def days(some: list[Path]) -> Iterator[pl.DataFrame]:
        return (day.rename({"source": "name"}) for day in _days(some, "source", "sequence", "arrived_utc"))

    are_together = counts_together(days(paths[:: max(len(paths) // 3, 1)]))
    return stretches(days(paths), are_together), are_together


def _reach(paths: list[Path]) -> pl.DataFrame:
    """From when to when the rows of each unit lie in each file, how many they are, and how many have no number."""
    log = pl.scan_parquet(paths, hive_partitioning=False) if paths else INHOUSE_CALLS.empty().lazy()
    ends = {"from_utc": pl.col("arrived_utc").min(), "to_utc": pl.col("arrived_utc").max()}
    counts = {"rows": pl.len(), "bare": pl.col("sequence").null_count()}
    found = log.group_by(name="source", file_id="file_id").agg(**ends, **counts)
    return found.collect(engine="streaming").drop_nulls("from_utc")


def within_files(reach: pl.DataFrame, counted: Sequence[str]) -> pl.DataFrame:
    """The time from the first row of a file to its last, where its closing line agrees and no file lies beside it.

    `reach` has name (the unit), file_id, from_utc, to_utc; every unit must have such a file at that time. Of files that
    lie beside each other one may be missing, and no closing line would say so.
    """
    parts = []
    for own in reach.partition_by("name", maintain_order=True):
        ordered = own.sort("from_utc", "to_utc", "file_id")
        before, after = pl.col("to_utc").cum_max().shift(), pl.col("from_utc").shift(-1)
        alone = (before - _SLACK <= pl.col("from_utc")).fill_null(value=True)
        alone &= (after + _SLACK >= pl.col("to_utc")).fill_null(value=True)
        parts.append(ordered.filter(alone & pl.col("file_id").is_in(list(counted))).select("from_utc", "to_utc"))
    return common(parts, pl.DataFrame(schema=SPANS))
