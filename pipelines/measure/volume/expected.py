"""How many calls a day and a month were to be expected, from the days around them: pure functions on frames.

Each month has its level; on it a weekday, a holiday, the days beside a long one, the month's start and end act as
factors. Whether a holiday takes the place of the weekday (offices are closed) or changes it (a line that never closes),
and whether a make-up day is one of work to those who ring, is read from the counts. A day is never learned from for
itself. What is too rare to be known is not guessed: the day has no value.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.measure.volume.model import Fit, Floats, fit

MIN_DAYS = 21
"""Days to learn from, at least: three weeks."""
MIN_ALIKE = 2
"""Other days of a weekday, of holidays, at least."""
MIN_OF_MONTH = 7
"""Other days of the day's own month, at least: else its level is not known."""
MIN_MONTHS = 3
"""Months before, at least, from whose levels that of the next is expected."""
_FREE, _WIDE, _NARROW = 1e3, 3.0, 0.5
"""How far (as logarithms) a month's level, a weekday or holiday, and a smaller effect may lie from nothing."""
EXPECTED = pl.Schema(
    {"day": pl.Date(), "expected": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(), "learned": pl.Int64()}
)


@dataclass(frozen=True)
class Whole:
    """A month's sum: expected, the interval in which such a month's count lies, its days, and the months before that
    its level was learned from; 0 where they are too few, and its own days gave the level.
    """

    value: float
    low: float
    high: float
    days: int
    months: int


def expected(days: pl.DataFrame, of: Sequence[date]) -> pl.DataFrame:
    """For each day of `of`: expected, low, high (95 % of such days), learned (days that it was learned from).

    `days` is `holiday.labelled` with `calls`: what came, null where that is not known; such a day can be expected, but
    nothing is learned from it. expected, low and high are null where there is too little to learn from.
    """
    readings = _readings(days)
    starts = [known.fitted([]) if known.is_enough else None for known in readings]
    lookup = {day: place for place, day in enumerate(days["day"].to_list())}
    rows = []
    for day in of:
        found = [known.one(lookup[day], start) for known, start in zip(readings, starts, strict=True)]
        rows.append((day, *min(found, key=lambda said: said.strays).row))
    return pl.DataFrame(rows, schema=EXPECTED, orient="row").with_columns(pl.col("expected").round(3))


def whole(days: pl.DataFrame, month: str) -> Whole | None:
    """What the days of `month` (YYYY-MM) together were to bring; None where one of them cannot be expected.

    With months enough before it, it is learned from those alone; else from its own days, and then the interval is that
    of another month of the same level.
    """
    is_own = days["day"].dt.strftime("%Y-%m") == month
    past = days.with_columns(calls=pl.when(~is_own).then("calls"))
    before, places = _best(past), np.flatnonzero(is_own.to_numpy()).tolist()
    levels = before.levels()
    if len(levels) >= MIN_MONTHS:
        return before.whole(places, levels)
    return _best(days).whole(places, [])


_READINGS = ((True, True), (True, False), (False, False))
"""Ways to read a calendar: whether holidays take the weekday's place, and whether make-up days are worked."""


def _readings(days: pl.DataFrame) -> "list[_Known]":
    return [_Known(days, is_closed=closed, is_made_up=made_up) for closed, made_up in _READINGS]


def _best(days: pl.DataFrame) -> "_Known":
    """The reading from which the counts stray least; the first of those that do alike."""
    readings = _readings(days)
    if not all(known.is_enough for known in readings):
        return readings[0]
    return min(readings, key=lambda known: _strays(known.fitted([])[0]))


def _strays(found: Fit) -> float:
    """How far days stray from a fit, without the last digits, in which two fits to the same days may differ."""
    return float(f"{found.dispersion:.5g}")


@dataclass(frozen=True)
class _Day:
    """expected, low, high and learned of one day, and how far days stray from that reading of the calendar.

    A reading that cannot tell strays least: then the day is not told.
    """

    row: tuple[float | None, float | None, float | None, int]
    strays: float


