"""Service compared: kinds of callers, callers in groups, and the comparisons made of them."""

from pipelines.tables.shape import Table, columns

PROFILES = Table(
    "profiles",
    "one kind of caller (the same contacts and outcomes by side and reason), at one side and reason",
    ("vendor", "month"),
    ("profile", "side", "reason"),
    columns(
        "window text window of first-contact resolution that the terms name, as 24h",
        "profile int number of the kind; its rows together are what each of its callers did in the month",
        "callers int callers of exactly this kind",
        "side text a vendor's id, or inhouse",
        "reason text reason of the contacts; (none) where none is recorded, (other) for the rare ones together",
        "contacts int answered contacts of one such caller whose window is closed",
        "resolved int of these, with no further contact within the window",
    ),
)

CALLER_GROUPS = Table(
    "caller_groups",
    "one figure of one group of callers, at one side and reason",
    ("vendor", "month"),
    ("figure", "part", "side", "reason"),
    columns(
        "figure text figure id of the catalogue",
        "part int remainder of the caller's key: the same caller is in the same group in every month, at every side",
        "side text a vendor's id, or inhouse",
        "reason text reason of the contacts, as in profiles",
        "contacts int contacts with a number that the figure is a share of",
        "counted int of these, the ones that count",
    ),
)

COMPARISONS = Table(
    "comparisons",
    "one figure of a vendor beside the same of somebody else, or of its last month, for all reasons or one",
    ("vendor", "month"),
    ("figure", "against", "reason"),
    columns(
        "figure text figure id of the catalogue",
        "against text inhouse, another vendor's id, or the last month as YYYY-MM",
        "reason text the reason; empty for all together",
        "value float the vendor's, in percent",
        "other_value float the other's; standardised: as it would be with the vendor's reasons",
        "n int contacts of the vendor that are compared",
        "other_n int contacts of the other",
        "difference float value less other_value, in points",
        "ci_low float lower end of the 95 % interval of the difference, in points",
        "ci_high float its upper end",
        "is_standardised bool the mix of reasons is allowed for",
        "raw_difference float the difference with the mix of reasons as it is, in points",
        "verdict text better, worse, no_difference_shown or too_few",
        "note text codes of what to know, separated by semicolons: standardised_to:own_mix, left_out:<reasons>, …",
    ),
)
