"""Lines of Cisco's CDR flat files → records by the name of the column: header lines, lines of types, broken lines.

What a call record means is read in `cisco_cucm_cdr.py`.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.errors import fault
from pipelines.formats.raw import Source
from pipelines.formats.received import is_whole, open_text

LONGEST_LINE = 1 << 20
FIRST_NAME = "cdrRecordType"
NEVER_MOVED = (
    *(FIRST_NAME, "globalCallID_callManagerId", "globalCallID_callId", "origLegCallIdentifier"),
    *("dateTimeOrigination", "origNodeId", "origSpan", "origIpAddr", "callingPartyNumber"),
    *("callingPartyUnicodeLoginUserID", "origCause_location", "origCause_value", "origPrecedenceLevel"),
    *("origMediaTransportAddress_IP", "origMediaTransportAddress_Port", "origMediaCap_payloadCapability"),
    *("origMediaCap_maxFramesPerPacket", "origMediaCap_g723BitRate", "origVideoCap_Codec", "origVideoCap_Bandwidth"),
    *("origVideoCap_Resolution", "origVideoTransportAddress_IP", "origVideoTransportAddress_Port"),
    *("origRSVPAudioStat", "origRSVPVideoStat", "destLegIdentifier", "destNodeId", "destSpan", "destIpAddr"),
    *("originalCalledPartyNumber", "finalCalledPartyNumber", "finalCalledPartyUnicodeLoginUserID"),
    *("destCause_location", "destCause_value", "destPrecedenceLevel", "destMediaTransportAddress_IP"),
    *("destMediaTransportAddress_Port", "destMediaCap_payloadCapability", "destMediaCap_maxFramesPerPacket"),
    *("destMediaCap_g723BitRate", "destVideoCap_Codec", "destVideoCap_Bandwidth", "destVideoCap_Resolution"),
    *("destVideoTransportAddress_IP", "destVideoTransportAddress_Port", "destRSVPAudioStat", "destRSVPVideoStat"),
    *("dateTimeConnect", "dateTimeDisconnect", "lastRedirectDn", "pkid", "originalCalledPartyNumberPartition"),
    *("callingPartyNumberPartition", "finalCalledPartyNumberPartition", "lastRedirectDnPartition", "duration"),
    *("origDeviceName", "destDeviceName", "origCallTerminationOnBehalfOf", "destCallTerminationOnBehalfOf"),
    *("origCalledPartyRedirectOnBehalfOf", "lastRedirectRedirectOnBehalfOf", "origCalledPartyRedirectReason"),
    *("lastRedirectRedirectReason", "destConversationId", "globalCallId_ClusterID", "joinOnBehalfOf"),
)
"""The columns of a call record that have stood in these places since release 5; later releases added theirs behind."""
_TYPE = re.compile(r"[A-Z][A-Z0-9_ ]*(\(\d+(,\d+)?\))?")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells under the names of its header, or why it has none."""

    line: int
    header: dict[str, int] = field(default_factory=dict)
    cells: list[str] = field(default_factory=list)
    problem: str = ""

    def get(self, name: str) -> str:
        """A cell without the blanks around it; empty where the file has no such column."""
        place = self.header.get(name)
        return self.cells[place].strip() if place is not None else ""


def records(source: Source) -> Iterator[Record]:
    """The records of a file in its order; blank lines, headers and lines of types are none.

    Raises TieoutError where the file begins with neither a header nor a line of types, or cannot be read at all.
    """
    header: dict[str, int] = {}
    width = 0
    for number, line in _lines(source):
        if line is not None and not line.strip():
            continue
        cells = _cells(line)
        if isinstance(cells, str):
            yield Record(number, problem=cells)
        elif cells[0].strip() == FIRST_NAME:
            header, width = {name.strip(): place for place, name in enumerate(cells)}, len(cells)
        elif _are_types(cells):
            width = width or len(cells)
            header = header or {name: place for place, name in enumerate(_named(width))}
        elif not header:
            hint = "have the file sent as the publisher writes it, or correct tieout.format"
            found = f"a line of {len(cells)} cells that does not begin with {FIRST_NAME}"
            raise fault(f"{source.name}: line {number} (header)", found, "a header line of Cisco's CDR or CMR", hint)
        elif len(cells) != width:
            yield Record(number, problem=f"{len(cells)} cells where the header has {width}")
        else:
            yield Record(number, header, cells)


def _named(width: int) -> list[str]:
    """Names for a file without any: those that never moved, and places for the rest."""
    return [*NEVER_MOVED[:width], *(f" {place}" for place in range(len(NEVER_MOVED), width))]


def _are_types(cells: list[str]) -> bool:
    return cells[0].strip() == "INTEGER" and all(_TYPE.fullmatch(cell.strip()) for cell in cells)


def _lines(source: Source) -> Iterator[tuple[int, str | None]]:
    """Line numbers and lines; None for a line that is too long to be one."""
    with open_text(source) as text:
        number = 1
        while line := text.readline(LONGEST_LINE):
            is_long = len(line) == LONGEST_LINE and not line.endswith("\n")
            while is_long and (rest := text.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
            if number > source.item.skip_rows:
                yield number, None if is_long else line.rstrip("\r\n")
            number += 1


def _cells(line: str | None) -> list[str] | str:
    """The cells of a line, or what is wrong with it."""
    if line is None:
        return f"a line of more than {LONGEST_LINE:,} characters"
    if not line.isascii() and not is_whole(line):
        return "bytes that are not of the file's encoding"
    if "\r" in line or "\0" in line:
        return "control characters in the line"
    try:
        return next(csv.reader([line], strict=True))
    except (csv.Error, StopIteration):
        return "quoting is broken"
