"""What unmatched, withheld and uncovered calls leave open, as the lowest and highest value a figure can have.

Pure arithmetic on counts; a month is no sample, so nothing here is a statistical interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Open:
    """Calls that can still change a share.

    `drop_in`, `drop_out`: counted calls that may not exist, inside and outside the numerator. `up`: calls of the
    denominator that may belong to the numerator; `down`: calls of the numerator that may not. `add`: calls that may
    join the denominator, and then perhaps the numerator too.
    """

    drop_in: int = 0
    drop_out: int = 0
    up: int = 0
    down: int = 0
    add: int = 0

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is left open."""
        return not (self.drop_in or self.drop_out or self.up or self.down or self.add)


def share_pct(part: int, base: int) -> float | None:
    """100 × part ÷ base; None without a base."""
    return 100 * part / base if base > 0 else None


def share_bounds(part: int, base: int, left: Open) -> tuple[float | None, float | None]:
    """Lowest and highest percentage that `left` allows; (None, None) where nothing is left open.

    A share of no call at all is none: where every call may not exist, the bounds are those of the cases with a call.
    """
    if left.is_nothing or base + left.add <= 0:
        return None, None
    low = share_pct(max(part - left.drop_in - left.down, 0), base - left.drop_in + left.add)
    high = share_pct(part + left.up + left.add, base - left.drop_out + left.add)
    return 100.0 if low is None else low, 0.0 if high is None else min(high, 100.0)


def mean_bounds(total: float, count: int, doubtful: Sequence[float]) -> tuple[float | None, float | None]:
    """Lowest and highest mean when any of the `doubtful` values, which are part of the total, may not exist.

    (None, None) where none is doubtful. At least one call is taken to exist: a mean of nothing is none.
    """
    if not doubtful or count <= 0:
        return None, None
    return _least(total, count, sorted(doubtful, reverse=True)), -_least(-total, count, [-v for v in sorted(doubtful)])


def _least(total: float, count: int, descending: Sequence[float]) -> float:
    """The least mean: taking away the largest value helps as long as it lies above the mean."""
    for value in descending:
        if count > 1 and value > total / count:
            total, count = total - value, count - 1
    return total / count
