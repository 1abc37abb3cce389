"""Typed rows of one record each (calls, events, states, and the feeds that are kept by file) → rows of their table.

Two steps, because a file's order is known at its end only: `named` gives canonical columns with times on the source's
clock, `dated` puts them into UTC and says which day they belong to. Claims go another road (`claims.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from pipelines.contract.model import Column, FeedObject
from pipelines.contract.vocabulary import CANONICAL_COLUMN, CANONICAL_VALUES
from pipelines.standardise.cells import slot
from pipelines.standardise.clocks import SERIES, Step, read_clocks
from pipelines.standardise.numbers import hide_numbers, keyed
from pipelines.standardise.outcomes import by_map
from pipelines.standardise.queue_calls import TRANSFERRED
from pipelines.standardise.rewrites import Rewritten, rewritten
from pipelines.standardise.rows import TypedRows
from pipelines.tables import (
    AGENT_STATES,
    FORECAST,
    INHOUSE_CALLS,
    QUALITY_SCORES,
    QUEUE_EVENTS,
    ROSTER,
    SURVEYS,
    TRUNKS,
    VENDOR_CALLS,
    Table,
)

RECORDS: dict[str, Table] = {
    "calls": VENDOR_CALLS,
    "inhouse_calls": INHOUSE_CALLS,
    "queue_events": QUEUE_EVENTS,
    "agent_states": AGENT_STATES,
    "roster": ROSTER,
    "trunks": TRUNKS,
    "forecast": FORECAST,
    "surveys": SURVEYS,
    "quality_scores": QUALITY_SCORES,
}
ANCHOR = {
    "calls": "offered_utc",
    "inhouse_calls": "arrived_utc",
    "queue_events": "event_utc",
    "agent_states": "from_utc",
    "roster": "planned_from_utc",
    "trunks": "from_utc",
    "forecast": "period_start_utc",
    "surveys": "at_utc",
    "quality_scores": "at_utc",
}
"""The time that dates a record, and by which its clock is read."""
_CLOSED = ("outcome", "direction", "state")
_TRUTHS = tuple(role for role, values in CANONICAL_VALUES.items() if "true" in values)
_PERSONAL = {"caller": ("caller_key", "caller_mask", "caller_kind"), "staff_number": ("staff_key", "staff_mask", None)}


@dataclass(frozen=True)
class Origin:
    """Whose file it is, and what it needs to be read: the client's country, key and time zone."""

    source: str
    file_id: str
    month: str | None
    country: str
    key: bytes
    client_zone: str


def named(rows: TypedRows, item: FeedObject, origin: Origin) -> tuple[pl.DataFrame, list[Rewritten]]:
    """`row`, and one column per role under its canonical name; times still stand on the source's clock.

    And what the contract's `tieout.rewrite` has done.
    """
    roles = {column.role: column for column in item.columns if column.role}
    table = RECORDS[item.feed]
    if item.feed == "queue_events" and "data2" in roles:
        rows, roles = _with_caller(rows, roles)
    rows, told = rewritten(rows, roles.values())
    values = [_value(rows, role, column, table) for role, column in roles.items() if role not in _PERSONAL]
    frame = pl.DataFrame([rows.frame["row"], *values])
    for role in (role for role in _PERSONAL if role in roles):
        frame = frame.hstack(_keyed(rows.text[slot(roles[role])], roles[role], origin))
    frame = _in_runs(frame) if item.feed == "forecast" else frame
    directed = _directed(frame, item.direction) if "direction" in table.schema else frame
    return _without_strangers(directed), told


def _in_runs(frame: pl.DataFrame) -> pl.DataFrame:
    """A forecast may hold one run of periods after another, a queue each."""
    return frame.with_columns(pl.col("queue").alias(SERIES)) if "queue" in frame.columns else frame


def _without_strangers(frame: pl.DataFrame) -> pl.DataFrame:
    """Masks the numbers of people who are dialled, and of those whom a call is passed on to: they stay in landing.

    The number that a caller dialled is the company's own and stays.
    """
    whose = {
        "called": pl.col("direction") == "outbound" if "direction" in frame.columns else pl.lit(value=False),
        "transfer_to": pl.lit(value=True),
        "data1": pl.col("event").str.to_uppercase().is_in(TRANSFERRED)
        if "event" in frame.columns
        else pl.lit(value=False),
    }
    for name in (name for name in whose if name in frame.columns):
        shown = frame.filter(whose[name])[name].drop_nulls().unique()
        masked = {text: hidden for text in shown.to_list() if (hidden := hide_numbers(text)) != text}
        if masked:
            frame = frame.with_columns(
                pl.when(whose[name]).then(pl.col(name).replace(masked)).otherwise(name).alias(name)
            )
    return frame


