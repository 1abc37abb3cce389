"""A Spark of one process for tests: runs a step's SQL, translated by SQLGlot, over the rows that DuckDB had.

Spark lives in a Python of its own (`build/spark`, made by `make spark`) and is reached through pipes: with pyspark
beside it Great Expectations changes its ways, and these tests need no socket. Tables go in and out as Parquet, as a
client's lake would reach its own Spark. Spark has no unsigned type: it reads our 64-bit keys as DECIMAL(20, 0), so they
compare, join and divide by their value. What must not be translated is the business of `dialects.py`.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from tests.link.dialects import to_spark

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "build" / "spark" / "bin" / "python"
READY = ROOT / "build" / "spark" / "tieout-setup"
SESSION = Path(__file__).with_name("spark_session.py")


class SparkError(Exception):
    """Spark could not run what it was given."""


def why_not() -> str | None:
    """What keeps Spark from running here; None where it runs."""
    if shutil.which("java") is None:
        return "no Java on the PATH, so nothing was run on Spark"
    if not READY.exists():
        return "Spark is not set up, so nothing was run on it: make spark"
    return None


class Spark:
    """One local Spark with two threads; use as a context manager. `folder` takes its files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._queries = 0
        self._log = (folder / "spark.log").open("w", encoding="utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "TMPDIR") if name in os.environ}
        self._process = subprocess.Popen(
            [str(PYTHON), "-I", str(SESSION)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
            env={**kept, "TZ": "UTC", "SPARK_LOCAL_IP": "127.0.0.1"},
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends Spark, which ends when its input does."""
        try:
            self._process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._log.close()

    def query(self, text: str, tables: Mapping[str, Path], params: Mapping[str, Any]) -> pl.DataFrame:
        """All rows that DuckDB's SELECT `text` gives on Spark over `tables` (name → Parquet file)."""
        self._queries += 1
        to = self._folder / f"rows-{self._queries}"
        named = {name: str(path) for name, path in tables.items()}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"tables": named, "sql": to_spark(text, params), "to": str(to)}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SparkError((self._folder / "spark.log").read_text(encoding="utf-8"))
        if wrong := json.loads(line):
            raise SparkError(wrong)
        return pl.read_parquet(to / "*.parquet")
