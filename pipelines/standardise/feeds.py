"""One received file → rows of one canonical table, its rejects and its counts.

Calls of both sides go one road (`_calls`); claims are turned from one column per figure into one row per figure.
"""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from pipelines.contract.model import Column, FeedObject
from pipelines.errors import fault
from pipelines.formats import Raw
from pipelines.standardise.cells import slot
from pipelines.standardise.clocks import ClockChange, to_utc
from pipelines.standardise.numbers import key_numbers
from pipelines.standardise.outcomes import by_map, unknown_codes
from pipelines.standardise.rows import TypedRows, type_rows
from pipelines.tables import CLAIMS, INHOUSE_CALLS, REJECTS, VENDOR_CALLS, Table

TABLE_OF = {"calls": VENDOR_CALLS, "inhouse_calls": INHOUSE_CALLS, "claims": CLAIMS}
_ANCHOR = {"calls": "offered_utc", "inhouse_calls": "arrived_utc"}
_CALENDAR = {"day": "1d", "week": "1w", "month": "1mo"}


@dataclass(frozen=True)
class Origin:
    """Whose file it is, and what it needs to be read: the client's country, key and time zone."""

    source: str
    file_id: str
    month: str | None
    country: str
    key: bytes
    client_zone: str


@dataclass(frozen=True)
class Standardised:
    """Canonical rows, rejects (as in `tables.REJECTS`) and what the manifest says about them."""

    frame: pl.DataFrame
    rejects: pl.DataFrame
    counts: dict[str, Any]


def standardise(raw: Raw, item: FeedObject, origin: Origin, name: str) -> Standardised:
    """Canonical rows of one file (shown to users as `name`).

    Raises TieoutError if read = accepted + rejected + left out does not hold: a fault of ours, not the sender's.
    """
    rows = type_rows(raw, item)
    build = _claims if item.feed == "claims" else _calls
    frame, change = build(rows, item, origin)
    accepted, rejected = rows.frame.height, rows.rejects["row"].n_unique()
    if raw.rows_read != accepted + rejected + rows.left_out:
        found = f"{raw.rows_read} read, {accepted} accepted, {rejected} rejected, {rows.left_out} left out"
        raise fault(name, found, "read = accepted + rejected + left out", "report this; nothing was written")
    codes = [code for column in item.columns if column.role for code in unknown_codes(rows.text, column)]
    counts = {
        "rows_read": raw.rows_read,
        "accepted": accepted,
        "rejected": rejected,
        "left_out": rows.left_out,
        "extra_columns": list(raw.extra),
        "unknown_codes": [asdict(code) for code in codes],
        "clock_change": asdict(change),
        "days": dict(frame.group_by("day").len().sort("day").with_columns(pl.col("day").cast(pl.String)).iter_rows()),
    }
    rejects = rows.rejects.with_columns(file_id=pl.lit(origin.file_id)).select(REJECTS.schema.names())
    return Standardised(frame, rejects, counts)


def _calls(rows: TypedRows, item: FeedObject, origin: Origin) -> tuple[pl.DataFrame, ClockChange]:
    """Calls of a vendor or of the client, as the table of the feed."""
    table, anchor = TABLE_OF[item.feed], _ANCHOR[item.feed]
    roles = {column.role: column for column in item.columns if column.role}
    values = [_value(rows, role, column, table) for role, column in roles.items() if role != "caller"]
    named = pl.DataFrame([rows.frame["row"], *values])
    times = [name for name in named.columns if name.endswith("_utc")]
    named, change = to_utc(named, times, anchor, item.time_zone or "UTC")
    callers = rows.text[slot(roles["caller"])]
    keys = key_numbers(callers, roles["caller"].caller_kind, origin.country, origin.key)
    named = named.with_columns(callers.alias("text")).join(keys, on="text", how="left", maintain_order="left")
    named = named.with_columns(pl.col("caller_kind").fill_null("withheld"), pl.col("caller_mask").fill_null(""))
    if item.direction is not None:
        named = named.with_columns(direction=pl.lit(item.direction))
    return table.fit(_dated(named, anchor, item, origin)), change


