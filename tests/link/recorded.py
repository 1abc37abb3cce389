"""What DuckDB was given and what it gave, step by step, while the real road runs; and whether two results are equal.

A recording holds the SQL of a `.sql` file as it was run: its parameters, the tables that it names, and its rows, the
tables as Parquet. `spark.py` runs the same text over the same tables.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.engine import Engine
from tests.link.dialects import parameters, tables
from tests.link.spark import SparkError

ROOT = Path(__file__).parents[2]
FILES = {
    path.read_text(encoding="utf-8"): path.relative_to(ROOT)
    for folder in ("pipelines", "checks")
    for path in sorted((ROOT / folder).rglob("*.sql"))
}
"""Text of every step → its file."""


@dataclass(frozen=True)
class Recording:
    """One run of one step; `inputs` and `given` are Parquet files."""

    step: Path
    text: str
    params: dict[str, Any]
    inputs: dict[str, Path]
    given: Path
    rows: int


class Recorder:
    """Records every step that an Engine runs while it is in force; files go to `folder`."""

    def __init__(self, folder: Path) -> None:
        self.recordings: list[Recording] = []
        self._folder = folder
        self._files = 0

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """Puts the recorder in between, until the patch is undone."""
        query, keep, name_it = Engine.query, Engine.keep, Engine.name

        def watched_query(engine: Engine, name: str, text: str, **params: Any) -> pl.DataFrame:
            if text not in FILES:  # Expressions of a contract, which are run by DuckDB alone.
                return query(engine, name, text, **params)
            inputs = self._inputs(engine, text)
            given = query(engine, name, text, **params)
            self._note(engine, name, text, params, inputs)
            return given

        def watched_keep(engine: Engine, step: Any, **params: Any) -> None:
            text = step.read_text(encoding="utf-8")
            inputs = self._inputs(engine, text)
            keep(engine, step, **params)
            self._note(engine, step.name.removesuffix(".sql"), text, params, inputs)

        def watched_name(engine: Engine, step: Any) -> None:
            name_it(engine, step)
            text = step.read_text(encoding="utf-8")
            self._note(engine, step.name.removesuffix(".sql"), text, {}, self._inputs(engine, text))

        patch.setattr(Engine, "query", watched_query)
        patch.setattr(Engine, "name", watched_name)
        patch.setattr(Engine, "keep", watched_keep)

    def longest(self, each: int) -> list[Recording]:
        """At most `each` recordings of every step: those with most rows."""
        ordered = sorted(self.recordings, key=lambda found: (str(found.step), -found.rows))
        return [found for _, group in groupby(ordered, key=lambda found: found.step) for found in list(group)[:each]]

    def _inputs(self, engine: Engine, text: str) -> dict[str, Path]:
        listed = "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()"
        there = {name for (name,) in engine._con.execute(listed).fetchall()}
        return {name: self._save(engine, name) for name in sorted(tables(text) & there)}

    def _note(self, engine: Engine, name: str, text: str, params: dict[str, Any], inputs: dict[str, Path]) -> None:
        used = {key: value for key, value in params.items() if key in parameters(text)}
        given = self._save(engine, name)
        (rows,) = engine._con.execute(f"SELECT COUNT(*) FROM {name}").fetchall()[0]
        self.recordings.append(Recording(FILES[text], text, used, inputs, given, rows))

    def _save(self, engine: Engine, name: str) -> Path:
        """The table as Parquet; sums of whole numbers, for which DuckDB has a type of its own, as BIGINT."""
        self._files += 1
        path = self._folder / f"{self._files}-{name}.parquet"
        kinds = engine._con.execute(f"SELECT column_name, column_type FROM (DESCRIBE {name})").fetchall()
        wide = ", ".join(f'CAST("{column}" AS BIGINT) AS "{column}"' for column, kind in kinds if kind == "HUGEINT")
        replace = f"REPLACE ({wide})" if wide else ""
        engine._con.execute(f"COPY (SELECT * {replace} FROM {name}) TO '{path}' (FORMAT PARQUET)")
        return path


def assert_same_rows(ours: pl.DataFrame, theirs: pl.DataFrame) -> None:
    """Raises AssertionError unless both hold the same columns, in order and kind, and the same rows in any order.

    Whole numbers are of one kind whatever their width; decimals if they have as many places; floats up to their last
    digits, because sums may be taken in another order.
    """
    assert ours.columns == theirs.columns
    assert_frame_equal(_plain(ours), _plain(theirs), check_row_order=False, rel_tol=1e-9, abs_tol=1e-9)


def _plain(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col(name).cast(_kind(kind)) for name, kind in frame.schema.items())


def _kind(kind: pl.DataType) -> pl.DataType:
    if kind.is_integer() or (isinstance(kind, pl.Decimal) and kind.scale == 0):
        return pl.Decimal(38, 0)
    if isinstance(kind, pl.Decimal):
        return pl.Decimal(38, kind.scale)
    if kind.is_float():
        return pl.Float64()
    return pl.Datetime("us", kind.time_zone) if isinstance(kind, pl.Datetime) else kind


def differences(recordings: Iterable[Recording], run: Callable[[Recording], pl.DataFrame]) -> dict[str, str]:
    """Step → how the rows that `run` gives differ from DuckDB's, or what kept it from giving any."""
    found = {}
    for recording in recordings:
        try:
            assert_same_rows(pl.read_parquet(recording.given), run(recording))
        except (AssertionError, SparkError) as error:
            found[str(recording.step)] = str(error)
    return found
