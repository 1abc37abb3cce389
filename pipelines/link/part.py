"""One part of the callers, paired by number: clusters in time by SQL, crowds by `assign.py`, rows put together here."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.engine import Engine
from pipelines.link.assign import assign
from pipelines.link.deal import CALLS, LEGS, Dealt

STEPS = files("pipelines.link")
_TOLD = ("file", "row", "call_id", "t_us", "lasted_us", "place")


@dataclass(frozen=True)
class Part:
    """Rows of both sides: columns of `deal.CALLS` and `LEGS`, `place` being queue or route.

    Both have t_us (client's clock); calls also offset_us (what was taken off), spread_us and is_clockless.
    """

    calls: pl.DataFrame
    legs: pl.DataFrame


def read_part(dealt: Dealt, part: int, clock: pl.DataFrame) -> Part:
    """A part as it was dealt, its calls brought to the client's clock."""
    calls, legs = (_read(dealt.rows(side, part), schema) for side, schema in (("calls", CALLS), ("legs", LEGS)))
    timed = on_our_clock(calls.rename({"queue": "place"}), clock)
    return Part(timed, legs.rename({"route": "place"}).with_columns(t_us="at_us"))


def _read(paths: list[Path], schema: pl.Schema) -> pl.DataFrame:
    if not paths:
        return schema.to_frame()
    return pl.read_parquet(paths, hive_partitioning=False)


def on_our_clock(calls: pl.DataFrame, clock: pl.DataFrame) -> pl.DataFrame:
    """The calls with t_us, offset_us, spread_us and is_clockless, each by the span of its day that holds it."""
    spans = clock.sort("day", "from_us")
    days = spans["day"].unique(maintain_order=True)
    order = pl.DataFrame({"day": days, "nth": np.arange(len(days), dtype=np.int64)})
    starts, moments = (
        (rows.select("day", at).join(order, on="day", how="left", maintain_order="left")).select(
            pl.col("nth") * 2**53 + pl.col(at)  # microseconds since 1970 need 51 bits
        )
        for rows, at in ((spans, "from_us"), (calls, "at_us"))
    )
    place = np.searchsorted(starts.to_series().to_numpy(), moments.to_series().to_numpy(), side="right") - 1
    found = spans[place] if len(spans) else spans.clear()
    drifted = found["drift_us_per_day"] * ((calls["at_us"] - found["middle_us"]) / 86_400_000_000)
    offset = found["offset_us"] + drifted.round().cast(pl.Int64)
    return calls.with_columns(
        offset.alias("offset_us"),
        (calls["at_us"] - offset).alias("t_us"),
        found["spread_us"],
        (found["basis"] == "none").alias("is_clockless"),
    )


@dataclass(frozen=True)
class Paired:
    """Pairs by number, in order of the record's file and row, and what is left of both sides.

    `pairs`: file, row, call_id, place and inhouse_file, inhouse_row, inhouse_call_id, inhouse_place; delta_us,
    offset_us, t_us, in_month, is_clockless; lasted_us (how much longer the record lasted); options (who came into
    question), is_ambiguous. What is left has the columns of the part, options (of the same caller, within the
    tolerance) and is_crowded (too many to tell apart).
    """

    pairs: pl.DataFrame
    calls: pl.DataFrame
    legs: pl.DataFrame


def pair_part(part: Part, tolerance_us: int, folder: Path) -> Paired:
    """Pairs one part; nothing of it is lost."""
    with Engine(folder) as engine:
        engine.frame("sides", _sides(part))
        engine.keep(STEPS / "clusters.sql", tolerance_us=tolerance_us)
        twos, crowds = engine.run(STEPS / "twos.sql"), engine.run(STEPS / "crowds.sql")
    chosen = assign(crowds, tolerance_us)
    alone = twos.with_columns(options=pl.lit(1, pl.Int64()), ambiguous=pl.lit(value=False))
    both = chosen.filter(pl.col("call_ref").is_not_null() & pl.col("leg_ref").is_not_null())
    pairs = _in_order(part.calls, pl.concat([alone.select(both.columns), both]))
    return Paired(
        _together(part, pairs),
        _left(part.calls, pairs["call_ref"], chosen.filter(pl.col("leg_ref").is_null()), "call_ref"),
        _left(part.legs, pairs["leg_ref"], chosen.filter(pl.col("call_ref").is_null()), "leg_ref"),
    )


def _sides(part: Part) -> pl.DataFrame:
    sides = [
        rows.select(side=pl.lit(side, pl.Int64()), ref=pl.int_range(pl.len()), caller_key="caller_key", t_us="t_us")
        for side, rows in ((0, part.calls), (1, part.legs))
    ]
    return pl.concat(sides)


def _in_order(calls: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs by the record's file and row."""
    place = calls.select(pl.col("file") * 2**40 + pl.col("row")).to_series()[pairs["call_ref"]]
    return pairs[place.arg_sort()]


def _together(part: Part, pairs: pl.DataFrame) -> pl.DataFrame:
    records = part.calls.select(*_TOLD, "offset_us", "in_month", "is_clockless")[pairs["call_ref"]]
    legs = part.legs.select(pl.col(_TOLD).name.prefix("inhouse_"))[pairs["leg_ref"]]
    found = pl.concat([records, legs, pairs.select("options", is_ambiguous="ambiguous")], how="horizontal")
    return found.with_columns(
        delta_us=pl.col("t_us") - pl.col("inhouse_t_us"), lasted_us=pl.col("lasted_us") - pl.col("inhouse_lasted_us")
    ).drop("inhouse_t_us", "inhouse_lasted_us")


def _left(rows: pl.DataFrame, taken: pl.Series, alone: pl.DataFrame, ref: str) -> pl.DataFrame:
    """Rows that are not taken; those of crowds know how many came into question."""
    options, crowded = np.zeros(rows.height, dtype=np.int64), np.zeros(rows.height, dtype=bool)
    refs = alone[ref].to_numpy()
    options[refs], crowded[refs] = alone["options"].to_numpy(), alone["ambiguous"].to_numpy()
    is_left = np.ones(rows.height, dtype=bool)
    is_left[taken.to_numpy()] = False
    told = rows.with_columns(options=pl.Series(options), is_crowded=pl.Series(crowded))
    return told.filter(pl.Series(is_left))
