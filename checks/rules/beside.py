"""The small tables that rules compare a delivery with: when each file was received, and who was on the roster.

Their columns have names that no canonical table has, so that a rule's SQL can tell them apart without prefixes.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from pipelines.contract.model import Contract
from pipelines.intake.manifest import received
from pipelines.lake import Lake
from pipelines.measure.fed import fed_paths
from pipelines.tables import ROSTER

WITHOUT = {"received": "it is not known when the file was received", "roster": "no roster was delivered"}
"""By table, why a rule that reads it cannot run while it is empty."""

_RECEIVED = pl.Schema({"known_file": pl.String(), "received_utc": pl.Datetime("us", "UTC")})


def beside(lake: Lake, contract: Contract) -> dict[str, pl.DataFrame]:
    """The tables by name: `received` (known_file, received_utc), `roster` (known_agent, hired, last_day)."""
    times = [(item.file_id, item.received_utc) for item in received(lake, contract.source)]
    return {"received": received_frame(times), "roster": roster_frame(fed_paths(lake, contract, ROSTER))}


def received_frame(times: Iterable[tuple[str, str]]) -> pl.DataFrame:
    """One row per received file: its id, and the moment of reception (ISO text, UTC where it names no offset)."""
    rows = []
    for file_id, text in times:
        moment = datetime.fromisoformat(text)
        rows.append((file_id, moment if moment.tzinfo else moment.replace(tzinfo=UTC)))
    return pl.DataFrame(rows, schema=_RECEIVED, orient="row")


def roster_frame(paths: Iterable[Path]) -> pl.DataFrame:
    """One row per agent and employment that any of the roster's files tells."""
    frames = [pl.read_parquet(path, hive_partitioning=False, columns=["agent_id", "hired", "left"]) for path in paths]
    rows = pl.concat(frames) if frames else ROSTER.empty().select("agent_id", "hired", "left")
    return rows.rename({"agent_id": "known_agent", "left": "last_day"}).unique().sort(pl.all())
