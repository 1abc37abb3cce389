"""Amazon Connect contact records, as Kinesis and Firehose write them to S3: JSON objects, often with nothing between.

Follows the Amazon Connect Administrator Guide, "Data model for contact records" (ContactTraceRecord), its section on
abandoned contacts and the page "Real-time metrics example for a queued callback flow", as of 2026.

Records are delivered at least once: of each ContactId the latest version counts (LastUpdateTimestamp, then place in
the file). So the whole file is seen before the first row is given, and memory grows with the file, though only with
the columns that are read. A record is one part of a call; the parts share `call_id`, the id of the first.

Columns that the reader makes:
- `call_id`: InitialContactId, or ContactId of the first part.
- `leg`: ContactId, which stays the same when a record is delivered again in another file.
- `direction`: by InitiationMethod. A transfer has that of its first part if that stands in the file, else unknown.
- `offered`: Queue.EnqueueTimestamp, or InitiationTimestamp where the contact was in no queue.
- `outcome`: answered or transferred where an agent was connected. Else, of what was in a queue: callback_requested
  where a callback follows, overflowed where another part follows, abandoned. What ended in the flow before any queue
  was offered to nobody: unknown.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipelines.errors import TieoutError, fault
from pipelines.formats.collect import Collector
from pipelines.formats.json_objects import SAMPLE, Piece, objects
from pipelines.formats.json_text import Unreadable, at, cell, parse
from pipelines.formats.moments import moment
from pipelines.formats.raw import Batch, Raw, Source, raw_columns

EARLIER = "an earlier version of the same contact"
DIRECTIONS = {
    **dict.fromkeys(("INBOUND", "WEBRTC_API"), "inbound"),
    **dict.fromkeys(("OUTBOUND", "CALLBACK", "API", "EXTERNAL_OUTBOUND"), "outbound"),
    "MONITOR": "internal",
}
"""By InitiationMethod; the others continue a contact."""
OTHER_CHANNELS = ("CHAT", "TASK", "EMAIL")
CONTINUED = ("TRANSFER", "QUEUE_TRANSFER")

_FIRST = datetime.min.replace(tzinfo=UTC)
_MADE = ("call_id", "leg", "direction", "offered", "outcome")
_NEEDED = (
    *("ContactId", "InitialContactId", "PreviousContactId", "NextContactId", "InitiationMethod", "InitiationTimestamp"),
    *("DisconnectReason", "TransferCompletedTimestamp", "Agent.ConnectedToAgentTimestamp"),
    *("Queue.EnqueueTimestamp", "Queue.ARN", "Queue.Name"),
)
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """One record, with its cells that are filled; without cells `reason` says why it is not read or not needed."""

    line: int
    cells: Cells | None = None
    reason: str = ""
    is_reject: bool = False


@dataclass
class _Contacts:
    """All records of a file in its order, the place of each contact's latest version, and what follows a contact."""

    parts: list[_Part] = field(default_factory=list)
    latest: dict[str, tuple[datetime, int]] = field(default_factory=dict)

    def add(self, part: _Part, updated: str | None) -> None:
        """Adds a record and sets an earlier version of it aside."""
        place = len(self.parts)
        self.parts.append(part)
        contact = (part.cells or {}).get("ContactId")
        if contact is None:
            return
        version = (moment(updated) or _FIRST, place)
        known = self.latest.get(contact)
        if known is not None:
            old = min(known, version)[1]
            self.parts[old] = _Part(self.parts[old].line, None, EARLIER)
        self.latest[contact] = version if known is None else max(known, version)

    def followers(self) -> dict[str, set[str]]:
        """How the parts were initiated that name a contact as the one before them, or a callback as the first."""
        found: dict[str, set[str]] = defaultdict(set)
        for part in self.parts:
            method = (part.cells or {}).get("InitiationMethod", "")
            before = ["PreviousContactId", "InitialContactId"] if method == "CALLBACK" else ["PreviousContactId"]
            for name in before:
                if part.cells is not None and name in part.cells and part.cells[name] != part.cells.get("ContactId"):
                    found[part.cells[name]].add(method)
        return found


def read_amazon_connect_ctr(source: Source) -> Raw:
    """Reads contact records; LINE is the line on which a record starts. Other channels than voice are left out.

    Raises TieoutError where no object of the file is a contact record.
    """
    columns = raw_columns(source.item)
    wanted = list(dict.fromkeys([*(name for name in columns if name not in _MADE), *_NEEDED]))
    contacts = _read(source, wanted)
    return Raw((), _batches(contacts, columns))


