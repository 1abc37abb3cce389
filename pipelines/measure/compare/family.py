"""What a month's callers did, in the compact forms that comparisons are made of: tables `profiles`, `caller_groups`.

A caller is the unit that repeats, so intervals resample callers. Two forms hold what that needs. `profiles`: callers
with the same contacts and outcomes by side and reason are one kind, and few kinds hold millions of callers. Groups:
callers by the remainder of their keys, which is the same in every month and at every vendor, so that a caller who is
on both sides of a comparison is resampled on both. Nothing is compared here (see `step.py`).
"""

from decimal import Decimal
from importlib.resources import files

import numpy as np
import polars as pl

from pipelines.engine import Engine
from pipelines.measure.catalogue import window_s
from pipelines.measure.compare.beside import INHOUSE, KINDS, OTHER
from pipelines.measure.measured import Found
from pipelines.measure.scene import Scene, microseconds
from pipelines.tables.compared import CALLER_GROUPS, PROFILES

STEPS = files("pipelines.measure.compare")
APART = 11
"""Reasons of a month that are kept apart; the rest is `OTHER`. Twelve digits to the base of 32 fit into 60 bits."""
DIGIT = 5
"""Bits of a digit."""
MOST = 2**DIGIT - 1
"""Contacts of one caller that a digit can count; whoever has more is looked up by itself."""

_COUNTS = ("contacts", "resolved")
_ROW = [
    pl.col("who", "callers").cast(pl.Int64),
    pl.col("side", "reason").cast(pl.String),
    pl.col(_COUNTS).cast(pl.Int64),
]


def compare(scene: Scene) -> Found:
    """Tables `profiles` and `caller_groups` of the vendor and in-house, by the window that the terms name; no figures.

    Reads the engine's tables `followed` (contacts with what followed them) and `contacts` (for the reasons).
    """
    agreed = scene.terms.definitions.fcr
    until, is_same = microseconds(scene.until), agreed.reason == "same"
    profiles, groups = counted(scene.engine, scene.vendor, agreed.window, until, is_same)
    if not {"outcome", "agent_id"} & scene.own_roles:  # nobody can tell which calls the client's own agents took
        groups = groups.filter(~pl.col("figure").str.starts_with("callback_inhouse_"))
    return Found((), {PROFILES: profiles, CALLER_GROUPS: groups})


def counted(
    engine: Engine, vendor: str, window: str, until_us: int, is_same: bool
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of `profiles` and of `caller_groups`; `until_us` is the end of the data, by which a window must be closed.

    `is_same`: only a contact with the same reason is a further one. Of a month with very many kinds of callers there
    are no profiles: its groups tell as much, and cost less.
    """
    frequent = engine.run(STEPS / "frequent_reasons.sql", most=APART)["reason"].to_list()
    names = [
        OTHER,
        *(reason for reason in frequent if reason != OTHER),
    ]  # a reason of that very name is one of the rest
    engine.frame("reason_slots", slots(names))
    length_us = window_s(window) * 1_000_000
    engine.keep(STEPS / "compared_calls.sql", window_us=length_us, until_us=until_us, is_same=is_same)
    kinds = engine.run(STEPS / "caller_kinds.sql", most=MOST)
    is_heavy = pl.col("heavy_key").is_not_null()
    engine.frame("heavy", kinds.filter(is_heavy).select(caller_key=pl.col("heavy_key").cast(pl.UInt64)))
    grouped = by_name(engine.run(STEPS / "caller_parts.sql"), names, vendor)
    if kinds.height > KINDS:
        return PROFILES.empty(), groups(grouped, window)
    alone = by_name(engine.run(STEPS / "frequent_callers.sql"), names, vendor)
    rows = pl.concat([told_apart(kinds.filter(~is_heavy), names, vendor), by_themselves(alone)])
    return PROFILES.fit(numbered(rows).with_columns(window=pl.lit(window))), groups(grouped, window)


def slots(names: list[str]) -> pl.DataFrame:
    """Each reason's place among the digits, and what one contact adds to a sum of them."""
    weights = [Decimal(2 ** (DIGIT * slot)) for slot in range(len(names))]
    return pl.DataFrame(
        {"reason": names, "slot": list(range(len(names))), "weight": pl.Series(weights, dtype=pl.Decimal(18, 0))}
    )


def by_name(rows: pl.DataFrame, names: list[str], vendor: str) -> pl.DataFrame:
    """Sides and reasons by their names in place of `is_inhouse` and `slot`."""
    side = pl.when(pl.col("is_inhouse")).then(pl.lit(INHOUSE)).otherwise(pl.lit(vendor))
    reason = pl.col("slot").cast(pl.Int64).replace_strict(list(range(len(names))), names, return_dtype=pl.String)
    return rows.with_columns(side=side, reason=reason)


def told_apart(kinds: pl.DataFrame, names: list[str], vendor: str) -> pl.DataFrame:
    """Rows of `caller_kinds.sql` → a row for each kind (`who`), side and reason that occurs, with its counts."""
    found = []
    for side, prefix in ((vendor, "own"), (INHOUSE, INHOUSE)):
        sums = [kinds[f"{prefix}_{name}"].cast(pl.Int64).to_numpy() for name in _COUNTS]
        for slot, reason in enumerate(names):
            counts = {name: (sums_of >> (DIGIT * slot)) & MOST for name, sums_of in zip(_COUNTS, sums, strict=True)}
            frame = pl.DataFrame({"who": np.arange(kinds.height), "callers": kinds["callers"], **counts})
            found.append(frame.with_columns(side=pl.lit(side), reason=pl.lit(reason)).filter(pl.col("contacts") > 0))
    return pl.concat([frame.select(_ROW) for frame in found])


def by_themselves(alone: pl.DataFrame) -> pl.DataFrame:
    """The same for callers with very many contacts, each a kind of its own; `who` is below zero."""
    who = -pl.col("caller_key").rank("dense").cast(pl.Int64)
    return alone.with_columns(who=who, callers=pl.lit(1)).select(_ROW)


def numbered(rows: pl.DataFrame) -> pl.DataFrame:
    """Kinds numbered from 0 (`profile`), most callers first, then by what the callers did.

    Two callers with very many contacts who did the same stay two kinds; either order of them gives the same rows.
    """
    said = rows.sort("who", "side", "reason").with_columns(
        said=pl.concat_str("side", "reason", *_COUNTS, separator="\t")
    )
    kinds = said.group_by("who", maintain_order=True).agg(pl.col("callers").first(), pl.col("said").str.join("\n"))
    order = kinds.sort("callers", "said", descending=[True, False]).select("who").with_row_index("profile")
    return rows.join(order, on="who")


def groups(grouped: pl.DataFrame, window: str) -> pl.DataFrame:
    """Rows of `caller_groups`, from `caller_parts.sql` by name.

    An in-house call that is followed by another is no callback to the client, so that rate is the vendors' alone.
    """
    resolved = grouped.with_columns(figure=pl.lit(f"fcr_{window}"), counted=pl.col("resolved"))
    called = grouped.with_columns(figure=pl.lit(f"callback_inhouse_{window}"), counted=pl.col("called_inhouse"))
    return CALLER_GROUPS.fit(pl.concat([resolved, called.filter(pl.col("side") != INHOUSE)]))
