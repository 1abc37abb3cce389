"""Times for which the client's own log says nothing, or less than it should, finer than the hours of `coverage`.

Two kinds: a silence in which several calls were to be expected and none came (a gap that begins or ends within an
hour leaves that hour looking whole), and the surroundings of a row that could not be read. Detectors use both; the
hourly state of the log is made in `pipelines/link/coverage.py`.
"""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

Span = tuple[datetime, datetime]

CALLS_MISSED = 7.0
"""A silence counts from this many expected calls on: by chance that is under one hundredth of the time."""
_EVER = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
_BEFORE, _AFTER = timedelta(minutes=15), timedelta(hours=1)
_ONE_SIDED = timedelta(hours=12)
_UNSORTED_SHARE = 0.05


def silences(arrivals: pl.Series, hours: pl.DataFrame) -> list[Span]:
    """Spans without any arrival in which at least `CALLS_MISSED` were usual, and all time outside the known hours.

    `arrivals` are moments in UTC; `hours` is the coverage table (hour_utc, expected).
    """
    if hours.is_empty():
        return [_EVER]
    known = hours.sort("hour_utc")
    begin, stop = known["hour_utc"][0], known["hour_utc"][-1] + timedelta(hours=1)
    inside = arrivals.filter((arrivals >= begin) & (arrivals <= stop)).sort().to_list()
    bounds = [begin, *inside, stop]
    usual = _usual(known, bounds)
    silent = [(bounds[place], bounds[place + 1]) for place in range(len(bounds) - 1) if usual[place] >= CALLS_MISSED]
    return [(_EVER[0], begin), *silent, (stop, _EVER[1])]


def _usual(hours: pl.DataFrame, bounds: list[datetime]) -> list[float]:
    """Calls that are usual between each bound and the next."""
    ends = [moment.timestamp() for moment in [*hours["hour_utc"].to_list(), bounds[-1]]]
    so_far = [0.0, *np.cumsum(hours["expected"].fill_null(0).to_numpy()).tolist()]
    return [float(calls) for calls in np.diff(np.interp([moment.timestamp() for moment in bounds], ends, so_far))]


def lost_rows(log: pl.DataFrame, rejects: pl.DataFrame) -> list[Span]:
    """Spans in which an unreadable row of the client's log may lie: between the rows that stand beside it.

    `log` has file_id, row, arrived_utc of the readable rows; `rejects` has file_id, row. In a file that is not in the
    order of arrival the row may lie anywhere.
    """
    spans = []
    for key, rows in (
        rejects.select("file_id", "row")
        .unique()
        .sort("file_id", "row")
        .partition_by("file_id", as_dict=True, maintain_order=True)
        .items()
    ):
        own = log.filter(pl.col("file_id") == key[0]).sort("row")
        if own.is_empty():
            continue
        if (own["arrived_utc"].diff().dt.total_seconds() < 0).mean() > _UNSORTED_SHARE:  # type: ignore[operator]
            spans.append(_widened(own["arrived_utc"].min(), own["arrived_utc"].max()))  # type: ignore[arg-type]
        else:
            spans += [_beside(own, row) for row in rows["row"].to_list()]
    return spans


def _beside(rows: pl.DataFrame, row: int) -> Span:
    place = rows["row"].search_sorted(row)
    before = rows["arrived_utc"][place - 1] if place else rows["arrived_utc"][0] - _ONE_SIDED
    after = rows["arrived_utc"][place] if place < rows.height else before + _ONE_SIDED
    return _widened(min(before, after), max(before, after))


def _widened(start: datetime, end: datetime) -> Span:
    """A call is passed on some time after it arrived."""
    return start - _BEFORE, end + _AFTER
