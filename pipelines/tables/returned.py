"""What callers came back for: how often a call about one thing was followed by a contact about another, and where."""

from pipelines.tables.shape import Table, columns

RETURNED = Table(
    "returned",
    "one window, reason of a vendor's answered call, and reason and place of the caller's next contact",
    ("vendor", "month"),
    ("window", "reason", "next_reason", "place"),
    columns(
        "window text length of the window, as 24h",
        "reason text what the answered call was about; empty where not told",
        "next_reason text what the next contact was about; empty where not told",
        "place text where that was: inhouse, same_vendor or other_vendor",
        "calls int answered calls that were followed so",
        "median_gap_s seconds from the end of the call to the start of the next contact, the one in the middle",
    ),
)
