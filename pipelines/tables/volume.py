"""What came, beside what was to be expected: days, hours of the day, reasons, and callers who ask again every month."""

from pipelines.tables.shape import Table, columns

VOLUME = Table(
    "volume",
    "one day of the month: the vendor's count beside what was to be expected",
    ("vendor", "month"),
    ("day",),
    columns(
        "day date the client's local date",
        "weekday int 1 Monday to 7 Sunday",
        "kind text working, weekend, holiday, or make_up: a weekend's day that is worked instead of another",
        "holiday_en text the holiday's name in English; null on other days",
        "holiday_zh text the same in Chinese; null where there is none",
        "span text before, in or after a long holiday; null elsewhere",
        "place text start or end of the month; null between",
        "offered int calls that the vendor's records say it was offered; null where the day was not delivered",
        "passed_on int calls that our log says it was passed on",
        "arrived int calls that arrived in our log, passed on or not",
        "expected float calls that our log lets expect to be passed on, learned from other days; null where too few",
        "low float 19 of 20 such days have no fewer",
        "high float 19 of 20 such days have no more",
        "learned int days that it was learned from",
        "state text the vendor's count: as_expected, above, below; too_few days to expect by, not_open, not_delivered",
        "note text own_log_too: our log lies outside as well; log_incomplete: it lacks hours; separated by commas",
    ),
)

VOLUME_HOURS = Table(
    "volume_hours",
    "one hour of the day, for days of one kind",
    ("vendor", "month"),
    ("kind", "hour"),
    columns(
        "kind text working (make-up days too), weekend or holiday",
        "hour int local hour of the day, 0 to 23",
        "passed_on int calls that our log passed on in it",
        "offered int calls that the vendor's records say were offered in it, on our clock",
        "own_share_pct float share of our calls of days of that kind; null where there are none",
        "vendor_share_pct float the same of the vendor's",
    ),
)

REGULARS = Table(
    "regulars",
    "one reason, and the callers who asked it in each of the last months",
    ("vendor", "month"),
    ("reason",),
    columns(
        "reason text the client's reason",
        "months int months in a row in which they rang with it, this one included",
        "callers int callers who did",
        "calls int their calls of this month with it",
        "share_pct float share of the reason's calls of this month",
    ),
)

REASONS = Table(
    "reasons",
    "one reason: how many calls, against the month before",
    ("vendor", "month"),
    ("reason",),
    columns(
        "reason text the client's reason; empty where a call has none",
        "calls int calls of this month in our log",
        "calls_before int of the month before; null where our log holds too little of it",
        "share_pct float share of the month's calls",
        "share_before_pct float the same of the month before",
        "change_points float the difference of the shares",
        "q float how much of what is flagged up to here is chance at most; null where it cannot be told",
        "has_swelled bool the share rose, by more than chance explains",
    ),
)
