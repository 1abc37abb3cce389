"""What is known of the deliveries themselves: rejects, files due and come, corrections, rules."""

from pipelines.tables.shape import Table, columns

REJECTS = Table(
    "rejects",
    "one cell that makes its row unusable; a row may have several",
    ("source", "object", "file"),
    ("file_id", "row", "column"),
    columns(
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
    columns(
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
    columns(
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

RULE_RESULTS = Table(
    "rule_results",
    "one rule on one day",
    ("source", "day"),
    ("rule",),
    columns(
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
