"""The private database that rules are asked in: a DuckDB file that holds views over the days' Parquet files.

No row of the delivery is copied into it; only the small tables that rules compare with (`beside.py`) are. Also what has
to be known before a rule is asked: each day's columns, and how many of its rows a rule can look at.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

Schema = tuple[tuple[str, str], ...]
DayFiles = Mapping[str, Path | Sequence[Path]]
"""By ISO date, the Parquet file of a day, or several that are one."""


def text(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _create(
    connection: duckdb.DuckDBPyConnection, view: str, files: Sequence[Path], received: Collection[str] | None
) -> None:
    """A view over files of one schema, if need be the rows of some received files only; folder names add no columns."""
    listed = ", ".join(text(file) for file in files)
    chosen = "" if received is None else f" WHERE file_id IN ({', '.join(map(text, sorted(received)))})"
    rows = f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false){chosen}"
    connection.execute(f'CREATE VIEW "{view}" AS {rows}')


def _copy(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """A small table beside the views."""
    connection.register("given", frame.to_arrow())
    connection.execute(f'CREATE TABLE "{name}" AS SELECT * FROM given')
    connection.unregister("given")


@dataclass(frozen=True)
class Views:
    """A view per day, and one per range of days whose files have the same columns."""

    database: Path
    files: tuple[Path, ...]
    days: Mapping[str, str]
    ranges: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, tuple[str, ...]]
    beside: frozenset[str] = frozenset()

    def count(self, day: str, expressions: Sequence[str]) -> list[int]:
        """What each SQL aggregate expression counts on a day."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            row = connection.execute(f'SELECT {", ".join(expressions)} FROM "{self.days[day]}"').fetchall()[0]
        return [int(value) for value in row]


@contextmanager
def views(
    day_files: DayFiles,
    table: str,
    beside: Mapping[str, pl.DataFrame] | None = None,
    received: Collection[str] | None = None,
) -> Iterator[Views]:
    """Makes the views in a temporary folder, which is removed at the end of the block.

    `beside` are small tables that rules may read, by name. `received` chooses rows by `file_id`; None takes them all.
    """
    small = {name: frame for name, frame in (beside or {}).items() if frame.height}
    given = {day: [files] if isinstance(files, Path) else files for day, files in day_files.items()}
    files = {day: [file.resolve() for file in given[day]] for day in sorted(given)}
    days = {day: f"{table}_{day.replace('-', '_')}" for day in files}
    schemas: dict[str, Schema] = {}
    with TemporaryDirectory(prefix="tieout-rules-") as folder:
        database = Path(folder) / "views.duckdb"
        with duckdb.connect(str(database)) as connection:
            for day, view in days.items():
                _create(connection, view, files[day], received)
                described = connection.execute(f'DESCRIBE "{view}"').fetchall()
                schemas[day] = tuple((name, kind) for name, kind, *_ in described)
            ranges: dict[str, tuple[str, ...]] = {}
            # A file of another shape must not borrow columns from its neighbours, so it is a range of its own.
            for position, schema in enumerate(dict.fromkeys(schemas.values())):
                view = f"{table}_range_{position}"
                ranges[view] = tuple(day for day in files if schemas[day] == schema)
                _create(connection, view, [file for day in ranges[view] for file in files[day]], received)
            for name, frame in small.items():
                _copy(connection, name, frame)
        columns = {day: tuple(name for name, _ in schema) for day, schema in schemas.items()}
        every = tuple(file for several in files.values() for file in several)
        yield Views(database, every, days, ranges, columns, frozenset(small))
