"""Delimited files as they should be, and their headers: every record is given with its number and its line."""

from pathlib import Path

import pytest

from pipelines.contract.model import Column
from pipelines.formats.raw import LINE, ROW
from tests.formats.delimited_files import faults, read


def test_records_are_counted_and_lines_too_where_cells_have_line_breaks(tmp_path: Path) -> None:
    raw = read(tmp_path, 'id,note\na,plain\nb,"two\nlines, ""quoted"""\nc,last\n', "id", "note")
    assert raw.rows == [(1, 2, "a", "plain"), (2, 3, "b", 'two\nlines, "quoted"'), (3, 5, "c", "last")]
    assert (raw.rows_read, raw.rejects, raw.header) == (3, [], ("id", "note"))


def test_columns_come_in_the_contracts_order_and_the_header_in_the_files(tmp_path: Path) -> None:
    raw = read(tmp_path, "x, id ,y,caller,,\n1,a,2,138,,\n", "caller", "id")
    assert raw.frame.columns == [ROW, LINE, "caller", "id"]
    assert (raw.rows, raw.header) == ([(1, 2, "138", "a")], ("x", "id", "y", "caller", "", ""))


def test_a_file_may_have_columns_called_row_and_line(tmp_path: Path) -> None:
    raw = read(tmp_path, "line,row,id\n7,x,a\n8,y,b\n", "row", "id", "line")
    assert raw.rows == [(1, 2, "x", "a", "7"), (2, 3, "y", "b", "8")]


def test_empty_cells_are_null_and_blanks_stay_as_sent(tmp_path: Path) -> None:
    assert read(tmp_path, 'id,note\n,""\n a ," "\n', "id", "note").rows == [(1, 2, None, None), (2, 3, " a ", " ")]


@pytest.mark.parametrize(
    "cell", ["007", " x ", "N/A", "null", "1.50", "１２３", "true", "\t", "#1", "'", "\\", "a\x00b"]
)
def test_no_cell_changes(tmp_path: Path, cell: str) -> None:
    for quoted in (cell, f'"{cell}"'):
        assert read(tmp_path, f"id,note,last\n{quoted},{quoted},{quoted}\n", "id", "note", "last").rows == [
            (1, 2, cell, cell, cell)
        ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("chunk", [1, 2, 3, 1 << 20])
def test_any_end_of_line_and_none_at_the_end(tmp_path: Path, end: str, quote: str, chunk: int) -> None:
    sent = f"id,note{end}a,{quote}b{quote}{end}{end}c,d"
    assert read(tmp_path, sent, "id", "note", chunk=chunk).rows == [(1, 2, "a", "b"), (2, 4, "c", "d")]


def test_line_ends_of_all_kinds_in_one_file(tmp_path: Path) -> None:
    sent = 'id,note\r\na,1\rb,"x\r\ny\rz"\rc,3\n\r\rd,4\r\n'
    rows = [(1, 2, "a", "1"), (2, 3, "b", "x\r\ny\rz"), (3, 6, "c", "3"), (4, 9, "d", "4")]
    assert read(tmp_path, sent, "id", "note").rows == rows


def test_a_byte_order_mark_is_no_part_of_the_first_name_but_of_a_cell(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfid\na\n", "id").rows == [(1, 2, "a")]
    marked = read(tmp_path, "\ufeffid,note\n\ufeffa,b\n\ufeffc,d\n", "id", "note", chunk=20).rows
    assert marked == [(1, 2, "\ufeffa", "b"), (2, 3, "\ufeffc", "d")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ":", " ", "^", "\x01", "，", "§"])
def test_any_one_character_parts_cells(tmp_path: Path, delimiter: str) -> None:
    sent = f'id{delimiter}note\n"a{delimiter}b"{delimiter}1-5\n\nc{delimiter}""\n'
    raw = read(tmp_path, sent, "id", "note", delimiter=delimiter)
    assert raw.rows == [(1, 2, f"a{delimiter}b", "1-5"), (2, 4, "c", None)]


def test_all_missing_columns_are_named_at_once(tmp_path: Path) -> None:
    found = faults(tmp_path, "id,caler\na,1\n", "id", "caller", "start")
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


@pytest.mark.parametrize("header_rows", [0, 1, 2])
@pytest.mark.parametrize(("sent", "found"), [("", "an empty file"), ("\n\r\n\n", "no lines but blank ones")])
def test_a_blank_file_is_a_fault(tmp_path: Path, sent: str, found: str, header_rows: int) -> None:
    for chunk in (1, 1 << 20):
        (fault,) = faults(tmp_path, sent, "id", header_rows=header_rows, chunk=chunk)
        assert (fault.where, fault.found) == ("drop/calls.csv", found)


def test_a_header_with_broken_quotes_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, '"id"x,note\n', "id")
    assert fault.found == "broken quoting: a quote closes inside its cell"


