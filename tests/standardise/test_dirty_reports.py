"""Summary reports as vendors really send them, and what spreadsheets do to exports: what each cell becomes, and why."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from checks.vague.lint import vague_fields
from pipelines.contract import Contract
from pipelines.contract.codes import UNSEEN, same_code
from pipelines.errors import TieoutError
from pipelines.formats import READERS, Source
from pipelines.measure.reported import reported
from pipelines.standardise.feeds import Origin
from pipelines.standardise.numbers import caller_key, hide_numbers
from pipelines.standardise.outcomes import _in_one_spelling
from tests.intake.contracts import KEY, calls, column, contract, put, schema
from tests.standardise.batches import FILES
from tests.standardise.files import rejected, standardised, tally
from tests.standardise.whole import Standardised, standardise

DAY = column("day", "date", raw="日期", role="period_start")
OFFERED = column("offered", "integer", raw="呼入", figure="offered", unit="calls")
START = "2026-10-01 08:00:00"


def report(folder: Path, *columns: dict[str, Any], form: str = "xlsx", **custom: Any) -> Contract:
    custom = {"period": "day", "zone": "Asia/Shanghai", "format": form, **custom}
    return contract(folder, schema("report", "claims", "x", *columns, **custom), delimiter=";")


def read(folder: Path, south: Contract, path: Path) -> Standardised:
    item = south.objects[0]
    raw = READERS[item.format](Source(path, f"drop/{path.name}", item, south.server, folder))
    return standardise(raw, item, Origin("south", "f0", "2026-10", "CN", KEY.encode(), "Asia/Shanghai"), "f", folder)


def workbook(folder: Path, **sheets: Callable[[Worksheet], None]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, fill in sheets.items():
        fill(book.create_sheet(name))
    book.save(folder / "sent.xlsx")
    return folder / "sent.xlsx"


def rows_of(*rows: Sequence[Any]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in rows:
            sheet.append(list(row))

    return fill


def claimed(result: Standardised) -> list[tuple[Any, ...]]:
    return result.frame.select("row", "field", "value", "printed").rows()


def test_a_sheet_per_queue_with_titles_merged_headers_totals_and_notes(folder: Path) -> None:
    """The notes stand below the row of totals, which is the closing one all the same."""

    def queue(sheet: Worksheet) -> None:
        for text, cells in {"2026年10月日报": "A1:D1", "来源：ACD": "A2:D2"}.items():
            sheet[cells[:2]] = text
            sheet.merge_cells(cells)
        headings = {"A3": "日期", "B3": "话务量", "D3": "质量", "B4": "呼入", "C4": "接通", "D4": "接通率"}
        for place, text in headings.items():
            sheet[place] = text
        for cells in ("A3:A4", "B3:C3"):
            sheet.merge_cells(cells)
        sheet.append([date(2026, 10, 1), 1234, "１，２００", 0.8512])
        sheet["B5"].number_format, sheet["D5"].number_format = "#,##0", "0.0%"
        sheet.append([date(2026, 10, 2), 66, "—", None])
        sheet.append(["合计", 1300, 1200, None])
        sheet.append(["注：不含节假日"])
        sheet.append([None, "制表：质检部"])

    answered = column("answered", "integer", raw="话务量 / 接通", figure="answered", unit="calls")
    south = report(
        folder,
        DAY,
        column("queue", raw="{sheet}", role="queue"),
        OFFERED | {"physicalName": "话务量 / 呼入"},
        answered,
        column("sl", "number", raw="质量 / 接通率", figure="service_level", unit="pct"),
        header=2,
        skip_rows=2,
        sheet="*",
        trailer="合计",
    )
    result = read(folder, south, workbook(folder, 信用卡=queue, 贷款=queue))
    assert result.frame["queue"].to_list() == ["信用卡"] * 6 + ["贷款"] * 6
    one = [("answered", 1200, "１，２００"), ("offered", 1234, "1,234"), ("service_level", 85.12, "85.1%")]
    two = [("answered", None, "—"), ("offered", 66, "66"), ("service_level", None, None)]
    assert [row[1:] for row in claimed(result)] == [*one, *two] * 2
    assert tally(result) == {"rows_read": 8, "accepted": 4, "rejected": 0, "left_out": 4}
    assert result.counts["left_out_by"] == {"notes below the closing row": 4}
    assert [(line["says"], line["agrees"]) for line in result.counts["closing"]] == [("1300", True), ("1200", True)] * 2


def test_a_row_that_begins_like_a_total_and_has_records_below_it_is_none(folder: Path) -> None:
    path = workbook(
        folder,
        Report=rows_of(
            ["日期", "呼入"], [date(2026, 10, 1), 5], ["合计", 5], ["注"], [date(2026, 10, 2), 6], ["合计", 11]
        ),
    )
    result = read(folder, report(folder, DAY, OFFERED, trailer="合计"), path)
    assert [row[0] for row in claimed(result)] == [1, 4]
    assert [(row[0], row[4]) for row in rejected(result)] == [(2, "合计"), (3, "注")]
    assert all("tieout.where" in row[3] for row in rejected(result))


def test_half_hours_in_a_column_of_their_own_with_a_row_for_the_whole_day(folder: Path) -> None:
    start = "strptime(substr(\"日期\", 1, 10) || ' ' || regexp_extract(\"时段\", '^[0-9]+:[0-9]+'), '%Y-%m-%d %H:%M')"
    at = column("at", "timestamp", role="period_start", logic=start)
    south = report(
        folder,
        *(column("日期"), column("时段"), at, OFFERED),
        period="interval:1800",
        where="\"时段\" <> '全天'",
    )
    rows = (
        [date(2026, 10, 1), time(8), 5],
        [date(2026, 10, 1), "08:30-09:00", 6],
        [datetime(2026, 10, 1), "9:00", 7],  # noqa: DTZ001
        [date(2026, 10, 1), "全天", 18],
    )
    result = read(folder, south, workbook(folder, Report=rows_of(["日期", "时段", "呼入"], *rows)))
    assert [f"{time:%H:%M}" for time in result.frame["period_start_utc"]] == ["00:00", "00:30", "01:00"]
    assert (tally(result)["left_out"], rejected(result)) == (1, [])


def test_months_as_they_are_printed(folder: Path) -> None:
    month = column("m", "date", role="period_start", logic="strptime(\"月份\" || '01日', '%Y年%m月%d日')")
    south = report(folder, column("月份"), month, OFFERED, form="delimited", period="month")
    result = standardised(folder, south, "月份;呼入", "2026年10月;5", "2026年9月;6", "10月;7")
    assert result.frame["booked_day"].to_list() == [date(2026, 10, 1), date(2026, 9, 1)]
    assert [row[:3] for row in rejected(result)] == [(3, 4, "m")]


def test_a_day_without_its_year_is_never_guessed(folder: Path) -> None:
    with pytest.raises(TieoutError, match="without a year"):
        report(folder, column("日期", "date", fmt="%m月%d日", role="period_start"), OFFERED, form="delimited")
    whole = column("日期", "date", fmt="%Y年%m月%d日", role="period_start")
    result = standardised(folder, report(folder, whole, OFFERED, form="delimited"), "日期;呼入", "10月1日;5")
    assert [row[:3] for row in rejected(result)] == [(1, 2, "日期")]


@pytest.mark.parametrize(
    ("cell", "hint"),
    [("46296", "excel_serial"), ("合计", "tieout.trailer"), ("小计：", "tieout.where"), ("Sub-total", "tieout.where")],
)
def test_what_is_no_day_says_what_it_may_be(folder: Path, cell: str, hint: str) -> None:
    south = report(folder, DAY | {"logicalTypeOptions": {"format": "%Y-%m-%d"}}, OFFERED, form="delimited")
    ((_, _, _, reason, text),) = rejected(standardised(folder, south, "日期;呼入", f"{cell};5"))
    assert text == cell
    assert hint in reason


def test_values_out_of_range_are_what_the_vendor_reports(folder: Path) -> None:
    """They are rows like any other: what is wrong with them is for the rules and the scorecard to say."""
    sl = column("sl", "number", raw="率", figure="service_level", unit="pct")
    day = DAY | {"logicalTypeOptions": {"format": "%Y-%m-%d"}}
    south = report(folder, day, sl, form="delimited")
    result = standardised(folder, south, "日期;率", "2026-10-01;197.2%", "2026-10-02;-3%")
    assert [row[2:] for row in claimed(result)] == [(197.2, "197.2%"), (-3.0, "-3%")]


def test_a_day_that_a_file_reports_twice_with_two_values_has_none(folder: Path) -> None:
    """Lines of agents, or of sub-totals, of which the contract tells nothing: none of them is taken for the whole."""
    south = report(folder, DAY | {"logicalTypeOptions": {"format": "%Y-%m-%d"}}, OFFERED, form="delimited")
    lines = ("2026-10-01;5", "2026-10-01;7", "2026-10-02;9", "2026-10-02;9")
    found = reported(standardised(folder, south, "日期;呼入", *lines, zone="Asia/Shanghai").frame)
    assert found == {("offered", "day:2026-10-02"): 9.0}


def test_each_figure_of_a_long_table_is_asked_about(folder: Path) -> None:
    names = {"呼入量": "offered", "接通率": "service_level", "其他": "unknown"}
    figure = column("what", raw="指标", role="figure", map=names)
    south = report(folder, DAY, figure, column("n", "number", raw="值", role="value", stage="queue"))
    asked = vague_fields(south, "zh")
    assert asked.select("field").to_series().to_list() == ["offered", "service_level"]
    assert not asked["missing"].str.contains("stage").any()


def typed_file(folder: Path, form: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / FILES[form]
    if form == "parquet":
        pl.DataFrame(rows).write_parquet(path)
    elif form == "json_lines":
        path.write_text("".join(json.dumps(row, default=str) + "\n" for row in rows), encoding="utf-8")
    else:
        workbook(folder, Report=rows_of(list(rows[0]), *(row.values() for row in rows)))
    return path


@pytest.mark.parametrize("form", ["json_lines", "parquet", "xlsx"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_number_of_a_typed_file_is_that_number_whatever_sign_its_text_has(
    folder: Path, form: str, decimal: str
) -> None:
    """1.234 seconds stay so where the contract says that a comma stands before the decimals of the file's text."""
    day = column("day", "date", role="period_start")
    aht = column("aht", "number", figure="aht", unit="s")
    sl = column("sl", "number", figure="service_level", unit="pct")
    south = report(folder, day, aht, sl, form=form, decimal=decimal)
    path = typed_file(folder, form, [{"day": date(2026, 10, 1), "aht": 1.234, "sl": f"85{decimal}125 %"}])
    assert [row[1:3] for row in claimed(read(folder, south, path))] == [("aht", 1.234), ("service_level", 85.125)]


