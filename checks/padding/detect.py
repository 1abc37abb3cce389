"""Wires the detectors: a vendor's month of calls and links → findings."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.engine import Engine
from pipelines.tables import FINDINGS, INHOUSE_CALLS, LINKS, VENDOR_CALLS

STEPS = files("checks.padding")
DETECTORS = ("duplicate", "ghost")
"""In order of strength: a record that is a proven duplicate is no ghost as well."""
MARGIN_S = 300
"""Our log must be vouched for this long before and after a call, and no row of it lost; for its gaps see `links`."""


@dataclass(frozen=True)
class Guards:
    """What speaks for or against our own log, and what the terms say.

    `spans`: what is known of the log, as `tables.LOG_SPANS`; where it has a gap, the links say already.
    `direct_numbers`: numbers callers may dial past us.
    """

    spans: pl.DataFrame
    direct_numbers: Sequence[str]
    tolerance_s: int


def detect(calls: list[Path], legs: list[Path], links: list[Path], vendor: str, guards: Guards) -> pl.DataFrame:
    """Findings, as declared in pipelines/tables/; `calls`, `legs`, `links` are partitions of tables of those names."""
    with Engine() as engine:
        engine.load(VENDOR_CALLS, calls)
        engine.load(INHOUSE_CALLS, legs)
        engine.load(LINKS, links)
        return run(engine, vendor, guards)


def run(engine: Engine, vendor: str, guards: Guards) -> pl.DataFrame:
    """The same, in an engine that holds `vendor_calls`, `inhouse_calls` and `links` already."""
    digits = ["".join(char for char in number if char.isdigit()) for number in guards.direct_numbers]
    engine.frame("direct", pl.DataFrame({"called": digits}, schema={"called": pl.String}))
    known = guards.spans.filter(pl.col("state") != "gap").select("state", "kind", "from_utc", "to_utc")
    engine.frame("spans", known)
    params = {"tolerance_us": guards.tolerance_s * 1_000_000, "margin_us": MARGIN_S * 1_000_000}
    duplicates = engine.run(STEPS / "duplicate.sql", **params)
    engine.frame("doubled", duplicates.filter(pl.col("certainty") == "proven"))
    ghosts = engine.run(STEPS / "ghost.sql", **params)
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
