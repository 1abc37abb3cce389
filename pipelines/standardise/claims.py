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
from pipelines.standardise.clocks import ClockChange, to_utc
from pipelines.standardise.outcomes import by_map
from pipelines.tables import CLAIMS

if TYPE_CHECKING:
    from pipelines.standardise.records import Origin
    from pipelines.standardise.rows import TypedRows

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


def build_claims(rows: "TypedRows", item: FeedObject, origin: "Origin") -> tuple[pl.DataFrame, ClockChange]:
    """Rows of `tables.CLAIMS`. A figure's empty cell gives a row without a value: it was not reported."""
    base, change = _periods(rows, item, origin)
    names, values = item.role("figure"), item.role("value")
    if names is not None and values is not None:
        field = rows.text.select(by_map(names)).to_series().fill_null(UNKNOWN)
        return CLAIMS.fit(base.with_columns(field.alias("field"), *_reported(rows, values))), change
    wide = [
        base.with_columns(pl.lit(column.figure).alias("field"), *_reported(rows, column))
        for column in item.columns
        if column.figure
    ]
    return CLAIMS.fit(pl.concat(wide)), change


def _reported(rows: "TypedRows", column: Column) -> list[pl.Series | pl.Expr]:
    """Value, text as printed and unit of one column. A workbook gives its print beside the value."""
    name = slot(column)
    printed = rows.text[name + PRINTED if name + PRINTED in rows.text.columns else name]
    value = rows.frame[name].cast(pl.Float64)
    return [value.alias("value"), printed.alias("printed"), pl.lit(column.unit, pl.String).alias("unit")]


def _periods(rows: "TypedRows", item: FeedObject, origin: "Origin") -> tuple[pl.DataFrame, ClockChange]:
    """Per row of the file its period, queue and origin."""
    start = item.role("period_start")
    assert start is not None  # a contract without one is a fault
    zone = item.time_zone or "UTC"
    begin = _moment(rows.frame[slot(start)], zone)
    length = _fixed_length(item)
    local = pl.DataFrame({"start": begin} if length else {"start": begin, "stop": _period_end(rows, item, begin)})
    utc, change = to_utc(local, local.columns, "start", zone)
    queue = item.role("queue")
    base = pl.DataFrame({"row": rows.frame["row"], "period_start_utc": utc["start"]}).with_columns(
        period_s=pl.lit(length) if length else (utc["stop"] - utc["start"]).dt.total_seconds(),
        queue=rows.text.select(by_map(queue)).to_series() if queue else pl.lit(None, pl.String),
        booked_day=begin.dt.date(),
        day=begin.dt.date(),
        vendor_id=pl.lit(origin.source),
        file_id=pl.lit(origin.file_id),
        audit_month=pl.lit(origin.month) if origin.month else begin.dt.strftime("%Y-%m"),
    )
    return base, change


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
