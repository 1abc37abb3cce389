"""Local clock times → UTC by a time zone, through the two nights a year when a clock shows an hour twice or never.

An hour that exists twice is told apart by the order of the file: the anchor column (offered or arrived) runs backwards
once, at the change. Other times of a row take the reading that lies nearest to its anchor. Without such a step back
the first reading is taken. A time that never existed is read with the offset before the change. All are counted.
A file comes in batches, so its order is watched by `FileOrder`, and what it decides is a record number: one for each
night of a change, as a file may hold several years, and one for each series (a queue's lines of a report).
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl

SERIES = " series"
"""A column that names what a row belongs to, where a file holds several runs of times one after another."""
_NIGHT = ("series", "night")
_LONGEST_SPAN = timedelta(days=400)


@dataclass(frozen=True)
class ClockChange:
    """Rows whose time existed twice (`resolved` by order, or not: `unresolved`), or never (`shifted`)."""

    resolved: int = 0
    unresolved: int = 0
    shifted: int = 0


@dataclass(frozen=True)
class Step:
    """The records at which a file's clock was put back (series, night, step): from there on the later reading holds.

    Up to there, where the newest come first.
    """

    rows: pl.DataFrame
    is_newest_first: bool

    def is_after(self, frame: pl.DataFrame, early: pl.Expr) -> pl.Series:
        """Which rows lie behind the change of their night; `early` is the earlier reading of their anchor."""
        keys = frame.select("row", _series(frame), _night(early))
        step = keys.join(self.rows, on=_NIGHT, how="left", maintain_order="left")
        later = pl.col("row") <= pl.col("step") if self.is_newest_first else pl.col("row") >= pl.col("step")
        return step.select(later.fill_null(value=False)).to_series()


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
        both = frame.select("row", _series(frame), _night(early), early=early, width=late - early)
        repeated = both.filter(pl.col("width") != pl.duration())
        if repeated.height:
            self._repeated.append(repeated)
        return repeated.height > 0

    def decide(self) -> tuple[Step | None, ClockChange]:
        """Where the one step back of each night lies, as far as there is exactly one; how many rows it concerns."""
        if not self._repeated:
            return None, ClockChange()
        inside = pl.concat(self._repeated)
        is_newest_first = self._direction < 0
        back = -pl.col("early").diff().over(_NIGHT)
        in_time = (inside.reverse() if is_newest_first else inside).with_columns(back=back)
        steps = in_time.group_by(_NIGHT, maintain_order=True).agg(
            clear=pl.col("row").filter(_is_clear()), same=pl.col("row").filter(_is_same())
        )
        chosen = pl.when(pl.col("clear").list.len() == 0).then("same").otherwise("clear")
        found = steps.select(*_NIGHT, step=chosen).filter(pl.col("step").list.len() == 1).explode("step")
        resolved = inside.join(found, on=_NIGHT, how="semi").height
        change = ClockChange(resolved=resolved, unresolved=inside.height - resolved)
        return (Step(found, is_newest_first) if found.height else None), change


def _is_clear() -> pl.Expr:
    """Half of what a clock is put back, or more: less is disorder."""
    return pl.col("back") * 2 >= pl.col("width")


def _is_same() -> pl.Expr:
    """The same time again in a series: the hours of a report, or half hours where a clock is put back by one."""
    return (pl.col("back") == pl.duration()) & (pl.col("series") != "")


def _series(frame: pl.DataFrame) -> pl.Expr:
    named = pl.col(SERIES).fill_null("") if SERIES in frame.columns else pl.lit("")
    return named.alias("series")


def _night(early: pl.Expr) -> pl.Expr:
    """No clock is put back twice in a month."""
    return early.dt.strftime("%Y-%m").alias("night")


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
    after = pl.lit(step.is_after(frame, early[anchor])) if step else pl.lit(value=False)
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
