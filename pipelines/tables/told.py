"""What a scorecard is made of: figures, repeats, vague fields, settlement, padding."""

from dataclasses import replace

from pipelines.tables.shape import Table, columns

FIGURES = Table(
    "figures",
    "one measured figure",
    ("vendor", "month"),
    ("side", "scope", "id"),
    columns(
        "vendor_id text the vendor's folder name",
        "month text audited month",
        "as_of date end of the data that it rests on",
        "id text figure id of the catalogue",
        "side text vendor or inhouse",
        "scope text all, or day:<date>, queue:<queue>, group:<group>, reason:<reason>",
        "unit text unit of the value",
        "reported float what the vendor reports; null where it reports nothing",
        "measured float what the records show; null where not measurable",
        "low float lowest value that what is left open allows; null where nothing is",
        "high float highest such value",
        "ci_low float lower end of the 95 % interval, where the figure is a sample's",
        "ci_high float its upper end",
        "n int base of the measured value",
        "definition text definition used",
        "status text final, provisional or not_measurable",
        "reason text why it is not measurable or not final",
    ),
)

SETTLED_FIGURES = replace(FIGURES, name="settled_figures", grain="one figure that needs the settlement")
"""Figures that are measured only once it is known what is owed."""

REPEATS = Table(
    "repeats",
    "one answered call of the month that its caller followed by another contact",
    ("vendor", "month"),
    ("file_id", "row"),
    columns(
        "call_id text the vendor's id",
        "side text the vendor",
        "next_call_id text id of the next contact, on its own side",
        "next_side text a vendor's id, or inhouse",
        "gap_s seconds from the end of the call to the start of the next contact",
        "file_id text file of the record",
        "row int its record number",
    ),
)
"""The shape of `evidence/repeats.parquet`; in the lake `contacts` holds it."""

VAGUE_FIELDS = Table(
    "vague_fields",
    "one reported figure that the contract leaves undefined",
    ("vendor", "month"),
    ("field",),
    columns(
        "field text figure id",
        "column text column as the vendor names it",
        "missing text what is missing, separated by commas",
        "question text what to ask the vendor",
    ),
)

SETTLEMENT = Table(
    "settlement",
    "one line of what is owed",
    ("vendor", "month"),
    ("position",),
    columns(
        "position int order of the lines",
        "line text line id",
        "calls int calls on the line",
        "amount_low money amount in the contract's currency, lowest",
        "amount_high money amount, highest",
        "note text why the line is as it is",
    ),
)

PADDING = Table(
    "padding",
    "what one detector found at one certainty",
    ("vendor", "month"),
    ("detector", "certainty"),
    columns(
        "detector text detector id",
        "certainty text proven, probable or suspected",
        "calls int records named",
        "amount_low money what they stand for at least, in the contract's currency",
        "amount_high money at most",
    ),
)