def _value(rows: TypedRows, role: str, column: Column, table: Table) -> pl.Series:
    """What a column says in its role. Text stays as printed, so that no id loses its leading zeros to a number type."""
    if column.map is not None or role in ("outcome", "direction"):
        mapped = rows.text.select(by_map(column)).to_series()
        if role == "is_billed":
            mapped = mapped.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
        # no direction is what an unknown one is: such a call is matched, and judged with that reserve
        return mapped.replace("unknown", None).alias(role) if role == "direction" else mapped.alias(role)
    if table.schema[role] == pl.String:
        return rows.text[slot(column)].str.strip_chars().alias(role)
    return rows.frame[slot(column)].alias(role)


def _dated(named: pl.DataFrame, anchor: str, item: FeedObject, origin: Origin) -> pl.DataFrame:
    """Adds where a row comes from and which day and month it belongs to."""
    booked = pl.col(anchor).dt.convert_time_zone(item.time_zone or "UTC").dt.date()
    return named.with_columns(
        vendor_id=_vendor(named, item, origin),
        file_id=pl.lit(origin.file_id),
        booked_day=booked,
        audit_month=pl.lit(origin.month) if origin.month else booked.dt.strftime("%Y-%m"),
        day=pl.col(anchor).dt.convert_time_zone(origin.client_zone).dt.date(),
    )


def _vendor(named: pl.DataFrame, item: FeedObject, origin: Origin) -> pl.Expr:
    """A vendor's file is that vendor's; the client's log says by its route whom a call was passed on to."""
    if item.feed != "inhouse_calls":
        return pl.lit(origin.source)
    return pl.col("vendor_id") if "vendor_id" in named.columns else pl.lit(None)


def _claims(rows: TypedRows, item: FeedObject, origin: Origin) -> tuple[pl.DataFrame, ClockChange]:
    """One row per figure and period. A figure's empty cell gives a row without a value: it was not reported."""
    start = item.role("period_start")
    assert start is not None
    zone = item.time_zone or "UTC"
    begin = _moment(rows.frame[slot(start)], zone)
    length = _fixed_length(item)
    local = pl.DataFrame({"start": begin} if length else {"start": begin, "stop": _period_end(rows, item, begin, zone)})
    utc, change = to_utc(local, local.columns, "start", zone)
    queue = item.role("queue")
    base = pl.DataFrame({"row": rows.frame["row"], "period_start_utc": utc["start"]}).with_columns(
        period_s=pl.lit(length) if length else (utc["stop"] - utc["start"]).dt.total_seconds(),
        queue=rows.text[slot(queue)].str.strip_chars() if queue else pl.lit(None),
        booked_day=begin.dt.date(),
        day=begin.dt.date(),
        vendor_id=pl.lit(origin.source),
        file_id=pl.lit(origin.file_id),
        audit_month=pl.lit(origin.month) if origin.month else begin.dt.strftime("%Y-%m"),
    )
    figures = [
        base.with_columns(
            field=pl.lit(column.figure),
            value=rows.frame[slot(column)].cast(pl.Float64),
            printed=rows.text[slot(column)],
            unit=pl.lit(column.unit),
        )
        for column in item.columns
        if column.figure
    ]
    return CLAIMS.fit(pl.concat(figures)), change


def _moment(printed: pl.Series, zone: str) -> pl.Series:
    """A date as its midnight; a time with an offset on the clocks of the zone."""
    if getattr(printed.dtype, "time_zone", None) is not None:
        return printed.dt.convert_time_zone(zone)
    return printed.cast(pl.Datetime("us"))


def _fixed_length(item: FeedObject) -> int | None:
    """Seconds of a period that no change of the clock makes longer: hours and less."""
    kind, _, seconds = (item.period or "").partition(":")
    return {"hour": 3600, "interval": int(seconds or 0)}.get(kind)


def _period_end(rows: TypedRows, item: FeedObject, begin: pl.Series, zone: str) -> pl.Series:
    """By the calendar, else by the file's own column: a date there is the last day, a time is the end."""
    stop = item.role("period_end")
    if item.period in _CALENDAR:
        return begin.dt.offset_by(_CALENDAR[item.period])
    assert stop is not None  # a contract that names neither is a fault
    printed = rows.frame[slot(stop)]
    end = _moment(printed, zone)
    return end.dt.offset_by("1d") if printed.dtype == pl.Date else end
