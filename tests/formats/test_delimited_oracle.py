"""The fast way against two slow ones: Python's csv module on well-formed files, cell by cell on all others."""

import csv
import io
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import TieoutError
from pipelines.formats.exact import Limits
from tests.formats.delimited_files import Read, read

QUIET = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)
CELL = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['"', "\n", "\r\n", "\r", ",", "'", "\\", " ", "#", "\ufeff", '""', "007", "N/A"]
)
TABLE = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12))


@settings(suppress_health_check=QUIET, max_examples=300, deadline=None)
@given(
    table=TABLE,
    delimiter=st.sampled_from(",;\t|"),
    form=st.sampled_from(
        [(csv.QUOTE_MINIMAL, "\r\n"), *((csv.QUOTE_ALL, end) for end in ("\r\n", "\n", "\r", "\n\n"))]
    ),
    chunk=st.sampled_from([1, 3, 10, 50, 1 << 20]),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-16-le"]),
)
def test_what_a_csv_writer_wrote_is_what_is_read(
    tmp_path: Path, table: list[list[str]], delimiter: str, form: Any, chunk: int, encoding: str
) -> None:
    names = [f"c{place}" for place in range(len(table[0]) if table else 1)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=form[0], lineterminator=form[1]).writerows([names, *table])
    expected = _by_csv(text.getvalue(), delimiter)
    raw = read(tmp_path, text.getvalue(), *names, delimiter=delimiter, chunk=chunk, encoding=encoding)
    assert raw.rows == expected
    assert [row[2:] for row in raw.rows] == [tuple(cell or None for cell in cells) for cells in table]
    assert raw.rejects == []


def _by_csv(text: str, delimiter: str) -> list[tuple[Any, ...]]:
    """Record number, line, cells of all but the first record."""
    found: list[tuple[Any, ...]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    line = reader.line_num + 1
    for cells in reader:
        if cells:
            found.append((len(found) + 1, line, *(cell or None for cell in cells)))
        line = reader.line_num + 1
    return found


PARTS = st.lists(
    st.sampled_from(
        [
            b"id",
            b"note",
            b",",
            b",",
            b'"',
            b'"',
            b"\n",
            b"\r",
            b"\x00",
            b"a",
            b" ",
            b"\xff",
            b"\xc3\xa4",
            b"\xef\xbb\xbf",
        ]
    ),
    max_size=40,
)
SENT = st.binary(max_size=60) | PARTS.map(lambda parts: b"id,note\n" + b"".join(parts))
LIMITS = st.sampled_from([Limits(), Limits(record=12, quoted=6, lines=1), Limits(record=20, quoted=30, lines=3)])


@settings(suppress_health_check=QUIET, max_examples=250, deadline=None)
@given(sent=SENT, limits=LIMITS, chunk=st.integers(1, 70), encoding=st.sampled_from(["utf-8", "gbk", "utf-16", "auto"]))
def test_any_bytes_are_rows_rejects_or_a_fault(
    tmp_path: Path, sent: bytes, limits: Limits, chunk: int, encoding: str
) -> None:
    raw = _or_none(tmp_path, sent, chunk, limits, encoding)
    if raw is not None and raw.batches:
        numbers = sorted([row[0] for row in raw.rows] + [row for row, _, _ in raw.rejects])
        assert numbers == list(range(1, raw.rows_read + 1))
        assert [row[0] for row in raw.rows] == sorted({row[0] for row in raw.rows})


@settings(suppress_health_check=QUIET, max_examples=250, deadline=None)
@given(body=PARTS, limits=LIMITS, chunk=st.integers(1, 70))
def test_where_chunks_are_cut_makes_no_difference(
    tmp_path: Path, body: list[bytes], limits: Limits, chunk: int
) -> None:
    # Fewer than three records with foreign bytes: the verdict on the encoding stays out of it.
    sent = b"id,note\n" + b"".join(part for part in body if part != b"\xff")
    whole, pieces = (_or_none(tmp_path, sent, size, limits) for size in (1 << 20, chunk))
    slow = _or_none(
        tmp_path, sent.replace(b",", "，".encode()), 1 << 20, Limits(1 << 20, 1 << 16, limits.lines), delimiter="，"
    )
    assert whole is not None
    assert pieces is not None
    assert slow is not None
    assert (whole.rows, whole.rejects) == (pieces.rows, pieces.rejects)
    if limits == Limits():
        rows = [tuple(cell.replace("，", ",") if isinstance(cell, str) else cell for cell in row) for row in slow.rows]
        assert (whole.rows, whole.rejects) == (rows, slow.rejects)


def _or_none(
    folder: Path, sent: bytes, chunk: int, limits: Limits, encoding: str = "utf-8", delimiter: str = ","
) -> Read | None:
    try:
        return read(folder, sent, "id", "note", chunk=chunk, limits=limits, encoding=encoding, delimiter=delimiter)
    except TieoutError:
        return None
