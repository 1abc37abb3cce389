"""Wires the detectors: a vendor's month of calls and links → findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.engine import Engine
from pipelines.tables import FINDINGS, INHOUSE_CALLS, LINKS, VENDOR_CALLS

STEPS = files("checks.padding")
DETECTORS = ("duplicate", "ghost")
"""In order of strength: a record that is a proven duplicate is no ghost as well."""


@dataclass(frozen=True)
class Guards:
    """What the client and the terms say: days of a complete log, numbers callers may dial directly, tolerance."""

    whole_days: Sequence[date]
    direct_numbers: Sequence[str]
    tolerance_s: int


def detect(calls: list[Path], legs: list[Path], links: list[Path], vendor: str, guards: Guards) -> pl.DataFrame:
    """Findings as declared in tables.py. `calls`, `legs`, `links` are partitions of the lake tables of those names."""
    digits = ["".join(char for char in number if char.isdigit()) for number in guards.direct_numbers]
    with Engine() as engine:
        engine.load(VENDOR_CALLS, calls)
        engine.load(INHOUSE_CALLS, legs)
        engine.load(LINKS, links)
        engine.frame("direct", pl.DataFrame({"called": digits}, schema={"called": pl.String}))
        engine.frame("whole", pl.DataFrame({"day": list(guards.whole_days)}, schema={"day": pl.Date}))
        duplicates = engine.run(STEPS / "duplicate.sql")
        engine.frame("doubled", duplicates.filter(pl.col("certainty") == "proven"))
        ghosts = engine.run(STEPS / "ghost.sql", tolerance_us=guards.tolerance_s * 1_000_000)
    named = [
        found.with_columns(vendor_id=pl.lit(vendor), detector=pl.lit(name))
        for name, found in zip(DETECTORS, (duplicates, ghosts), strict=True)
    ]
    return _strongest(pl.concat(FINDINGS.fit(frame) for frame in named))


def _strongest(found: pl.DataFrame) -> pl.DataFrame:
    """One finding per record: the surer one, and of two as sure the one whose detector is stronger."""
    sure = pl.col("certainty").replace_strict({"proven": 0, "probable": 1, "suspected": 2})
    strong = pl.col("detector").replace_strict({name: place for place, name in enumerate(DETECTORS)})
    return found.sort("file_id", "row", sure, strong).unique(["file_id", "row"], keep="first", maintain_order=True)