class _Known:
    """The days that are learned from, and the effects of each day as shares: a make-up day is of all working days."""

    def __init__(self, days: pl.DataFrame, *, is_closed: bool, is_made_up: bool) -> None:
        rows = days.to_dicts()
        self.counts = days["calls"].cast(pl.Float64).to_numpy()
        self.learned = ~np.isnan(self.counts)
        worked = sorted({row["weekday"] for row in rows if row["kind"] == "working"}) or [1, 2, 3, 4, 5]
        every = [_effects(row, worked, is_closed, is_made_up) for row in rows]
        self.names = sorted({name for row in every for name in row})
        column = {name: place for place, name in enumerate(self.names)}
        self.shares = np.zeros((len(rows), len(self.names)))
        for place, row in enumerate(every):
            self.shares[place, [column[name] for name in row]] = list(row.values())

    @property
    def is_enough(self) -> bool:
        """Whether there are days enough for anything."""
        return int(self._usable(self.learned).sum()) > MIN_DAYS

    def can_tell(self, place: int, learned: np.ndarray) -> bool:
        """Whether each effect that a day must have is seen on enough of the days learned from."""
        usable = self._usable(learned)
        return int(usable.sum()) >= MIN_DAYS and not self._lacks(usable)[place]

    def fitted(self, without: Sequence[int], start: Floats | None = None) -> tuple[Fit, np.ndarray]:
        """The fit to the days learned from, less those at `without`; and which effects are in it.

        A smaller effect seen on a day or none is left out: it would explain that day away.
        """
        learned = self.learned.copy()
        learned[list(without)] = False
        learned = self._usable(learned)
        used = np.count_nonzero(self.shares[learned], axis=0) >= MIN_ALIKE
        prior = np.array([_prior(name) for name in self.names])[used]
        begin = None if start is None else start[used]
        return fit(self.counts[learned], self.shares[np.ix_(learned, used)], prior, begin), used

    def _usable(self, learned: np.ndarray) -> np.ndarray:
        """Those of the days to learn from whose level and weekday others show as well: a lone one says nothing."""
        while bool((lone := learned & self._lacks(learned)).any()):
            learned = learned & ~lone
        return learned

    def _lacks(self, learned: np.ndarray) -> np.ndarray:
        """For each day whether an effect that it must have is seen on too few of the days learned from."""
        return np.asarray((self.shares[:, self._rare(learned)] > 0).any(axis=1))

    def _rare(self, learned: np.ndarray) -> np.ndarray:
        seen = np.count_nonzero(self.shares[learned], axis=0)
        return np.asarray(seen < np.array([_needed(name) for name in self.names]))

    def levels(self) -> list[str]:
        """The months whose level is known."""
        if not self.is_enough:
            return []
        used = self.fitted([])[1]
        return [name for name, is_used in zip(self.names, used, strict=True) if is_used and name.startswith("month ")]

    def whole(self, places: Sequence[int], levels: Sequence[str]) -> Whole | None:
        """The sum of the days at `places`; with `levels`, on the middle of those months' levels, not on their own."""
        design, strays = self.shares[np.array(places)].copy(), 0.0
        its = [column for column, name in enumerate(self.names) if name in levels]
        if levels:
            design[:, [name.startswith("month ") for name in self.names]] = 0
            design[:, its] = 1 / len(levels)
        if not self.is_enough or (design[:, self._rare(self._usable(self.learned))] > 0).any():
            return None
        found, used = self.fitted([])
        if levels:
            known = dict(zip(np.flatnonzero(used).tolist(), found.effects.tolist(), strict=True))
            strays = float(np.std([known[column] for column in its], ddof=1) * np.sqrt(1 + 1 / len(levels)))
        low, high = found.sum_interval(design[:, used], strays, len(levels) - 1 if levels else None)
        return Whole(round(float(found.mean(design[:, used]).sum()), 3), low, high, len(places), len(levels))

    def one(self, place: int, start: tuple[Fit, np.ndarray] | None) -> _Day:
        """What the other days say of one."""
        others = self.learned.copy()
        others[place] = False
        number = int(self._usable(others).sum())
        if start is None or not self.can_tell(place, others):
            return _Day((None, None, None, number), -np.inf)
        begin = np.zeros(len(self.names))
        begin[start[1]] = start[0].effects
        found, used = start if not self.learned[place] else self.fitted([place], begin)
        design = self.shares[[place]][:, used]
        low, high = found.interval(design)
        return _Day((float(found.mean(design)[0]), float(low[0]), float(high[0]), number), _strays(found))


def _effects(row: dict[str, object], worked: Sequence[int], is_closed: bool, is_made_up: bool) -> dict[str, float]:
    """The effects that act on a day, each with its share."""
    is_holiday = row["kind"] == "holiday" or (is_closed and row["span"] == "in")
    own = {f"weekday {row['weekday']}": 1.0}
    if is_holiday:
        own = {"holiday": 1.0} | ({} if is_closed else own)
    elif row["kind"] == "make_up" and is_made_up:
        own = {f"weekday {weekday}": 1 / len(worked) for weekday in worked}
    return own | _beside(row)


def _beside(row: dict[str, object]) -> dict[str, float]:
    named = [str(row[name]) for name in ("span", "place") if row[name] in ("before", "after", "start", "end")]
    return dict.fromkeys([f"month {str(row['day'])[:7]}", *named], 1.0)


def _needed(name: str) -> int:
    if name.startswith("month "):
        return MIN_OF_MONTH
    return MIN_ALIKE if name == "holiday" or name.startswith("weekday ") else 0


def _prior(name: str) -> float:
    if name.startswith("month "):
        return _FREE
    return _WIDE if name == "holiday" or name.startswith("weekday ") else _NARROW