@pytest.mark.parametrize("decimal", [".", ","])
def test_a_number_that_an_expression_computes_is_that_number(folder: Path, decimal: str) -> None:
    ms = f"try_cast(replace(ms, '{decimal}', '.') AS DOUBLE) / 1000"
    talk = column("talk", "number", logic=ms, role="talk_s", unit="s")
    hold = column("hold", "number", logic="replace(ms, 'x', '')", role="hold_s", unit="s")
    south = contract(folder, calls(column("ms"), talk, hold, decimal=decimal), delimiter=";")
    result = standardised(folder, south, "id;caller;start;ms", f"a;1;{START};1234{decimal}0")
    assert [float(value) for value in result.frame.select("talk_s", "hold_s").row(0)] == [1.234, 1234.0]


@pytest.mark.parametrize("form", ["delimited", "json_lines", "parquet", "xlsx"])
def test_every_format_knows_the_name_of_its_file(folder: Path, form: str) -> None:
    queue, reason = column("q", raw="{file}", role="queue"), column("f", logic='upper("{file}")', role="reason")
    south = contract(folder, calls(queue, reason, format=form))
    path = folder / FILES[form]
    if form == "delimited":
        put(folder, path.name, "id,caller,start", f"a,1,{START}")
    else:
        typed_file(folder, form, [{"id": "a", "caller": "1", "start": START}])
    assert read(folder, south, path).frame.select("queue", "reason").rows() == [(path.name, path.name.upper())]


