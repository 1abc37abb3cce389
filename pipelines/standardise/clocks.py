"""Local clock times → UTC by a time zone, through the two nights a year when a clock shows an hour twice or never.

An hour that exists twice is told apart by the order of the file: the anchor column (offered or arrived) runs backwards
once, at the change. Other times of a row take the reading that lies nearest to its anchor. Without such a step back
the first reading is taken. A time that never existed is read with the offset before the change. All are counted.
A file comes in batches, so its order is watched by `FileOrder`, and what it decides is a record number.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl

_STEP_BACK_S = 1800
_LONGEST_SPAN = timedelta(days=400)


@dataclass(frozen=True)
class ClockChange:
    """Rows whose time existed twice (`resolved` by order, or not: `unresolved`), or never (`shifted`)."""

    resolved: int = 0
    unresolved: int = 0
    shifted: int = 0


@dataclass(frozen=True)
class Step:
    """The record at which a file's clock was put back: from there on (or up to there) the later reading holds."""

    row: int
    is_newest_first: bool

    @property
    def is_after(self) -> pl.Expr:
        """Which rows lie behind the change."""
        return pl.col("row") <= self.row if self.is_newest_first else pl.col("row") >= self.row


@dataclass
class FileOrder:
    """Watches the anchor of a file's rows, batch by batch: in which order they stand, and where the clock went back."""

    anchor: str
    zone: str
    _direction: int = 0
    _last: Any = None
    _repeated: list[pl.DataFrame] = field(default_factory=list)

    def see(self, frame: pl.DataFrame) -> bool:
        """Notes a batch with the columns `row` and the anchor; whether any of its times exists twice."""
        early = _utc(frame, self.anchor, self.zone, "earliest")
        times = frame.select("row", early=early).drop_nulls("early")
        if times.is_empty():
            return False
        first = times["early"][0]
        if self._last is not None and first != self._last:
            self._direction += 1 if first > self._last else -1
        self._direction += int(times.select(pl.col("early").diff().dt.total_microseconds().sign().sum()).item() or 0)
        self._last = times["early"][-1]
        if _offset(frame, self.anchor, self.zone) is not None or _carries_offset(frame, self.anchor):
            return False
        late = _utc(frame, self.anchor, self.zone, "latest")
        repeated = frame.select("row", early=early, late=late).filter(pl.col("early") != pl.col("late"))
        if repeated.height:
            self._repeated.append(repeated.select("row", "early"))
        return repeated.height > 0

    def decide(self) -> tuple[Step | None, ClockChange]:
        """Where the one step back lies, None where there is not exactly one; how many rows it concerns."""
        if not self._repeated:
            return None, ClockChange()
        inside = pl.concat(self._repeated)
        is_newest_first = self._direction < 0
        in_time = inside.reverse() if is_newest_first else inside
        steps = in_time.filter(pl.col("early").diff().dt.total_seconds() <= -_STEP_BACK_S)["row"]
        if len(steps) != 1:
            return None, ClockChange(unresolved=inside.height)
        return Step(int(steps[0]), is_newest_first), ClockChange(resolved=inside.height)


def to_utc(frame: pl.DataFrame, columns: list[str], anchor: str, zone: str) -> tuple[pl.DataFrame, ClockChange]:
    """Turns the local `columns` of a whole file into UTC; `anchor` is one of them.

    Rows must stand in file order, oldest or newest first. A column that carries an offset (its type has a time zone)
    needs no reading and is only converted.
    """
    order = FileOrder(anchor, zone)
    numbered = frame if "row" in frame.columns else frame.with_row_index("row", 1)
    order.see(numbered)
    step, change = order.decide()
    result, shifted = read_clocks(numbered, columns, anchor, zone, step)
    return result.select(frame.columns), ClockChange(change.resolved, change.unresolved, shifted)


def read_clocks(
    frame: pl.DataFrame, columns: list[str], anchor: str, zone: str, step: Step | None
) -> tuple[pl.DataFrame, int]:
    """Turns the local `columns` of a batch into UTC, behind `step` by the later reading; how many times never were."""
    offsets = {name: _offset(frame, name, zone) for name in columns}
    plain = [_minus(name, offset) for name, offset in offsets.items() if offset is not None]
    marked = [name for name in columns if offsets[name] is None]
    if not marked:
        return frame.with_columns(plain), 0
    early = {name: _utc(frame, name, zone, "earliest") for name in {*marked, anchor}}
    late = {name: _utc(frame, name, zone, "latest") for name in {*marked, anchor}}
    after = step.is_after if step else pl.lit(value=False)
    both = frame.with_columns(
        *(early[name].alias(f"{name}__early") for name in marked),
        *(late[name].alias(f"{name}__late") for name in marked),
        pl.when(after).then(late[anchor]).otherwise(early[anchor]).alias("__anchor"),
    )
    result = both.with_columns(
        *plain, *(pl.col("__anchor").alias(name) if name == anchor else _nearest(name) for name in marked)
    )
    return result.select(frame.columns), _never(frame, marked, zone)


def _offset(frame: pl.DataFrame, name: str, zone: str) -> timedelta | None:
    """The zone's offset where it is one and the same through all times of a column; None where it has to be read."""
    low, high = frame.select(low=pl.col(name).min(), high=pl.col(name).max()).row(0)
    if low is None:
        return timedelta(0)
    if _carries_offset(frame, name) or high - low > _LONGEST_SPAN:
        return None
    hour = timedelta(hours=1)
    ticks = pl.datetime_range(low - 3 * hour, high + 3 * hour, "1h", time_unit="us", eager=True)
    local = ticks.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    offsets = (ticks - local.dt.convert_time_zone("UTC").dt.replace_time_zone(None)).unique()
    return offsets[0] if len(offsets) == 1 and offsets.null_count() == 0 else None


def _minus(name: str, offset: timedelta) -> pl.Expr:
    return (pl.col(name).cast(pl.Datetime("us")) - offset).dt.replace_time_zone("UTC").alias(name)


def _utc(frame: pl.DataFrame, name: str, zone: str, ambiguous: str) -> pl.Expr:
    """A naive time as UTC; a time that never existed takes the offset of three hours earlier."""
    if _carries_offset(frame, name):
        return pl.col(name).dt.convert_time_zone("UTC")
    if (offset := _offset(frame, name, zone)) is not None:
        return _minus(name, offset)
    local = pl.col(name).dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")  # type: ignore[arg-type]
    back = pl.duration(hours=3)
    before = (pl.col(name) - back).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(local.dt.convert_time_zone("UTC"), before.dt.convert_time_zone("UTC") + back)


def _nearest(name: str) -> pl.Expr:
    """Of the two readings the one nearer to the row's anchor."""
    early, late = pl.col(f"{name}__early"), pl.col(f"{name}__late")
    is_late = (late - pl.col("__anchor")).abs() < (early - pl.col("__anchor")).abs()
    return pl.when(is_late).then(late).otherwise(early).alias(name)


def _never(frame: pl.DataFrame, columns: list[str], zone: str) -> int:
    """Number of times that no clock of that zone ever showed."""
    gone = [
        pl.col(name).is_not_null()
        & pl.col(name).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").is_null()
        for name in columns
        if not _carries_offset(frame, name)
    ]
    return int(frame.select(pl.sum_horizontal(pl.lit(0), *(mark.sum() for mark in gone))).item())


def _carries_offset(frame: pl.DataFrame, name: str) -> bool:
    return getattr(frame.schema[name], "time_zone", None) is not None
