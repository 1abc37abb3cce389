"""Where within a stretch of time the differences leave one level for another: the clock was set.

A part of a day belongs to another level when its pairs say so clearly, chance does not explain them, they are as large
a share of the records as elsewhere, and they have legs of their own. The share keeps a gap in the log from being a
step: there, callers who ring every hour pile up at an hour, but as few of many. The legs keep a block of records that
is delivered a second time, at another hour, from being one.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.link.clock.peaks import SECOND, Micros, chance, pile

CLEAR = 16
"""A part of a day is at one level rather than another where its pairs are four standard deviations (this, squared) from
what a coin would deal to the two: 16 against none, 40 against 12. Where a clock was set back both are true for a while,
and a coin's luck is no step."""
CLEAR_KNOWN = 6
"""The same for a part at the edge of the day that goes on as the day beside it was: one thing to look for in place of
thousands, and three calls of one caller are not yet six."""
CHANCE_OF_PART = 1e-12
"""Most that chance may have to do with a part: 3,400 places to pile up, and some thousand parts of the day to choose
from, leave one day in 300,000."""
CHANCE_OF_KNOWN = 1e-6
"""One place to look at, but some thousand parts of the day."""
LEAST_SHARE = 0.4
"""Least share of its records that a part (or a day) explains, measured by what the rest (or other days) explain. Honest
days differ by their padding, so not all of it; callers who ring at fixed times stay far below."""
LEAST_MOVE = 4 / 3
"""Least step, in reaches: less moves no call out of the tolerance, and longer delays in busy hours look the same."""
DEEPEST = 3
"""A clock that is set more often on one day is not told span by span."""
_ELSEWHERE = 7 * SECOND
"""So far beside a leg another one lies by luck as often as at its very second."""
_MOST_PILES = 6
"""Piles of a day that are tried as the clock's other state."""

Known = tuple[int | None, int | None]
"""Levels of the days before and after."""


@dataclass(frozen=True)
class Part:
    """Pairs `start` to `stop` (excluded), most of which pile up at `level`."""

    start: int
    stop: int
    level: int


