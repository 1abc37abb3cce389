"""Small deliveries to ask rules of: one Parquet file per day, ordinary calls except for what a test says."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.contract.model import Rule, Severity
from pipelines.tables import VENDOR_CALLS

CALLER_KEY = 9876543210123456789
CALLED = "+8613812345678"


def call(day: str, row: int, **different: Any) -> dict[str, Any]:
    """An ordinary answered call of ten past the hour: 20 s wait, 180 s talk."""
    offered = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) + timedelta(minutes=10 + row)
    ordinary = {
        "vendor_id": "agents",
        "call_id": f"c{row}",
        "caller_key": CALLER_KEY,
        "caller_mask": "138******78",
        "called": CALLED,
        "agent_id": "anna",
        "offered_utc": offered,
        "ended_utc": offered + timedelta(seconds=200),
        "queue_s": Decimal("20.000"),
        "talk_s": Decimal("180.000"),
        "hold_s": Decimal("0.000"),
        "outcome": "answered",
        "file_id": "f0",
        "row": row,
        "day": date.fromisoformat(day),
    }
    return ordinary | different


def delivery(folder: Path, days: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Path]:
    """Files by day, laid out as in the lake; each row says only what is not ordinary about it."""
    files = {}
    for day, rows in days.items():
        files[day] = folder / "vendor_calls" / "vendor=agents" / f"day={day}" / "data.parquet"
        files[day].parent.mkdir(parents=True, exist_ok=True)
        calls = [call(day, row, **different) for row, different in enumerate(rows, 1)]
        pl.DataFrame(calls, schema=VENDOR_CALLS.schema).write_parquet(files[day])
    return files


def rule(expectation_type: str, severity: Severity = "error", name: str = "the rule", **kwargs: Any) -> Rule:
    """A rule of a contract."""
    return Rule(name, expectation_type, kwargs, severity, "calls are as agreed")
