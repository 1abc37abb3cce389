"""What goes wrong in the vague vendor's exports, each on a day of its own, so that the other days stay whole.

The records behind the rows are right, and so is the count in the daily report: only the printed text is spoilt.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

Row = dict[str, str]


@dataclass(frozen=True)
class Fault:
    """One way to spoil a row: on which part of the period (0 to 1) it happens, how many rows, and what is printed."""

    kind: str
    when: float
    rows: int
    printed: Mapping[str, str]


FAULTS = (
    Fault("unreadable_time", when=0.25, rows=4, printed={"queued_at": "--/--/-- --:--:--"}),
    Fault("unknown_result", when=0.35, rows=4, printed={"result": "XFER-2"}),
    Fault("negative_queue", when=0.50, rows=5, printed={"queue_s": "-1"}),
    Fault("endless_talk", when=0.65, rows=3, printed={"talk_s": "86399"}),
)
"""An answered row is spoilt in each case; `negative_queue` is the one that the contract's error rule forbids."""


def spoil(rows: Sequence[Row], days: Sequence[date], day_of: Sequence[date], rng: Random) -> dict[int, str]:
    """Spoils some rows in place; `day_of[i]` is the day of `rows[i]`. Returns the kind of fault by place in `rows`."""
    spoilt: dict[int, str] = {}
    for fault in FAULTS:
        day = days[int(fault.when * len(days))]
        answered = [n for n, row in enumerate(rows) if day_of[n] == day and row["result"] == "ANSWERED"]
        for n in sorted(rng.sample(answered, min(fault.rows, len(answered)))):
            rows[n].update(fault.printed)
            spoilt[n] = fault.kind
    return spoilt