@dataclass(frozen=True)
class Pairs:
    """Pairs in the order of their records' times `at`: times of the legs, and differences without drift.

    What lies within `reach` of a level is at it.
    """

    at: Micros
    legs: Micros
    levels: Micros
    reach: int

    def parts(self, known: Known, deepest: int = DEEPEST) -> list[Part]:
        """All pairs, cut where the level changes."""
        return self._split(self._part(0, len(self.levels)), known, deepest)

    def share(self, start: int, stop: int, level: int) -> tuple[int, int]:
        """Records at the level, and records in all, of the pairs `start` to `stop`."""
        near = np.abs(self.levels[start:stop] - level) <= self.reach
        at = self.at[start:stop]
        return _different(at[near]), _different(at)

    def _part(self, start: int, stop: int) -> Part:
        found = pile(self.levels[start:stop], self.reach)
        return Part(start, stop, found[0] if found else 0)

    def _split(self, part: Part, known: Known, deepest: int) -> list[Part]:
        """Takes out of the part the stretch that another level explains best, and goes on with what that leaves."""
        found = self._best_stretch(part, known) if deepest else None
        if found is None:
            return [part]
        start, stop = found.start, found.stop
        if not self._stands(Part(part.start, start, part.level), found.level, part, known):
            start = part.start
        if not self._stands(Part(stop, part.stop, part.level), found.level, part, known):
            stop = part.stop
        finer: list[Part] = []
        for first, last in ((part.start, start), (start, stop), (stop, part.stop)):
            if (first, last) == (part.start, part.stop):
                return [part]
            if first < last:
                beside = (known[0] if first == part.start else None, known[1] if last == part.stop else None)
                finer += self._split(self._part(first, last), beside, deepest - 1)
        return self._joined(finer)

    def _best_stretch(self, part: Part, known: Known) -> Part | None:
        """The stretch of another level that wins most pairs over the part's own, if one stands."""
        best, most = None, 0
        for other in self._others(part, known):
            gain, stretch = self._stretch(part, other)
            if gain > most and self._is_step(stretch, part, known):
                best, most = stretch, gain
        return best

    def _others(self, part: Part, known: Known) -> Iterator[int]:
        """The levels of the days beside, and the fullest piles away from the part's own level."""
        apart = LEAST_MOVE * self.reach
        yield from (level for level in known if level is not None and abs(level - part.level) >= apart)
        left = self.levels[part.start : part.stop]
        level = part.level
        for _ in range(_MOST_PILES):
            left = left[np.abs(left - level) >= apart]
            fullest = pile(left, self.reach)
            if fullest is None or fullest[1] < CLEAR:
                return
            level = fullest[0]
            yield level

    def _stretch(self, part: Part, other: int) -> tuple[int, Part]:
        """The stretch of the part in which `other` wins most pairs over the part's level, and how many."""
        here = self.levels[part.start : part.stop]
        place = np.flatnonzero((np.abs(here - part.level) <= self.reach) | (np.abs(here - other) <= self.reach))
        near = here[place]
        wins = (np.abs(near - other) <= self.reach).astype(np.int64) - (np.abs(near - part.level) <= self.reach)
        total = np.concatenate(([0], np.cumsum(wins)))
        gains = total - np.minimum.accumulate(total)
        stop = int(np.argmax(gains))
        start = stop - int(np.argmin(total[stop::-1]))
        first = part.start + (int(place[start]) if start else 0)
        last = part.start + (int(place[stop]) if stop < len(place) else len(here))
        return int(gains[stop]), Part(first, last, other)

    def _is_step(self, stretch: Part, part: Part, known: Known) -> bool:
        return (
            self._stands(stretch, part.level, part, known)
            and self._explains(stretch, part)
            and self._has_own_legs(stretch, part)
        )

    def _stands(self, stretch: Part, other: int, whole: Part, known: Known) -> bool:
        """Whether the stretch shows the clock at its level rather than at `other`, and not by chance."""
        levels = self.levels[stretch.start : stretch.stop]
        own = int(np.count_nonzero(np.abs(levels - stretch.level) <= self.reach))
        against = int(np.count_nonzero(np.abs(levels - other) <= self.reach))
        before = known[0] if stretch.start == whole.start else None
        after = known[1] if stretch.stop == whole.stop else None
        goes_on = any(level is not None and abs(stretch.level - level) <= self.reach for level in (before, after))
        clear, most = (CLEAR_KNOWN, CHANCE_OF_KNOWN) if goes_on else (CLEAR, CHANCE_OF_PART)
        if own <= against or (own - against) ** 2 < clear * (own + against):
            return False
        return chance(levels, stretch.level, self.reach, (other,)) <= most

    def _explains(self, stretch: Part, whole: Part) -> bool:
        """Whether the stretch explains as large a share of its records as the level of the whole does of the rest."""
        own, records = self.share(stretch.start, stretch.stop, stretch.level)
        before = self.share(whole.start, stretch.start, whole.level)
        after = self.share(stretch.stop, whole.stop, whole.level)
        others, rest = before[0] + after[0], before[1] + after[1]
        return own * rest >= LEAST_SHARE * others * records

    def _has_own_legs(self, stretch: Part, whole: Part) -> bool:
        """Whether most legs of the stretch are others than those which the level of the whole already explains."""
        at_whole = np.abs(self.levels - whole.level) <= self.reach
        at_whole[: whole.start] = at_whole[stretch.start : stretch.stop] = at_whole[whole.stop :] = False
        taken = self.legs[at_whole]
        inside = slice(stretch.start, stretch.stop)
        own = self.legs[inside][np.abs(self.levels[inside] - stretch.level) <= self.reach]
        again = float(np.isin(own, taken).mean())
        by_luck = float(np.isin(own + _ELSEWHERE, taken).mean())
        return again - by_luck <= (1 - by_luck) / 2

    def _joined(self, parts: list[Part]) -> list[Part]:
        """Parts beside each other at one level are one."""
        kept = parts[:1]
        for part in parts[1:]:
            if abs(part.level - kept[-1].level) < LEAST_MOVE * self.reach:
                kept[-1] = self._part(kept[-1].start, part.stop)
            else:
                kept.append(part)
        return kept


def _different(at: Micros) -> int:
    """How many different times there are among sorted ones."""
    return int(np.count_nonzero(np.diff(at))) + 1 if len(at) else 0
