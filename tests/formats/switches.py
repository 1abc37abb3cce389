"""Logs of switches, read as a contract that leaves out their columns would have them read."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.errors import TieoutError
from pipelines.formats.raw import ROW, Batch, Raw, Source

SAMPLES = Path(__file__).parent / "samples"
KNOWN = Path(__file__).parents[2] / "pipelines/contract/systems"


def known(system: str) -> dict[str, Any]:
    """What a system's file says."""
    node: dict[str, Any] = yaml.safe_load((KNOWN / f"{system}.yaml").read_text(encoding="utf-8"))
    return node


def source(path: Path, system: str, encoding: str = "utf-8", **more: Any) -> Source:
    columns = tuple(Column(node["name"], node["logicalType"]) for node in known(system)["properties"])
    plain: dict[str, Any] = {
        "time_zone": "UTC",
        "direction": None,
        "where": None,
        "period": None,
        "header_rows": 1,
        "skip_rows": 0,
        **more,
    }
    item = FeedObject("calls", known(system)["feeds"][0], system, "*", columns=columns, rules=(), **plain)
    return Source(path, f"drop/{path.name}", item, Server("drop", "local", "drop", encoding=encoding), path.parent)


def written(folder: Path, sent: str | bytes, system: str, **more: Any) -> Source:
    path = folder / "sent.log"
    path.write_bytes(sent.encode() if isinstance(sent, str) else sent)
    return source(path, system, **more)


def whole(batches: list[Batch]) -> pl.DataFrame:
    return pl.concat([batch.frame for batch in batches])


def rejected(batches: list[Batch]) -> list[tuple[int, int, str]]:
    """Record, line, reason."""
    return [row for batch in batches for row in batch.rejects.select("row", "line", "reason").rows()]


def check_sums(batches: list[Batch]) -> None:
    """Every record is a row, a reject or left out, and is numbered once."""
    for batch in batches:
        gone = batch.rejects["row"].n_unique() + sum(batch.left_out.values())
        assert batch.rows_read == batch.frame.height + gone
    numbers = [number for batch in batches for number in (*batch.frame[ROW], *batch.rejects["row"].unique())]
    assert len(numbers) == len(set(numbers))
    assert max(numbers, default=0) <= sum(batch.rows_read for batch in batches)


def check_any(read: Callable[[Source], Raw], sent: Source) -> None:
    """Whatever the bytes: every record is accounted for, or the file as a whole is a fault."""
    with suppress(TieoutError):
        check_sums(list(read(sent).batches))
