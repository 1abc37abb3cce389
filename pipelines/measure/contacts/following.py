"""Which row of a caller comes next after the end of each: pure arithmetic on columns, no row by row loop.

Rows stand in groups (the calls of one caller, or of one caller about one reason), in each by their start. For every row
the first later one is found by bisection, so that a number that rings all day costs no more than others do. What a
contact is, and which groups are asked, stands in `part.py`.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NONE = -1
"""In place of a row: there is none."""


@dataclass(frozen=True)
class Rows:
    """Columns of one length, ordered by group and start.

    `group`: whole numbers that never fall. `starts`, `ends`: microseconds; `has_end` says whether an end is known.
    `call`: equal for rows of one call, which never follow each other; rows of no known call have numbers of their own.
    """

    group: Whole
    starts: Whole
    ends: Whole
    has_end: Flags
    call: npt.NDArray[np.uint64]

    @cached_property
    def stop(self) -> Whole:
        """For each row, the place after the last row of its group."""
        last = np.flatnonzero(np.append(self.group[1:] != self.group[:-1], True)) + 1
        return np.repeat(last, np.diff(last, prepend=0))

    @cached_property
    def first(self) -> Whole:
        """For each row, the first place in its group whose start lies after its end; `stop` where there is none."""
        begin = np.flatnonzero(np.append(True, self.group[1:] != self.group[:-1]))
        low = np.repeat(begin, np.diff(begin, append=self.group.size))
        places = np.arange(self.group.size)
        low = np.where(self.ends >= self.starts, np.minimum(places + 1, self.stop), low)  # else the clocks disagree
        high = self.stop.copy()
        high[~self.has_end] = low[~self.has_end] = self.stop[~self.has_end]
        left = np.flatnonzero((low < high) & (self.starts[np.minimum(low, self.group.size - 1)] <= self.ends))
        while left.size:
            middle = (low[left] + high[left]) // 2
            is_after = self.starts[middle] > self.ends[left]
            high[left] = np.where(is_after, middle, high[left])
            low[left] = np.where(is_after, low[left], middle + 1)
            left = left[low[left] < high[left]]
        return low

    def next(self, wanted: Flags) -> Whole:
        """For each row the place of the first `wanted` row after its end, of its group and not of its call; or NONE."""
        size = self.group.size
        if not wanted.any():
            return np.full(size, NONE, np.int64)
        places = np.where(wanted, np.arange(size), size)
        nearest = np.append(np.minimum.accumulate(places[::-1])[::-1], size)
        found = nearest[self.first]
        left = np.flatnonzero(found < self.stop)
        while left.size:  # a further leg of the same call: look on behind it
            left = left[self.call[found[left]] == self.call[left]]
            found[left] = nearest[found[left] + 1]
            left = left[found[left] < self.stop[left]]
        return np.where(found < self.stop, found, NONE)

    def regrouped(self, group: Whole, kept: Flags) -> tuple["Rows", Whole]:
        """The `kept` rows in other groups, and the place that each had here."""
        kept_at = np.flatnonzero(kept)
        order = kept_at[np.argsort(group[kept_at], kind="stable")]
        rows = Rows(group[order], self.starts[order], self.ends[order], self.has_end[order], self.call[order])
        return rows, order


def next_in(rows: Rows, group: Whole, kept: Flags, wanted: Flags) -> Whole:
    """As `Rows.next`, with the `kept` rows in other groups: places among all rows, NONE for rows that are not kept.

    Within a group of `rows`, rows of one new group must stand by their start already.
    """
    found = np.full(rows.group.size, NONE, np.int64)
    if not (kept & wanted).any():
        return found
    part, order = rows.regrouped(group, kept)
    if order.size:
        nearest = part.next(wanted[order])
        found[order] = np.where(nearest == NONE, NONE, order[nearest])
    return found


def chained(rows: Rows, blocked: Flags, within_us: int) -> Whole:
    """How many attempts led to each row, itself included.

    An attempt that was blocked is tried again by the next row of its group, `within_us` after its end at most (its
    start, where no end is known).
    """
    if not rows.group.size:
        return np.zeros(0, np.int64)
    over = np.where(rows.has_end, np.maximum(rows.ends, rows.starts), rows.starts)
    again = np.zeros(rows.group.size, np.bool_)
    again[1:] = blocked[:-1] & (rows.group[1:] == rows.group[:-1]) & (rows.starts[1:] - over[:-1] <= within_us)
    places = np.arange(rows.group.size)
    return places - np.maximum.accumulate(np.where(again, 0, places)) + 1
