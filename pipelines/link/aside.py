"""What no part could pair, laid aside on disk until all parts are through, and read again in slices of time.

Memory does not grow with the month: a slice holds about `ROWS_OF_A_SLICE` rows a side, and as much on its edges as
decides what belongs together inside.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

ROWS_OF_A_SLICE = 500_000
_HOUR_US = 3_600_000_000
_ROWS_READ_AT_ONCE = 16_384


@dataclass(frozen=True)
class Slice:
    """Rows of both sides from `start` to `stop` (microseconds since 1970, `stop` left out), and those on its edges."""

    start: int
    stop: int
    calls: pl.DataFrame
    legs: pl.DataFrame

    @property
    def own(self) -> pl.Expr:
        """Whether a row belongs to the slice, not to its edges."""
        return (pl.col("t_us") >= self.start) & (pl.col("t_us") < self.stop)


class Aside:
    """Rows of both sides (`part.Paired`), part by part."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "aside"

    def add(self, calls: pl.DataFrame, legs: pl.DataFrame) -> None:
        """Lays the rows of one part aside."""
        for side, rows in (("calls", calls), ("legs", legs)):
            target = self._folder / side
            target.mkdir(parents=True, exist_ok=True)
            number = len(list(target.iterdir()))
            path = target / f"{number:05d}.parquet"
            rows.sort("t_us", maintain_order=True).write_parquet(
                path, compression="lz4", row_group_size=_ROWS_READ_AT_ONCE
            )

    def slices(self, margin_us: int) -> Iterator[Slice]:
        """All rows in order of time; `margin_us` is how far the edges reach."""
        for start, stop in self._bounds():
            near = pl.col("t_us").is_between(start - margin_us, stop + margin_us)
            calls, legs = (self._scan(side).filter(near).collect() for side in ("calls", "legs"))
            yield Slice(start, stop, calls, legs)

    def _bounds(self) -> list[tuple[int, int]]:
        """Whole hours put together until a side has enough."""
        hour = (pl.col("t_us") // _HOUR_US).alias("hour")
        counts = [self._scan(side).group_by(hour).agg(rows=pl.len()) for side in ("calls", "legs")]
        hours = pl.concat(counts).group_by("hour").agg(pl.col("rows").max()).sort("hour").collect(engine="streaming")
        bounds: list[tuple[int, int]] = []
        rows = 0
        for place, more in hours.iter_rows():
            if not bounds or rows + more > ROWS_OF_A_SLICE:
                bounds.append((place, place + 1))
                rows = 0
            bounds[-1] = (bounds[-1][0], place + 1)
            rows += more
        return [(first * _HOUR_US, last * _HOUR_US) for first, last in bounds]

    def _scan(self, side: str) -> pl.LazyFrame:
        return pl.scan_parquet(sorted((self._folder / side).glob("*.parquet")), hive_partitioning=False)
