"""The canonical tables, each declared once as data: columns, types, descriptions, key and grain.

Casts, the schema check of `lake.write`, Dagster's column schema and the docs page all derive from this. No reading or
writing happens here (see `lake.py`). Suffixes carry units: `_s` seconds, `_utc` a moment in UTC, `_pct` 0 to 100.
"""

from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

Kind = Literal["text", "int", "key", "seconds", "utc", "date", "bool", "float", "money"]

POLARS: dict[Kind, pl.DataType] = {
    "text": pl.String(),
    "int": pl.Int64(),
    "key": pl.UInt64(),
    "seconds": pl.Decimal(18, 3),
    "utc": pl.Datetime("us", "UTC"),
    "date": pl.Date(),
    "bool": pl.Boolean(),
    "float": pl.Float64(),
    "money": pl.Decimal(18, 2),
}


@dataclass(frozen=True)
class Column:
    """One canonical column; `kind` decides its type in Polars, Parquet and DuckDB."""

    name: str
    kind: Kind
    description: str


@dataclass(frozen=True)
class Table:
    """One canonical table: `partitions` are its folders in the lake, `key` is unique and orders the rows."""

    name: str
    grain: str
    partitions: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    schema_version: int = 1

    @property
    def schema(self) -> pl.Schema:
        """Column names and Polars types, in order."""
        return pl.Schema({column.name: POLARS[column.kind] for column in self.columns})

    def fit(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame's rows with the table's columns, in order and type; a column that it lacks is null."""
        have = set(frame.columns)
        return frame.select(
            (pl.col(name) if name in have else pl.lit(None)).cast(kind).alias(name)
            for name, kind in self.schema.items()
        )

    def empty(self) -> pl.DataFrame:
        """The table with no rows."""
        return pl.DataFrame(schema=self.schema)


def _columns(*lines: str) -> tuple[Column, ...]:
    """Columns from `name kind description` lines."""
    split = [line.split(maxsplit=2) for line in lines]
    return tuple(Column(name, kind, text) for name, kind, text in split)  # type: ignore[arg-type]


_ORIGIN = (
    "file_id text first 16 hex digits of the file's SHA-256",
    "row int record number in the file, from 1, header left out",
    "audit_month text month that the row belongs to: the file's own, else that of its date on the source's clock",
    "day date the client's local date of offered or arrived; of a claim, the date that the vendor prints",
    "booked_day date the same by the source's own time zone",
)

VENDOR_CALLS = Table(
    "vendor_calls",
    "one leg that the vendor claims",
    ("vendor", "day"),
    ("file_id", "row"),
    _columns(
        "vendor_id text the vendor's folder name",
        "call_id text the vendor's own id, as text",
        "leg text leg of the call, where the vendor numbers them",
        "direction text inbound, outbound, internal, consult; null where unknown",
        "caller_key key keyed hash of the caller's number; null where withheld, masked or unreadable",
        "caller_mask text at most the first three and last two digits",
        "caller_kind text number, masked, withheld, damaged or unreadable",
        "called text number that was dialled, as delivered",
        "queue text queue or skill",
        "agent_id text agent",
        "offered_utc utc offered to the queue, by the vendor's clock",
        "ringing_utc utc first ring at an agent",
        "answered_utc utc connected to an agent, by the vendor's clock",
        "ended_utc utc end of the leg, by the vendor's clock",
        "ring_s seconds ring time",
        "queue_s seconds wait in the queue",
        "talk_s seconds talk time",
        "hold_s seconds hold time",
        "acw_s seconds after-call work",
        "outcome text answered, transferred, abandoned, short_abandoned, overflowed, voicemail, callback_requested, "
        "blocked or unknown",
        "transfer_to text where the call was passed on to",
        "is_billed bool billed, where the vendor says so; null where it does not say",
        "reason text call reason",
        *_ORIGIN,
    ),
)

INHOUSE_CALLS = Table(
    "inhouse_calls",
    "one transfer leg of a call in the client's log; a call that was never passed on has one row",
    ("day",),
    ("file_id", "row"),
    _columns(
        "call_id text the client's own id",
        "leg text leg of the call, where the log numbers them",
        "source text switch or IVR unit that wrote the row",
        "sequence int number that the log counts its rows with",
        "caller_key key keyed hash of the caller's number; null where withheld, masked or unreadable",
        "caller_mask text at most the first three and last two digits",
        "caller_kind text number, masked, withheld, damaged or unreadable",
        "called text number that was dialled",
        "reason text call reason",
        "arrived_utc utc arrival in the client's system",
        "transferred_utc utc passed on to the vendor; null where it never was",
        "leg_answered_utc utc the vendor's side answered, by the client's clock",
        "leg_ended_utc utc end of the leg, by the client's clock",
        "returned_utc utc the call came back from the vendor",
        "vendor_id text vendor that it was passed on to, by the contract's map",
        "route text route as the log names it",
        "agent_id text in-house agent",
        "answered_utc utc an in-house agent answered",
        "ended_utc utc end of the call",
        "outcome text as in vendor_calls, for the in-house part",
        *_ORIGIN,
    ),
)

QUEUE_EVENTS = Table(
    "queue_events",
    "one event of a queue log",
    ("vendor", "day"),
    ("file_id", "row"),
    _columns(
        "vendor_id text the vendor's folder name",
        "event_utc utc when it happened, by the vendor's clock",
        "call_id text the call, or what the log names instead",
        "queue text queue; null where the event has none",
        "agent_id text agent; null where the event has none",
        "event text the event's name, as the log has it",
        "caller_key key keyed hash of the caller's number, on events that show one",
        "caller_mask text at most the first three and last two digits",
        "caller_kind text number, masked, withheld, damaged or unreadable; null on events that show no caller",
        "data1 text first detail of the event",
        "data2 text second detail; null where it is the caller's number",
        "data3 text third detail",
        "data4 text fourth detail",
        "data5 text fifth detail",
        *_ORIGIN,
    ),
)

AGENT_STATES = Table(
    "agent_states",
    "one agent in one state",
    ("vendor", "day"),
    ("file_id", "row", "agent_id"),
    _columns(
        "vendor_id text the vendor's folder name",
        "agent_id text agent",
        "state text idle, ringing, talk, hold, acw, break, training, other, logged_out or unknown",
        "from_utc utc start of the state, by the vendor's clock",
        "to_utc utc its end; null where it is not known",
        *_ORIGIN,
    ),
)

ROSTER = Table(
    "roster",
    "one agent, or one planned shift of an agent",
    ("source", "object", "file"),
    ("file_id", "row"),
    _columns(
        "vendor_id text the vendor's folder name",
        "agent_id text agent",
        "hired date first day of work",
        "left date last day of work; null while at work",
        "planned_from_utc utc start of a planned shift",
        "planned_to_utc utc end of a planned shift",
        "staff_key key keyed hash of the agent's own number",
        "staff_mask text at most the first three and last two digits",
        "file_id text first 16 hex digits of the file's SHA-256",
        "row int record number in the file, from 1, header left out",
        "audit_month text month that the file's path names; null where it names none",
    ),
)

CLAIMS = Table(
    "claims",
    "one figure that the vendor reports",
    ("vendor", "day"),
    ("file_id", "row", "field"),
    _columns(
        "vendor_id text the vendor's folder name",
        "field text figure id",
        "queue text queue; null for all",
        "period_start_utc utc start of the period",
        "period_s seconds length of the period",
        "value float the value, in the contract's unit",
        "printed text the text as printed",
        "unit text the contract's unit; null where it names none",
        *_ORIGIN,
    ),
)

REJECTS = Table(
    "rejects",
    "one cell that makes its row unusable; a row may have several",
    ("source", "object", "file"),
    ("file_id", "row", "column"),
    _columns(
        "file_id text first 16 hex digits of the file's SHA-256",
        "row int record number in the file, from 1",
        "line int line of the file on which the record starts",
        "column text column as the file names it",
        "reason text why the row cannot be used",
        "text text what stands there; callers' numbers are masked",
    ),
)

DELIVERIES = Table(
    "deliveries",
    "one file that is due for a period, or one path under which a file was received",
    ("source", "month"),
    ("object", "period_start", "file", "file_id"),
    _columns(
        "object text schema object of the contract",
        "period_start date first day of the period that is due; null where the file can be put to none",
        "period_end date its last day",
        "file text path below the workspace; null where none has come",
        "file_id text first 16 hex digits of the file's SHA-256",
        "received_utc utc when a manifest first listed this content",
        "arrived_utc utc when the first delivery came that this one stands in the place of; else received_utc",
        "due_utc utc end of the last day on which it is due; null where the contract promises nothing",
        "state text on_time, late, further, missing, not_due_yet, not_measurable, superseded or repeated",
        "replaces text file_id of the earlier content under the same path, separated by commas",
        "superseded_by text file_id of the content that took its place",
        "earlier_pull_utc utc last look at its place before it was found; null where it was found at the first look",
        "rows_read int records in the file",
        "accepted int records that became rows",
        "rejected int records that could not be used",
        "left_out int records outside the contract's condition",
    ),
)

DELIVERY_CHANGES = Table(
    "delivery_changes",
    "one record that a corrected file added, removed or changed",
    ("source", "object", "file"),
    ("replaced_file_id", "kind", "row", "replaced_row", "table", "field"),
    _columns(
        "source text a vendor's folder name, or inhouse",
        "object text schema object of the contract",
        "table text canonical table of the record",
        "file_id text the file in force",
        "replaced_file_id text the file in whose place it came",
        "kind text added, removed or changed",
        "call_id text id of the call; null in tables of other things",
        "leg text leg of the call",
        "field text figure id, for a reported figure",
        "row int record number in the file in force; null where removed",
        "replaced_row int record number in the earlier file; null where added",
        "columns text canonical columns that differ, separated by commas; null where added or removed",
        "before text what the earlier file says there, as JSON; callers and numbers are masked",
        "after text what the file in force says there, as JSON",
    ),
)

LINKS = Table(
    "links",
    "one pair of a vendor's call and an in-house leg, or one side that has no partner",
    ("vendor", "month"),
    ("side", "file_id", "row"),
    _columns(
        "side text pair, vendor or inhouse: which side the row is about",
        "vendor_id text the vendor's folder name",
        "vendor_call_id text the vendor's id; null for an in-house leg without partner",
        "file_id text file of the vendor's record, or of the leg where there is none",
        "row int its record number",
        "inhouse_call_id text the client's id; null for a vendor's call without partner",
        "inhouse_file_id text file of the leg",
        "inhouse_row int its record number",
        "match_class text number, vendor_only, inhouse_only or no_number",
        "delta_s seconds vendor's time less in-house time less clock offset",
        "confidence float 0 to 1",
        "reason text why there is no partner, or which rule paired them",
        "offset_s seconds clock offset taken off the vendor's times; null for a leg without partner",
        "is_covered bool the in-house log is whole around that time, on the client's clock",
        "is_absent bool a leg for which no record could be there: not delivered yet, or held back by a rule",
        "in_month bool belongs to the audited month; false for the margin that windows reach into",
    ),
)

NIGHT_LINKS = replace(LINKS, name="night_links", partitions=("vendor", "day"))
"""The same for one day, provisional: linked with the days beside it only, and without the log's coverage."""

OFFSETS = Table(
    "clock_offsets",
    "one vendor on one day",
    ("vendor", "month"),
    ("day",),
    _columns(
        "vendor_id text the vendor's folder name",
        "day date local day",
        "offset_s seconds vendor's clock less in-house clock",
        "pairs int number of pairs it was read from",
        "basis text day, or month where the day alone holds too few pairs",
    ),
)

COVERAGE = Table(
    "coverage",
    "one hour of the client's log",
    ("month",),
    ("hour_utc",),
    _columns(
        "hour_utc utc start of the hour",
        "calls int calls that arrived in it",
        "expected float median of that weekday and hour",
        "is_covered bool whether the log is taken as whole there",
        "reason text why it is not, or from which hour the state was taken",
    ),
)

FINDINGS = Table(
    "findings",
    "one accused record of one detector",
    ("vendor", "month"),
    ("file_id", "row", "detector"),
    _columns(
        "vendor_id text the vendor's folder name",
        "vendor_call_id text the vendor's id (no key in a padded delivery)",
        "file_id text file of the record",
        "row int its record number",
        "detector text ghost or duplicate",
        "certainty text proven, probable or suspected",
        "linked_call_id text the record or leg that it is judged against",
        "explanation text what is impossible or unlikely about it",
        "innocent_reading text what else it could be, and whether that was checked",
    ),
)

CONTACTS = Table(
    "contacts",
    "one contact of a caller, at any vendor or in-house",
    ("month",),
    ("starts_utc", "side", "file_id", "row"),
    _columns(
        "caller_key key keyed hash of the caller's number; null where there is none",
        "side text a vendor's id, or inhouse",
        "call_id text the id on that side",
        "inhouse_call_id text the client's id of the same contact, where it is linked",
        "starts_utc utc arrival of the in-house leg where linked, else offered",
        "ends_utc utc end of the contact",
        "is_answered bool reached an agent of that side",
        "is_base bool an answered vendor call of the audited month, one per contact",
        "is_handed_back bool the agent passed it back to the client",
        "file_id text file of the record",
        "row int its record number",
    ),
)

FIGURES = Table(
    "figures",
    "one measured figure",
    ("vendor", "month"),
    ("side", "scope", "id"),
    _columns(
        "vendor_id text the vendor's folder name",
        "month text audited month",
        "as_of date end of the data that it rests on",
        "id text figure id of the catalogue",
        "side text vendor or inhouse",
        "scope text all, or day:<date>",
        "unit text unit of the value",
        "reported float what the vendor reports; null where it reports nothing",
        "measured float what the records show; null where not measurable",
        "low float lowest value that what is left open allows; null where nothing is",
        "high float highest such value",
        "n int base of the measured value",
        "definition text definition used",
        "status text final, provisional or not_measurable",
        "reason text why it is not measurable or not final",
    ),
)

REPEATS = Table(
    "repeats",
    "one answered call of the month that its caller followed by another contact",
    ("vendor", "month"),
    ("file_id", "row"),
    _columns(
        "call_id text the vendor's id",
        "side text the vendor",
        "next_call_id text id of the next contact, on its own side",
        "next_side text a vendor's id, or inhouse",
        "gap_s seconds from the end of the call to the start of the next contact",
        "file_id text file of the record",
        "row int its record number",
    ),
)

RULE_RESULTS = Table(
    "rule_results",
    "one rule on one day",
    ("source", "day"),
    ("rule",),
    _columns(
        "rule text name of the rule",
        "severity text error or warning",
        "sentence text the rule in words",
        "day date local day",
        "state text pass, broken or could_not_run",
        "rows_checked int rows looked at",
        "rows_failed int rows that break it",
        "samples text up to five of them, as JSON",
        "detail text why it could not run",
    ),
)

SETTLEMENT = Table(
    "settlement",
    "one line of what is owed",
    ("vendor", "month"),
    ("position",),
    _columns(
        "position int order of the lines",
        "line text line id",
        "calls int calls on the line",
        "amount_low money amount in the contract's currency, lowest",
        "amount_high money amount, highest",
        "note text why the line is as it is",
    ),
)

PADDING = Table(
    "padding",
    "what one detector found at one certainty",
    ("vendor", "month"),
    ("detector", "certainty"),
    _columns(
        "detector text detector id",
        "certainty text proven, probable or suspected",
        "calls int records named",
        "amount_low money what they stand for at least, in the contract's currency",
        "amount_high money at most",
    ),
)

VAGUE_FIELDS = Table(
    "vague_fields",
    "one reported figure that the contract leaves undefined",
    ("vendor", "month"),
    ("field",),
    _columns(
        "field text figure id",
        "column text column as the vendor names it",
        "missing text what is missing, separated by commas",
        "question text what to ask the vendor",
    ),
)

ALL = (
    VENDOR_CALLS,
    INHOUSE_CALLS,
    QUEUE_EVENTS,
    AGENT_STATES,
    ROSTER,
    CLAIMS,
    REJECTS,
    DELIVERIES,
    DELIVERY_CHANGES,
    RULE_RESULTS,
    COVERAGE,
    NIGHT_LINKS,
    OFFSETS,
    LINKS,
    FINDINGS,
    CONTACTS,
    FIGURES,
    REPEATS,
    VAGUE_FIELDS,
    SETTLEMENT,
    PADDING,
)
