"""For which time the client's own log is whole: hours for people, spans for the steps that judge."""

from pipelines.tables.shape import Table, columns

COVERAGE = Table(
    "coverage",
    "one hour of the client's log, as a whole and for each of its routes",
    ("month",),
    ("hour_utc", "route"),
    columns(
        "hour_utc utc start of the hour",
        "route text route that was passed on by; empty for the whole log",
        "calls int calls that arrived in it; of a route, calls passed on by it",
        "expected float how many are usual at that weekday and hour",
        "is_covered bool false where at least half of the hour lies in a gap of the whole log or of this route",
        "reason text why it is not covered",
    ),
)

LOG_SPANS = Table(
    "log_spans",
    "one span of time, and what is known of the client's log there; apart for each state, kind and route",
    ("month",),
    ("state", "kind", "from_utc", "reason"),
    columns(
        "state text gap: calls may be missing, nothing is held against anybody; lost: a row around that time is "
        "missing or unreadable; vouched: something backs that the log is complete",
        "kind text hour, silence, unit, route or outside of a gap; unread or number of what is lost; "
        "declared, numbered or counted of what is vouched for",
        "from_utc utc its start",
        "to_utc utc its end",
        "route text the one route that it is about; null for all",
        "reason text what was found, as a sentence",
    ),
)
