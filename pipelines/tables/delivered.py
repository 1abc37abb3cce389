"""What was delivered: calls of both sides, queue events, agents' states, rosters, claims."""

from pipelines.tables.shape import Table, columns

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
    columns(
        "vendor_id text the vendor's folder name",
        "call_id text the vendor's own id, as text",
        "leg text leg of the call, where the vendor numbers them",
        "direction text inbound, outbound, internal, consult; null where unknown",
        "caller_key key keyed hash of the caller's number; null where withheld, masked or unreadable",
        "caller_mask text at most the first three and last two digits",
        "caller_kind text number, masked, withheld, damaged or unreadable",
        "called text number that was dialled, as delivered; masked on calls that go out",
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
        "transfer_to text where the call was passed on to; a long number is masked",
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
    columns(
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
    columns(
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
    columns(
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
    columns(
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
    columns(
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

TRUNKS = Table(
    "trunks",
    "how many lines there are from one moment on",
    ("source", "object", "file"),
    ("file_id", "row"),
    columns(
        "vendor_id text the vendor's folder name",
        "from_utc utc from when",
        "capacity int lines",
        "file_id text first 16 hex digits of the file's SHA-256",
        "row int record number in the file, from 1, header left out",
        "audit_month text month that the file's path names; null where it names none",
    ),
)

FORECAST = Table(
    "forecast",
    "what the client announced for one period",
    ("source", "object", "file"),
    ("file_id", "row"),
    columns(
        "vendor_id text the vendor's folder name; inhouse where the client's own contract delivers it",
        "issued_utc utc when it was announced; null where the file does not say",
        "queue text queue or route that it is for; null for all",
        "period_start_utc utc start of the period",
        "calls float calls that were announced",
        "aht_s seconds handling time that was announced",
        "file_id text first 16 hex digits of the file's SHA-256",
        "row int record number in the file, from 1, header left out",
        "audit_month text month that the file's path names; null where it names none",
    ),
)

SURVEYS = Table(
    "surveys",
    "one caller asked for a score",
    ("source", "object", "file"),
    ("file_id", "row"),
    columns(
        "vendor_id text the vendor's folder name; inhouse where the client's own contract delivers it",
        "call_id text the call that it is about, on the side that delivers it",
        "caller_key key keyed hash of the caller's number",
        "caller_mask text at most the first three and last two digits",
        "caller_kind text number, masked, withheld, damaged or unreadable",
        "at_utc utc when it was asked or answered",
        "score float the score; null where nobody answered",
        "scale float the highest score that could be given",
        "invited bool the caller was asked; null where the file does not say",
        "scored_by text who asked",
        "file_id text first 16 hex digits of the file's SHA-256",
        "row int record number in the file, from 1, header left out",
        "audit_month text month that the file's path names; null where it names none",
    ),
)

QUALITY_SCORES = Table(
    "quality_scores",
    "one call that somebody listened to",
    ("source", "object", "file"),
    ("file_id", "row"),
    columns(
        "vendor_id text the vendor's folder name; inhouse where the client's own contract delivers it",
        "scored_by text who listened; scores of different sides are never pooled",
        "call_id text the call",
        "agent_id text agent",
        "at_utc utc when the call was listened to, or when it was",
        "score float the score",
        "passed bool whether it passed",
        "fault_a int grave faults",
        "fault_b int middling faults",
        "fault_c int slight faults",
        "file_id text first 16 hex digits of the file's SHA-256",
        "row int record number in the file, from 1, header left out",
        "audit_month text month that the file's path names; null where it names none",
    ),
)
