"""When a contact would not have been seen: hours for which our log is not whole, and the vendor's days held back."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import polars as pl

from pipelines.link.steps import NOT_DELIVERED, absences
from pipelines.measure.scene import Scene, microseconds

HOUR_US = 3_600_000_000
SEGMENTS = pl.Schema({"hour": pl.Int64(), "since_us": pl.Int64(), "until_us": pl.Int64(), "from_us": pl.Int64()})


def blind_spans(scene: Scene) -> list[tuple[int, int]]:
    """The month's blind spans in microseconds, from the first on and up to the end, which lies outside."""
    bare = scene.hours().filter(~pl.col("is_covered"))["hour_utc"].to_list()
    spans = [(hour, hour + timedelta(hours=1)) for hour in bare]
    gone = absences(scene.space, scene.lake, scene.vendor, scene.month)
    return whole_spans([*spans, *((item.start, item.end) for item in gone if item.reason != NOT_DELIVERED)])


def whole_spans(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[int, int]]:
    """Spans in whole microseconds and in order, those that touch put together."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((microseconds(start), microseconds(end)) for start, end in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def blind_hours(spans: list[tuple[int, int]], reach_us: int) -> pl.DataFrame:
    """For each moment from `reach_us` before a span until its end, the first span that has not ended (`SEGMENTS`).

    Cut at the full hours, so that a step can join by the hour: a join by a range would sort millions of calls.
    """
    rows, since = [], None
    for start, end in spans:
        begin = start - reach_us if since is None else max(start - reach_us, since)
        for hour in range(begin // HOUR_US, (end - 1) // HOUR_US + 1):
            rows.append((hour, max(begin, hour * HOUR_US), min(end, (hour + 1) * HOUR_US), start))
        since = end
    return pl.DataFrame(rows, schema=SEGMENTS, orient="row")
