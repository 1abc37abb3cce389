"""Asterisk's queue_log: one event a line, `epoch|callid|queuename|agent|event|data1|…|data5`, fields divided by `|`.

Follows docs.asterisk.org, "Queue Logs" (Operation, Logging), as of Asterisk 22. Trailing fields may be missing. The
time is in seconds since 1970, with or without a fraction. Every line is a row, whatever its event: calls and agents'
states are made from them in `standardise/queue_calls.py` and `queue_states.py`.

Columns: time, call_id, queue, agent, event, data1 to data5 and `more` (further fields as they stand: an attended
transfer by LINK has six). A queue or an agent `NONE` is an empty cell, an agent stands there without `Agent/`. The
second field of ENTERQUEUE is the caller's number: it is given as `caller`, and not as `data2`, so that it is keyed and
never stored.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pipelines.formats.lines import Line, Record, as_asked, in_batches, lines_of
from pipelines.formats.raw import Raw, Source

FIELDS = ("time", "call_id", "queue", "agent", "event", "data1", "data2", "data3", "data4", "data5")
COLUMNS = (*FIELDS, "more", "caller")
LEAST = 5


def read_asterisk_queue_log(source: Source) -> Raw:
    """Reads a queue_log. Broken lines become rejects; TieoutError only where the file as a whole cannot be read."""
    batches = in_batches(_records(lines_of(source)), COLUMNS)
    return Raw((), (replace(batch, frame=as_asked(batch.frame, source.item)) for batch in batches))


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    for line in lines:
        if line.trouble:
            yield Record(line.number, reason=line.trouble)
        elif line.text.strip():
            yield _record(line)


def _record(line: Line) -> Record:
    fields = [field.strip() for field in line.text.split("|")]
    if len(fields) < LEAST:
        return Record(line.number, reason=f"{len(fields)} fields where an event has at least {LEAST}")
    if not fields[0] or not fields[4]:
        return Record(line.number, reason="an event without its time or its name")
    cells: dict[str, str | None] = dict(zip(FIELDS, fields, strict=False))
    cells["more"] = "|".join(fields[len(FIELDS) :])
    for name in ("queue", "agent"):
        cells[name] = None if cells[name] == "NONE" else (cells[name] or "").removeprefix("Agent/")
    if cells["event"] == "ENTERQUEUE":
        cells["caller"] = cells.pop("data2", None)
    return Record(line.number, cells)
