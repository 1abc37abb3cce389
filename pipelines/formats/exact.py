"""One record of delimited UTF-8 at a time, cell by cell: slow, and right about every kind of broken quoting.

This is the grammar; `records.py` is the fast way to the same result for records that are well-formed throughout.

A cell is quoted if it begins with a quote: it ends at the next quote that is not doubled, which a delimiter or the end
of the line must follow (blanks between are dropped). Blanks before the opening quote are dropped too, if the cell
closes properly on its line; otherwise they and the quote are text. A quote inside an unquoted cell is text. A quoted
cell that does not end properly within `Limits` spoils no more than the line on which it opens.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.formats.text import BAD


@dataclass(frozen=True)
class Limits:
    """What a record may have at most: its bytes, a quoted cell's bytes, line ends in a quoted cell."""

    record: int = 1 << 20
    quoted: int = 1 << 16
    lines: int = 50


@dataclass(slots=True)
class Record:
    """`end`: offset behind its line end. `cells`, or a `reason` for which there are none.

    `open_end`: the record is too long and its end does not lie in the data.
    """

    end: int
    cells: list[bytes] | None = None
    reason: str = ""
    open_end: bool = False


TOO_LONG = "a record of {size:,} bytes, more than {most:,}"
_END = re.compile(rb"\r\n|\r|\n")


def line_ends(data: bytes) -> int:
    """How many lines end in the data: LF, CRLF, or CR alone."""
    ends = data.count(b"\n")
    if b"\r" in data:
        ends += data.count(b"\r") - data.count(b"\r\n")
    return ends


class Grammar:
    """Reads records with one delimiter, a single character, within limits."""

    def __init__(self, delimiter: str, encoding: str, limits: Limits) -> None:
        self.delimiter, self.limits = delimiter.encode(), limits
        self._not_text = f"bytes that are not {encoding}"
        apart = re.escape(self.delimiter)
        blanks = b"[%s]" % b" \t".replace(self.delimiter, b"")
        closes = b'"' + blanks + rb"*(?=" + apart + rb"|\r|\n)"
        # No possessive quantifiers: before Python 3.11.5 they match wrongly around groups. These backtrack in one line.
        self._quoted = re.compile(rb'"([^"]*(?:""[^"]*)*)' + closes)
        self._padded = re.compile(blanks + rb'+"([^"\r\n]*(?:""[^"\r\n]*)*)' + closes)
        self._plain = re.compile(rb"((?:(?!" + apart + rb")[^\r\n])*)")
        if len(self.delimiter) == 1:
            self._plain = re.compile(rb"([^\r\n" + apart + rb"]*)")

    def record(self, data: bytes, start: int, final: bool) -> Record | None:
        """The record that starts at `start`; None where more data is needed to tell.

        At the end of the file (`final`) the data must end with a line end; before it, never with CR.
        """
        found = self._record(data, start, final)
        # A quote that opens just before the limit may yet turn out to spoil its own short line only.
        most = self.limits.record + (self.limits.quoted if found is None and not final else 0)
        if (len(data) if found is None else found.end) - start <= most:
            return found
        end = _END.search(data, start + self.limits.record)
        stop = end.end() if end else len(data)
        return Record(
            stop, None, TOO_LONG.format(size=stop - start, most=self.limits.record), end is None and not final
        )

    def _record(self, data: bytes, start: int, final: bool) -> Record | None:
        stop = data.find(b"\n", start, start + self.limits.record)
        line = data[start : stop + 1]
        if stop >= 0 and b'"' not in line and b"\r" not in line:  # most lines, even in a text full of stray quotes
            return self._whole(line, stop + 1, line[:-1].split(self.delimiter))
        cells: list[bytes] = []
        at, size = start, len(data)
        while at < size and at - start <= self.limits.record:
            if data.startswith(b'"', at):
                match = self._quoted.match(data, at, at + self.limits.quoted)
                if match is None and not final and size < at + self.limits.quoted:
                    return None
                if match is None or line_ends(match[1]) > self.limits.lines:
                    return self._spoilt(data, start, at)
                cells.append(match[1].replace(b'""', b'"'))
            elif (match := self._padded.match(data, at)) is not None:
                cells.append(match[1].replace(b'""', b'"'))
            else:
                match = self._plain.match(data, at)
                assert match is not None, "a pattern of nothing or more"
                cells.append(match[1])
            at = match.end()
            if not data.startswith(self.delimiter, at):
                break
            at += len(self.delimiter)
            if at == size:
                return None
        end = _END.match(data, at)
        return None if end is None else self._whole(data[start : end.end()], end.end(), cells)

    def _whole(self, text: bytes, end: int, cells: list[bytes]) -> Record:
        return Record(end, None, self._not_text) if BAD in text else Record(end, cells)

    def _spoilt(self, data: bytes, start: int, at: int) -> Record | None:
        """The rest of the line on which the quote at `at` opens is lost; what follows is not."""
        end = _END.search(data, at)
        if end is None:
            return None
        closed = b'"' in data[at + 1 : end.start()].replace(b'""', b"")
        kind = "a quote closes inside its cell" if closed else "a quote opens and never closes"
        return Record(end.end(), None, self._not_text if BAD in data[start : end.end()] else kind)


class Feed:
    """UTF-8 chunks as one text that is read from the front: `data[at:]` is still to be read, `line` is its first."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._held = chunks, b""
        self.data, self.at, self.line, self.final = b"", 0, 1, False

    def more(self) -> None:
        """Appends a chunk. A CR at its end waits for what follows; the last line gets an end if it has none."""
        chunk = next(self._chunks, None)
        data = b"".join((self.data[self.at :], self._held, chunk or b""))
        self._held = b""
        if chunk is None:
            self.final = True
            if data and not data.endswith((b"\n", b"\r")):
                data += b"\n"
        elif data.endswith(b"\r"):
            data, self._held = data[:-1], b"\r"
        self.data, self.at = data, 0

    def left(self) -> int:
        """How many bytes are there to be read."""
        return len(self.data) - self.at

    def advance(self, end: int, lines: int | None = None) -> None:
        """Goes on to the offset `end`; `lines` is how many lines end before it, where that is known."""
        self.line += line_ends(self.data[self.at : end]) if lines is None else lines
        self.at = end

    def skip_line(self) -> int:
        """Drops everything up to the end of the line; returns how many bytes that were."""
        dropped = 0
        while True:
            end = _END.search(self.data, self.at)
            stop = end.end() if end else len(self.data)
            dropped += stop - self.at
            self.advance(stop)
            if end or self.final:
                return dropped
            self.more()

    def take(self, grammar: Grammar) -> tuple[int, Record, bytes] | None:
        """The next record that is no blank line: its line, itself, its bytes if they are not too many. None at the end.

        Its `reason` knows the whole size where it is too long.
        """
        while True:
            if self.at == len(self.data):
                if self.final:
                    return None
                self.more()
                continue
            record = grammar.record(self.data, self.at, self.final)
            if record is None:
                assert not self.final, "at its end a text holds whole records"
                self.more()
                continue
            line, text = self.line, self.data[self.at : min(record.end, self.at + grammar.limits.record + 2)]
            size = record.end - self.at
            self.advance(record.end)
            if record.open_end:
                size += self.skip_line()
                record = Record(self.at, None, TOO_LONG.format(size=size, most=grammar.limits.record))
            if text not in (b"\n", b"\r", b"\r\n"):
                return line, record, text
