"""Runs SQL steps on a private DuckDB in memory; nothing else in the project opens a DuckDB over the lake.

A step is one `.sql` file that holds one SELECT. Its result becomes a table under the file's name, so that the next step
can read it. Every `_utc` column of an input gets a twin `_us`: whole microseconds since 1970 as BIGINT, so that steps
subtract whole numbers, which means the same in every engine.
"""

import re
from importlib.resources.abc import Traversable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import polars as pl

from pipelines.tables import Table


def _twins(schema: pl.Schema) -> str:
    """The extra SELECT columns that give each `_utc` column its `_us` twin."""
    names = [name for name, kind in schema.items() if name.endswith("_utc") and kind == pl.Datetime]
    return "".join(f', epoch_us("{name}") AS {name.removesuffix("_utc")}_us' for name in names)


MEMORY = "3GiB"
"""What an engine may take where it can lay the rest aside."""


class Engine:
    """One private database; use as a context manager. Tables live as long as it does.

    With `folder` it lays aside there what `MEMORY` does not hold.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._con = duckdb.connect(":memory:")
        self._con.execute("SET TimeZone = 'UTC'")
        if folder is not None:
            self._con.execute("SET memory_limit = $1", [MEMORY])
            self._con.execute("SET temp_directory = $1", [str(folder)])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._con.close()

    def load(self, table: Table, paths: list[Path], name: str | None = None) -> None:
        """Makes lake files readable as `name` (the table's own name by default); no file gives the empty table."""
        if not paths:
            self.frame(name or table.name, table.empty())
            return
        files = [str(path) for path in paths]
        self._con.read_parquet(files, hive_partitioning=False).create_view("lake_files", replace=True)
        self._materialise(name or table.name, f"SELECT *{_twins(table.schema)} FROM lake_files")

    def look(self, table: Table, paths: list[Path]) -> None:
        """Makes lake files readable under the table's name without taking them in: for steps that read few columns.

        No file gives the empty table.
        """
        if not paths:
            self.frame(table.name, table.empty())
            return
        files = f"files_of_{table.name}"
        self._con.read_parquet([str(path) for path in paths], hive_partitioning=False).create_view(files)
        self._con.execute(f"CREATE VIEW {table.name} AS SELECT *{_twins(table.schema)} FROM {files}")

    def files(self, name: str, paths: list[Path], schema: pl.Schema) -> None:
        """Makes Parquet files of that schema readable as `name` without taking them in; no file gives no rows."""
        if not paths:
            self.frame(name, schema.to_frame())
            return
        self._con.read_parquet([str(path) for path in paths], hive_partitioning=False).create_view(name)

    def frame(self, name: str, frame: pl.DataFrame) -> None:
        """Makes a Polars frame readable as `name`."""
        self._con.register("given_frame", frame.to_arrow())
        self._materialise(name, f"SELECT *{_twins(frame.schema)} FROM given_frame")
        self._con.unregister("given_frame")

    def run(self, step: Path | Traversable, **params: Any) -> pl.DataFrame:
        """Runs one step; its `$name` parameters come from `params`. The result is also a table named after the file."""
        self.keep(step, **params)
        return self.read(_name(step))

    def keep(self, step: Path | Traversable, **params: Any) -> None:
        """Runs one step for the sake of later ones: its table is not read back."""
        self._materialise(_name(step), step.read_text(encoding="utf-8"), **params)

    def name(self, step: Path | Traversable) -> None:
        """Gives one step its name without running it: a later step takes from it only the columns that it reads."""
        self._con.execute(f"CREATE VIEW {_name(step)} AS {step.read_text(encoding='utf-8')}")

    def query(self, name: str, text: str, **params: Any) -> pl.DataFrame:
        """Runs one SELECT and keeps its result as table `name`; parameters that the text does not name are left out."""
        self._materialise(name, text, **params)
        return self.read(name)

    def read(self, name: str) -> pl.DataFrame:
        """All rows of a table, without the `_us` twins."""
        frame = self._con.sql(f"SELECT * FROM {name}").pl()
        twins = {f"{column.removesuffix('_utc')}_us" for column in frame.columns if column.endswith("_utc")}
        return frame.drop(twins & set(frame.columns))

    def _materialise(self, name: str, select: str, **params: Any) -> None:
        named = set(re.findall(r"\$(\w+)", select))
        used = {key: value for key, value in params.items() if key in named}
        self._con.execute(f"CREATE OR REPLACE TABLE {name} AS {select}", used)


def _name(step: Path | Traversable) -> str:
    return step.name.removesuffix(".sql")
