"""Delimited files, readable and not: every record is given or rejected, with its number and its line."""

import csv
import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.errors import Fault, TieoutError
from pipelines.formats import READERS, Raw
from pipelines.formats.raw import LINE, ROW

READ = READERS["delimited"]


def file_of(*columns: str | Column, **more: Any) -> FeedObject:
    """One kind of file with these text columns."""
    plain = {"time_zone": "UTC", "direction": None, "where": None, "period": None, "header": True, "skip_rows": 0}
    made = tuple(item if isinstance(item, Column) else Column(item, "string") for item in columns)
    return FeedObject("calls", "calls", "delimited", "calls.csv", columns=made, rules=(), **(plain | more))


def read(
    folder: Path, sent: str | bytes, *columns: str | Column, delimiter: str = ",", encoding: str = "utf-8", **more: Any
) -> Raw:
    path = folder / "calls.csv"
    path.write_bytes(sent.encode(encoding) if isinstance(sent, str) else sent)
    server = Server("drop", "local", "drop", delimiter, encoding)
    return READ(path, "drop/calls.csv", file_of(*columns, **more), server, folder)


def rows(raw: Raw) -> list[tuple[Any, ...]]:
    """Record number, line, cells."""
    return raw.frame.collect().rows()


def rejected(raw: Raw) -> list[tuple[int, int, str]]:
    return raw.rejects.select("row", "line", "reason").rows()


def faults(folder: Path, sent: str | bytes, *columns: str | Column, **more: Any) -> list[Fault]:
    with pytest.raises(TieoutError) as refused:
        read(folder, sent, *columns, **more)
    return refused.value.faults


def test_records_are_counted_and_lines_too_where_cells_have_line_breaks(tmp_path: Path) -> None:
    raw = read(tmp_path, 'id,note\na,plain\nb,"two\nlines, ""quoted"""\nc,last\n', "id", "note")
    assert rows(raw) == [(1, 2, "a", "plain"), (2, 3, "b", 'two\nlines, "quoted"'), (3, 5, "c", "last")]
    assert (raw.rows_read, raw.rejects.height, raw.extra) == (3, 0, ())


def test_columns_come_in_the_contracts_order_and_others_are_named(tmp_path: Path) -> None:
    raw = read(tmp_path, "x, id ,y,caller,,\n1,a,2,138,,\n", "caller", "id")
    assert raw.frame.collect_schema().names() == [ROW, LINE, "caller", "id"]
    assert (rows(raw), raw.extra) == ([(1, 2, "138", "a")], ("x", "y", "", ""))


def test_a_file_may_have_columns_called_row_and_line(tmp_path: Path) -> None:
    raw = read(tmp_path, "line,row,id\n7,x,a\n8,y,b\n", "row", "id", "line")
    assert rows(raw) == [(1, 2, "x", "a", "7"), (2, 3, "y", "b", "8")]


def test_empty_cells_are_null_and_blanks_stay_as_sent(tmp_path: Path) -> None:
    assert rows(read(tmp_path, 'id,note\n,""\n a ," "\n', "id", "note")) == [(1, 2, None, None), (2, 3, " a ", " ")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_end_of_line_and_none_at_the_end(tmp_path: Path, end: str) -> None:
    assert rows(read(tmp_path, f"id,note{end}a,b{end}c,d", "id", "note")) == [(1, 2, "a", "b"), (2, 3, "c", "d")]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert rows(read(tmp_path, b"\xef\xbb\xbfid\na\n", "id")) == [(1, 2, "a")]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "cp1252"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    word = "zähler" if encoding == "cp1252" else "通话"
    assert rows(read(tmp_path, f"{word}\n{word}\n", word, encoding=encoding)) == [(1, 2, word)]


def test_other_delimiters(tmp_path: Path) -> None:
    assert rows(read(tmp_path, 'id;note\n"a;b";1,5\n', "id", "note", delimiter=";")) == [(1, 2, "a;b", "1,5")]
    assert rows(read(tmp_path, "id\tnote\na\t1,5\n", "id", "note", delimiter="\t")) == [(1, 2, "a", "1,5")]


def test_bytes_of_another_encoding_are_a_fault_with_their_place_in_the_file(tmp_path: Path) -> None:
    good = b"id\n" + b"abcdefg\n" * 20_000
    (fault,) = faults(tmp_path, good + b"\xb2\xe2\n", "id")
    assert (fault.where, fault.found) == (f"drop/calls.csv: byte {len(good)}", "0xb2, which is not utf-8")
    assert "servers[0].encoding" in fault.hint
    (late,) = faults(tmp_path, b"\xef\xbb\xbf" + good + b"\xff", "id")
    assert late.where == f"drop/calls.csv: byte {len(good) + 3}"


def test_a_file_that_is_no_utf_16_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, b"id,note\na,b\n", "id", encoding="utf-16")
    assert fault.allowed == "text in utf-16"


def test_all_missing_columns_are_named_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "id,caler\na,1\n", "id", "caller", "start", skip_rows=0)
    assert [fault.found for fault in found] == [
        "no column 'caller'; the file has id, caler",
        "no column 'start'; the file has id, caler",
    ]
    assert {fault.where for fault in found} == {"drop/calls.csv: line 1 (header)"}


