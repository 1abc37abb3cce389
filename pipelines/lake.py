"""The only code that touches the lake's files: Parquet partitions, manifests, gates and the writer's lock.

A partition is one file, written beside its place and moved there by `os.replace`: a reader sees the old one or the new
one, never half. Rows are ordered by the table's key, so the same input gives the same bytes. Each file's metadata
carries `schema_version` and `inputs_sha`; what hashes differently when recomputed is stale. What the tables mean stands
in `pipelines/tables/`; nothing here knows a step.
"""

import contextlib
import hashlib
import json
import os
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import filelock
import polars as pl
import pyarrow.parquet as pq
from polars.io.plugins import register_io_source

from pipelines.errors import fault
from pipelines.program import digest
from pipelines.tables import Table

_ROW_GROUP = 250_000

VERSION = digest("pipelines", "checks")
"""The program that the lake is made with: after a change of it, everything is stale."""


def sha(*parts: object) -> str:
    """SHA-256 over the JSON of the parts: the name of a state of inputs. Mappings are ordered by key."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary file beside `path` that takes its place at the end of the block, or vanishes if the block fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        beside.chmod(0o644)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _text_of(path: Path) -> str:
    """What a file holds; empty where it is gone, for whoever held the lock may be done by now."""
    with contextlib.suppress(FileNotFoundError):
        return path.read_text(encoding="utf-8")
    return ""


def _check_batch(table: Table, frame: pl.DataFrame, last: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    """The key of the batch's last row; ValueError where a batch is of another shape, or out of order."""
    if frame.schema != table.schema:
        raise ValueError(f"{table.name}: schema is {frame.schema}, declared is {table.schema}")
    if frame.is_empty():
        return last
    key = frame.select(table.key)
    first = key.row(0)
    if not _is_ascending(key) or (last is not None and first <= last):
        raise ValueError(f"{table.name}: {table.key} is not unique and in order")
    return key.row(-1)


def _is_ascending(key: pl.DataFrame) -> bool:
    """Whether rows are in order (nulls first) and no two the same; one pass over each column."""
    equal, wrong = pl.lit(value=True), pl.lit(value=False)
    for name in key.columns:
        now, before = pl.col(name), pl.col(name).shift(1)
        is_less = (now.is_null() & before.is_not_null()) | (now < before).fill_null(value=False)
        wrong = wrong | (equal & is_less)
        equal = equal & now.eq_missing(before)
    later = key.with_columns(wrong=wrong | equal)["wrong"].slice(1)
    return not later.any()


