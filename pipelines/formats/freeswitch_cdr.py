"""FreeSWITCH's call detail records as mod_cdr_csv writes them: no header, one line a leg, in order of hang-up.

Follows developer.signalwire.com, "mod_cdr_csv" and "Call Detail Records", FreeSWITCH 1.10, and the vanilla
cdr_csv.conf.xml: the template `example` (15 columns), the module's own (13, without the codecs) and `linksys` and
`snom`, which add columns behind the same 15. The templates `asterisk` and `sql` have another order: a contract names
their columns and says `delimited`. Values are put between quotes as they are, so a quote in a caller's name is not
doubled; such a line is divided at `","`.

By default only the A-leg is written (`legs` = a): a row is a call. With `ab` the dialled leg has a row of its own. The
rows of one call lie near each other, so in a batch and the two beside it: where one row's `bleg_uuid` is
another's `uuid`, both get the `call_id` of the leg that started first, and the later is `outbound`. The documentation
does not say what `bleg_uuid` holds on a dialled leg; where neither row names the other, they stay two calls.

Columns that the reader makes: `call_id`, `leg` (1, 2, … in order of start), `direction` (null or outbound) and
`result`: `ANSWERED` where there is a time of answer, with the cause where the call was passed on; else the cause of the
hang-up.
What answers may be an announcement or a queue: the record does not say when an agent took the call.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import polars as pl

from pipelines.formats.lines import Line, Record, as_asked, in_batches, lines_of
from pipelines.formats.raw import Batch, Raw, Source

COLUMNS = (
    *("caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp", "answer_stamp"),
    *("end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid", "accountcode"),
    *("read_codec", "write_codec"),
)
WIDTHS = (13, 15, 17, 20)
PASSED_ON = ("BLIND_TRANSFER", "ATTENDED_TRANSFER")
_NO_ANSWER = ("1970-01-01", "1969-12-31")  # old versions print the zero of their clock for a call nobody answered
_BETWEEN = re.compile(r'" ?, ?"')


def read_freeswitch_cdr(source: Source) -> Raw:
    """Reads a Master.csv. Broken lines become rejects; TieoutError only where the file as a whole cannot be read."""
    batches = _with_legs(in_batches(_records(lines_of(source)), (*COLUMNS, "result")))
    return Raw((), (replace(batch, frame=as_asked(batch.frame, source.item)) for batch in batches))


def _records(lines: Iterable[Line]) -> Iterator[Record]:
    is_first = True
    for line in lines:
        if line.trouble:
            yield Record(line.number, reason=line.trouble)
        elif line.text.strip():
            cells = _split(line.text)
            if is_first and cells and cells[0].lower() == COLUMNS[0]:
                yield Record(line.number, left_out="a header line")
            else:
                yield _record(line.number, cells)
        else:
            continue
        is_first = False


def _split(text: str) -> list[str]:
    """The cells: as proper CSV if that fits, else as the template puts them together."""
    try:
        cells = next(csv.reader([text], strict=True, skipinitialspace=True), [])
    except csv.Error:
        cells = []
    if len(cells) not in WIDTHS and len(text) > 1 and text[0] == text[-1] == '"':
        return _BETWEEN.split(text[1:-1])
    return cells


def _record(number: int, cells: list[str]) -> Record:
    if len(cells) not in WIDTHS:
        found = f"{len(cells)} cells" if cells else "broken quoting"
        return Record(number, reason=f"{found} where the template has 15, or 13 without the codecs")
    named: dict[str, str | None] = dict(zip(COLUMNS, cells, strict=False))
    if (named["answer_stamp"] or "").startswith(_NO_ANSWER):
        named["answer_stamp"] = named["billsec"] = None
    cause = named["hangup_cause"]
    answered = f"ANSWERED {cause}" if cause in PASSED_ON else "ANSWERED"
    return Record(number, {**named, "result": answered if named["answer_stamp"] else cause})


def _with_legs(batches: Iterator[Batch]) -> Iterator[Batch]:
    """Adds call_id, leg and direction; legs of a call are looked for in a batch and the two beside it."""
    before, here = None, next(batches, None)
    while here is not None:
        behind = next(batches, None)
        near = pl.concat([batch.frame for batch in (before, here, behind) if batch is not None])
        frame = here.frame.join(_legs(near), on="uuid", how="left", maintain_order="left")
        yield replace(here, frame=frame)
        before, here = here, behind


def _legs(rows: pl.DataFrame) -> pl.DataFrame:
    """uuid, call_id, leg, direction, one row a leg: a dialled leg has the call_id of the leg that dialled."""
    known = rows.select("uuid", "bleg_uuid", "start_stamp").drop_nulls("uuid").unique("uuid", keep="first")
    legs = known.join(_dialled(known), on="uuid", how="left").with_columns(
        call_id=pl.coalesce("call_id", "uuid"),
        direction=pl.when(pl.col("call_id").is_not_null()).then(pl.lit("outbound")),
    )
    order = pl.struct(pl.col("direction").is_not_null(), "start_stamp", "uuid").rank("ordinal").over("call_id")
    return legs.select("uuid", "call_id", "direction", leg=order.cast(pl.String))


def _dialled(legs: pl.DataFrame) -> pl.DataFrame:
    """uuid, call_id of the legs that belong to the call of another."""
    pairs = legs.filter(pl.col("bleg_uuid") != pl.col("uuid")).join(
        legs, left_on="bleg_uuid", right_on="uuid", suffix="_other", coalesce=False
    )
    starts, is_mutual = (
        (pl.col("start_stamp"), pl.col("start_stamp_other")),
        pl.col("bleg_uuid_other") == pl.col("uuid"),
    )
    is_same_second = ~is_mutual.fill_null(value=False) | (pl.col("uuid") < pl.col("uuid_other"))
    is_caller = (starts[0] < starts[1]) | ((starts[0] == starts[1]) & is_same_second)
    calls = pairs.select(
        uuid=pl.when(is_caller).then("uuid_other").otherwise("uuid"),
        call_id=pl.when(is_caller).then("uuid").otherwise("uuid_other"),
    )
    first = calls.sort("uuid", "call_id").unique("uuid", keep="first", maintain_order=True)
    further = first.rename({"uuid": "call_id", "call_id": "its_call_id"})  # a dialled leg that dials on
    return first.join(further, on="call_id", how="left").select("uuid", call_id=pl.coalesce("its_call_id", "call_id"))
