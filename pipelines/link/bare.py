"""Times at which something may be missing, and which rows lie in them: gaps of the client's log, days not delivered.

Which times are gaps is said by `coverage/` and its table `log_spans`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from pipelines.calendar import midnight_after

MARGIN_US = 300_000_000
"""A call this near to a gap is treated as in it: a leg that arrived in a gap is passed on after it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Absence:
    """A span (client's clock) for which no vendor record could be there, and why."""

    start: datetime
    end: datetime
    reason: str

    @classmethod
    def of_day(cls, day: date, zone: str, margin_s: int, reason: str) -> "Absence":
        """A whole local day and the margin on both sides."""
        start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
        margin = timedelta(seconds=margin_s)
        return cls(start - margin, midnight_after(day, zone) + margin, reason)

    def holds(self, at: pl.Expr) -> pl.Expr:
        """Whether moments (microseconds since 1970) lie in it."""
        return (at >= _us(self.start)) & (at < _us(self.end))


def absent(at: pl.Expr, absences: Sequence[Absence]) -> pl.Expr:
    """Why no vendor record could be there at a moment (microseconds since 1970); null where one could."""
    said = pl.lit(None, pl.String())
    for absence in sorted(absences, key=lambda item: item.reason, reverse=True):
        said = pl.when(absence.holds(at)).then(pl.lit(absence.reason)).otherwise(said)
    return said


class Gaps:
    """Gaps of the client's log (from_utc, to_utc) with their margins; they may overlap."""

    def __init__(self, gaps: pl.DataFrame) -> None:
        merged: list[list[int]] = []
        for start, end in gaps.select("from_utc", "to_utc").sort("from_utc").iter_rows():
            first, last = _us(start) - MARGIN_US, _us(end) + MARGIN_US
            if merged and first <= merged[-1][1]:
                merged[-1][1] = max(last, merged[-1][1])
            else:
                merged.append([first, last])
        self._spans = np.array(merged, dtype=np.int64).reshape(-1, 2)

    def covered(self, at: pl.Series) -> pl.Series:
        """Whether moments (microseconds since 1970) lie outside all gaps."""
        if not len(self._spans):
            return pl.repeat(True, len(at), eager=True)
        moments = at.to_numpy()
        place = np.searchsorted(self._spans[:, 0], moments, side="right") - 1
        inside = (place >= 0) & (moments < self._spans[np.maximum(place, 0), 1])
        return pl.Series(~inside)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
