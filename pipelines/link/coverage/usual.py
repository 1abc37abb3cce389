"""What is usual in the client's log: calls by weekday and hour, and the share that a unit or a route has of them.

Time is cut into slots of five minutes, so that a centre that opens at half past is not missed from the full hour on.
The state of the log is judged in `hours.py`, `silences.py` and `units.py`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]

SLOT = timedelta(minutes=5)
_SAMPLES = 3
_FEW = 5
_MEAN_OVER_MEDIAN = 0.7
"""The mean of a Poisson count is never further than this from its median (Choi 1994: less than ln 2)."""
_FIRM = 2
"""Calls of a unit that stand for what is usual over the day, beside those of one weekday and hour."""
_SURE = 0.98
_NEARLY_ALL = 0.85


def beats(log: pl.LazyFrame, moment: str, name: pl.Expr) -> pl.DataFrame:
    """How often a log speaks: calls in each ten seconds by `name`, with the first and last moment among them.

    Ten million rows of a month become some hundred thousand; columns name, beat_utc, first_utc, last_utc, calls.
    """
    rows = log.select(name=name.cast(pl.String), at=pl.col(moment)).drop_nulls("at")
    bounds = {"first_utc": pl.col("at").min(), "last_utc": pl.col("at").max(), "calls": pl.len().cast(pl.Int64)}
    counted = rows.group_by("name", beat_utc=pl.col("at").dt.truncate("10s")).agg(**bounds)
    return counted.collect(engine="streaming").sort("name", "beat_utc")


@dataclass(frozen=True)
class Usual:
    """What is known of the slots: `slots` has slot_utc, hour_utc, weekday, hour, local_day, calls, expected."""

    slots: pl.DataFrame

    @property
    def begin(self) -> datetime:
        """Start of the first slot."""
        return self.slots["slot_utc"][0]  # type: ignore[no-any-return]

    @property
    def stop(self) -> datetime:
        """End of the last slot."""
        return self.slots["slot_utc"][-1] + SLOT  # type: ignore[no-any-return]

    @cached_property
    def hours(self) -> pl.DataFrame:
        """The same by the hour."""
        sums = pl.col("calls", "expected").sum()
        first = pl.col("weekday", "hour", "local_day").first()
        return self.slots.group_by("hour_utc", maintain_order=True).agg(first, sums)

    def between(self, per_slot: Floats, starts: pl.Series, ends: pl.Series) -> Floats:
        """The sum of a quantity of the slots over spans, which may begin and end within a slot."""
        edges = np.append(self.slots["slot_utc"].to_physical().to_numpy(), _us(self.stop)).astype(np.float64)
        so_far = np.concatenate([[0.0], np.cumsum(per_slot)])
        bounds = (np.interp(side.to_physical().to_numpy().astype(np.float64), edges, so_far) for side in (starts, ends))
        from_start, to_end = bounds
        return np.asarray(to_end - from_start, dtype=np.float64)


def usual(rows: pl.DataFrame, first: date, last: date, zone: str) -> Usual:
    """What is usual from local day `first` to `last`, both included; `rows` are the beats of the whole log."""
    counted = rows.group_by(slot_utc=pl.col("beat_utc").dt.truncate(SLOT)).agg(pl.col("calls").sum())
    slots = _spine(first, last, zone).join(counted, on="slot_utc", how="left", maintain_order="left")
    return Usual(_expected(slots.with_columns(pl.col("calls").fill_null(0))))


def _spine(first: date, last: date, zone: str) -> pl.DataFrame:
    """All slots of the local days, whether a call came or not, with their local weekday and hour."""
    start = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
    stop = datetime.combine(last + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    end = stop if stop == stop.replace(minute=0) else stop.replace(minute=0) + timedelta(hours=1)
    slot = pl.datetime_range(
        start.replace(minute=0), end, SLOT, closed="left", time_unit="us", time_zone="UTC", eager=True
    )
    hour = pl.col("slot_utc").dt.truncate("1h")
    local = hour.dt.convert_time_zone(zone)
    return pl.DataFrame({"slot_utc": slot}).with_columns(
        hour_utc=hour,
        weekday=local.dt.weekday(),
        hour=local.dt.hour(),
        minute=pl.col("slot_utc").dt.minute(),
        local_day=local.dt.date(),
    )


def _expected(slots: pl.DataFrame) -> pl.DataFrame:
    """What is usual at that weekday and hour, or at that hour where too few such weekdays are there.

    Shared out within the hour as its calls lie on all days.
    """
    hours = slots.group_by("hour_utc", "weekday", "hour").agg(pl.col("calls").sum()).sort("hour_utc")
    middle = pl.when(pl.len().over("weekday", "hour") >= _SAMPLES)
    hours = hours.with_columns(_usual=middle.then(_middle("weekday", "hour")).otherwise(_middle("hour")))
    at_minute, at_hour = pl.col("calls").sum().over("hour", "minute"), pl.col("calls").sum().over("hour")
    part = pl.when(at_hour > 0).then(at_minute / at_hour).otherwise(0.0)
    joined = slots.join(hours.select("hour_utc", "_usual"), on="hour_utc", how="left", maintain_order="left")
    return joined.with_columns(expected=pl.col("_usual") * part).drop("_usual")


def _middle(*by: str) -> pl.Expr:
    """The median, which a missing day does not move; the mean where few come by chance now and then."""
    median, mean = pl.col("calls").median().over(*by), pl.col("calls").mean().over(*by)
    by_chance = (median < _FEW) & ((mean - median).abs() <= _MEAN_OVER_MEDIAN)
    return pl.when(by_chance).then(mean).otherwise(median)


@dataclass(frozen=True)
class Share:
    """One unit or route by the slot: `wrote` calls, and its usual share; `spread` is above 1 for what is fitful."""

    name: str
    wrote: Floats
    share: Floats
    spread: float

    def told(self, known: Usual) -> tuple[Floats, Floats]:
        """Its own calls and those of all others, by the slot; none where it holds nearly all.

        Of what holds 49 calls of 50, one call of others more would be 49 missed; the whole log speaks for it there.
        """
        others = np.maximum(known.slots["calls"].to_numpy() - self.wrote, 0)
        can_tell = self.share <= _NEARLY_ALL
        return np.where(can_tell, self.wrote, 0.0), np.where(can_tell, others, 0.0)


FEWEST_OF_UNIT = 30
MOST_UNITS = 50
"""Only so many units or routes are looked at, the largest: an exchange may name every extension."""


def shares(parts: pl.DataFrame, known: Usual) -> list[Share]:
    """The units or routes that have enough calls to tell, by the name; `parts` are their beats."""
    inside = parts.drop_nulls("name").filter(pl.col("beat_utc").is_between(known.begin, known.stop, closed="left"))
    counted = inside.group_by("name", slot_utc=pl.col("beat_utc").dt.truncate(SLOT)).agg(wrote=pl.col("calls").sum())
    sizes = counted.group_by("name").agg(pl.col("wrote").sum()).filter(pl.col("wrote") >= FEWEST_OF_UNIT)
    largest = sizes.sort("wrote", "name", descending=[True, False]).head(MOST_UNITS)
    each = counted.join(largest.select("name"), on="name", how="semi").partition_by("name", as_dict=True)
    return [_share(str(name), each[name,], known) for (name,) in sorted(each)]


def _share(name: str, wrote: pl.DataFrame, known: Usual) -> Share:
    """Its share at each weekday and hour, leaning on that hour of all days, and that on the share of all time.

    An hour's own calls are left out, so that a loss does not make itself look usual.
    """
    slots = known.slots.join(wrote.select("slot_utc", "wrote"), on="slot_utc", how="left", maintain_order="left")
    slots = slots.with_columns(pl.col("wrote").fill_null(0))
    overall = float(slots["wrote"].sum()) / max(float(slots["calls"].sum()), float(slots["wrote"].sum()), 1.0)
    at_hour = _leaning(pl.lit(overall), "hour")
    slots = slots.with_columns(_at_hour=at_hour).with_columns(share=_leaning(pl.col("_at_hour"), "weekday", "hour"))
    slots = slots.with_columns(pl.col("share").clip(0, _SURE))
    return Share(name, slots["wrote"].to_numpy().astype(np.float64), slots["share"].to_numpy(), _spread(slots))


def _leaning(on: pl.Expr, *by: str) -> pl.Expr:
    wrote, calls = (pl.col(name).sum().over(*by) - pl.col(name).sum().over("hour_utc") for name in ("wrote", "calls"))
    return (wrote + _FIRM) / (calls + _FIRM / on)


def _spread(slots: pl.DataFrame) -> float:
    """How much more a share varies than chance lets it: the middle of the squared differences, against chi-square's.

    By the hour where enough are to be expected in one, else by the day; at least 1.
    """
    for span in ("hour_utc", "local_day"):
        mean, chance = pl.col("calls") * pl.col("share"), pl.col("calls") * pl.col("share") * (1 - pl.col("share"))
        sums = slots.group_by(span).agg(pl.col("wrote").sum(), mean=mean.sum(), chance=chance.sum())
        told = sums.filter(pl.col("mean") >= _FEW)
        if told.height >= 2 * _FEW:
            middle = told.select(((pl.col("wrote") - pl.col("mean")) ** 2 / pl.col("chance")).median()).item()
            return max(1.0, float(middle) / 0.455)
    return 1.0


def _us(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000)
