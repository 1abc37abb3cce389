"""The private database that rules are asked in: a DuckDB file that holds views over the days' Parquet files, no data.

Also what has to be known before a rule is asked: each day's columns, and how many of its rows a rule can look at.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

Schema = tuple[tuple[str, str], ...]


def text(value: object) -> str:
    """A value as an SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _create(connection: duckdb.DuckDBPyConnection, view: str, files: Sequence[Path]) -> None:
    """A view over files of one schema; folder names like `day=…` add no columns."""
    listed = ", ".join(text(file) for file in files)
    connection.execute(f'CREATE VIEW "{view}" AS SELECT * FROM read_parquet([{listed}], hive_partitioning = false)')


@dataclass(frozen=True)
class Views:
    """A view per day, and one per range of days whose files have the same columns."""

    database: Path
    files: tuple[Path, ...]
    days: Mapping[str, str]
    ranges: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, tuple[str, ...]]

    def count(self, day: str, expressions: Sequence[str]) -> list[int]:
        """What each SQL aggregate expression counts on a day."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            row = connection.execute(f'SELECT {", ".join(expressions)} FROM "{self.days[day]}"').fetchall()[0]
        return [int(value) for value in row]


@contextmanager
def views(day_files: Mapping[str, Path], table: str) -> Iterator[Views]:
    """Makes the views in a temporary folder, which is removed at the end of the block."""
    files = {day: day_files[day].resolve() for day in sorted(day_files)}
    days = {day: f"{table}_{day.replace('-', '_')}" for day in files}
    schemas: dict[str, Schema] = {}
    with TemporaryDirectory(prefix="tieout-rules-") as folder:
        database = Path(folder) / "views.duckdb"
        with duckdb.connect(str(database)) as connection:
            for day, view in days.items():
                _create(connection, view, [files[day]])
                described = connection.execute(f'DESCRIBE "{view}"').fetchall()
                schemas[day] = tuple((name, kind) for name, kind, *_ in described)
            ranges: dict[str, tuple[str, ...]] = {}
            # A file of another shape must not borrow columns from its neighbours, so it is a range of its own.
            for position, schema in enumerate(dict.fromkeys(schemas.values())):
                view = f"{table}_range_{position}"
                ranges[view] = tuple(day for day in files if schemas[day] == schema)
                _create(connection, view, [files[day] for day in ranges[view]])
        columns = {day: tuple(name for name, _ in schema) for day, schema in schemas.items()}
        yield Views(database, tuple(files.values()), days, ranges, columns)
