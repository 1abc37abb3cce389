"""The forms of vendors' reports: long tables, printed numbers of every kind, and workbooks with a sheet per queue."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipelines.formats import Source
from pipelines.formats.xlsx import read_xlsx
from pipelines.standardise.feeds import Origin
from pipelines.standardise.printed_figures import figures
from tests.intake.contracts import KEY, column, contract, schema
from tests.standardise.files import rejected, standardised, tally
from tests.standardise.whole import Standardised, standardise

DAY = column("day", "date", fmt="%Y-%m-%d", role="period_start")
NAMES = {"Calls offered": "offered", "接通率": "service_level", "AHT": "aht"}


def report(folder: Path, *columns: dict[str, Any], **custom: Any) -> Any:
    custom = {"period": "day", "zone": "Europe/Berlin"} | custom
    return contract(folder, schema("report", "claims", "report.csv", *columns, **custom))


def long(folder: Path, **more: Any) -> Any:
    figure = column("what", role="figure", map=NAMES)
    return report(folder, DAY, figure, column("n", "number", role="value", **more), column("queue", role="queue"))


def told(result: Standardised) -> list[tuple[Any, ...]]:
    """Row of the file, figure, queue, value, text as printed, unit."""
    return result.frame.sort("row", "field").select("row", "field", "queue", "value", "printed", "unit").rows()


def test_a_long_table_has_a_row_for_each_figure(folder: Path) -> None:
    lines = (
        "day,what,n,queue",
        "2026-10-01,Calls offered,120,cards",
        "2026-10-01, AHT ,200.5,",
        "2026-10-02,AHT,,cards",
    )
    result = standardised(folder, long(folder), *lines)
    assert told(result) == [
        (1, "offered", "cards", 120.0, "120", None),
        (2, "aht", None, 200.5, "200.5", None),
        (3, "aht", "cards", None, None, None),
    ]
    assert result.frame["booked_day"].to_list() == [date(2026, 10, 1), date(2026, 10, 1), date(2026, 10, 2)]
    assert tally(result) == {"rows_read": 3, "accepted": 3, "rejected": 0, "left_out": 0}


def test_a_figure_that_the_map_does_not_name_is_kept_as_unknown_and_told(folder: Path) -> None:
    lines = ("day,what,n,queue", "2026-10-01,Hugs,7,", "2026-10-02,Hugs,8,", "2026-10-02,,9,")
    result = standardised(folder, long(folder), *lines)
    assert told(result) == [(row, "unknown", None, row + 6.0, str(row + 6), None) for row in (1, 2, 3)]
    (code,) = result.counts["unknown_codes"]
    assert (code["column"], code["code"], code["rows"], code["first_line"]) == ("what", "Hugs", 2, 2)


def test_one_unit_may_hold_for_the_whole_column(folder: Path) -> None:
    lines = ("day,what,n,queue", "2026-10-01,接通率,85.1 %,", "2026-10-02,接通率,85.25,")
    assert told(standardised(folder, long(folder, unit="pct"), *lines)) == [
        (1, "service_level", None, 85.1, "85.1 %", "pct"),
        (2, "service_level", None, 85.25, "85.25", "pct"),
    ]


def test_durations_of_a_long_table(folder: Path) -> None:
    figure, value = column("what", role="figure", map=NAMES), column("n", role="value", unit="hms")
    lines = ("day,what,n", "2026-10-01,AHT,0:05:12", "2026-10-02,AHT,5:12")
    result = standardised(folder, report(folder, DAY, figure, value), *lines)
    assert told(result) == [(1, "aht", None, 312.0, "0:05:12", "hms")]
    assert [row[:3] for row in rejected(result)] == [(2, 3, "n")]


def test_without_a_unit_each_cell_of_a_long_table_brings_its_own(folder: Path) -> None:
    lines = (
        "day;what;n;queue",
        "2026-10-01;Calls offered;1,234;",
        "2026-10-01;接通率;85.1%;",
        "2026-10-01;AHT;0:05:12;",
    )
    south = contract(
        folder,
        schema(
            "report",
            "claims",
            "report.csv",
            DAY,
            column("what", role="figure", map=NAMES),
            column("n", "number", role="value"),
            column("queue", role="queue"),
            period="day",
        ),
        delimiter=";",
    )
    assert [row[3:5] for row in told(standardised(folder, south, *lines))] == [
        (1234.0, "1,234"),
        (85.1, "85.1%"),
        (312.0, "0:05:12"),
    ]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("120", 120.0),
        ("1,234.5", 1234.5),
        ("85.1%", 85.1),
        ("８５％", 85.0),
        ("0:05:12", 312.0),
        ("约85%", None),
        ("-", None),
    ],
)
def test_cells_that_bring_their_unit(cell: str, value: float | None) -> None:
    assert figures(pl.Series([cell, None]), ".").to_list() == [value, None]
    assert figures(pl.Series(["1.234,5"]), ",").to_list() == [1234.5]


@pytest.mark.parametrize(
    ("cell", "unit", "decimal", "value"),
    [
        ("85.1%", "pct", ".", 85.1),
        ("85.1 %", "pct", ".", 85.1),
        ("85,1 %", "pct", ",", 85.1),
        ("1,234", "calls", ".", 1234.0),
        ("1.234,5", "calls", ",", 1234.5),
        ("８５．１％", "pct", ".", 85.1),
        ("—", "pct", ".", None),
        ("-", "pct", ".", None),
        ("N/A", "pct", ".", None),
    ],
)
def test_a_figure_is_read_as_it_is_printed_and_the_print_is_kept(
    folder: Path, cell: str, unit: str, decimal: str, value: float | None
) -> None:
    figure = column("n", "number", figure="service_level", unit=unit)
    objects = schema("report", "claims", "report.csv", DAY, figure, period="day", decimal=decimal)
    result = standardised(folder, contract(folder, objects, delimiter=";"), "day;n", f"2026-10-01;{cell}")
    assert told(result) == [(1, "service_level", None, value, cell, unit)]


@pytest.mark.parametrize("cell", ["约85%", "85-86", "eighty", "#N/A", "1,23"])
def test_a_figure_that_is_no_number_is_rejected(folder: Path, cell: str) -> None:
    figure = column("n", "number", figure="service_level", unit="pct")
    south = contract(folder, schema("report", "claims", "r.csv", DAY, figure, period="day"), delimiter=";")
    assert [row[:3] for row in rejected(standardised(folder, south, "day;n", f"2026-10-01;{cell}"))] == [(1, 2, "n")]


def workbook_of(folder: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([one[0] if isinstance(one, tuple) else one for one in row])
            for place, one in enumerate(row, 1):
                if isinstance(one, tuple):
                    sheet.cell(sheet.max_row, place).number_format = one[1]
    book.save(folder / "report.xlsx")
    return folder / "report.xlsx"


def from_workbook(folder: Path, south: Any, path: Path) -> Standardised:
    item = south.objects[0]
    raw = read_xlsx(Source(path, "drop/report.xlsx", item, south.server, folder))
    origin = Origin("south", "f0", "2026-10", "DE", KEY.encode(), "Europe/Berlin")
    return standardise(raw, item, origin, "drop/report.xlsx", folder)


def test_a_workbook_with_a_sheet_per_queue_and_two_header_rows(folder: Path) -> None:
    """Each sheet: a title, two rows of column names (the upper ones merged), the days, and a row of totals."""

    def sheet(*days: list[Any]) -> list[list[Any]]:
        upper, lower = ["日期", "话务量", None, "质量", None], [None, "呼入", "接通", "服务水平", "均时"]
        return [["10月日报"], [], upper, lower, *days, ["合计", 370, 330, None, None]]

    first, second = date(2026, 10, 1), date(2026, 10, 2)
    path = workbook_of(
        folder,
        信用卡=sheet(
            [first, (1234, "#,##0"), 110, (0.85123, "0.0%"), (timedelta(seconds=312), "[h]:mm:ss")],
            [second, 130, 120, "—", (timedelta(seconds=300), "[h]:mm:ss")],
        ),
        贷款=sheet([first, 120, 100, (0.9, "0%"), (timedelta(seconds=299.6), "mm:ss")]),
    )
    south = report(
        folder,
        column("day", "date", raw="日期", role="period_start"),
        column("queue", raw="{sheet}", role="queue"),
        column("offered", "integer", raw="话务量 / 呼入", figure="offered", unit="calls"),
        column("sl", "number", raw="质量 / 服务水平", figure="service_level", unit="pct"),
        column("aht", raw="质量 / 均时", figure="aht", unit="hms"),
        format="xlsx",
        sheet="*",
        header=2,
        skip_rows=2,
        trailer="合计",
        zone="Asia/Shanghai",
    )
    result = from_workbook(folder, south, path)
    assert told(result) == [
        (1, "aht", "信用卡", 312.0, "0:05:12", "hms"),
        (1, "offered", "信用卡", 1234.0, "1,234", "calls"),
        (1, "service_level", "信用卡", 85.123, "85.1%", "pct"),
        (2, "aht", "信用卡", 300.0, "0:05:00", "hms"),
        (2, "offered", "信用卡", 130.0, "130", "calls"),
        (2, "service_level", "信用卡", None, "—", "pct"),
        (3, "aht", "贷款", 299.6, "05:00", "hms"),
        (3, "offered", "贷款", 120.0, "120", "calls"),
        (3, "service_level", "贷款", 90.0, "90%", "pct"),
    ]
    assert tally(result) == {"rows_read": 3, "accepted": 3, "rejected": 0, "left_out": 0}


def test_a_long_table_in_a_workbook(folder: Path) -> None:
    path = workbook_of(
        folder,
        Report=[
            ["day", "what", "n", "queue"],
            [date(2026, 10, 1), "Calls offered", (1234, "#,##0"), None],
            [date(2026, 10, 1), "接通率", (0.85123, "0.0%"), None],
            [date(2026, 10, 1), "AHT", (timedelta(seconds=312), "[h]:mm:ss"), None],
        ],
    )
    figure, value = column("what", role="figure", map=NAMES), column("n", "number", role="value")
    day = column("day", "date", role="period_start")
    south = report(folder, day, figure, value, column("queue", role="queue"), format="xlsx")
    assert told(from_workbook(folder, south, path)) == [
        (1, "offered", None, 1234.0, "1,234", None),
        (2, "service_level", None, 85.123, "85.1%", None),
        (3, "aht", None, 312.0, "0:05:12", None),
    ]