def test_a_column_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    assert [fault.found for fault in faults(tmp_path, "id,note,id,note\n", "id")] == [
        "column 'id' twice",
        "column 'note' twice",
    ]


def test_a_file_of_blank_lines_has_no_columns(tmp_path: Path) -> None:
    assert faults(tmp_path, "\n\n", "id")[0].found == "no column 'id'; the file has none"


def test_a_header_with_broken_quotes_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, '"id"x,note\n', "id")[0].found.startswith("broken quoting")


def test_too_few_and_too_many_cells(tmp_path: Path) -> None:
    raw = read(tmp_path, "id,note\na\nb,1\nc,2,3\nd,4\n", "id", "note")
    assert rows(raw) == [(2, 3, "b", "1"), (4, 5, "d", "4")]
    assert rejected(raw) == [(1, 2, "1 cells where the header has 2"), (3, 4, "3 cells where the header has 2")]
    assert raw.rows_read == 4


def test_a_quote_that_never_closes_rejects_what_it_swallows(tmp_path: Path) -> None:
    raw = read(tmp_path, 'id,note\na,1\nb,"open\nc,2\nd,3\n', "id", "note")
    assert rows(raw) == [(1, 2, "a", "1")]
    assert rejected(raw) == [(2, 3, "quoting is broken, lines 3 to 5 unreadable: unexpected end of data")]
    assert raw.rows_read == 2


def test_a_record_with_broken_quotes_does_not_spoil_the_next(tmp_path: Path) -> None:
    raw = read(tmp_path, 'id,note\na,"x"y\nb,2\n', "id", "note")
    assert (rows(raw), rejected(raw)[0][:2]) == ([(2, 3, "b", "2")], (1, 2))


def test_blank_lines_are_no_records_but_count_as_lines(tmp_path: Path) -> None:
    raw = read(tmp_path, "id,note\n\na,1\n\n\nb\n", "id", "note")
    assert (rows(raw), rejected(raw), raw.rows_read) == (
        [(1, 3, "a", "1")],
        [(2, 6, "1 cells where the header has 2")],
        2,
    )


def test_a_header_alone_is_no_row(tmp_path: Path) -> None:
    for sent in ("id,note\n", "id,note"):
        raw = read(tmp_path, sent, "id", "note")
        assert (rows(raw), raw.rows_read, raw.rejects.height) == ([], 0, 0)


def test_leading_lines_are_skipped_as_lines_whatever_quotes_they_hold(tmp_path: Path) -> None:
    raw = read(tmp_path, 'Report "October\n\nid\na\n"\n', "id", skip_rows=2)
    assert rows(raw) == [(1, 4, "a")]
    assert rejected(raw) == [(2, 5, "quoting is broken, line 5 unreadable: unexpected end of data")]
    (fault,) = faults(tmp_path, "title\nnote\na\n", "id", skip_rows=1)
    assert fault.where == "drop/calls.csv: line 2 (header)"


def test_without_a_header_columns_are_those_of_the_contract_in_its_order(tmp_path: Path) -> None:
    start = Column("start", "timestamp", expression='STRPTIME("day" || "time", \'%d.%m.%Y%H:%M\')')
    trimmed = Column("caller", "string", expression='TRIM("caller")')
    twice = Column("id", "string", role="leg")
    columns = ("id", start, "day", trimmed, "time", twice)
    raw = read(tmp_path, "a,01.10.2026, 138 ,08:00\n", *columns, header=False)
    assert raw.frame.collect().to_dicts() == [
        {ROW: 1, LINE: 1, "id": "a", "day": "01.10.2026", "caller": " 138 ", "time": "08:00"}
    ]


CELL = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ['"', "\n", "\r\n", ",", "'", "\\", " ", "#"]
)
TABLE = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(CELL, min_size=width, max_size=width), max_size=12))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(table=TABLE, delimiter=st.sampled_from(",;\t|"), quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_a_csv_writer_wrote_is_what_is_read(
    tmp_path: Path, table: list[list[str]], delimiter: str, quoting: Any
) -> None:
    names = [f"c{place}" for place in range(len(table[0]) if table else 1)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([names, *table])
    raw = read(tmp_path, text.getvalue(), *names, delimiter=delimiter)
    assert [row[2:] for row in rows(raw)] == [tuple(cell or None for cell in cells) for cells in table]
    assert raw.frame.collect()[ROW].to_list() == list(range(1, len(table) + 1))
    assert raw.rejects.is_empty()


ODD = st.lists(st.sampled_from([b"id", b"note", b",", b'"', b"\n", b"\r", b"\x00", b"a", b" ", b"\xff", b"\xc3\xa4"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=250)
@given(sent=st.binary(max_size=60) | ODD.map(lambda parts: b"id,note\n" + b"".join(parts)))
def test_any_bytes_are_rows_rejects_or_a_fault(tmp_path: Path, sent: bytes) -> None:
    try:
        raw = read(tmp_path, sent, "id", "note", encoding="utf-8")
    except TieoutError:
        return
    frame = raw.frame.collect()
    numbers = pl.concat([frame[ROW], raw.rejects["row"].unique()])
    assert raw.rows_read == frame.height + raw.rejects["row"].n_unique()
    assert numbers.sort().to_list() == list(range(1, raw.rows_read + 1))
