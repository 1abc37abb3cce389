"""Which call is which: links, clock offsets, coverage, contacts, and the records that a detector names."""

from dataclasses import replace

from pipelines.tables.shape import Table, columns

LINKS = Table(
    "links",
    "one pair of a vendor's call and an in-house leg, or one side that has no partner",
    ("vendor", "month", "part"),
    ("side", "file_id", "row"),
    columns(
        "side text pair, vendor or inhouse: which side the row is about",
        "vendor_id text the vendor's folder name",
        "vendor_call_id text the vendor's id; null for an in-house leg without partner",
        "file_id text file of the vendor's record, or of the leg where there is none",
        "row int its record number",
        "inhouse_call_id text the client's id; null for a vendor's call without partner",
        "inhouse_file_id text file of the leg",
        "inhouse_row int its record number",
        "match_class text of a pair number, mask, time or ambiguous; else vendor_only, inhouse_only or no_number",
        "delta_s seconds vendor's time less in-house time less clock offset",
        "confidence float 0 to 1; null where there is no partner",
        "options int partners of the other side that came into question, itself included",
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
    "one span of one day of a vendor's clock; most days are one span",
    ("vendor", "month"),
    ("day", "from_utc"),
    columns(
        "vendor_id text the vendor's folder name",
        "day date local day",
        "from_utc utc start of the span, on the vendor's clock",
        "middle_utc utc moment for which the offset stands",
        "to_utc utc end of the span, on the vendor's clock",
        "offset_s seconds vendor's clock less in-house clock, in the middle of the span",
        "drift_s_per_day seconds how much the offset grows in a day",
        "spread_s seconds half the width that holds the middle 90 % of the differences",
        "pairs int number of pairs it was read from",
        "basis text day, month where the day alone holds too few pairs, none where the month does",
        "moved text zone, step, drift or jump, where the clock is not as it should be",
        "said text the same in a sentence",
    ),
)

FINDINGS = Table(
    "findings",
    "one accused record of one detector",
    ("vendor", "month"),
    ("file_id", "row", "detector"),
    columns(
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
    "one contact of a caller, at any vendor or in-house, and the next ones of the same caller",
    ("month", "part"),
    ("caller_key", "starts_utc", "side", "file_id", "row"),
    columns(
        "caller_key key keyed hash of the caller's number; null where there is none",
        "side text a vendor's id, or inhouse",
        "call_id text the id on that side",
        "inhouse_call_id text the client's id of the same contact, where it is linked",
        "starts_utc utc arrival of the in-house leg where linked, else offered",
        "ends_utc utc end of the contact, on the client's clock",
        "is_answered bool reached an agent of that side",
        "is_handled_inhouse bool not passed on, and answered or with an agent of the client",
        "is_base bool an answered contact of the audited month, one per call and side",
        "is_handed_back bool the vendor's agent passed it back to the client within the transfer grace",
        "agent_id text agent of that side",
        "queue text queue of the vendor",
        "reason text call reason: the client's where the leg has one, else the vendor's",
        "attempts int calls in a row that the caller made for it; 1 where none was blocked before",
        "next_utc utc start of the caller's next contact after the end, within the longest window",
        "next_side text where that was",
        "next_call_id text its id on that side",
        "next_reason text its reason",
        "same_reason_utc utc start of the next contact with the same reason",
        "unknown_reason_utc utc start of the next contact without a reason",
        "same_vendor_utc utc start of the next contact at the same vendor",
        "other_vendor_utc utc start of the next contact at another vendor",
        "inhouse_utc utc start of the next contact that an agent of the client handled",
        "agent_callback_utc utc when the vendor next called the caller back",
        "file_id text file of the record",
        "row int its record number",
    ),
    schema_version=2,
)
