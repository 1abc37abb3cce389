"""A vendor's report → `claims`: one row per figure and period, from wide tables and from long ones.

A wide table has one column per figure (`tieout.figure`). A long one has a row per figure: the vendor's name for it in
the column with the role figure, read by its map, and what it reports in the column with the role value. A name outside
the map is counted in the manifest, and its row is kept with the field `unknown`. Cells are typed in `cells.py`.
"""

from typing import TYPE_CHECKING

import polars as pl

from pipelines.contract.model import Column, FeedObject
from pipelines.formats.raw import PRINTED
from pipelines.standardise.cells import slot
from pipelines.standardise.clocks import SERIES, Step, read_clocks
from pipelines.standardise.outcomes import by_map
from pipelines.tables import CLAIMS

if TYPE_CHECKING:
    from pipelines.standardise.records import Origin
    from pipelines.standardise.rows import TypedRows

START, STOP = "start", "stop"
"""A period's ends on the source's clock; it is by START that a report's lines are in order."""
UNKNOWN = "unknown"
NOT_REPORTED = ("-", "--", "–", "—", "——", "/", "N/A", "n/a")
"""What vendors print in the cell of a figure that they do not report: the row is kept, without a value."""
_CALENDAR = {"day": "1d", "week": "1w", "month": "1mo"}


def is_claimed(column: Column) -> bool:
    """Whether a column holds reported values, of one figure or of several."""
    return column.figure is not None or column.role == "value"


def is_not_reported(column: Column) -> pl.Expr:
    """Cells of a claimed column that say that there is nothing to report, over the text in the column's slot."""
    return pl.col(slot(column)).str.strip_chars().is_in(NOT_REPORTED)


def named_claims(rows: "TypedRows", item: FeedObject) -> pl.DataFrame:
    """A row per row of the file: `row`, its queue, START and STOP on the source's clock, and what it reports.

    For each claimed column that is a value and a print. SERIES is the queue, and in a long table the figure, whose
    periods run on from line to line.
    """
    start = item.role("period_start")
    assert start is not None  # a contract without one is a fault
    begin = _moment(rows.frame[slot(start)], item.time_zone or "UTC").alias(START)
    ends = [] if _fixed_length(item) else [_period_end(rows, item, begin).alias(STOP)]
    queue, names = item.role("queue"), item.role("figure")
    told = {
        "queue": rows.text.select(by_map(queue)).to_series() if queue else pl.lit(None, pl.String),
        "field": rows.text.select(by_map(names)).to_series().fill_null(UNKNOWN) if names else pl.lit(None, pl.String),
    }
    reported = [one for place, column in enumerate(_claimed(item)) for one in _reported(rows, column, place)]
    base = pl.DataFrame([rows.frame["row"], begin, *ends, *reported]).with_columns(**told)
    return base.with_columns(pl.format("{}/{}", *(pl.col(name).fill_null("") for name in told)).alias(SERIES))


def dated_claims(
    frame: pl.DataFrame, item: FeedObject, origin: "Origin", step: Step | None
) -> tuple[pl.DataFrame, int]:
    """Rows of `tables.CLAIMS` from `named_claims`, in order of its key; how many times never were.

    A figure's empty cell gives a row without a value: it was not reported.
    """
    times = [name for name in (START, STOP) if name in frame.columns]
    utc, shifted = read_clocks(frame, times, START, item.time_zone or "UTC", step)
    length = _fixed_length(item)
    begin = frame[START]
    base = utc.with_columns(
        period_start_utc=pl.col(START),
        period_s=pl.lit(length) if length else (pl.col(STOP) - pl.col(START)).dt.total_seconds(),
        booked_day=begin.dt.date(),
        day=begin.dt.date(),
        vendor_id=pl.lit(origin.source),
        file_id=pl.lit(origin.file_id),
        audit_month=pl.lit(origin.month) if origin.month else begin.dt.strftime("%Y-%m"),
    )
    figures = [
        CLAIMS.fit(
            base.with_columns(
                field=pl.lit(column.figure) if column.figure else pl.col("field"),
                value=pl.col(f"value {place}"),
                printed=pl.col(f"printed {place}"),
                unit=pl.lit(column.unit, pl.String),
            )
        )
        for place, column in enumerate(_claimed(item))
    ]
    return pl.concat(figures).sort(*CLAIMS.key), shifted


def _claimed(item: FeedObject) -> list[Column]:
    return [column for column in item.columns if is_claimed(column)]


def _reported(rows: "TypedRows", column: Column, place: int) -> list[pl.Series]:
    """Value and text as printed of one column. A workbook gives its print beside the value."""
    name = slot(column)
    printed = rows.text[name + PRINTED if name + PRINTED in rows.text.columns else name]
    return [rows.frame[name].cast(pl.Float64).alias(f"value {place}"), printed.alias(f"printed {place}")]


def _moment(printed: pl.Series, zone: str) -> pl.Series:
    """A date as its midnight; a time with an offset on the clocks of the zone."""
    if getattr(printed.dtype, "time_zone", None) is not None:
        return printed.dt.convert_time_zone(zone)
    return printed.cast(pl.Datetime("us"))


def _fixed_length(item: FeedObject) -> int | None:
    """Seconds of a period that no change of the clock makes longer: hours and less."""
    kind, _, seconds = (item.period or "").partition(":")
    return {"hour": 3600, "interval": int(seconds or 0)}.get(kind)


def _period_end(rows: "TypedRows", item: FeedObject, begin: pl.Series) -> pl.Series:
    """By the calendar, else by the file's own column: a date there is the last day, a time is the end."""
    if item.period in _CALENDAR:
        return begin.dt.offset_by(_CALENDAR[item.period])
    stop = item.role("period_end")
    assert stop is not None  # a contract that names neither is a fault
    printed = rows.frame[slot(stop)]
    end = _moment(printed, item.time_zone or "UTC")
    return end.dt.offset_by("1d") if printed.dtype == pl.Date else end
