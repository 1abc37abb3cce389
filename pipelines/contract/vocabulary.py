"""The words that contract files may use: feeds, formats, roles, figures, outcomes, units. Data only, each list once.

Readers of this package check against these lists, and error messages print them. What a word means for a table stands
in `pipelines/tables/`; how a figure is computed, in `pipelines/measure/`.
"""

from collections.abc import Mapping
from typing import Literal

LogicalType = Literal["string", "integer", "number", "timestamp", "date", "boolean"]

INHOUSE = "inhouse"
"""The source of the client's own log; every other source is a vendor's id."""

LOGICAL_TYPES: tuple[LogicalType, ...] = ("string", "integer", "number", "timestamp", "date", "boolean")

ROLES: Mapping[str, tuple[str, ...]] = {
    "calls": (
        *("call_id", "leg", "direction", "caller", "called", "queue", "agent_id"),
        *("offered_utc", "ringing_utc", "answered_utc", "ended_utc"),
        *("ring_s", "queue_s", "talk_s", "hold_s", "acw_s", "outcome", "transfer_to", "is_billed", "reason"),
    ),
    "inhouse_calls": (
        *("call_id", "leg", "source", "sequence", "caller", "called", "reason", "arrived_utc", "transferred_utc"),
        *("leg_answered_utc", "leg_ended_utc", "returned_utc", "vendor_id", "route", "agent_id"),
        *("answered_utc", "ended_utc", "outcome"),
    ),
    "queue_events": (
        *("event_utc", "call_id", "queue", "agent_id", "event", "caller"),
        *("data1", "data2", "data3", "data4", "data5"),
    ),
    "agent_states": ("agent_id", "state", "from_utc", "to_utc"),
    "claims": ("period_start", "period_end", "queue", "figure", "value"),
    "roster": ("agent_id", "hired", "left", "planned_from_utc", "planned_to_utc", "staff_number"),
    "trunks": ("from_utc", "capacity"),
    "forecast": ("issued_at", "queue", "period_start", "calls", "aht_s"),
    "carrier_calls": (
        *("call_id", "leg", "source", "sequence", "caller", "called", "reason", "arrived_utc", "transferred_utc"),
        *("leg_answered_utc", "leg_ended_utc", "returned_utc", "vendor_id", "route", "agent_id"),
        *("answered_utc", "ended_utc", "outcome"),
    ),
    "surveys": ("call_id", "caller", "at_utc", "score", "scale", "invited", "scored_by"),
    "quality_scores": (
        *("scored_by", "call_id", "agent_id", "at_utc", "score", "passed", "fault_a", "fault_b", "fault_c"),
    ),
    "invoice": ("line", "quantity", "rate", "amount", "period_start"),
}
"""The roles (canonical columns) that each feed knows."""

FEEDS = tuple(ROLES)
FEEDS_READ = (
    *("calls", "inhouse_calls", "queue_events", "agent_states", "claims", "roster"),
    *("trunks", "forecast", "surveys", "quality_scores"),
)
"""The feeds that this release reads; objects with another feed are kept in the contract and left alone."""

INDISPENSABLE: Mapping[str, tuple[str, ...]] = {
    "calls": ("call_id", "caller", "offered_utc"),
    "inhouse_calls": ("call_id", "caller", "arrived_utc"),
    "queue_events": ("call_id", "event_utc", "event"),
    "agent_states": ("agent_id", "state", "from_utc"),
    "claims": ("period_start",),
    "roster": ("agent_id",),
    "trunks": ("from_utc", "capacity"),
    "forecast": ("period_start", "calls"),
    "surveys": ("score",),
    "quality_scores": (),
}
"""Without these a feed cannot be used at all. What else is missing only narrows what can be measured."""

REJECTS_THE_ROW: Mapping[str, tuple[str, ...]] = {
    "calls": ("call_id", "offered_utc"),
    "inhouse_calls": ("call_id", "arrived_utc"),
    "queue_events": ("event_utc", "event"),
    "agent_states": ("agent_id", "state", "from_utc"),
    "claims": ("period_start",),
    "roster": ("agent_id",),
    "trunks": ("from_utc", "capacity"),
    "forecast": ("period_start", "calls"),
    "surveys": (),
    "quality_scores": (),
}
"""By feed, the roles whose empty cell rejects the row when it is standardised, so `required` makes no rule of it."""

CANONICAL_COLUMN: Mapping[str, str | None] = {
    "caller": "caller_key",
    "staff_number": "staff_key",
    "figure": "field",
    "period_start": "period_start_utc",
    "period_end": None,
    "issued_at": "issued_utc",
}
"""Where a role's canonical column has another name, or None where no column of that table holds it."""