class Lake:
    """A folder of partitions: `<table>/<partition>=<value>/…/data.parquet`, manifests and gates beside them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, table: Table, **partition: str) -> Path:
        """Where a partition's file lies; its keys must be exactly the table's."""
        if tuple(sorted(partition)) != tuple(sorted(table.partitions)):
            raise ValueError(f"{table.name} is partitioned by {table.partitions}, not by {tuple(partition)}")
        folders = [f"{name}={partition[name]}" for name in table.partitions]
        return self.root.joinpath(table.name, *folders, "data.parquet")

    def write(self, table: Table, frame: pl.DataFrame, inputs_sha: str, **partition: str) -> Path:
        """Writes one partition, checked against the table and ordered by its key; no rows write an empty file."""
        path = self.path(table, **partition)
        if frame.schema != table.schema:
            raise ValueError(f"{table.name}: schema is {frame.schema}, declared is {table.schema}")
        ordered = frame if _is_ascending(frame.select(table.key)) else frame.sort(*table.key, maintain_order=True)
        if ordered is not frame and not _is_ascending(ordered.select(table.key)):
            raise ValueError(f"{table.name}: {table.key} is not unique in {partition}")
        stamp = {"schema_version": str(table.schema_version), "inputs_sha": inputs_sha}
        with replacing(path) as beside:
            ordered.write_parquet(beside, compression="zstd", metadata=stamp)
        return path

    def write_batches(self, table: Table, frames: Iterator[pl.DataFrame], inputs_sha: str, **partition: str) -> Path:
        """Writes one partition from frames that come in order of the table's key, without holding them all.

        An exception out of `frames` passes through, and leaves the earlier partition as it was.
        """
        path = self.path(table, **partition)
        stamp = {"schema_version": str(table.schema_version), "inputs_sha": inputs_sha}

        def ordered(*_pushed_down: object) -> Iterator[pl.DataFrame]:
            last: tuple[Any, ...] | None = None
            for frame in frames:
                last = _check_batch(table, frame, last)
                yield frame

        with replacing(path) as beside:
            rows = register_io_source(ordered, schema=table.schema)
            # what is written in batches is read again soon, and large: the quickest level loses 3 % of the size
            rows.sink_parquet(
                beside, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP, metadata=stamp
            )
        return path

    def stamp(self, table: Table, **partition: str) -> str | None:
        """The `inputs_sha` of a partition; None where it is absent or of another schema version."""
        path = self.path(table, **partition)
        if not path.exists():
            return None
        found = pq.read_metadata(path).metadata or {}
        if found.get(b"schema_version") != str(table.schema_version).encode():
            return None
        return str(found[b"inputs_sha"], "utf-8")

    def keep(self, table: Table, history: str, inputs_sha: str, **partition: str) -> None:
        """Keeps a copy of a partition under the state of its inputs, so that a restated figure has its past."""
        folders = [f"{name}={partition[name]}" for name in table.partitions]
        target = self.root.joinpath(history, *folders, f"{inputs_sha}.parquet")
        with replacing(target) as beside:
            shutil.copyfile(self.path(table, **partition), beside)

    def kept(self, table: Table, history: str, **partition: str) -> list[pl.DataFrame]:
        """Earlier states of a partition that `keep` has kept, without the present one, in order of their names."""
        folders = [f"{name}={partition[name]}" for name in table.partitions]
        now = f"{self.stamp(table, **partition)}.parquet"
        past = sorted(self.root.joinpath(history, *folders).glob("*.parquet"))
        states = [pl.read_parquet(path, hive_partitioning=False) for path in past if path.name != now]
        return [state for state in states if state.schema == table.schema]

    def stamps(self, paths: Iterable[Path]) -> list[tuple[str, str]]:
        """Partition (below the lake) and `inputs_sha` of each file: what a later step's own `inputs_sha` is made of."""
        metadata = [(path, pq.read_metadata(path).metadata or {}) for path in paths]
        return [
            (str(path.parent.relative_to(self.root)), str(found[b"inputs_sha"], "utf-8")) for path, found in metadata
        ]

    def is_fresh(self, table: Table, inputs_sha: str, **partition: str) -> bool:
        """Whether the partition was made from exactly these inputs."""
        return self.stamp(table, **partition) == inputs_sha

    def paths(self, table: Table, **partition: str) -> list[Path]:
        """Files of all partitions that agree with what is given, in order."""
        folders = [f"{name}={partition.get(name, '*')}" for name in table.partitions]
        return sorted(self.root.glob("/".join([table.name, *folders, "data.parquet"])))

    def values(self, table: Table, name: str, **partition: str) -> list[str]:
        """Values of one partition key that exist, in order."""
        depth = 1 + len(table.partitions) - table.partitions.index(name)
        return sorted({path.parts[-depth].partition("=")[2] for path in self.paths(table, **partition)})

    def read(self, table: Table, **partition: str) -> pl.DataFrame:
        """All rows of the partitions that agree with what is given; the empty table where there are none."""
        frames = [pl.read_parquet(path, hive_partitioning=False) for path in self.paths(table, **partition)]
        return pl.concat(frames) if frames else table.empty()

    def drop(self, table: Table, **partition: str) -> None:
        """Removes a partition whose inputs are gone."""
        path = self.path(table, **partition)
        if path.exists():
            shutil.rmtree(path.parent)

    def write_json(self, name: str, value: Mapping[str, Any]) -> None:
        """Writes a manifest or a gate, in place of the earlier one."""
        with replacing(self.root / f"{name}.json") as beside:
            beside.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")

    def read_json(self, name: str) -> dict[str, Any] | None:
        """A manifest or a gate; None where it is absent."""
        path = self.root / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None

    def drop_json(self, name: str) -> None:
        """Removes a manifest or a gate; nothing happens where it is absent."""
        (self.root / f"{name}.json").unlink(missing_ok=True)

    def names_json(self, pattern: str) -> list[str]:
        """Names of the manifests or gates that match a glob, in order."""
        found = self.root.glob(f"{pattern}.json")
        return sorted(str(path.relative_to(self.root)).removesuffix(".json") for path in found)

    @contextlib.contextmanager
    def writer(self) -> Iterator[None]:
        """Holds the workspace's one writer's place; TieoutError names the holder where it is taken."""
        self.root.mkdir(parents=True, exist_ok=True)
        holder = self.root / "_writer"
        lock = filelock.FileLock(self.root / "_writer.lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            name = _text_of(holder) or "another process"
            raise fault(self.root, f"being written by {name}", "one writer at a time", "wait until it ends") from None
        try:
            holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
            yield
        finally:
            holder.unlink(missing_ok=True)
            lock.release()


@contextlib.contextmanager
def laid_aside(lake: Lake) -> Iterator[Path]:
    """A folder beside the lake's tables for what is laid aside on the way; gone at the end of the block."""
    lake.root.mkdir(parents=True, exist_ok=True)
    for left in lake.root.glob(".aside-*"):  # of a run that was killed: the one writer's lock is held
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=lake.root, prefix=".aside-") as name:
        yield Path(name)
