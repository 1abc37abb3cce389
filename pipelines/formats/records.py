"""UTF-8 chunks of a delimited file → blocks of well-formed records, and what is not well-formed, numbered exactly.

A chunk is looked at as a whole: where its lines end, how many delimiters lie between, whether each quote stands where
one may stand. What passes is handed on as it is, for an engine that is fast and never asked to judge. Records with
another number of cells are cut out; from a quote that stands wrong on, `exact.py` reads record by record until the
text is well-formed again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.formats.exact import Feed, Grammar
from pipelines.formats.raw import REJECT_SCHEMA
from pipelines.formats.text import BAD

Ints = npt.NDArray[np.int64]
LF, CR, QUOTE = 10, 13, 34
_MOST_MARKS = 1 << 19
_AFTER_TROUBLE, _MOST_EXACT, _WORTHWHILE = 1 << 16, 4096, 100
"""Bytes that are tried as a whole after trouble; records read one by one at most before that, when trouble is thick;
and from how many records on looking at a text as a whole was worth its cost."""
_NONE: Ints = np.zeros(0, np.int64)


@dataclass
class Block:
    """Records in the order of the file, from one of three ways.

    `data` holds well-formed records of the right number of cells, with their line ends; `rows` and `lines` say where
    each stands. `cells` (row, line, cells) were read one by one, `rejects` (row, line, reason) not at all;
    `refused` is the same as a table of rejects; a block has one or the other. `read`
    counts them all. `last` is the text of the last record.
    """

    data: bytes = b""
    rows: Ints = field(default_factory=lambda: _NONE)
    lines: Ints = field(default_factory=lambda: _NONE)
    quoted: bool = False
    cells: list[tuple[int, int, list[bytes]]] = field(default_factory=list)
    rejects: list[tuple[int, int, str]] = field(default_factory=list)
    refused: pl.DataFrame | None = None
    read: int = 0
    last: bytes = b""

    def refusals(self) -> pl.DataFrame:
        """All that was not read, as a table of rejects."""
        if self.refused is not None:
            return self.refused
        rejects = [(row, line, "", reason, "") for row, line, reason in self.rejects]
        return pl.DataFrame(rejects, schema=REJECT_SCHEMA, orient="row")


@dataclass(frozen=True)
class _Cut:
    """The records of a text, blank lines too: offsets of start and line end, cells, lines before each.

    `stop` is the offset up to which the text is well-formed; `trouble` says whether something is wrong behind it.
    """

    starts: Ints
    ends: Ints
    cells: npt.NDArray[Any]
    lines: Ints
    stop: int
    lines_read: int
    trouble: bool


class Records:
    """Cuts a feed into blocks. `width` is the number of cells that each record must have."""

    def __init__(self, feed: Feed, grammar: Grammar, width: int, encoding: str) -> None:
        self._feed, self._grammar, self._width = feed, grammar, width
        self._not_text = f"bytes that are not {encoding}"
        self._row, self._window, self._stretch = 0, 0, 1
        self._fast = len(grammar.delimiter) == 1

    def __iter__(self) -> Iterator[Block]:
        feed = self._feed
        while True:
            block, trouble = self._well_formed() if self._fast else (None, self._feed.left() > 0)
            if block is not None:
                self._stretch = self._stretch if block.read < _WORTHWHILE else 1
                yield block
            if trouble and feed.left():
                yield self._one_by_one()
            elif block is None and not self._window:
                if feed.final:
                    return
                feed.more()
            if not trouble:
                # After trouble the text is tried in small pieces again, which grow as long as they are clean.
                self._window = 0 if block is None else min(self._window * 2, 1 << 30)
                self._stretch = 1

    def _well_formed(self) -> tuple[Block | None, bool]:
        """The longest well-formed beginning of what is there, and whether trouble follows it."""
        feed = self._feed
        end = min(len(feed.data), feed.at + self._window) if self._window else len(feed.data)
        if end < len(feed.data) and feed.data[end - 1] == CR:
            end -= 1
        if end <= feed.at:
            return None, False
        text = feed.data[feed.at : end]
        limit = self._grammar.limits.record
        if len(text) > 2 * max(_MOST_MARKS, limit) and self._is_dense(text, np.frombuffer(text, np.uint8)):
            end = feed.at + 2 * max(_MOST_MARKS, limit)
            end -= feed.data[end - 1] == CR
            text = feed.data[feed.at : end]
        cut = self._cut(text)
        is_last = feed.final and end == len(feed.data)
        if not cut.stop:
            return None, cut.trouble or is_last or len(text) > limit
        block = self._block(text, cut)
        feed.advance(feed.at + cut.stop, cut.lines_read)
        return block, cut.trouble

    def _one_by_one(self) -> Block:
        """Some records read exactly: more each time that trouble comes again at once."""
        block = Block()
        for _ in range(self._stretch):
            taken = self._feed.take(self._grammar)
            if taken is None:
                break
            line, record, block.last = taken
            self._row += 1
            block.read += 1
            if record.cells is None:
                block.rejects.append((self._row, line, record.reason))
            elif len(record.cells) != self._width:
                block.rejects.append((self._row, line, self._count_of_cells(len(record.cells))))
            else:
                block.cells.append((self._row, line, record.cells))
        self._stretch = min(self._stretch * 2, _MOST_EXACT)
        self._window = _AFTER_TROUBLE
        return block

    def _count_of_cells(self, cells: int) -> str:
        return f"{cells} cells where the header has {self._width}"

    def _refused(self, rows: Ints, lines: Ints, cells: Ints) -> pl.DataFrame:
        """Rejects by the number of their cells, 0 for bytes of another encoding."""
        kinds, which = np.unique(cells, return_inverse=True)
        reasons = pl.Series([self._count_of_cells(kind) if kind else self._not_text for kind in kinds.tolist()])
        return pl.DataFrame({"row": rows, "line": lines, "reason": reasons.gather(pl.Series(which))}).select(
            "row", "line", pl.lit("").alias("column"), "reason", pl.lit("").alias("text")
        )

    def _is_dense(self, text: bytes, codes: npt.NDArray[np.uint8]) -> bool:
        """Whether a text has so many marks that looking at it as a whole would take many times its size in memory."""
        marks = (
            (LF, CR, QUOTE, self._grammar.delimiter[0]) if b'"' in text else (LF,) if b"\r" not in text else (LF, CR)
        )
        return sum(int(np.count_nonzero(codes == mark)) for mark in marks) > max(_MOST_MARKS, len(text) // 4)

    def _cut(self, text: bytes) -> _Cut:
        codes = np.frombuffer(text, np.uint8)
        return self._cut_quoted(text, codes) if b'"' in text else self._cut_plain(text, codes)

    def _cut_plain(self, text: bytes, codes: npt.NDArray[np.uint8]) -> _Cut:
        """A text without quotes: every line is a record, every delimiter parts two cells."""
        ends = np.flatnonzero(codes == LF)
        if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
            ends = np.flatnonzero(_line_ends(codes))
        if not len(ends):
            return _nothing()
        starts = np.concatenate([[0], ends[:-1] + 1])
        apart = (codes[: ends[-1] + 1] == self._grammar.delimiter[0]).view(np.uint8)
        # Sums of bytes are eight times as fast, and wrap at 256: they are right if they add up to the whole.
        cells: npt.NDArray[Any] = np.add.reduceat(apart, starts, dtype=np.uint8)
        if int(cells.sum(dtype=np.int64)) != int(np.count_nonzero(apart)):
            cells = np.add.reduceat(apart, starts, dtype=np.int64)
        within = ends - starts < self._grammar.limits.record
        return _up_to(starts, ends, cells, np.arange(len(ends)), within, np.arange(1, len(ends) + 1), trouble=False)

    def _cut_quoted(self, text: bytes, codes: npt.NDArray[np.uint8]) -> _Cut:
        """A text with quotes: lines and delimiters count where an even number of quotes lies before them."""
        marks = (codes == self._grammar.delimiter[0]) | (codes == LF) | (codes == QUOTE)
        if b"\r" in text:
            marks |= codes == CR
        places = np.flatnonzero(marks)
        kinds = codes[places]
        quotes = kinds == QUOTE
        outside = (np.cumsum(quotes, dtype=np.uint8) & 1) == 0
        line_end = kinds == LF
        if b"\r" in text:
            line_end |= (kinds == CR) & (codes[np.minimum(places + 1, len(codes) - 1)] != LF)
        wrong = self._first_wrong_quote(codes, places[quotes], outside[quotes])
        which = np.flatnonzero(line_end & outside & (places < wrong))
        trouble = wrong < len(codes)
        if not len(which):
            return _nothing(trouble)
        ends = places[which]
        starts = np.concatenate([[0], ends[:-1] + 1])
        delimiters = np.cumsum((kinds == self._grammar.delimiter[0]) & outside)[which]
        cells = np.diff(delimiters, prepend=0)
        lines_to = np.cumsum(line_end)[which]
        lines = np.concatenate([[0], lines_to[:-1]])
        limits = self._grammar.limits
        within = (ends - starts < min(limits.quoted, limits.record)) & (lines_to - lines <= limits.lines)
        return _up_to(starts, ends, cells, lines, within, lines_to, trouble)

    def _first_wrong_quote(self, codes: npt.NDArray[np.uint8], quotes: Ints, closing: npt.NDArray[np.bool_]) -> int:
        """The offset of the first quote that neither opens nor closes a cell nor is doubled; else the text's length."""
        fence = np.zeros(256, np.bool_)
        fence[[self._grammar.delimiter[0], LF, CR, QUOTE]] = True
        beside = np.where(closing, quotes + 1, quotes - 1)
        free = (beside < 0) | (beside >= len(codes))
        wrong = ~(free | fence[codes[np.where(free, 0, beside)]])
        return int(quotes[np.argmax(wrong)]) if wrong.any() else len(codes)

    def _block(self, text: bytes, cut: _Cut) -> Block:
        """The good records of a text, and the rejects among them."""
        codes = np.frombuffer(text, np.uint8)
        content = cut.ends - ((cut.ends > cut.starts) & (codes[cut.ends] == LF) & (codes[cut.ends - 1] == CR))
        filled = content > cut.starts
        rows = self._row + np.cumsum(filled)
        lines = self._feed.line + cut.lines
        block = Block(read=int(rows[-1]) - self._row, quoted=b'"' in text)
        good = filled & (cut.cells == self._width - 1)
        if BAD in text:
            spoilt = np.zeros(len(good), np.bool_)
            places = np.flatnonzero(codes[: cut.stop] == BAD[0])
            spoilt[np.searchsorted(cut.ends, places)] = True
            good &= ~spoilt
        else:
            spoilt = None
        bad = np.flatnonzero(filled & ~good)
        if len(bad):
            counts = cut.cells[bad].astype(np.int64) + 1
            block.refused = self._refused(rows[bad], lines[bad], counts if spoilt is None else counts * ~spoilt[bad])
        block.data = _joined(text, cut, good)
        block.rows, block.lines = rows[good], lines[good]
        if filled.any():
            place = int(np.flatnonzero(filled)[-1])
            block.last = text[cut.starts[place] : cut.ends[place] + 1]
        self._row = int(rows[-1])
        return block


