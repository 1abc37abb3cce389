"""How far the vendor's clock stands from the client's, day by day, from the calls alone.

True pairs of a record and a leg pile up at the clocks' difference, chance pairs spread over 28 hours (peaks.py).
A day is split where the clock was set (spans.py), a drift is taken from the month (trend.py), both are
weighed against each other (fit.py), and a move is put into words (moves.py). Which pairs are looked at is
deltas.sql's choice; using the offsets is pair.py's.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from pipelines.link.clock.fit import Fit, fitted, fitted_month, neighbour
from pipelines.link.clock.moves import Finding, findings, standing
from pipelines.link.clock.peaks import DAY, reach_us
from pipelines.link.clock.spans import Day, Span

SCHEMA = pl.Schema(
    {
        "day": pl.Date,
        "from_us": pl.Int64,
        "to_us": pl.Int64,
        "middle_us": pl.Int64,
        "offset_us": pl.Int64,
        "drift_us_per_day": pl.Int64,
        "spread_us": pl.Int64,
        "pairs": pl.Int64,
        "basis": pl.String,
        "moved": pl.String,
        "said": pl.String,
    }
)

_Row = tuple[date, int, int, int, int, int, int, int, str, str | None, str | None]


def clock(deltas: pl.DataFrame, days: pl.DataFrame, tolerance_s: int) -> pl.DataFrame:
    """Spans of the vendor's clock with the offset of each, ordered by time.

    `deltas`: day, at_us (the record's time), delta_us (at_us less the leg's time), one row per pair of the same caller.
    `days`: day, first_us, last_us, every day of the vendor's records. Times are microseconds since 1970 in UTC, as the
    vendor's clock has them. The result (`SCHEMA`) covers each day from its first record to past its last; the offset at
    t is offset_us + drift_us_per_day * (t - middle_us) / one day. `basis` is `day` where the day's own pairs say so,
    `month` where others' do, and `none` where all are too few: then the offset is a best guess. `moved` is step (set
    within the day), zone (off by a multiple of 15 minutes), jump (set since the day before) or drift; steps and jumps
    count from two thirds of the tolerance, and of half a minute, on.
    """
    reach = reach_us(tolerance_s)
    every = _days(deltas, days)
    fit = fitted(every, reach)
    rows = _rows(every, fit, reach) if fit.spans else _rows_of_month(every, fit.trend, reach)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("day", "from_us")


def _days(deltas: pl.DataFrame, days: pl.DataFrame) -> list[Day]:
    ordered = deltas.select("day", "at_us", "delta_us").sort("day", "at_us", "delta_us")
    parts = ordered.partition_by("day", as_dict=True)
    none = ordered.clear()
    return [
        Day(
            day,
            first,
            last,
            parts.get((day,), none)["at_us"].to_numpy().astype(np.int64),
            parts.get((day,), none)["delta_us"].to_numpy().astype(np.int64),
        )
        for day, first, last in days.select("day", "first_us", "last_us").sort("day").iter_rows()
    ]


def _rows(days: Sequence[Day], fit: Fit, reach: int) -> list[_Row]:
    """Days that speak for themselves, and between them those that take over what their neighbours say."""
    found = dict(zip(fit.spans, findings(fit.spans, fit.inner, fit.trend, reach), strict=True))
    spoken = {span.day.day for span in fit.spans}
    quiet = [(day, *neighbour(day, fit, reach)) for day in days if day.day not in spoken]
    in_month = sum(span.pairs for span in fit.spans) + sum(pairs for *_, pairs in quiet)
    rows = [_row(span, span.day, span.pairs, "day", finding) for span, finding in found.items()]
    for day, span, level, _ in quiet:
        there = replace(span, day=day, level=level, from_us=day.first_us, to_us=day.last_us + 1)
        rows.append(_row(there, day, in_month, "month", standing(found[span].zone_us, found[span].drift_us)))
    return rows


def _rows_of_month(days: Sequence[Day], trend: float, reach: int) -> list[_Row]:
    """No day has enough pairs of its own: what all of them say together, laid out day by day."""
    found, is_enough = fitted_month(days, trend, reach)
    if not found:
        return [(day.day, day.first_us, day.last_us + 1, day.middle_us, 0, 0, 0, 0, "none", None, None) for day in days]
    basis = "month" if is_enough else "none"
    in_month = sum(span.pairs for span in found)
    rows: list[_Row] = []
    for span, finding in zip(found, findings(found, trend, trend, reach), strict=True):
        tells = finding if is_enough else standing(0, 0.0)
        for day in days:
            start, end = max(span.from_us, day.first_us), min(span.to_us, day.last_us + 1)
            if start < end:
                rows.append(_row(replace(span, from_us=start, to_us=end), day, in_month, basis, tells))
                tells = standing(tells.zone_us, tells.drift_us)
    return rows


def _row(span: Span, day: Day, pairs: int, basis: str, finding: Finding) -> _Row:
    drifted = round(span.slope * (span.middle_us - span.day.middle_us) / DAY)
    return (
        day.day,
        span.from_us,
        span.to_us,
        span.middle_us,
        span.level + drifted,
        round(span.slope),
        span.spread,
        pairs,
        basis,
        finding.moved,
        finding.said,
    )
