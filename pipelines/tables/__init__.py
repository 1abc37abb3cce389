"""The canonical tables, each declared once as data: columns, types, descriptions, key and grain.

Casts, the schema check of `lake.write`, Dagster's column schema and the docs page all derive from this. No reading or
writing happens here (see `lake.py`). Suffixes carry units: `_s` seconds, `_utc` a moment in UTC, `_pct` 0 to 100.
"""

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
from pipelines.tables.shape import POLARS, Column, Kind, Table
from pipelines.tables.told import FIGURES, PADDING, REPEATS, SETTLED_FIGURES, SETTLEMENT, VAGUE_FIELDS

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
    REPEATS,
    VAGUE_FIELDS,
    SETTLEMENT,
    SETTLED_FIGURES,
    PADDING,
)

__all__ = [
    "AGENT_STATES",
    "ALL",
    "CLAIMS",
    "CONTACTS",
    "COVERAGE",
    "DELIVERIES",
    "DELIVERY_CHANGES",
    "FIGURES",
    "FINDINGS",
    "FORECAST",
    "INHOUSE_CALLS",
    "LINKS",
    "LOG_SPANS",
    "NIGHT_LINKS",
    "OFFSETS",
    "PADDING",
    "POLARS",
    "QUALITY_SCORES",
    "QUEUE_EVENTS",
    "REJECTS",
    "REPEATS",
    "ROSTER",
    "RULE_RESULTS",
    "SETTLED_FIGURES",
    "SETTLEMENT",
    "SURVEYS",
    "TRUNKS",
    "VAGUE_FIELDS",
    "VENDOR_CALLS",
    "Column",
    "Kind",
    "Table",
]