def test_signs_that_nobody_sees_change_no_id_no_number_and_no_code(folder: Path) -> None:
    result_ = column("result", role="outcome", map={"接通": "answered", "HUNG UP（超时）": "abandoned"})
    south = contract(folder, calls(result_, column("agent", role="agent_id")))
    lines = (
        f"\ufeff77,\u202a+49 30 12345678\u202c,{START},\u00a0接通\u200b,007",
        f"7\u00ad8,＋４９３０１２３４５６７８,{START},HUNG\u00a0UP(超时),７",
        f"79,+49 30 12345678,{START},接 通,7",
        f"\u200b,x,{START},接通,7",
    )
    found = standardised(folder, south, "id,caller,start,result,agent", *lines)
    assert found.frame.select("call_id", "agent_id", "outcome").rows() == [
        ("77", "007", "answered"),
        ("78", "７", "abandoned"),
        ("79", "7", "unknown"),
    ]
    assert found.frame["caller_key"].to_list() == [caller_key("+493012345678", KEY.encode())] * 3
    assert [row[3] for row in rejected(found)] == ["empty, but every row needs call_id"]
    assert found.counts["unseen_signs"] == 5
    assert [code["code"] for code in found.counts["unknown_codes"]] == ["接 通"]


@pytest.mark.parametrize(
    "code", ["OK", " OK ", "ＯＫ", "O\u200bK", "\u00a0OK\u3000", "ok", "O K", "①", "", "接通（是）"]
)
def test_codes_are_compared_alike_in_contracts_and_in_files(code: str) -> None:
    spelt = _in_one_spelling(pl.Series([code, "接通", *UNSEEN])).to_list()
    assert spelt == [same_code(code), "接通", *[""] * len(UNSEEN)]