FORMATS = (
    *("delimited", "xlsx", "json_lines", "parquet", "table", "asterisk_cdr", "asterisk_queue_log"),
    *("freeswitch_cdr", "cisco_cucm_cdr", "amazon_connect_ctr", "genesys_conversation"),
)
FORMATS_READ = tuple(name for name in FORMATS if name != "table")
NAMING_FORMATS = ("delimited", "xlsx")
"""Formats whose files have lines above the records: titles, names of columns, closing lines."""
GENERAL_FORMATS = ("delimited", "xlsx", "json_lines", "parquet")
"""Formats of no named system, of which the contract alone says how their cells are written."""
PSEUDO_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "{file}": GENERAL_FORMATS,
    "{sheet}": ("xlsx",),
}
"""Columns that no file has: what the reader of these formats gives, the file's own name and that of the sheet."""
TYPING_FORMATS = ("xlsx", "json_lines", "parquet")
"""Formats whose cells may be dates themselves, so that a column of times needs no format."""

SERVERS = ("local", "sftp", "s3", "postgres")
SERVERS_READ = ("local",)

OUTCOMES = (
    *("answered", "transferred", "abandoned", "short_abandoned", "overflowed", "voicemail"),
    *("callback_requested", "blocked", "unknown"),
)
AGENT_STATES = ("idle", "ringing", "talk", "hold", "acw", "break", "training", "other", "logged_out", "unknown")
DIRECTIONS = ("inbound", "outbound", "internal", "consult", "unknown")

NUMBERS = ("caller", "called", "transfer_to", "staff_number", "data2")
"""The roles whose cells are phone numbers; `data2` of a queue log holds the caller's where he enters the queue."""

CANONICAL_VALUES: Mapping[str, tuple[str, ...]] = {
    "outcome": OUTCOMES,
    "direction": DIRECTIONS,
    "state": AGENT_STATES,
    "is_billed": ("true", "false"),
    "invited": ("true", "false"),
    "passed": ("true", "false"),
}
"""What `tieout.map` may map to, for the roles that have a closed vocabulary."""

DURATION_UNITS = ("s", "ms", "min", "h", "hms")
UNITS = (*DURATION_UNITS, "pct", "ratio", "calls")
"""Units beside the currencies (three capital letters, ISO 4217)."""

WINDOWS_S: Mapping[str, int] = {"2h": 7_200, "24h": 86_400, "7d": 604_800}
"""The windows of FCR and call-backs that every catalogue has, in seconds; files may name others of these units."""
WINDOW_UNITS_S: Mapping[str, int] = {"h": 3_600, "d": 86_400}
LONGEST_WINDOW_S = 604_800
"""A month's audit reads nine days behind the month (`REACH_DAYS`): long calls of the last day, other zones."""

FIGURE_IDS = (
    *("attempts", "offered", "answered", "answered_pct", "abandoned", "abandon_rate", "short_abandon_rate"),
    *("service_level", "sl_days_met", "sl_halfhours_met", "asa", "queue_time", "queued_pct", "abandon_time"),
    *("rings", "aht", "talk_time", "hold_time", "hold_per_call", "acw", "transfer_rate", "asa_client_clock"),
    *("talk_time_client_clock", "complaints_per_1000"),
    *(f"fcr_{window}" for window in WINDOWS_S),
    *(f"fcr_strict_{window}" for window in WINDOWS_S),
    *(f"callback_inhouse_{window}" for window in WINDOWS_S),
    *(f"repeat_any_{window}" for window in WINDOWS_S),
    *(f"repeat_same_vendor_{window}" for window in WINDOWS_S),
    *(f"repeat_other_vendor_{window}" for window in WINDOWS_S),
    *(f"agent_callback_{window}" for window in WINDOWS_S),
    *("net_diverted", "no_number_share", "single_number_share"),
    *(f"fcr_other_numbers_{window}" for window in WINDOWS_S),
    *("cost_per_net_call", "calls_per_hour", "occupancy", "adherence", "attendance", "turnover"),
    *("new_agent_share", "agent_spread_fcr", "agent_spread_aht", "quality_score", "quality_pass_rate"),
    *("monitored_per_agent", "csat", "csat_top_two", "survey_response", "busy_rate", "overflow_back_rate"),
    *("peak_calls", "over_trunks", "over_seats", "staffing_gap", "staffing_short", "staffing_gap_present"),
    *("forecast_error", "forecast_bias", "service_level_relieved", "sl_days_met_relieved"),
    *("sl_halfhours_met_relieved", "relieved_calls", "expected_volume", "month_end_rise", "regular_callers"),
    *("match_rate", "coverage", "delivery_on_time", "delivery_complete"),
)
"""The ids of the KPI catalogue, in its order; `tests/measure/test_catalogue.py` compares them."""

SERVICE_LEVELS_READ = ("SL1", "SL2", "SL3", "SL4", "SL5", "SL6", "SL7", "SL8", "SL9", "SL10")
ABANDON_RATES_READ = ("AB1", "AB2", "AB3", "AB4")
ASAS_READ = ("ASA1", "ASA2", "ASA3")
"""The definitions that terms may name; `pipelines/measure/service/levels.py` has each as a sum."""

DETECTORS = (
    *("ghost", "omitted", "leg_billing", "stretched", "early_stop", "duplicate", "split", "staff_number"),
    *("agent_overlap", "outside_login", "capacity", "answer_hold", "queue_drop", "busy_out", "phantom_agent"),
    *("short_call", "bunching", "burst", "replay", "fabricated", "volume"),
)
"""Ids of findings, as evidence files carry them; none of them is ever printed in a report."""
