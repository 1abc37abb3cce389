"""The canonical tables, each declared once as data: columns, types, descriptions, key and grain.

Casts, the schema check of `lake.write`, Dagster's column schema and the docs page all derive from this. No reading or
writing happens here (see `lake.py`). Suffixes carry units: `_s` seconds, `_utc` a moment in UTC, `_pct` 0 to 100.
"""

from pipelines.tables.capacity import INTERVALS
from pipelines.tables.compared import CALLER_GROUPS, COMPARISONS, PROFILES
from pipelines.tables.coverage import COVERAGE, LOG_SPANS
from pipelines.tables.delivered import (
    AGENT_STATES,
    CLAIMS,
    FORECAST,
    INHOUSE_CALLS,
    QUALITY_SCORES,
    QUEUE_EVENTS,
    ROSTER,
    SURVEYS,
    TRUNKS,
    VENDOR_CALLS,
)
from pipelines.tables.deliveries import DELIVERIES, DELIVERY_CHANGES, REJECTS, RULE_RESULTS
from pipelines.tables.linked import CONTACTS, FINDINGS, LINKS, NIGHT_LINKS, OFFSETS
from pipelines.tables.people import AGENT_DAYS, AGENTS, QUALITY
from pipelines.tables.returned import RETURNED
from pipelines.tables.shape import POLARS, Column, Kind, Table
from pipelines.tables.told import FIGURES, PADDING, REPEATS, SETTLED_FIGURES, SETTLEMENT, VAGUE_FIELDS
from pipelines.tables.volume import REASONS, REGULARS, VOLUME, VOLUME_HOURS

ALL = (
    VENDOR_CALLS,
    INHOUSE_CALLS,
    QUEUE_EVENTS,
    AGENT_STATES,
    ROSTER,
    TRUNKS,
    FORECAST,
    SURVEYS,
    QUALITY_SCORES,
    CLAIMS,
    REJECTS,
    DELIVERIES,
    DELIVERY_CHANGES,
    RULE_RESULTS,
    COVERAGE,
    LOG_SPANS,
    NIGHT_LINKS,
    OFFSETS,
    LINKS,
    FINDINGS,
    CONTACTS,
    FIGURES,
    RETURNED,
    PROFILES,
    CALLER_GROUPS,
    COMPARISONS,
    AGENTS,
    AGENT_DAYS,
    QUALITY,
    INTERVALS,
    VOLUME,
    VOLUME_HOURS,
    REGULARS,
    REASONS,
    VAGUE_FIELDS,
    SETTLEMENT,
    SETTLED_FIGURES,
    PADDING,
)

__all__ = [
    "AGENTS",
    "AGENT_DAYS",
    "AGENT_STATES",
    "ALL",
    "CALLER_GROUPS",
    "CLAIMS",
    "COMPARISONS",
    "CONTACTS",
    "COVERAGE",
    "DELIVERIES",
    "DELIVERY_CHANGES",
    "FIGURES",
    "FINDINGS",
    "FORECAST",
    "INHOUSE_CALLS",
    "INTERVALS",
    "LINKS",
    "LOG_SPANS",
    "NIGHT_LINKS",
    "OFFSETS",
    "PADDING",
    "POLARS",
    "PROFILES",
    "QUALITY",
    "QUALITY_SCORES",
    "QUEUE_EVENTS",
    "REASONS",
    "REGULARS",
    "REJECTS",
    "REPEATS",
    "RETURNED",
    "ROSTER",
    "RULE_RESULTS",
    "SETTLED_FIGURES",
    "SETTLEMENT",
    "SURVEYS",
    "TRUNKS",
    "VAGUE_FIELDS",
    "VENDOR_CALLS",
    "VOLUME",
    "VOLUME_HOURS",
    "Column",
    "Kind",
    "Table",
]
