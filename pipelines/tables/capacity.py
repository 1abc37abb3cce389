"""What a vendor's capacity is judged by: the half hours of a month."""

from pipelines.tables.shape import Table, columns

INTERVALS = Table(
    "intervals",
    "one half hour of the client's day",
    ("vendor", "month"),
    ("start_utc",),
    columns(
        "start_utc utc its start",
        "end_utc utc its end",
        "day date the client's local date",
        "offered int calls offered that started in it: answered, abandoned, overflowed, and legs without a record",
        "answered int calls that an agent answered",
        "in_t int answered within the service-level threshold",
        "abandoned int calls abandoned, by the vendor's records",
        "passed int legs that the client passed on in it",
        "forecast float calls that the client announced, of a longer period its share by length; null where none is",
        "aht_s float handling time that the load is reckoned with: its own from 30 calls on, else the month's",
        "load float offered load in erlangs: calls offered x aht_s / length",
        "needed_c int agents needed for the agreed service level by Erlang C; null where not measurable",
        "needed_a int the same by Erlang A, with the month's patience; null without one",
        "planned float agents planned by the roster, on average over it; null without one",
        "present float agents present, on average over it; null where neither states nor calls show them",
        "present_by text states, where agents were not logged out; calls, where they answered one",
        "gap float planned less needed, by A where there is a patience, else C",
        "peak_calls int most delivered calls at one moment, queued or talking",
        "peak_utc utc the first moment with so many delivered calls",
        "peak_talks int most answered calls at one moment; null where no number of seats is agreed",
        "peak_legs int most legs at one moment, by the client's log",
        "trunks int lines that there are",
        "is_relieved bool the terms relieve the vendor for at least a part of it",
        "relief text outage, over_forecast or both, separated by a comma",
        "is_final bool it lies before the end of the data",
    ),
)
