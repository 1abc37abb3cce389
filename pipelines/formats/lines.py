"""Text logs of switches, one record a line: lines and their numbers, numbered batches.

What a record's cells mean is the business of each reader. Files with a header or of any other shape are read by
`delimited.py`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipelines.contract.model import FeedObject
from pipelines.formats.collect import Collector
from pipelines.formats.raw import LINE, ROW, Batch, Source, raw_columns
from pipelines.formats.received import is_whole, open_text

LONGEST_LINE = 1 << 20
"""Characters. A switch writes lines of a few hundred; what is longer is no line, and is not kept in memory."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `trouble` says why its text cannot be used."""

    number: int
    text: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells by column, or the reason why it has none, or why the format makes it superfluous."""

    line: int
    cells: Mapping[str, str | None] = field(default_factory=dict)
    reason: str = ""
    left_out: str = ""


def lines_of(source: Source) -> Iterator[Line]:
    """The file's lines behind `skip_rows`, packed or not; one that is no text of its encoding is given as a trouble.

    TieoutError where the file cannot be read, or the encoding does not apply to it at all.
    """
    with open_text(source) as stream:
        number = 0
        while text := stream.readline(LONGEST_LINE):
            number += 1
            is_long = len(text) == LONGEST_LINE and not text.endswith("\n")
            while is_long and (rest := stream.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass  # the rest of the line is read past, not kept
            if number > source.item.skip_rows:
                trouble = _trouble(text, source.server.encoding)
                if is_long:
                    trouble = f"a line of more than {LONGEST_LINE} characters"
                yield Line(number, "" if trouble else text.removesuffix("\n").removesuffix("\r"), trouble)


def in_batches(records: Iterable[Record], names: Sequence[str]) -> Iterator[Batch]:
    """Numbers the records and lays them into batches with one text column per name; at least one batch."""
    collector, is_given = Collector(list(names)), False
    for record in records:
        if record.reason:
            collector.reject(record.line, record.reason)
        elif record.left_out:
            collector.leave_out(record.left_out)
        else:
            collector.row(record.line, record.cells)
        if collector.is_full:
            yield collector.batch()
            is_given = True
    last = collector.batch()
    if last.rows_read or not is_given:
        yield last


def as_asked(frame: pl.DataFrame, item: FeedObject) -> pl.DataFrame:
    """The columns that the contract reads, in its order; one that the format does not know is null."""
    have = set(frame.columns)
    wanted = (pl.col(name) if name in have else pl.lit(None, pl.String).alias(name) for name in raw_columns(item))
    return frame.select(ROW, LINE, *wanted)


def _trouble(text: str, encoding: str) -> str:
    """Why a line is no text: undecodable bytes, or the NULs of a disk that was full or failed."""
    if "\0" in text:
        return "NUL bytes in the line"
    return (
        "" if text.isascii() or is_whole(text) else f"bytes that are not {'utf-8' if encoding == 'auto' else encoding}"
    )
