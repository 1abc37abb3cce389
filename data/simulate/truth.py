"""The labelled truth of a world: which record belongs to which call, what was padded, what was spoilt, who rang again.

The files are for tests and benchmarks; the road from delivery to report never reads them. `row` is the record's number
in its file from 1, the header left out.

    pairs.csv    vendor, file, row, call_id, inhouse_call_id (empty: no call), in_log (false: not in the client's log)
    padded.csv   vendor, file, row, call_id, kind (ghost, duplicate), linked, linked_row (the record that was copied)
    dirt.csv     vendor, file, row, call_id, kind (the fault of the printed text)
    repeats.csv  call_id, next_call_id, why (unresolved, lost, two_lines): ids of the client
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from data.simulate.calls import Call, Repeat
from data.simulate.vendors import Record
from data.simulate.world import moment

HEADERS: Mapping[str, tuple[str, ...]] = {
    "pairs": ("vendor", "file", "row", "call_id", "inhouse_call_id", "in_log"),
    "padded": ("vendor", "file", "row", "call_id", "kind", "linked", "linked_row"),
    "dirt": ("vendor", "file", "row", "call_id", "kind"),
    "repeats": ("call_id", "next_call_id", "why"),
}


@dataclass(frozen=True)
class Place:
    """Where a record stands: the vendor, the file (its path in the workspace) and the row."""

    vendor: str
    file: str
    row: int


@dataclass
class Labels:
    """Collects the truth, row by row, in the order of writing: a duplicate comes after the record that it copies."""

    inhouse_ids: Mapping[int, str]
    logged: frozenset[int]
    lines: dict[str, list[tuple[str, ...]]] = field(default_factory=lambda: {name: [] for name in HEADERS})
    _places: dict[tuple[str, int], tuple[str, str]] = field(default_factory=dict)

    def note(self, place: Place, row: Record, fault: str | None) -> None:
        """Notes what is true about one delivered row."""
        head = (place.vendor, place.file, str(place.row), row.call_id)
        self._places[place.vendor, row.key] = (row.call_id, str(place.row))
        inhouse, in_log = "", ""
        if row.inhouse_call is not None:
            inhouse, in_log = self.inhouse_ids[row.inhouse_call], str(row.inhouse_call in self.logged).lower()
        self.lines["pairs"].append((*head, inhouse, in_log))
        if row.kind:
            linked = ("", "") if row.copy_of is None else self._places[place.vendor, row.copy_of]
            self.lines["padded"].append((*head, row.kind, *linked))
        if fault:
            self.lines["dirt"].append((*head, fault))

    def write(self, folder: Path, repeats: Iterable[Repeat]) -> None:
        """Writes the four files."""
        ids = self.inhouse_ids
        self.lines["repeats"] = [(ids[each.first.number], ids[each.again.number], each.why) for each in repeats]
        folder.mkdir(parents=True, exist_ok=True)
        for name, header in HEADERS.items():
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                out = csv.writer(file, lineterminator="\n")
                out.writerow(header)
                out.writerows(self.lines[name])


def call_ids(calls: Iterable[Call], first_day: date) -> dict[int, str]:
    """The client's ids by call number: the day, and a number that runs through the whole period."""
    return {call.number: f"Y{moment(first_day, call.arrived):%y%m%d}-{call.number:05d}" for call in calls}