def test_a_header_alone_is_no_row(tmp_path: Path) -> None:
    for sent in ("id,note\n", "id,note", "id,note\n\n\n"):
        raw = read(tmp_path, sent, "id", "note")
        assert (raw.rows, raw.rows_read, raw.rejects, raw.header) == ([], 0, [], ("id", "note"))


def test_leading_lines_are_skipped_as_lines_whatever_quotes_they_hold(tmp_path: Path) -> None:
    for chunk in (1, 7, 1 << 20):
        raw = read(tmp_path, 'Report "October\r\n\r\nid\r\na\r\n', "id", skip_rows=2, chunk=chunk)
        assert raw.rows == [(1, 4, "a")]
    (fault,) = faults(tmp_path, "title\nnote\na\n", "id", skip_rows=1)
    assert fault.where == "drop/calls.csv: line 2 (header)"


def test_blank_lines_above_the_header_count_as_lines(tmp_path: Path) -> None:
    assert read(tmp_path, "\n\nid\n\na\n", "id").rows == [(1, 5, "a")]
    assert faults(tmp_path, "\n\nnote\n", "id")[0].where == "drop/calls.csv: line 3 (header)"


def test_without_a_header_columns_are_those_of_the_contract_in_its_order(tmp_path: Path) -> None:
    start = Column("start", "timestamp", expression='STRPTIME("day" || "time", \'%d.%m.%Y%H:%M\')')
    trimmed = Column("caller", "string", expression='TRIM("caller")')
    twice = Column("id", "string", role="leg")
    columns = ("id", start, "day", trimmed, "time", twice)
    raw = read(tmp_path, "a,01.10.2026, 138 ,08:00\n", *columns, header_rows=0)
    assert raw.header == ()
    assert raw.frame.to_dicts() == [
        {ROW: 1, LINE: 1, "id": "a", "day": "01.10.2026", "caller": " 138 ", "time": "08:00"}
    ]


def test_without_a_header_an_expression_cannot_read_what_the_contract_does_not_place(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "a\n", "id", header_rows=0, where="\"state\" = 'done'")
    assert fault.found == "no column 'state'; the file has id"


def test_several_header_lines_make_one_name(tmp_path: Path) -> None:
    sent = 'Day,Sales,,Service,\n,offered,answered,offered,"answered\nin 20 s"\n1,2,3,4,5\n'
    names = ("Day", "Sales / offered", "Sales / answered", "Service / offered", "Service / answered\nin 20 s")
    raw = read(tmp_path, sent, "Service / offered", "Day", header_rows=2)
    assert (raw.header, raw.rows) == (names, [(1, 4, "4", "1")])


def test_the_files_own_name_is_a_column_for_those_who_ask(tmp_path: Path) -> None:
    raw = read(tmp_path, 'id,x\na,1\n"b",2\nc\n', "{file}", "id")
    assert raw.rows == [(1, 2, "calls.csv", "a"), (2, 3, "calls.csv", "b")]
    assert read(tmp_path, "id\na\n", "{file}").rows == [(1, 2, "calls.csv")]
    assert read(tmp_path, "a\n", "{file}", "id", header_rows=0).rows == [(1, 1, "calls.csv", "a")]


TRAILED = "queue,calls,note\nsales,3,\nservice,4,\n"


@pytest.mark.parametrize("closing", ["合计,7,\n", " 合计 ,7\n\n\n", ',"合计：",7,,,', "合计\r\n"])
@pytest.mark.parametrize("chunk", [1, 16, 1 << 20])
def test_a_closing_line_is_no_record(tmp_path: Path, closing: str, chunk: int) -> None:
    raw = read(tmp_path, TRAILED + closing, "queue", "calls", trailer="合计", chunk=chunk)
    assert [row[2:] for row in raw.rows] == [("sales", "3"), ("service", "4")]
    assert (raw.rows_read, raw.rejects) == (2, [])
    assert raw.closing is not None
    assert raw.closing.get("calls", "7") in ("7", "合计：")


def test_the_closing_lines_cells_are_given_by_column(tmp_path: Path) -> None:
    assert read(tmp_path, TRAILED + "Total,7\n", "calls", "queue", trailer="Total").closing == {
        "queue": "Total",
        "calls": "7",
    }


def test_only_the_last_record_closes_a_file(tmp_path: Path) -> None:
    sent = "queue,calls\n合计,1\nsales,3\n合计,4,5\nservice,4\n"
    raw = read(tmp_path, sent, "queue", "calls", trailer="合计")
    assert [row[0] for row in raw.rows] == [1, 2, 4]
    assert (raw.rejects, raw.closing) == ([(3, 4, "3 cells where the header has 2")], None)
    only = read(tmp_path, "queue,calls\n合计,0\n", "queue", "calls", trailer="合计")
    assert (only.rows, only.rows_read, only.closing) == ([], 0, {"queue": "合计", "calls": "0"})