def test_what_spreadsheets_do_to_ids_and_numbers(folder: Path) -> None:
    ids = ["6.02E+11", "1.39E+10", "#####", "#N/A", "#REF!", "12345.0", "#12", "E+1"]
    lines = [f"{call},{'' if place else '030 12345678.0'},{START}" for place, call in enumerate(ids)]
    found = standardised(folder, contract(folder, calls()), "id,caller,start", *lines)
    assert found.frame["call_id"].to_list() == ids
    assert found.counts["damaged_ids"] == 5
    floats = [f"a,03012345678.0,{START}", f"b,+493012345678.0,{START}", f"c,1.39E+10,{START}"]
    found = standardised(folder, contract(folder, calls()), "id,caller,start", *floats)
    key = caller_key("+493012345678", KEY.encode())
    assert found.frame.select("caller_key", "caller_kind").rows() == [
        (key, "number"),
        (key, "number"),
        (None, "damaged"),
    ]


NUMBERS = [
    "+49 30 5550123",
    "030/555 01 23",
    "(030) 555-0123",
    "+86 010 5550 1234",
    "０３０５５５０１２３",
    "030.555.01.23",
]


@pytest.mark.parametrize("number", [*NUMBERS, "030.555.01.23", "4930\u2011555\u20110123", "030\u00a0555\u00a00123"])
def test_no_number_is_shown_however_it_is_grouped(folder: Path, number: str) -> None:
    digits = "".join(sign for sign in number if sign.isdigit())
    assert digits not in "".join(sign for sign in hide_numbers(f"call {number}, please") if sign.isdigit())
    south = contract(
        folder, calls(column("result", role="outcome"), column("talk", "integer", role="talk_s", unit="s"))
    )
    lines = (f"a,1,{START},{number},5", f"b,1,{START},ok,{number}")
    found = standardised(folder, south, "id,caller,start,result,talk", *lines)
    shown = json.dumps([found.counts, found.rejects.rows()], default=str, ensure_ascii=False)
    assert number not in shown
    assert digits not in shown


@pytest.mark.parametrize("text", ["2026-10-31 25", "31.10.2026 08.05.61", "10/31/2026", "0.00361111", "1234-56"])
def test_dates_and_fractions_are_shown(text: str) -> None:
    assert hide_numbers(text) == text


def test_a_duration_in_a_column_of_seconds_says_how_to_read_it(folder: Path) -> None:
    aht = column("aht", "number", raw="均时", figure="aht", unit="s")
    path = workbook(folder, Report=rows_of(["日期", "均时"], [date(2026, 10, 1), timedelta(seconds=312)]))
    ((_, _, _, reason, text),) = rejected(read(folder, report(folder, DAY, aht), path))
    assert (text, "tieout.unit to hms" in reason) == ("0:05:12", True)
