"""What vendors do to delimited files: broken quotes, wrong numbers of cells, foreign bytes, endless lines."""

import gzip
from pathlib import Path

import pytest

from pipelines.formats.exact import Limits
from tests.formats.delimited_files import faults, read

CHUNKS = pytest.mark.parametrize("chunk", [1, 5, 64, 1 << 20])
OPEN, INSIDE = "a quote opens and never closes", "a quote closes inside its cell"


@CHUNKS
def test_too_few_and_too_many_cells(tmp_path: Path, chunk: int) -> None:
    raw = read(tmp_path, "id,note\na\nb,1\nc,2,3\nd,4\n", "id", "note", chunk=chunk)
    assert raw.rows == [(2, 3, "b", "1"), (4, 5, "d", "4")]
    assert raw.rejects == [(1, 2, "1 cells where the header has 2"), (3, 4, "3 cells where the header has 2")]
    assert raw.rows_read == 4


def test_cells_are_counted_beyond_what_a_byte_holds(tmp_path: Path) -> None:
    sent = "id,note\na,1\n" + "," * 257 + "\n" + "b,2\n" + "," * 256 + "\n"
    raw = read(tmp_path, sent, "id", "note")
    assert (raw.rows, [reason for _, _, reason in raw.rejects]) == (
        [(1, 2, "a", "1"), (3, 4, "b", "2")],
        ["258 cells where the header has 2", "257 cells where the header has 2"],
    )


@CHUNKS
def test_a_quote_that_never_closes_costs_its_own_line_only(tmp_path: Path, chunk: int) -> None:
    raw = read(tmp_path, 'id,note\na,1\nb,"open\nc,2\n"d","3"\n', "id", "note", chunk=chunk)
    assert raw.rows == [(1, 2, "a", "1"), (3, 4, "c", "2"), (4, 5, "d", "3")]
    assert (raw.rejects, raw.rows_read) == ([(2, 3, OPEN)], 4)


def test_of_a_record_over_several_lines_the_lines_up_to_the_open_quote_are_lost(tmp_path: Path) -> None:
    raw = read(tmp_path, 'id,note,x\na,"1\n2","open\nc,2,3\n', "id", "note", "x")
    assert (raw.rows, raw.rejects) == ([(2, 4, "c", "2", "3")], [(1, 2, OPEN)])


@CHUNKS
def test_an_open_quote_is_given_up_after_so_many_lines_or_bytes(tmp_path: Path, chunk: int) -> None:
    limits = Limits(quoted=40, lines=2)
    for inside, is_read in (("x\n\ny", True), ("x\n\n\ny", False), ("z" * 36, True), ("z" * 45, False)):
        raw = read(tmp_path, f'id,note\na,"{inside}"\nb,1\n', "id", "note", limits=limits, chunk=chunk)
        assert raw.rows[-1][2:] == ("b", "1")
        assert ((1, 2, "a", inside) in raw.rows) == is_read
        assert ((1, 2, OPEN) in raw.rejects or (1, 2, INSIDE) in raw.rejects) != is_read


def test_one_open_quote_in_a_large_file_costs_one_record(tmp_path: Path) -> None:
    lines = [f"c{number},note {number}" for number in range(30_000)]
    lines[11_111] = 'c11111,"note'
    raw = read(tmp_path, "id,note\n" + "\n".join(lines), "id", "note")
    assert (raw.frame.height, raw.rejects) == (29_999, [(11_112, 11_113, OPEN)])


@CHUNKS
def test_a_quote_inside_a_cell_is_text_and_one_behind_a_closed_cell_is_not(tmp_path: Path, chunk: int) -> None:
    raw = read(tmp_path, 'id,note\na,5" screen\nb,"x"y\nc,"he said ""hi"""\nd,2\n', "id", "note", chunk=chunk)
    assert raw.rows == [(1, 2, "a", '5" screen'), (3, 4, "c", 'he said "hi"'), (4, 5, "d", "2")]
    assert raw.rejects == [(2, 3, INSIDE)]


@CHUNKS
def test_blanks_around_quotes_are_no_part_of_the_cell(tmp_path: Path, chunk: int) -> None:
    raw = read(tmp_path, 'id, note\na, "b, c"\nb,\t"x" \nc, "y" z\nd, e \n', "id", "note", chunk=chunk)
    assert [row[2:] for row in raw.rows] == [("a", "b, c"), ("b", "x"), ("c", ' "y" z'), ("d", " e ")]


@CHUNKS
def test_blank_lines_are_no_records_but_count_as_lines(tmp_path: Path, chunk: int) -> None:
    raw = read(tmp_path, 'id,note\n\na,1\n\n\nb\n"c",\n', "id", "note", chunk=chunk)
    assert (raw.rows, raw.rejects) == (
        [(1, 3, "a", "1"), (3, 7, "c", None)],
        [(2, 6, "1 cells where the header has 2")],
    )


@CHUNKS
@pytest.mark.parametrize("quote", ["", '"'])
def test_a_record_that_is_too_long_is_skipped_with_its_size(tmp_path: Path, chunk: int, quote: str) -> None:
    long = f"b,{quote}{'x' * 500}{quote}\n"
    raw = read(tmp_path, f"id,note\na,1\n{long}c,2\n", "id", "note", chunk=chunk, limits=Limits(record=100))
    assert raw.rows == [(1, 2, "a", "1"), (3, 4, "c", "2")]
    assert raw.rejects == [(2, 3, f"a record of {len(long)} bytes, more than 100")]


