"""Workbooks as vendors send them, made here cell by cell: what stands in the sheet, and what becomes of it."""

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract.model import Column, FeedObject, Server
from pipelines.errors import Fault, TieoutError
from pipelines.formats.raw import LINE, PRINTED, ROW, Batch, Raw, Source
from pipelines.formats.xlsx import read_xlsx

Cells = list[list[Any]]
SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def item_of(*columns: str | Column, **more: Any) -> FeedObject:
    made = tuple(one if isinstance(one, Column) else Column(one, "string") for one in columns)
    plain: dict[str, Any] = {"time_zone": "UTC", "direction": None, "where": None, "period": None}
    plain |= {"header_rows": 1, "skip_rows": 0, "rules": ()}
    return FeedObject("report", "claims", "xlsx", "report.xlsx", columns=made, **(plain | more))


def workbook(**sheets: Cells) -> openpyxl.Workbook:
    """A cell may be a value, or a value and its number format."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for at, row in enumerate(rows, 1):
            for place, given_ in enumerate(row, 1):
                value, code = given_ if isinstance(given_, tuple) else (given_, None)
                if value is not None:
                    sheet.cell(at, place, value)
                if code is not None:
                    sheet.cell(at, place).number_format = code
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_excel_saves(book: openpyxl.Workbook) -> bytes:
    """Texts stand once for the whole workbook, and cells name them by number."""
    parts, texts = unpacked(saved(book)), list[str]()

    def shared(match: re.Match[str]) -> str:
        texts.append(match[2])
        return f'{match[1]} t="s"><v>{len(texts) - 1}</v></c>'

    for name in [name for name in parts if "/worksheets/" in name]:
        parts[name] = re.sub(r'(<c [^>]*) t="inlineStr"><is>(.*?)</is></c>', shared, parts[name])
    strings = "".join(f"<si>{text}</si>" for text in texts)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{strings}</sst>'
    link = '<Relationship Id="rIdS" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>'
    links = "xl/_rels/workbook.xml.rels"
    parts[links] = parts[links].replace("</Relationships>", link)
    return packed(parts)


def unpacked(sent: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(sent)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file.getvalue()


def edited(sent: bytes, part: str, change: Callable[[str], str]) -> bytes:
    """The workbook with one of its parts changed."""
    parts = unpacked(sent)
    text = change(parts[part])
    assert text != parts[part]
    return packed(parts | {part: text})


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def read(folder: Path, sent: bytes | openpyxl.Workbook, *columns: str | Column, **more: Any) -> tuple[Raw, list[Batch]]:
    path = folder / "report.xlsx"
    path.write_bytes(sent if isinstance(sent, bytes) else saved(sent))
    source = Source(path, "drop/report.xlsx", item_of(*columns, **more), Server("drop", "local", "drop"), folder)
    raw = read_xlsx(source)
    batches = list(raw.batches)
    for batch in batches:
        assert batch.rows_read == batch.frame.height + batch.rejects["row"].n_unique() + sum(batch.left_out.values())
    return raw, batches


def rows(folder: Path, sent: bytes | openpyxl.Workbook, *columns: str | Column, **more: Any) -> list[tuple[Any, ...]]:
    """Record number, row of the sheet, cells."""
    return [row for batch in read(folder, sent, *columns, **more)[1] for row in batch.frame.rows()]


def cells(folder: Path, *given_: Any, column: Column | None = None, **more: Any) -> list[str | None]:
    """One column, read."""
    book = workbook(A=[["x", "n"], *([one, 1] for one in given_)])
    return [row[2] for row in rows(folder, book, column or Column("x", "string"), **more)]


def faults(folder: Path, sent: bytes | openpyxl.Workbook, *columns: str | Column, **more: Any) -> list[Fault]:
    with pytest.raises(TieoutError) as refused:
        read(folder, sent, *columns, **more)
    return refused.value.faults


def test_a_table_below_two_title_rows(tmp_path: Path) -> None:
    book = workbook(
        Calls=[
            ["Calls of October"],
            ["printed on", date(2026, 11, 2)],
            ["id", "caller", "note"],
            ["a1", 13900001234, None],
            [],
            ["a2", "+1 555 0100", "called back"],
        ]
    )
    raw, (batch,) = read(tmp_path, book, "caller", "id", skip_rows=2)
    assert batch.frame.columns == [ROW, LINE, "caller", "id"]
    assert batch.frame.rows() == [(1, 4, "13900001234", "a1"), (2, 6, "+1 555 0100", "a2")]
    assert (raw.header, batch.rows_read, batch.rejects.height) == (("id", "caller", "note"), 2, 0)


def test_several_header_rows_are_joined_and_merged_cells_reach_to_the_right(tmp_path: Path) -> None:
    book = workbook(
        日报=[
            ["日期", "话务量", None, None, "质量", None],
            [None, "接通", None, "呼损", "服务\n水平", None],
            [None, "白班", "夜班", None, None, None],
            ["2026-10-01", 90, 30, 4, 0.85, None],
        ]
    )
    wanted = ["日期", "话务量 / 接通 / 白班", "话务量 / 接通 / 夜班", "话务量 / 呼损", "质量 / 服务 水平"]
    for name in ("A1:A3", "B1:D1", "B2:C2", "D2:D3"):
        book["日报"].merge_cells(name)
    assert rows(tmp_path, book, *wanted, header_rows=3) == [(1, 4, "2026-10-01", "90", "30", "4", "0.85")]


def test_one_sheet_per_queue_each_with_its_totals(tmp_path: Path) -> None:
    book = workbook(
        Cards=[["day", "offered"], ["2026-10-01", 120], ["2026-10-02", 130], ["合计", 250]],
        Loans=[["offered", "day"], [40, "2026-10-01"], [None, None], [40, "合计"]],
        Empty=[],
    )
    book["Loans"].sheet_state = "hidden"
    _, batches = read(tmp_path, book, "{sheet}", "day", "offered", "{file}", sheet="*", trailer="合计")
    assert [batch.frame.rows() for batch in batches] == [
        [
            (1, 2, "Cards", "2026-10-01", "120", "report.xlsx"),
            (2, 3, "Cards", "2026-10-02", "130", "report.xlsx"),
        ],
        [(3, 2, "Loans", "2026-10-01", "40", "report.xlsx"), (4, 4, "Loans", "合计", "40", "report.xlsx")],
    ]
    assert [batch.closing for batch in batches] == [{"day": "合计", "offered": "250"}, None]
    assert [batch.rows_read for batch in batches] == [2, 2]


def test_which_sheet_is_read(tmp_path: Path) -> None:
    book = workbook(Cover=[["x"], ["c"]], Queue_A=[["x"], ["a"]], Queue_B=[["x"], ["b"]])
    book["Cover"].sheet_state = "hidden"

    def named(sheet: str | None) -> list[str]:
        return [row[2] for row in rows(tmp_path, book, "x", sheet=sheet)]

    assert named(None) == ["a"]
    assert named("cover") == ["c"]
    assert named("Queue_*") == ["a", "b"]
    assert named("*") == ["c", "a", "b"]
    (fault,) = faults(tmp_path, book, "x", sheet="Queue C")
    assert (fault.where, fault.found) == ("drop/report.xlsx", "no sheet 'Queue C'")
    assert "Cover, Queue_A, Queue_B" in fault.allowed


def test_hidden_rows_and_columns_are_data(tmp_path: Path) -> None:
    book = workbook(A=[["x", "y"], ["1", "2"]])
    book["A"].row_dimensions[2].hidden = True
    book["A"].column_dimensions["B"].hidden = True
    assert rows(tmp_path, book, "x", "y") == [(1, 2, "1", "2")]


def test_without_a_header_cells_are_named_in_the_contracts_order(tmp_path: Path) -> None:
    book = workbook(A=[["a1", 5], ["a2", 6]])
    assert rows(tmp_path, book, "id", "n", "{sheet}", header_rows=0) == [(1, 1, "a1", "5", "A"), (2, 2, "a2", "6", "A")]


def test_a_column_that_is_missing_or_there_twice(tmp_path: Path) -> None:
    book = workbook(A=[["title"], ["id", "queue", "queue"], ["1", "2", "3"]])
    lacking, twice = faults(tmp_path, book, "id", "caller", skip_rows=1)[::-1]
    assert lacking.where == twice.where == "drop/report.xlsx: sheet 'A': row 2 (header)"
    assert lacking.found == "no column 'caller'; the file has id, queue, queue"
    assert twice.found == "column 'queue' twice"
    assert faults(tmp_path, workbook(A=[]), "id")[0].found == "no column 'id'; the file has none"


def test_numbers_keep_all_their_digits_and_have_no_exponent(tmp_path: Path) -> None:
    given_ = (13900001234, 3.0, 0.1, 1e21, 1e-7, -2.50, (1234.5, "#,##0"), (0.8512, "0.0%"))
    assert cells(tmp_path, *given_) == [
        *("13900001234", "3", "0.1", "1000000000000000000000", "0.0000001"),
        *("-2.5", "1234.5", "0.8512"),
    ]
    assert cells(tmp_path, 1234.5, decimal=",") == ["1234,5"]
    stored = edited(PLAIN, SHEET, lambda text: text.replace("<v>1.5</v>", "<v>12345678901234567</v>"))
    assert rows(tmp_path, stored, "n")[0] == (1, 2, "12345678901234567")


def test_dates_and_times_need_no_format(tmp_path: Path) -> None:
    at, day = moment(2026, 10, 1, 9, 30, 15), date(2026, 10, 1)
    given_ = (at, at.replace(microsecond=250_000), day, (at, "dd.mm.yyyy"), (day, "m/d/yy h:mm"))
    texts = ["2026-10-01 09:30:15", "2026-10-01 09:30:15.250000", "2026-10-01", "2026-10-01 09:30:15"]
    assert cells(tmp_path, *given_) == [*texts, "2026-10-01 00:00:00"]
    assert cells(tmp_path, day, column=Column("x", "timestamp")) == ["2026-10-01 00:00:00"]
    assert cells(tmp_path, at, column=Column("x", "date")) == ["2026-10-01"]


def test_a_date_is_written_in_the_columns_own_format_if_nothing_is_lost(tmp_path: Path) -> None:
    minutes = Column("x", "timestamp", format="%d.%m.%Y %H:%M")
    on_time, late = moment(2026, 10, 1, 9, 30), moment(2026, 10, 1, 9, 30, 15)
    assert cells(tmp_path, on_time, late, column=minutes) == ["01.10.2026 09:30", "2026-10-01 09:30:15"]
    assert cells(tmp_path, late, column=Column("x", "date", format="%d.%m.%Y")) == ["01.10.2026"]
    assert cells(tmp_path, on_time, 46296.5, column=Column("x", "timestamp", format="excel_serial")) == [
        "46296.39583333334",
        "46296.5",
    ]


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    book = workbook(A=[["x"]])
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book["A"]["A2"] = moment(2026, 10, 1, 9, 30, 15)
    assert rows(tmp_path, book, "x") == [(1, 2, "2026-10-01 09:30:15")]
    serial = Column("x", "timestamp", format="excel_serial")
    ((_, _, text),) = rows(tmp_path, book, serial)
    assert text.startswith("46296.396006944")


def test_the_first_days_of_1900_and_what_is_no_date_at_all(tmp_path: Path) -> None:
    code = "yyyy-mm-dd"
    given_ = ((1, code), (59, code), (60, code), (61, code), (0, code), (-1, code), (1e9, code))
    assert cells(tmp_path, *given_) == ["1900-01-01", "1900-02-28", "60", "1900-03-01", "0", "-1", "1000000000"]


def test_durations_are_h_mm_ss_beyond_a_day_too(tmp_path: Path) -> None:
    span = timedelta(hours=30, minutes=5, seconds=12)
    shown = timedelta(minutes=5, seconds=12, milliseconds=250)
    given_ = ((span, "[h]:mm:ss"), (span, "h:mm:ss"), time(0, 5, 12), (312 / 86_400, "mm:ss"), (shown, "[h]:mm:ss"))
    assert cells(tmp_path, *given_) == ["30:05:12", "30:05:12", "0:05:12", "0:05:12", "0:05:12.250"]


def test_a_moment_of_which_the_sheet_shows_the_hour_only(tmp_path: Path) -> None:
    at = (moment(2026, 10, 1, 9, 30, 15), "h:mm")
    assert cells(tmp_path, at) == ["9:30:15"]
    assert cells(tmp_path, at, column=Column("x", "timestamp")) == ["2026-10-01 09:30:15"]


def test_text_truth_and_errors_stay_what_they_are(tmp_path: Path) -> None:
    book = workbook(A=[["x"], [" 007 "], [True], ["#N/A"], ["two\nlines"], ["a_x000D__xD800_b"]])
    book["A"]["A4"].data_type = "e"
    assert [row[2] for row in rows(tmp_path, book, "x")] == [" 007 ", "true", "#N/A", "two\nlines", "a\r\ufffdb"]


def test_a_formula_counts_with_its_stored_result_and_without_one_the_row_is_rejected(tmp_path: Path) -> None:
    book = workbook(A=[["id", "n"], ["a", "=1+1"], ["b", "=1+2"]])
    sent = edited(saved(book), SHEET, lambda text: text.replace("<f>1+1</f><v />", "<f>1+1</f><v>2</v>"))
    _, (batch,) = read(tmp_path, sent, "id", "n")
    assert batch.frame.rows() == [(1, 2, "a", "2")]
    ((row, line, _, reason, text),) = batch.rejects.rows()
    assert (row, line, text) == (2, 3, "")
    assert reason.startswith("n: a formula whose result the workbook does not hold")
    assert rows(tmp_path, sent, "id") == [(1, 2, "a"), (2, 3, "b")]


def test_a_formula_that_starts_a_program_is_not_even_text(tmp_path: Path) -> None:
    _, (batch,) = read(tmp_path, workbook(A=[["id"], ["=cmd|' /C calc'!A0"]]), "id")
    assert (batch.frame.height, batch.rejects["row"].to_list()) == (0, [1])


def test_an_identifier_that_a_number_cannot_hold(tmp_path: Path) -> None:
    wanted = (Column("id", "string", role="call_id"), Column("caller", "string", role="caller"), Column("n", "number"))
    sent = [[123456789012345, 13900001234, 1e16], [1234567890123450, "1", 1], ["1" * 20, "1", 1]]
    book = workbook(A=[["id", "caller", "n"], *sent])
    _, (batch,) = read(tmp_path, book, *wanted)
    assert [row[2] for row in batch.frame.rows()] == ["123456789012345", "1" * 20]
    ((row, _, _, reason, text),) = batch.rejects.rows()
    assert (row, text) == (2, "")
    assert reason == "id: a number of 16 digits, of which a workbook keeps 15 (send it as text)"


def test_figures_have_their_value_and_beside_it_what_is_printed(tmp_path: Path) -> None:
    wanted = (
        Column("day", "date"),
        Column("offered", "integer", figure="offered", unit="calls"),
        Column("sl", "number", figure="service_level", unit="pct"),
        Column("share", "number", figure="abandon_rate", unit="ratio"),
        Column("aht", "string", figure="aht", unit="hms"),
    )
    five, day = timedelta(seconds=312), date(2026, 10, 1)
    first = [day, (1234, "#,##0"), (0.85123, "0.0%"), (0.0312, "0%"), (five, "[h]:mm:ss")]
    second = [date(2026, 10, 2), 90, (85.126, "0.00"), (0.0312, "0.00"), "0:05:10"]
    third = [date(2026, 10, 3), None, "85.1 %", "—", (timedelta(seconds=70), "mm:ss")]
    _, (batch,) = read(tmp_path, workbook(A=[[one.raw for one in wanted], first, second, third]), *wanted)
    names = ["offered", "sl", "share", "aht"]
    assert batch.frame.columns == [ROW, LINE, "day", *names, *(f"{name}{PRINTED}" for name in names)]
    assert [row[3:] for row in batch.frame.rows()] == [
        ("1234", "85.123", "0.0312", "0:05:12", "1,234", "85.1%", "3%", "0:05:12"),
        ("90", "85.126", "0.0312", "0:05:10", "90", "85.13", "0.03", "0:05:10"),
        (None, "85.1 %", "—", "0:01:10", None, "85.1 %", "—", "01:10"),
    ]


def test_a_print_has_the_decimal_sign_that_the_contract_names(tmp_path: Path) -> None:
    sl = Column("sl", "number", figure="service_level", unit="pct")
    book = workbook(A=[["sl"], [(0.85123, "0.0%")], [(1234.5, "#,##0.00")]])
    assert [row[2:] for row in rows(tmp_path, book, sl, decimal=",")] == [("85,123", "85,1%"), ("1234,5", "1.234,50")]


def test_readings_above_japanese_words_are_no_text(tmp_path: Path) -> None:
    book = workbook(A=[["x"], ["東京"]])
    ruby = "<si><r><t>東京</t></r><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si>"
    sent = edited(as_excel_saves(book), "xl/sharedStrings.xml", lambda text: text.replace("<si><t>東京</t></si>", ruby))
    assert rows(tmp_path, sent, "x") == [(1, 2, "東京")]


PLAIN = as_excel_saves(workbook(A=[["x", "n"], ["a", 1.5], [moment(2026, 10, 1, 9), (0.5, "0.0%")], ["b", None]]))


@pytest.mark.parametrize(
    ("sent", "found", "hint"),
    [
        (b"", "an empty file", ""),
        (b"id;caller\n1;2\n", "a file that is no workbook", "delimited"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old .xls workbook, or one with a password", "without"),
        (PLAIN[: len(PLAIN) // 2], "a workbook that cannot be read", "half-uploaded"),
        (packed({"readme": "hello"}), "a ZIP archive that holds no workbook", ".xlsx"),
        (
            packed({"_rels/.rels": "<a><Relationship Id='b' Type='c/officeDocument' Target='xl/workbook.bin'/></a>"}),
            "a binary workbook (.xlsb)",
            ".xlsx",
        ),
        (edited(PLAIN, SHEET, lambda text: text.replace('r="A2"', 'r="XFE2"')), "column 16385", ""),
        (edited(PLAIN, SHEET, lambda text: text.replace('row r="2"', 'row r="1048577"')), "row 1048577", ""),
        (edited(PLAIN, SHEET, lambda text: text.replace("<v>0</v>", "<v>-1</v>")), "shared string -1", ""),
        (packed({name: text for name, text in unpacked(PLAIN).items() if name != SHEET}), f"no part {SHEET}", ""),
        (edited(PLAIN, SHEET, lambda text: text[:-20]), "cannot be read", "half-uploaded"),
        (edited(PLAIN, "xl/workbook.xml", lambda text: text.replace('"rId1"', '"rId9"')), "no sheet", "tieout.sheet"),
    ],
)
def test_files_that_are_no_whole_workbook(tmp_path: Path, sent: bytes, found: str, hint: str) -> None:
    (fault,) = faults(tmp_path, sent, "x")
    assert found in fault.found
    assert hint in fault.hint
    assert fault.where.startswith("drop/report.xlsx")


@pytest.mark.parametrize("part", [SHEET, "xl/sharedStrings.xml", "xl/workbook.xml", "_rels/.rels"])
def test_entities_that_multiply_are_refused(tmp_path: Path, part: str) -> None:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>'

    def bomb(text: str) -> str:
        declaration, sign, rest = text.rpartition("?>") if text.startswith("<?xml") else ("", "", text)
        return f"{declaration}{sign}{doctype}{rest}"

    (fault,) = faults(tmp_path, edited(PLAIN, part, bomb), "x")
    assert fault.found == "a document type declaration"


def test_a_workbook_that_unpacks_to_far_more_than_it_weighs(tmp_path: Path) -> None:
    sent = edited(PLAIN, SHEET, lambda text: text.replace("<sheetData>", " " * (80 << 20) + "<sheetData>"))
    assert len(sent) < 200_000
    (fault,) = faults(tmp_path, sent, "x")
    assert fault.found == "a workbook that unpacks to 80 MB"


def test_one_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    book = workbook(A=[["x"], ["1"]])
    book["A"]["XFD1048576"] = "far"
    assert rows(tmp_path, book, "x") == [(1, 2, "1"), (2, 1_048_576, None)]


def test_values_are_those_that_another_reader_finds(tmp_path: Path) -> None:
    """openpyxl reads cell by cell, in its own way."""
    rng = random.Random(7)
    made = [
        [
            rng.choice([None, f"id{n}", " x "]),
            moment(2026, 10, 1) + timedelta(seconds=rng.randrange(40 * 86_400)),
            rng.choice([rng.randrange(10**12), round(rng.random() * 1000, rng.randrange(6)), True]),
            timedelta(seconds=rng.randrange(200_000)),
        ]
        for n in range(300)
    ]
    sent = saved(workbook(A=[["a", "b", "c", "d"], *made]))
    expected = []
    sheet = openpyxl.load_workbook(io.BytesIO(sent), read_only=True)["A"]
    for number, (a, b, c, d) in enumerate(sheet.iter_rows(min_row=2, values_only=True), 1):
        seconds = round(d.total_seconds())
        span = f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        whole = b + timedelta(microseconds=500)
        number_text = str(c).lower() if isinstance(c, bool) else f"{c:.10f}".rstrip("0").rstrip(".")
        expected.append((number, number + 1, a, f"{whole:%Y-%m-%d %H:%M:%S}", number_text, span))
    assert rows(tmp_path, sent, "a", "b", "c", "d") == expected


MANY = as_excel_saves(
    workbook(
        One=[["x", "n"], *([f"a{n}", (n / 7, "0.0%")] for n in range(20)), ["total", 3]],
        Two=[["x", "n"], [moment(2026, 10, 1, 9), True], ["=1+1", time(0, 5)]],
    )
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_bytes_come_in_there_are_rows_or_a_fault(tmp_path: Path, data: st.DataObject) -> None:
    """Damage to the archive, and damage inside a part that is packed again, so that it gets past the checksums."""
    if data.draw(st.booleans()):
        sent = _damaged(data, MANY)
    else:
        parts = unpacked(MANY)
        hit = data.draw(
            st.sampled_from(sorted(name for name in parts if "docProps" not in name and "theme" not in name))
        )
        sent = packed(parts | {hit: _damaged(data, parts[hit].encode())})
    figure = Column("n", "number", figure="service_level", unit="pct")
    batches = None
    with suppress(TieoutError):
        _, batches = read(tmp_path, sent, "x", figure, sheet="*", trailer="total")
    if batches is not None:
        numbers = [row for batch in batches for row in (*batch.frame[ROW], *batch.rejects["row"].unique())]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))


def _damaged(data: st.DataObject, text: bytes) -> bytes:
    at = data.draw(st.integers(0, len(text) - 1))
    length = data.draw(st.integers(0, 12))
    nasty = [b"", b"<", b"&#0;", b"1E+999", b"-1", b"9999999999999", b"NaN", b"_xD800_", b"%", b"</row>"]
    other = data.draw(st.one_of(st.binary(max_size=12), st.sampled_from(nasty)))
    return text[:at] + other + text[at + length :]
