"""Local clock times → UTC by a time zone, through the two nights a year when a clock shows an hour twice or never.

An hour that exists twice is told apart by the order of the file: the anchor column (offered or arrived) runs backwards
once, at the change. Other times of a row take the reading that lies nearest to its anchor. Without such a step back
the first reading is taken. A time that never existed is read with the offset before the change. All are counted.
"""

from dataclasses import dataclass

import polars as pl

_STEP_BACK_S = 1800


@dataclass(frozen=True)
class ClockChange:
    """Rows whose time existed twice (`resolved` by order, or not: `unresolved`), or never (`shifted`)."""

    resolved: int = 0
    unresolved: int = 0
    shifted: int = 0


def to_utc(frame: pl.DataFrame, columns: list[str], anchor: str, zone: str) -> tuple[pl.DataFrame, ClockChange]:
    """Turns local `columns` into UTC; `anchor` is one of them. Rows must stand in file order, oldest or newest first.

    A column that carries an offset (its type has a time zone) needs no reading and is only converted.
    """
    early = {name: _read(frame, name, zone, "earliest") for name in columns}
    late = {name: _read(frame, name, zone, "latest") for name in columns}
    both = frame.with_columns(
        *(early[name].alias(f"{name}__early") for name in columns),
        *(late[name].alias(f"{name}__late") for name in columns),
    )
    twice = pl.col(f"{anchor}__early") != pl.col(f"{anchor}__late")
    after, resolved = _after_step_back(both, anchor, twice)
    chosen = both.with_columns(pl.when(after).then(f"{anchor}__late").otherwise(f"{anchor}__early").alias("__anchor"))
    result = chosen.with_columns(
        pl.col("__anchor").alias(name) if name == anchor else _nearest(name) for name in columns
    )
    repeated = both.select(twice.fill_null(False).sum()).item()
    change = ClockChange(repeated if resolved else 0, 0 if resolved else repeated, _never(frame, columns, zone))
    return result.select(frame.columns), change


def _read(frame: pl.DataFrame, name: str, zone: str, ambiguous: str) -> pl.Expr:
    """A naive time as UTC; a time that never existed takes the offset of three hours earlier."""
    if _carries_offset(frame, name):
        return pl.col(name).dt.convert_time_zone("UTC")
    local = pl.col(name).dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")  # type: ignore[arg-type]
    back = pl.duration(hours=3)
    before = (pl.col(name) - back).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(local.dt.convert_time_zone("UTC"), before.dt.convert_time_zone("UTC") + back)


def _after_step_back(both: pl.DataFrame, anchor: str, twice: pl.Expr) -> tuple[pl.Series, bool]:
    """Which rows lie behind the file's one step back within the repeated hour; whether there is exactly one."""
    early = pl.col(f"{anchor}__early")
    order = both.select(early.diff().dt.total_seconds().sign().sum()).item() or 0
    inside = both.select(early, twice.alias("twice"), at=pl.int_range(pl.len())).filter("twice")
    in_time = inside.reverse() if order < 0 else inside
    steps = in_time.filter(early.diff().dt.total_seconds() <= -_STEP_BACK_S)["at"]
    if len(steps) != 1:
        return pl.repeat(value=False, n=both.height, eager=True), False
    at, index = int(steps[0]), pl.int_range(both.height, dtype=pl.Int64, eager=True)
    return (index <= at if order < 0 else index >= at), True


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
