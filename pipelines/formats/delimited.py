"""Delimited text (CSV and its kin), in any encoding, plain, gzip or zip: RFC 4180 quoting and what vendors make of it.

The bytes go through `unpack.py`, `text.py` and `records.py` as a stream; what these found well-formed is read by
Polars as text, batch by batch. Here: the header, the closing line, the encoding's verdict, and the batches. Cells are
never changed, not even stripped; see `exact.py` for quotes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import polars as pl

from pipelines.contract.model import FeedObject
from pipelines.errors import TieoutError, fault
from pipelines.formats.encodings import detect_encoding, telling_lines
from pipelines.formats.exact import Feed, Grammar, Limits
from pipelines.formats.header import check_header, joined
from pipelines.formats.raw import LINE, ROW, Batch, Raw, Source, lies_in_file, raw_columns
from pipelines.formats.records import Block, Records
from pipelines.formats.text import BAD, codec_of, utf_8_chunks, wrong_encoding
from pipelines.formats.unpack import opened

CHUNK, MOST_ROWS = 16 << 20, 400_000
"""Bytes read at a time, and records in a batch at most, roughly."""
FIRST_RECORDS, WRONG_ENCODING = 1_000, 0.1
"""If more than a tenth of the first thousand records is not of the encoding (and more than two are), the encoding is
wrong rather than the records."""
_FILE = "{file}"
_BOM = b"\xef\xbb\xbf"


def read_delimited(source: Source, chunk: int = CHUNK, limits: Limits | None = None) -> Raw:
    """Reads a delimited file, `chunk` bytes at a time.

    Records with another number of cells than the header, with broken quoting, with bytes that are not of the encoding,
    or longer than `limits` are rejected one by one. TieoutError where the header lacks a column of the contract or has
    a name twice, where the file is blank, cannot be unpacked, or is not of its encoding.
    """
    opener = partial(opened, source.path, source.name)
    with opener() as stream:
        head = stream.read(4096)
    if not head:
        raise fault(source.name, "an empty file", "a header and records", "have the file sent again")
    encoding = source.server.encoding
    if encoding == "auto":
        encoding = _detected(source, chunk)
    codec = codec_of(encoding, head, source.name)

    def wrong() -> TieoutError:
        with opener() as stream:
            return wrong_encoding(stream, codec, encoding, source.name)

    def chunks() -> Iterator[bytes]:
        try:
            with opener() as stream:
                yield from utf_8_chunks(stream, codec, chunk)
        except UnicodeError:
            raise wrong() from None

    feed = Feed(chunks())
    grammar = Grammar(source.server.delimiter, encoding, limits or Limits())
    names = _header(feed, grammar, source)
    if names is None:
        raise wrong()
    header = names if source.item.header_rows else []
    reader = _Reader(source, grammar, names, chunk)
    records = Records(feed, grammar, len(names), encoding)
    return Raw(tuple(header), _batches(records, reader, f"bytes that are not {encoding}", wrong))


def _detected(source: Source, chunk: int) -> str:
    with opened(source.path, source.name) as stream:
        sample = stream.read(1 << 16)
        found = detect_encoding(sample)
        if found == "utf-8" and sample.isascii():
            found = detect_encoding(telling_lines(iter(partial(stream.read, min(chunk, 1 << 20)), b"")))
    if found is None:
        hint = "ask the sender, and write the encoding at servers[0] in the contract instead of auto"
        raise fault(source.name, "text in an encoding that is not recognised", "a usual encoding", hint)
    return found


def _header(feed: Feed, grammar: Grammar, source: Source) -> list[str] | None:
    """The columns of the file in order, checked against the contract; None where they are not of the encoding."""
    name, item = source.name, source.item
    feed.more()
    for _ in range(item.skip_rows):
        feed.skip_line()
    where, lines = f"{name}: line {feed.line} (header)", list[list[str]]()
    for depth in range(item.header_rows):
        taken = feed.take(grammar)
        if taken is None:
            break
        line, record, text = taken
        where = where if depth else f"{name}: line {line} (header)"
        if record.cells is None:
            if BAD in text:
                return None
            hint = "have the file sent with its quotes doubled, or correct tieout.skip_rows"
            raise fault(where, f"broken quoting: {record.reason}", "a header line", hint)
        lines.append([cell.decode() for cell in record.cells])
    if not lines and not _anything(feed):
        raise fault(name, "no lines but blank ones", "a header and records", "have the file sent again")
    header = joined(lines) if item.header_rows else _own_columns(item)
    check_header(header, where, item)
    return header


def _anything(feed: Feed) -> bool:
    """Whether anything but blank lines is to come; blank lines are read on the way."""
    while True:
        blank = len(feed.data) - feed.at - len(feed.data[feed.at :].lstrip(b"\r\n"))
        feed.advance(feed.at + blank)
        if feed.left() or feed.final:
            return bool(feed.left())
        feed.more()


def _own_columns(item: FeedObject) -> list[str]:
    """The columns of a file without a header: those of the contract, in its order."""
    return list(dict.fromkeys(column.raw for column in item.columns if lies_in_file(column) and column.raw != _FILE))


def _batches(records: Records, reader: "_Reader", not_text: str, wrong: Callable[[], TieoutError]) -> Iterator[Batch]:
    """Batches of blocks; the last one is held back while the closing line may be in it."""
    gathered, pending, last, early = _Gathered(), None, b"", 0
    judged = False
    for block in records:
        if not block.read:
            continue  # blank lines
        gathered.add(block)
        last = block.last
        if not judged:
            early += block.refusals().filter(pl.col("row") <= FIRST_RECORDS, pl.col("reason") == not_text).height
            judged = gathered.total >= FIRST_RECORDS
            if judged:
                _judge(early, FIRST_RECORDS, wrong)
        if gathered.bytes >= reader.chunk // 2 or gathered.read >= MOST_ROWS:
            if pending is not None:
                yield from _portions(pending)
            pending = reader.batch(gathered)
            gathered.clear()
            if reader.item.trailer is None:
                yield from _portions(pending)
                pending = None
    if not judged:
        _judge(early, gathered.total, wrong)
    if gathered.read:
        if pending is not None:
            yield from _portions(pending)
        pending = reader.batch(gathered)
    if pending is not None:
        yield from _portions(reader.closed(pending, last, gathered.total))


def _portions(batch: Batch) -> Iterator[Batch]:
    """A batch of very many short records as several, because each reject costs far more than its few bytes."""
    if batch.rows_read <= MOST_ROWS or batch.rejects.is_empty():
        yield batch
        return
    rows = pl.concat([batch.frame[ROW], batch.rejects["row"]])
    first, last = (int(end) for end in (rows.min(), rows.max()))  # type: ignore[arg-type]  # no batch is empty here
    for low in range(first, last + 1, MOST_ROWS // 4):
        high = min(low + MOST_ROWS // 4, last + 1)
        frame = batch.frame.filter(pl.col(ROW).is_between(low, high, closed="left"))
        rejects = batch.rejects.filter(pl.col("row").is_between(low, high, closed="left"))
        yield Batch(frame, rejects, high - low, batch.left_out, batch.closing if high > last else None)


def _judge(bad: int, read: int, wrong: Callable[[], TieoutError]) -> None:
    if bad > 2 and bad > WRONG_ENCODING * read:
        raise wrong()


@dataclass
class _Gathered:
    """Blocks that become one batch. `total` counts the records of the whole file so far."""

    blocks: list[Block] = field(default_factory=list)
    bytes: int = 0
    read: int = 0
    total: int = 0

    def add(self, block: Block) -> None:
        self.blocks.append(block)
        self.bytes += len(block.data) + sum(len(cell) for _, _, cells in block.cells for cell in cells)
        self.read += block.read
        self.total += block.read

    def clear(self) -> None:
        self.blocks, self.bytes, self.read = [], 0, 0


class _Reader:
    """Blocks → frames with the columns that the contract reads."""

    def __init__(self, source: Source, grammar: Grammar, names: list[str], chunk: int) -> None:
        self.item, self.chunk, self._grammar, self._names = source.item, chunk, grammar, names
        self._wanted = [column for column in raw_columns(source.item) if column != _FILE]
        self._columns = raw_columns(source.item)
        self._name, self._file = source.name, PurePosixPath(source.name).name
        self._cells = [f"c{place}" for place in range(len(names))]
        self._places = [names.index(column) for column in self._wanted]

    def batch(self, gathered: _Gathered) -> Batch:
        """One batch in the order of the file."""
        blocks = gathered.blocks
        parts = [self._joined(blocks, quoted) for quoted in (True, False)]
        frames = [self._fast(part) for part in parts if part.data]
        cells = [one for block in blocks for one in block.cells]
        if cells:
            frames.append(self._exact(cells))
        frame = pl.concat(frames) if frames else self._exact([])
        if len(frames) > 1:
            frame = frame.sort(ROW)
        return Batch(frame, pl.concat([block.refusals() for block in blocks]), gathered.read)

    def closed(self, batch: Batch, last: bytes, row: int) -> Batch:
        """The last batch, with its last record as `closing` if that begins as the contract says."""
        cells = self._closing(last)
        if cells is None:
            return batch
        frame, rejects = batch.frame.filter(pl.col(ROW) != row), batch.rejects.filter(pl.col("row") != row)
        return Batch(frame, rejects, batch.rows_read - 1, batch.left_out, cells)

    def _closing(self, last: bytes) -> Mapping[str, str] | None:
        if self.item.trailer is None or not last or BAD in last:
            return None
        record = self._grammar.record(last, 0, final=True)
        if record is None or record.cells is None:
            return None
        cells = [cell.decode() for cell in record.cells]
        first = next((cell.strip() for cell in cells if cell.strip()), "")
        if not first.startswith(self.item.trailer):
            return None
        places = zip(self._wanted, self._places, strict=True)
        return {column: cells[place] for column, place in places if place < len(cells) and cells[place]}

    def _joined(self, blocks: list[Block], quoted: bool) -> Block:
        """The well-formed records of the blocks with quotes, or of those without, as one block."""
        chosen = [block for block in blocks if block.quoted == quoted and block.data]
        if len(chosen) == 1:
            return chosen[0]
        rows, lines = ([getattr(block, what) for block in chosen] for what in ("rows", "lines"))
        empty = [np.zeros(0, np.int64)]
        data = b"".join(block.data for block in chosen)
        return Block(data, np.concatenate(rows or empty), np.concatenate(lines or empty), quoted)

    def _fast(self, block: Block) -> pl.DataFrame:
        """Polars reads what is proven well-formed; should it ever count otherwise, it is not believed."""
        # Polars takes a byte order mark off the beginning of its input, which here is the middle of a file.
        lead = self._grammar.delimiter * (len(self._names) - 1) + b"x\n" if block.data.startswith(_BOM) else b""
        frame = pl.read_csv(
            lead + block.data if lead else block.data,
            has_header=False,
            schema=dict.fromkeys(self._cells, pl.String),
            columns=sorted(self._places) or [0],
            separator=self._grammar.delimiter.decode(),
            quote_char='"' if block.quoted else None,
        )
        frame = frame.slice(1) if lead else frame
        if frame.height != len(block.rows):
            found = f"{frame.height} records read from line {block.lines[0]} on where {len(block.rows)} were counted"
            raise fault(self._name, found, "the same number", "report this file: its cells would be in wrong places")
        if block.quoted:
            frame = frame.with_columns(pl.all().replace({"": None}))
        columns = [frame[self._cells[place]].alias(column) for column, place in self._placed()]
        return self._framed(pl.Series(block.rows), pl.Series(block.lines), columns)

    def _exact(self, cells: list[tuple[int, int, list[bytes]]]) -> pl.DataFrame:
        texts = [
            pl.Series(column, [one[place].decode() or None for _, _, one in cells], pl.String)
            for column, place in self._placed()
        ]
        rows, lines = (pl.Series([one[what] for one in cells], dtype=pl.Int64) for what in (0, 1))
        return self._framed(rows, lines, texts)

    def _placed(self) -> list[tuple[str, int]]:
        return list(zip(self._wanted, self._places, strict=True))

    def _framed(self, rows: pl.Series, lines: pl.Series, columns: list[pl.Series]) -> pl.DataFrame:
        frame = pl.DataFrame([rows.alias(ROW), lines.alias(LINE), *columns])
        if _FILE in self._columns:
            frame = frame.with_columns(pl.lit(self._file).alias(_FILE))
        return frame.select(ROW, LINE, *self._columns)