def test_a_line_of_ten_megabytes_is_one_reject(tmp_path: Path) -> None:
    for filler in ("x", ",", '"'):
        raw = read(
            tmp_path, f"id,note\na,1\nb,{filler * (10_000_000 // len(filler))}\nc,2\n", "id", "note", chunk=1 << 18
        )
        assert (raw.rows[0], raw.rows[-1][2:]) == ((1, 2, "a", "1"), ("c", "2"))
        assert raw.rejects[0][:2] == (2, 3)


def test_other_encodings(tmp_path: Path) -> None:
    for encoding in (
        "gbk",
        "gb18030",
        "big5",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-8-sig",
        "shift_jis",
        "cp1252",
    ):
        word = "zähler" if encoding == "cp1252" else "日時"
        for chunk in (1, 3, 1 << 20):
            raw = read(tmp_path, f'{word},id\n{word},"{word}\n"\n', word, "id", encoding=encoding, chunk=chunk)
            assert raw.rows == [(1, 2, word, word + "\n")]


def test_utf_16_with_and_without_its_mark(tmp_path: Path) -> None:
    for sent in (
        "\ufeffid\n通话\n".encode("utf-16-le"),
        "\ufeffid\n通话\n".encode("utf-16-be"),
        "id\n通话\n".encode("utf-16-be"),
    ):
        assert read(tmp_path, sent, "id", encoding="utf-16").rows == [(1, 2, "通话")]
        assert read(tmp_path, sent, "id", encoding="auto").rows == [(1, 2, "通话")]
    (fault,) = faults(tmp_path, b"id,note\na,b\n", "id", encoding="utf-16")
    assert (fault.found, fault.allowed) == ("bytes that are not utf-16", "text in utf-16")


def test_a_byte_order_mark_that_contradicts_the_contract(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "\ufeffid\n".encode("utf-16-le"), "id", encoding="utf-8")
    assert fault.found == "the byte order mark of utf-16-le where the contract says utf-8"


@CHUNKS
@pytest.mark.parametrize(
    ("encoding", "bad"), [("utf-8", b"\xb2\xe2"), ("gb18030", b"\xff"), ("gbk", b"\xb2"), ("utf-8", b"\xe4\xb8")]
)
def test_a_record_with_foreign_bytes_is_a_reject(tmp_path: Path, encoding: str, bad: bytes, chunk: int) -> None:
    sent = "id,note\n通,1\n".encode(encoding) + b'x,"' + bad + b'"\n' + bad + b"\n" + "话,2\n".encode(encoding)
    raw = read(tmp_path, sent, "id", "note", encoding=encoding, chunk=chunk)
    reason = f"bytes that are not {encoding}"
    assert raw.rows == [(1, 2, "通", "1"), (4, 5, "话", "2")]
    assert raw.rejects == [(2, 3, reason), (3, 4, reason)]


@CHUNKS
def test_a_file_that_is_mostly_not_of_its_encoding_is_a_fault_with_the_place(tmp_path: Path, chunk: int) -> None:
    good = b"\xef\xbb\xbfid\n" + b"abcdefg\n" * 20
    (fault,) = faults(tmp_path, good + b"\xb2\xe2\n" * 3, "id", chunk=chunk)
    assert (fault.where, fault.found) == (f"drop/calls.csv: byte {len(good)}", "0xb2, which is not utf-8")
    assert "servers[0].encoding" in fault.hint
    (header,) = faults(tmp_path, "客户\na\n".encode("gbk"), "id", chunk=chunk)
    assert header.where == "drop/calls.csv: byte 0"


def test_up_to_a_tenth_of_foreign_bytes_is_the_records_fault(tmp_path: Path) -> None:
    def sent(bad: int) -> bytes:
        return b"id\n" + b"\xb2\xe2\n" * bad + b"a\n" * (1000 - bad) + b"\xb2\xe2\n" * 2000

    raw = read(tmp_path, sent(100), "id")
    assert (raw.frame.height, len(raw.rejects)) == (900, 2100)
    assert faults(tmp_path, sent(101), "id")[0].found == "0xb2, which is not utf-8"


def test_an_encoding_that_nobody_named(tmp_path: Path) -> None:
    late = b"id,name\n" + b"a,b\n" * 40_000 + "c,张客户\n".encode("gbk")
    assert read(tmp_path, late, "name", encoding="auto").rows[-1] == (40_001, 40_002, "张客户")
    assert read(tmp_path, "id\nMüller\n".encode("cp1252"), "id", encoding="auto").rows == [(1, 2, "Müller")]
    (fault,) = faults(tmp_path, bytes(range(128, 256)) * 4, "id", encoding="auto")
    assert fault.found == "text in an encoding that is not recognised"


def test_packed_files_are_read_like_plain_ones(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress("编号\n甲\n".encode("gbk")), "编号", encoding="auto").rows == [(1, 2, "甲")]


def test_batches_are_bounded(tmp_path: Path) -> None:
    sent = "id,note\n" + "".join(f"{number},x\n" for number in range(5_000))
    raw = read(tmp_path, sent, "id", "note", chunk=4_096)
    assert raw.batches > 8
    assert [row[2] for row in raw.rows] == [str(number) for number in range(5_000)]


def test_millions_of_blank_lines_and_bad_records_are_counted(tmp_path: Path) -> None:
    raw = read(tmp_path, b"id,note\n" + b"\n" * 3_000_000 + b"a,b\n" + b"x\r" * 1_000_000 + b'"c",d\n', "id", "note")
    assert raw.rows == [(1, 3_000_002, "a", "b"), (1_000_002, 4_000_003, "c", "d")]
    assert (len(raw.rejects), raw.rejects[-1][:2]) == (1_000_000, (1_000_001, 4_000_002))
