"""Asterisk's call detail records as cdr_csv writes them to Master.csv: no header, 16 to 21 columns, in order of end.

Follows docs.asterisk.org, "CDR Fields", and the sample cdr.conf (section `[csv]`) of Asterisk 22; the columns are the
same since 1.8. Sixteen always stand there; `loguniqueid` and `loguserfield` add one each, `newcdrcolumns` three. A file
may change its width in the middle, when the switch was configured anew. Which one the 17th of 17 or 20 columns is, its
text tells: a unique id is `[system-]epoch.number`.

Columns that the reader makes, since no column of the file says them:
- `call_id`: linkedid, else uniqueid. Without either there is none: then a digest of channel and start, `made-…`, which
  is the same in every export of that record.
- `leg`: sequence, else a digest of the destination channel, whose name is new with every attempt. Digests, because
  names of channels may hold callers' numbers.
- `direction`: outbound where a channel Local/… calls, else none. That is the switch's own half of a leg, which stands
  in another record, too: its talk would count twice.
- `queue`: the queue of the application Queue, where that was the last one.
- `agent`: the destination channel without its running number and without `Agent/`; none where it holds a long number.
"""

import csv
import hashlib
import re
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipelines.formats.lines import Line, Record, as_asked, in_batches, lines_of
from pipelines.formats.raw import Raw, Source

csv.field_size_limit(sys.maxsize)

ALWAYS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
SINCE_1_8 = ("peeraccount", "linkedid", "sequence")
COLUMNS = (*ALWAYS, "uniqueid", "userfield", *SINCE_1_8)
MADE = ("call_id", "leg", "direction", "queue", "agent")
WIDTHS = range(len(ALWAYS), len(COLUMNS) + 1)
LONGEST_RECORD = 20
"""Lines. User fields may hold line breaks; a quote that is not closed by then was never meant to be."""

_UNIQUE_ID = re.compile(r"(.+-)?\d{9,11}\.\d+")
_RUNNING_NUMBER = re.compile(r"-[0-9a-f]{6,10}(;\d)?$")
_LONG_NUMBER = re.compile(r"\d{7}")


def read_asterisk_cdr(source: Source) -> Raw:
    """Reads a Master.csv. Broken lines become rejects; TieoutError only where the file as a whole cannot be read."""
    batches = in_batches(_records(lines_of(source)), (*COLUMNS, *MADE))
    return Raw((), (replace(batch, frame=as_asked(batch.frame, source.item)) for batch in batches))


def _records(lines: Iterator[Line]) -> Iterator[Record]:
    is_first = True
    for line, cells, reason in _cells(lines):
        if reason:
            yield Record(line, reason=reason)
        elif is_first and [cell.lower() for cell in cells[1:3]] == ["src", "dst"]:
            yield Record(line, left_out="a header line")
        else:
            named = _named(cells)
            yield Record(line, {**named, **_made(named)})
        is_first = False


def _cells(lines: Iterator[Line]) -> Iterator[tuple[int, list[str], str]]:
    """First line, cells, reason of a reject. A quote that stays open costs its own line, not the file."""
    ahead: deque[Line] = deque()
    while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
        if line.trouble or not line.text.strip():
            if line.trouble:
                yield line.number, [], line.trouble
            continue
        text, taken = _closed(line.text, ahead, lines)
        cells, reason = _split(text)
        if reason and taken:
            cells, reason = [], f"quoting is broken: a quote is not closed within {LONGEST_RECORD} lines"
        elif taken:
            for _ in range(taken):
                ahead.popleft()
        yield line.number, cells, reason


def _closed(text: str, ahead: deque[Line], lines: Iterator[Line]) -> tuple[str, int]:
    """The text with as many of the next lines as its quotes need, and their number; they stay in `ahead`."""
    parts, is_open = [text], text.count('"') % 2 == 1
    while is_open and len(parts) <= LONGEST_RECORD:
        if len(parts) > len(ahead):
            following = next(lines, None)
            if following is None:
                break
            ahead.append(following)
        line = ahead[len(parts) - 1]
        if line.trouble:
            break
        parts.append(line.text)
        is_open ^= line.text.count('"') % 2 == 1
    return "\n".join(parts), len(parts) - 1


def _split(text: str) -> tuple[list[str], str]:
    try:
        cells = next(csv.reader([text], strict=True), [])
    except csv.Error as error:
        return [], f"quoting is broken: {error}"
    if len(cells) not in WIDTHS:
        return [], f"{len(cells)} cells where a call detail record has {WIDTHS.start} to {WIDTHS.stop - 1}"
    return cells, ""


def _named(cells: Sequence[str]) -> dict[str, str]:
    """The cells by name. Which optional columns stand there, their number says, and the text where that leaves two."""
    more = list(cells[len(ALWAYS) :])
    named = dict(zip(ALWAYS, cells, strict=False))
    if len(more) >= len(SINCE_1_8):
        named |= zip(SINCE_1_8, more[-3:], strict=True)
        more = more[:-3]
    if len(more) == 1:
        return named | {"uniqueid" if _UNIQUE_ID.fullmatch(more[0]) else "userfield": more[0]}
    return named | dict(zip(("uniqueid", "userfield"), more, strict=False))


def _made(named: dict[str, str]) -> dict[str, str | None]:
    """The columns that no column of the file says."""
    channel, target = named["channel"], named["dstchannel"]
    call_id = named.get("linkedid") or named.get("uniqueid")
    if not call_id and channel and named["start"]:
        call_id = f"made-{_digest(channel, named['start'])}"
    agent = _RUNNING_NUMBER.sub("", target).removeprefix("Agent/")
    return {
        "call_id": call_id,
        "leg": named.get("sequence") or (_digest(target)[:8] if target else "0"),
        "direction": "outbound" if channel.startswith("Local/") else None,
        "queue": re.split(r"[,|]", named["lastdata"])[0] if named["lastapp"].lower() == "queue" else None,
        "agent": None if _LONG_NUMBER.search(agent) else agent,
    }


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
