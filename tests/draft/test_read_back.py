"""What was drafted reads the very file that it was drafted from: all rows accepted, values as the file shows them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl

from pipelines.contract import load_contract
from pipelines.draft import draft
from pipelines.formats import READERS
from pipelines.formats.raw import Source
from pipelines.standardise.feeds import Origin
from tests.standardise.whole import Standardised, standardise


def read_back(folder: Path, name: str, content: bytes) -> Standardised:
    """Drafts, loads, reads and standardises one file of a vendor whose clock shows China's time."""
    path, made = folder / name, folder / "data.odcs.yaml"
    path.write_bytes(content)
    made.write_text(draft([path], "beihai", zone="Asia/Shanghai"), encoding="utf-8")
    contract = load_contract(made, "beihai")
    (item,) = contract.objects
    raw = READERS[item.format](Source(path, name, item, contract.server, folder))
    origin = Origin("beihai", "f1", "2026-10", "CN", b"a key for tests only", "Asia/Shanghai")
    return standardise(raw, item, origin, name, folder)


def test_epochs_in_json_lines(tmp_path: Path) -> None:
    lines = '{"id": "a", "ani": "13900000001", "start": 1790812800, "wait": 7, "result": "answered"}\n'
    done = read_back(tmp_path, "calls.jsonl", lines.encode())
    assert (done.counts["accepted"], done.rejects.height) == (1, 0)
    (row,) = done.frame.iter_rows(named=True)
    assert row["offered_utc"].astimezone(UTC) == datetime(2026, 10, 1, 0, 0, tzinfo=UTC)
    assert (row["queue_s"], row["outcome"]) == (Decimal(7), "answered")


def test_parquet(tmp_path: Path) -> None:
    kept = BytesIO()
    start = [datetime(2026, 10, 1, 8), datetime(2026, 10, 1, 9)]  # noqa: DTZ001 (files have local times)
    frame = pl.DataFrame({"call_id": ["a", "b"], "caller": ["13900000001"] * 2, "start": start, "talk_s": [5, 6]})
    frame.write_parquet(kept)
    done = read_back(tmp_path, "calls.parquet", kept.getvalue())
    assert (done.counts["accepted"], done.rejects.height) == (2, 0)
    assert done.frame["talk_s"].to_list() == [Decimal(5), Decimal(6)]
    assert done.frame["offered_utc"][1].astimezone(UTC) == datetime(2026, 10, 1, 1, 0, tzinfo=UTC)


def test_a_workbook_with_one_sheet_a_queue(tmp_path: Path) -> None:
    book, kept = openpyxl.Workbook(), BytesIO()
    book.remove(book.worksheets[0])
    for queue in ("账务", "报修"):
        sheet = book.create_sheet(queue)
        sheet.append(["话务日报"])
        sheet.append(["日期", "呼入量", "接通率", "平均处理时长"])
        for day in (1, 2):
            sheet.append([date(2026, 10, day), 100 + day, 0.9125, timedelta(seconds=200)])
            sheet.cell(sheet.max_row, 3).number_format = "0.00%"
        sheet.append(["合计", 203])
    book.save(kept)
    done = read_back(tmp_path, "日报2026-10.xlsx", kept.getvalue())
    assert (done.counts["rows_read"], done.counts["accepted"], done.rejects.height) == (4, 4, 0)
    first = done.frame.filter(pl.col("queue") == "报修").sort("period_start_utc", "field")
    values = {(str(day), figure): float(value) for day, figure, value in first.select("day", "field", "value").rows()}
    assert values["2026-10-02", "offered"] == 102
    assert values["2026-10-01", "answered_pct"] == 91.25
    assert values["2026-10-01", "aht"] == 200


def test_half_hours_in_two_columns_under_two_header_lines(tmp_path: Path) -> None:
    text = (
        "话务半小时报表;;;;\n;;呼入;;服务水平\n日期;时段;总量;接通量;20秒内接通率\n"
        "2026-10-01;08:00-08:30;1 100;90;81,5%\n2026-10-01;08:30-09:00;101;91;82,25%\n合计;;1 201;181;\n"
    )
    done = read_back(tmp_path, "半小时.csv", text.encode("gbk"))
    assert (done.counts["rows_read"], done.counts["accepted"], done.rejects.height) == (2, 2, 0)
    starts = done.frame["period_start_utc"].unique().sort().to_list()
    assert [start.astimezone(UTC).strftime("%H:%M") for start in starts] == ["00:00", "00:30"]
    printed = done.frame.filter(pl.col("field") == "service_level").sort("period_start_utc")
    assert [float(value) for value in printed["value"]] == [81.5, 82.25]