def _directed(frame: pl.DataFrame, direction: str | None) -> pl.DataFrame:
    """Fills the contract's direction in where the file says nothing; what the file calls unknown stays so.

    No direction is what an unknown one is in the lake: such a call is matched, and judged with that reserve.
    """
    known = pl.col("direction") if "direction" in frame.columns else pl.lit(None, pl.String)
    filled = known.fill_null(pl.lit(direction, pl.String))
    return frame.with_columns(direction=filled.replace("unknown", None))


def _with_caller(rows: TypedRows, roles: Mapping[str, Column]) -> tuple[TypedRows, dict[str, Column]]:
    """A queue log as a database exports it has the caller's number in the second field of ENTERQUEUE: it is taken out
    of there, so that it is keyed and never stored.
    """
    event, second = slot(roles["event"]), slot(roles["data2"])
    caller = roles.get("caller", Column(" caller", "string", role="caller"))
    is_entry = (pl.col(event).str.strip_chars().str.to_uppercase() == "ENTERQUEUE").fill_null(value=False)
    rules = roles["data2"].rewrite
    told = pl.col(slot(caller)) if "caller" in roles else pl.lit(None, pl.String)
    text = rows.text.with_columns(
        pl.coalesce(told, pl.when(is_entry).then(second)).alias(slot(caller)),
        pl.when(~is_entry).then(second).alias(second),
    )
    values = rows.frame.with_columns(pl.when(~rows.text.select(is_entry).to_series()).then(second).alias(second))
    of_caller = replace(caller, rewrite=caller.rewrite or rules, raw=roles["data2"].raw if rules else caller.raw)
    return replace(rows, frame=values, text=text), {
        **roles,
        "data2": replace(roles["data2"], rewrite=()),
        "caller": of_caller,
    }


def _keyed(numbers: pl.Series, column: Column, origin: Origin) -> pl.DataFrame:
    """The key, the mask and, for callers, the kind of each number; a call whose file shows no caller is withheld."""
    found = keyed(numbers, column.caller_kind, origin.country, origin.key)
    names = _PERSONAL[str(column.role)]
    parts = zip(names, ("caller_key", "caller_mask", "caller_kind"), strict=True)
    return found.select(pl.col(part).alias(name) for name, part in parts if name is not None)


def _value(rows: TypedRows, role: str, column: Column, table: Table) -> pl.Series:
    """What a column says in its role. Text stays as printed, so that no id loses its leading zeros to a number type.

    A date in the place of a moment is its midnight on the source's clock.
    """
    name = CANONICAL_COLUMN.get(role) or role
    if column.map is not None or role in _CLOSED:
        mapped = rows.text.select(by_map(column)).to_series()
        if role in _TRUTHS:
            mapped = mapped.replace_strict({"true": True, "false": False}, default=None, return_dtype=pl.Boolean)
        return mapped.alias(name)
    value = rows.frame[slot(column)].alias(name)
    if table.schema[name] == pl.String and value.dtype != pl.String:
        return rows.text[slot(column)].str.strip_chars().alias(name)
    return value.cast(pl.Datetime("us")) if value.dtype == pl.Date and name.endswith("_utc") else value


def dated(frame: pl.DataFrame, item: FeedObject, origin: Origin, step: Step | None) -> tuple[pl.DataFrame, int]:
    """Rows of the feed's table from `named` ones, behind `step` with the later reading; how many times never were."""
    table, anchor, zone = RECORDS[item.feed], ANCHOR[item.feed], item.time_zone or "UTC"
    times = [name for name in frame.columns if name.endswith("_utc")]
    utc, shifted = read_clocks(frame, times, anchor, zone, step) if anchor in times else (frame, 0)
    return table.fit(_placed(utc, anchor, zone, item, origin)), shifted


def _placed(utc: pl.DataFrame, anchor: str, zone: str, item: FeedObject, origin: Origin) -> pl.DataFrame:
    """Adds where a row comes from and which day and month it belongs to."""
    known = utc.with_columns(
        vendor_id=_vendor(utc, item, origin), file_id=pl.lit(origin.file_id), audit_month=pl.lit(origin.month)
    )
    if anchor not in utc.columns or "day" not in RECORDS[item.feed].partitions:
        return known
    booked = pl.col(anchor).dt.convert_time_zone(zone).dt.date()
    days = known.with_columns(booked_day=booked)
    same = origin.client_zone == zone
    day = pl.col("booked_day") if same else pl.col(anchor).dt.convert_time_zone(origin.client_zone).dt.date()
    month = pl.col("booked_day").dt.strftime("%Y-%m") if origin.month is None else pl.col("audit_month")
    return days.with_columns(day=day, audit_month=month)


def _vendor(frame: pl.DataFrame, item: FeedObject, origin: Origin) -> pl.Expr:
    """A vendor's file is that vendor's; the client's log says by its route whom a call was passed on to."""
    if item.feed != "inhouse_calls":
        return pl.lit(origin.source)
    return pl.col("vendor_id") if "vendor_id" in frame.columns else pl.lit(None)
