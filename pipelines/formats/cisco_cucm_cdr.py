"""Flat files of Cisco Unified Communications Manager: call detail records (CDR), and the CMR that lie beside them.

Follows Cisco's "Call Reporting and Billing Administration Guide for Cisco Unified Communications Manager", Release 15:
fields, OnBehalfOf codes, cause codes, examples of transferred calls. Comma-separated, one line a record, a quoted
header line, then in some files a line of types. The set of columns grows with the releases: the header decides, and a
column that a file lacks is null. A file that begins with the types and has no names is read by the places of the
columns that never moved. Files laid one behind the other, each with its header, are read as one.

Times are seconds since 1970, UTC, and 0 means that it did not happen: it is given as null. A CMR (cdrRecordType 2)
holds voice quality only and is left out. The file is gone through twice: what belongs to one transfer is known only at
its end. Only records of transfers are kept in memory meanwhile.

Columns that the reader makes:
- `call_id`: globalCallId_ClusterID, globalCallID_callManagerId and globalCallID_callId. A transfer has several of them,
  which its records tie together by their legs: all get the one that began first.
- `leg`: both leg identifiers and the time of origination. They tell legs apart and say nothing of their order.
- `direction`: consult where a transfer's records show that this leg was dialled for it, internal for a recorder and for
  a supervisor who listens (OnBehalfOf 27, 28), outbound where callingPartyNumberPartition is filled: a line of this
  system called, since the field stays empty for calls from a gateway. Else none.
- `agent_id`: finalCalledPartyUnicodeLoginUserID, else finalCalledPartyNumber; only where the call was connected.
- `outcome`: connected calls are answered, or transferred where a transfer ended them. Others are blocked by a busy line
  or missing capacity, abandoned where nothing but their end befell them, else unknown.
"""

from collections.abc import Iterator

from pipelines.formats.cisco_lines import Record, records
from pipelines.formats.cisco_transfers import Ended, Transfers
from pipelines.formats.collect import Collector
from pipelines.formats.raw import Batch, Raw, Source, raw_columns

CMR = "a CMR: voice quality, no call"
BEGUN = "a record of a call's start: the one of its end follows"
TRANSFER, ASIDE = "10", ("27", "28")
BUSY = ("17", "34", "38", "41", "42", "44", "47", "58", "125")
"""User busy; no circuit; network out of order; temporary failure; congestion; circuit, resource or bearer not
available; out of bandwidth."""
ENDED = ("", "0", "16", "18", "19", "31", "102")
"""No cause, normal clearing, nobody responded or answered, a timer ran out."""
_TIMES = ("dateTimeOrigination", "dateTimeConnect", "dateTimeDisconnect")


def read_cisco_cucm_cdr(source: Source) -> Raw:
    """Reads a file of CDR or CMR. Raises TieoutError where it is neither, or cannot be read at all."""
    transfers = Transfers()
    for record in records(source):
        if _is_call(record) and (ended := _ended(record)):
            transfers.add(ended)
    transfers.settle()
    return Raw((), _batches(source, transfers))


def _batches(source: Source, transfers: Transfers) -> Iterator[Batch]:
    columns = raw_columns(source.item)
    collected = Collector(columns)
    for record in records(source):
        kind = record.get("cdrRecordType")
        if record.problem:
            collected.reject(record.line, record.problem)
        elif kind == "2" or "numberPacketsSent" in record.header:
            collected.leave_out(CMR)
        elif kind == "0":
            collected.leave_out(BEGUN)
        elif kind != "1":
            collected.reject(record.line, "a cdrRecordType that is neither 1 (a call) nor 2 (a CMR)")
        else:
            made = _made(record, transfers)
            collected.row(record.line, {name: made.get(name, record.get(name)) for name in columns})
        if collected.is_full:
            yield collected.batch()
    yield collected.batch()


def _is_call(record: Record) -> bool:
    return not record.problem and record.get("cdrRecordType") == "1" and "numberPacketsSent" not in record.header


def _call(record: Record) -> str:
    """The record's own call."""
    names = ("globalCallId_ClusterID", "globalCallID_callManagerId", "globalCallID_callId")
    return "-".join(part for part in map(record.get, names) if part) if record.get(names[2]) else ""


def _legs(record: Record) -> tuple[str, str]:
    return record.get("origLegCallIdentifier"), record.get("destLegIdentifier")


def _second(record: Record, name: str) -> int:
    text = record.get(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _is_split(record: Record) -> bool:
    """Whether a transfer ended the record, on either side."""
    return TRANSFER in (record.get("origCallTerminationOnBehalfOf"), record.get("destCallTerminationOnBehalfOf"))


def _ended(record: Record) -> Ended | None:
    """What a transfer knows of a record; none where it has nothing to do with one."""
    is_join = record.get("joinOnBehalfOf") == TRANSFER
    if not (is_join or _is_split(record)):
        return None
    cluster = record.get("globalCallId_ClusterID")
    legs = tuple(f"{cluster}/{leg}" if leg not in ("", "0") else "" for leg in _legs(record))
    call = _call(record)
    if not call or "" in legs:
        return None
    parties = (record.get("callingPartyNumber"), record.get("finalCalledPartyNumber"))
    began, over = (_second(record, name) for name in ("dateTimeOrigination", "dateTimeDisconnect"))
    return Ended(call, (legs[0], legs[1]), parties, began, over, is_join, _is_split(record))


def _made(record: Record, transfers: Transfers) -> dict[str, str]:
    """The cells that the reader makes, and the times without those that did not happen."""
    is_connected = record.get("dateTimeConnect") not in ("", "0")
    agent = record.get("finalCalledPartyUnicodeLoginUserID") or record.get("finalCalledPartyNumber")
    return {name: "" if record.get(name) == "0" else record.get(name) for name in _TIMES} | {
        "call_id": transfers.call_of(_call(record)),
        "leg": "-".join((*_legs(record), record.get("dateTimeOrigination"))),
        "direction": _direction(record, transfers),
        "agent_id": agent if is_connected else "",
        "outcome": _outcome(record, is_connected),
    }


def _direction(record: Record, transfers: Transfers) -> str:
    ended = _ended(record)
    if ended is not None and (ended.call, ended.legs, ended.began) in transfers.consultations:
        return "consult"
    is_aside = {record.get("joinOnBehalfOf"), record.get("lastRedirectRedirectOnBehalfOf")} & set(ASIDE)
    if is_aside:
        return "internal"
    return "outbound" if record.get("callingPartyNumberPartition") else ""


def _outcome(record: Record, is_connected: bool) -> str:
    """How a leg ended, in the words of the canonical table."""
    if is_connected:
        return "transferred" if _is_split(record) else "answered"
    causes = {record.get("origCause_value"), record.get("destCause_value")}
    if causes & set(BUSY):
        return "blocked"
    return "abandoned" if causes <= set(ENDED) and not _is_split(record) else "unknown"