def _line_ends(codes: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Where lines end: LF, and CR with no LF behind it."""
    alone: npt.NDArray[np.bool_] = codes == CR
    alone[:-1] &= codes[1:] != LF
    alone |= codes == LF
    return alone


def _nothing(trouble: bool = False) -> _Cut:
    return _Cut(_NONE, _NONE, _NONE, _NONE, 0, 0, trouble)


def _up_to(
    starts: Ints,
    ends: Ints,
    cells: npt.NDArray[Any],
    lines: Ints,
    within: npt.NDArray[np.bool_],
    lines_to: Ints,
    trouble: bool,
) -> _Cut:
    """The records before the first that is not `within` the limits."""
    if not within.all():
        count, trouble = int(np.argmin(within)), True
        if not count:
            return _nothing(trouble)
        starts, ends, cells, lines = starts[:count], ends[:count], cells[:count], lines[:count]
    last = len(ends) - 1
    return _Cut(starts, ends, cells, lines, int(ends[last]) + 1, int(lines_to[last]), trouble)


def _joined(text: bytes, cut: _Cut, good: npt.NDArray[np.bool_]) -> bytes:
    """The good records as one text whose records end with LF or CRLF."""
    codes = np.frombuffer(text, np.uint8)
    if b"\r" in text and (codes[cut.ends] == CR).any():
        changed = codes.copy()
        changed[cut.ends[codes[cut.ends] == CR]] = LF
        text = changed.tobytes()
    if good.all():
        return text[: cut.stop]
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    runs = zip(cut.starts[edges[::2]].tolist(), (cut.ends[edges[1::2] - 1] + 1).tolist(), strict=True)
    return b"".join([text[start:end] for start, end in runs])