def _read(source: Source, wanted: list[str]) -> _Contacts:
    contacts, known, strangers = _Contacts(), 0, 0
    for piece in objects(source):
        if len(contacts.parts) == SAMPLE and not known:
            raise _no_contacts(source)
        try:
            part, updated = _part(piece, wanted)
        except Unreadable as problem:
            contacts.add(_Part(piece.line, None, str(problem), is_reject=True), None)
            continue
        known += updated.is_contact
        strangers += not updated.is_contact
        contacts.add(part, updated.text)
    if strangers and not known:
        raise _no_contacts(source)
    return contacts


@dataclass(frozen=True, slots=True)
class _Version:
    """When a record was last updated, and whether it names a contact at all."""

    text: str | None
    is_contact: bool


def _part(piece: Piece, wanted: list[str]) -> tuple[_Part, _Version]:
    """One record with the cells that are wanted. Raises Unreadable."""
    if piece.text is None:
        raise Unreadable(piece.problem)
    record = parse(piece.text)
    found = {name: cell(at(record, name)) for name in wanted}
    channel = cell(at(record, "Channel"))
    version = _Version(cell(at(record, "LastUpdateTimestamp")), bool(found["ContactId"]))
    if channel and channel.upper() != "VOICE":
        named = channel.upper() if channel.upper() in OTHER_CHANNELS else "another channel"
        return _Part(piece.line, None, f"not a phone call: {named}"), version
    return _Part(piece.line, {name: value for name, value in found.items() if value}), version


def _no_contacts(source: Source) -> TieoutError:
    hint = "correct tieout.format, or have contact records sent"
    return fault(source.name, "records without a ContactId", "Amazon Connect contact records", hint)


def _batches(contacts: _Contacts, columns: list[str]) -> Iterator[Batch]:
    """Rows in the order of the file."""
    collected, followers = Collector(columns), contacts.followers()
    for part in contacts.parts:
        if part.cells is not None:
            collected.row(part.line, _made(part.cells, followers, contacts))
        elif part.is_reject:
            collected.reject(part.line, part.reason)
        else:
            collected.leave_out(part.reason)
        if collected.is_full:
            yield collected.batch()
    yield collected.batch()


def _made(cells: Cells, followers: Mapping[str, set[str]], contacts: _Contacts) -> Mapping[str, str | None]:
    """A record's cells and those that the reader makes."""
    contact = cells.get("ContactId")
    first = cells.get("InitialContactId") or contact
    return cells | {
        "call_id": first or "",
        "leg": contact or "",
        "direction": _direction(cells, first, contacts) or "",
        "offered": cells.get("Queue.EnqueueTimestamp") or cells.get("InitiationTimestamp") or "",
        "outcome": _outcome(cells, followers.get(contact or "", set())),
    }


def _direction(cells: Cells, first: str | None, contacts: _Contacts) -> str | None:
    method = cells.get("InitiationMethod", "")
    if method not in (*CONTINUED, "DISCONNECT"):
        return DIRECTIONS.get(method)
    if first not in contacts.latest:
        return "unknown"
    initial = contacts.parts[contacts.latest[first][1]].cells or {}
    return DIRECTIONS.get(initial.get("InitiationMethod", ""), "unknown")


def _outcome(cells: Cells, followed_by: set[str]) -> str:
    """How a part of a call ended, in the words of the canonical table."""
    goes_on = "TransferCompletedTimestamp" in cells or not followed_by.isdisjoint(CONTINUED)
    if "Agent.ConnectedToAgentTimestamp" in cells:
        return "transferred" if goes_on else "answered"
    if DIRECTIONS.get(cells.get("InitiationMethod", "")) in ("outbound", "internal"):
        return "unknown"
    if "CALLBACK" in followed_by:
        return "callback_requested"
    sent_on = "NextContactId" in cells and cells.get("DisconnectReason") == "CONTACT_FLOW_DISCONNECT"
    if goes_on or sent_on:
        return "overflowed"
    is_queued = not cells.keys().isdisjoint(("Queue.EnqueueTimestamp", "Queue.ARN", "Queue.Name"))
    return "abandoned" if is_queued else "unknown"
