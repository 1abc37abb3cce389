"""Months of two clocks with a known truth, and the pairs of the same caller that are read off them.

Times are seconds after START on the client's clock; a clock says how far the vendor's is ahead at each of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.link.clock.estimate import clock

START = datetime(2026, 10, 5, tzinfo=UTC)
DAY_S = 86_400
MICROS = 1_000_000
DELAY_S = 4
"""Calls reach the vendor 0 to 4 seconds after they were passed on."""
START_US = round(START.timestamp() * MICROS)

Seconds = npt.NDArray[np.float64]
Clock = Callable[[Seconds], Seconds]


@dataclass(frozen=True)
class World:
    """`deltas` and `days` as the clock step takes them; `truth`: day, at_us and true_us (ahead) of each true pair."""

    deltas: pl.DataFrame
    days: pl.DataFrame
    truth: pl.DataFrame

    def found(self, tolerance_s: int = 30) -> pl.DataFrame:
        return clock(self.deltas, self.days, tolerance_s)

    def errors_s(self, found: pl.DataFrame) -> Seconds:
        """By how many seconds the offset found misses the truth, at the time of each true pair."""
        is_in = pl.col("at_us").is_between(pl.col("from_us"), pl.col("to_us"), closed="left")
        at_pairs = self.truth.join(found, on="day").filter(is_in)
        assert at_pairs.height == self.truth.height
        drifted = pl.col("drift_us_per_day") * (pl.col("at_us") - pl.col("middle_us")) / (DAY_S * MICROS)
        missed = pl.col("offset_us") + drifted - pl.col("true_us")
        return at_pairs.select((missed / MICROS).abs()).to_series().to_numpy()


def still(offset: float) -> Clock:
    return lambda at: np.full(len(at), offset)


def drifting(offset: float, a_day: float) -> Clock:
    return lambda at: offset + a_day * at / DAY_S


def stepping(ahead: Clock, when: float, by: float) -> Clock:
    return lambda at: ahead(at) + np.where(at >= when, by, 0.0)


def moment(day: int, hour: float = 0) -> float:
    return day * DAY_S + hour * 3600


def month(seed: int, ahead: Clock, **different: Any) -> World:
    """Calls by `calls_of` on two clocks; the log misses 10 to 12 o'clock of day 1, the vendor 14 to 16 of day 2."""
    records, legs = calls_of(np.random.default_rng(seed), **different)
    no_leg = pl.col("passed_on").is_between(moment(1, 10), moment(1, 12))
    no_record = pl.col("reached").is_between(moment(2, 14), moment(2, 16))
    return seen(records.filter(~no_record), legs.filter(~no_leg), ahead)


def calls_of(
    random: np.random.Generator,
    days: int = 30,
    calls: int = 200,
    padding: float = 0.1,
    quiet: Mapping[int, int] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Records (leg, caller, reached) and legs (leg, caller, passed_on).

    `calls` a day from 8 to 20 o'clock (`quiet`: fewer, by day), of callers some of whom ring again; `padding` more
    records, without a leg, come at any time from callers of that day.
    """
    day = np.repeat(np.arange(days), [(quiet or {}).get(each, calls) for each in range(days)])
    caller = random.integers(0, 3 * calls, len(day))
    passed_on = np.rint(DAY_S * day + random.uniform(8 * 3600, 20 * 3600, len(day)))
    reached = passed_on + random.uniform(0, DELAY_S, len(day))
    copied = random.integers(0, len(day), round(padding * len(day)))
    made_up = DAY_S * day[copied] + random.uniform(8 * 3600, 20 * 3600, len(copied))
    legs = pl.DataFrame({"leg": np.arange(len(day)), "caller": caller, "passed_on": passed_on})
    records = pl.DataFrame(
        {
            "leg": np.concatenate([np.arange(len(day)), np.full(len(copied), -1)]),
            "caller": np.concatenate([caller, caller[copied]]),
            "reached": np.concatenate([reached, made_up]),
        }
    )
    return records, legs


def seen(records: pl.DataFrame, legs: pl.DataFrame, ahead: Clock) -> World:
    """What the clock step sees of them: whole seconds, callers seen up to three times a day, pairs within 14 hours."""
    true_us = np.rint(ahead(records["reached"].to_numpy()) * MICROS).astype(np.int64)
    at_us = START_US + (records["reached"].to_numpy() * MICROS).astype(np.int64) + true_us
    records = records.with_columns(pl.Series("true_us", true_us), pl.Series("at_us", at_us // MICROS * MICROS))
    records = records.with_columns(day=_day(pl.col("at_us")))
    legs = legs.with_columns(leg_us=START_US + (pl.col("passed_on") * MICROS).cast(pl.Int64))
    rare_records = records.filter(pl.len().over("caller", "day") <= 3)
    rare_legs = legs.filter(pl.len().over("caller", _day(pl.col("leg_us"))) <= 3)
    pairs = rare_records.join(rare_legs, on="caller").with_columns(delta_us=pl.col("at_us") - pl.col("leg_us"))
    return World(
        deltas=pairs.filter(pl.col("delta_us").abs() <= (14 * 3600 + 900) * MICROS).select("day", "at_us", "delta_us"),
        days=records.group_by("day").agg(first_us=pl.col("at_us").min(), last_us=pl.col("at_us").max()).sort("day"),
        truth=records.join(legs, on="leg", how="semi").select("day", "at_us", "true_us"),
    )


def _day(at_us: pl.Expr) -> pl.Expr:
    return pl.from_epoch(at_us, time_unit="us").dt.date()
