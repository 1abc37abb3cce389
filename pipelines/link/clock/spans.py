"""One day of differences → the spans in which the vendor's clock stood still against the client's.

A day is one span, unless its pairs pile up at another difference for a part of it (steps.py). How steadily the
clock drifts is given here (trend.py finds it); what a move means is said in moves.py.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from pipelines.link.clock.peaks import CHANCE_OF_PILE, DAY, FEWEST_PAIRS, Micros, chance, median, pile
from pipelines.link.clock.steps import DEEPEST, Known, Pairs, Part


@dataclass(frozen=True, eq=False)
class Day:
    """The vendor's records of one local day: when they begin and end, and their differences in the order of time."""

    day: date
    first_us: int
    last_us: int
    at: Micros
    delta: Micros

    @property
    def middle_us(self) -> int:
        """Where the day's level is read; half way between its first and last record."""
        return (self.first_us + self.last_us + 1) // 2

    def level(self, slope: float) -> Micros:
        """The differences without the drift of `slope` (microseconds a day) within the day."""
        if not slope:
            return self.delta
        drifted: Micros = np.rint((self.at - self.middle_us) * (slope / DAY)).astype(np.int64)
        return self.delta - drifted


@dataclass(frozen=True, eq=False)
class Span:
    """A part of a day in which the pairs lie at one level.

    `level` is the offset at the day's middle, were there no step; `slope` its drift, microseconds a day; `records` are
    those at the level, and all. `heart` is the median time of the pairs, `first_pair` and `last_pair` their bounds.
    `closeness` counts them, each the less the farther it lies from the level.
    """

    day: Day
    from_us: int
    to_us: int
    slope: float
    level: int
    spread: int
    pairs: int
    records: tuple[int, int]
    heart: int
    first_pair: int
    last_pair: int
    closeness: float

    @property
    def middle_us(self) -> int:
        """Half way between the bounds."""
        return (self.from_us + self.to_us) // 2

    @property
    def at_heart(self) -> int:
        """The offset at the median time of the pairs, where it is known best."""
        return self.level + round(self.slope * (self.heart - self.day.middle_us) / DAY)


def speaks(day: Day, slope: float, reach: int) -> int | None:
    """The level at which the day's pairs pile up, where they are enough and chance does not explain them."""
    levels = day.level(slope)
    found = pile(levels, reach)
    if found is None or found[1] < FEWEST_PAIRS or chance(levels, found[0], reach) > CHANCE_OF_PILE:
        return None
    return found[0]


def spans(day: Day, slope: float, reach: int, known: Known = (None, None), deepest: int = DEEPEST) -> list[Span]:
    """The spans of a day that speaks for itself, in order; together from its first record to past its last.

    `known` are the levels of the days before and after, as far as they have one.
    """
    pairs = Pairs(day.at, day.at - day.delta, day.level(slope), reach)
    found = [_span(day, part, pairs, slope) for part in pairs.parts(known, deepest)]
    for place in range(1, len(found)):
        before, after = found[place - 1], found[place]
        border = (before.last_pair + after.first_pair + 1) // 2
        found[place - 1], found[place] = replace(before, to_us=border), replace(after, from_us=border)
    whole = all(span.from_us < span.to_us for span in found)
    return found if whole else spans(day, slope, reach, deepest=0)


def _span(day: Day, part: Part, pairs: Pairs, slope: float) -> Span:
    here, at = pairs.levels[part.start : part.stop], day.at[part.start : part.stop]
    is_core = np.abs(here - part.level) <= pairs.reach
    core, times = here[is_core], at[is_core]
    level = median(core)
    low, high = np.quantile(core, (0.05, 0.95))
    return Span(
        day=day,
        from_us=day.first_us,
        to_us=day.last_us + 1,
        slope=slope,
        level=level,
        spread=round((high - low) / 2),
        pairs=len(core),
        records=pairs.share(part.start, part.stop, part.level),
        heart=median(times),
        first_pair=int(times[0]),
        last_pair=int(times[-1]),
        closeness=float(np.sum(1 - np.minimum(np.abs(core - level) / pairs.reach, 1))),
    )
