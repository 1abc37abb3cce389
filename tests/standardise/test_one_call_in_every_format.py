"""The same three calls in every format whose columns a contract names: one canonical table comes out.

The exports of named systems, which know their columns, are in `test_switch_logs.py` and in `tests/backtest/`.
"""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipelines.formats import READERS, Source
from pipelines.standardise.feeds import Origin
from pipelines.standardise.numbers import caller_key
from tests.intake.contracts import KEY, column, contract, schema, time
from tests.standardise.whole import standardise

HEAD = ("流水号", "主叫号码", "进线时间", "通话时长", "状态")
START = [datetime.fromisoformat(f"2026-10-01 {clock}") for clock in ("08:00:12", "08:02:40", "23:59:59")]
CALLS = (
    ("T1", "13900000001", START[0], "0:03:31", "已接通"),
    ("T2", "", START[1], "0:00:00", "放弃"),
    ("T3", "+8613900000003", START[2], "1:02:04", "已接通"),
)
COLUMNS = (
    column(HEAD[0], role="call_id"),
    column(HEAD[1], role="caller"),
    time(HEAD[2], "offered_utc"),
    column(HEAD[3], role="talk_s", unit="hms"),
    column(HEAD[4], role="outcome", map={"已接通": "answered", "放弃": "abandoned"}),
)
TEXTS = [[str(cell) for cell in call] for call in CALLS]


def as_text(path: Path) -> None:
    lines = [";".join(HEAD), *(";".join(call) for call in TEXTS), "合计;3;;1:05:35;"]
    path.write_bytes(gzip.compress("\r\n".join(["北海呼叫中心;;;;", *lines, ""]).encode("gb18030")))


def as_workbook(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("北海呼叫中心",), HEAD, *((*call[:1], call[1] or None, *call[2:]) for call in CALLS), ("合计", 3)):
        sheet.append(list(row))
    book.save(path)


def as_objects(path: Path) -> None:
    lines = [json.dumps(dict(zip(HEAD, call, strict=True)), ensure_ascii=False) for call in TEXTS]
    path.write_text("\n".join(lines), encoding="utf-8")


def as_parquet(path: Path) -> None:
    pl.DataFrame(TEXTS, schema=list(HEAD), orient="row").write_parquet(path)


@pytest.mark.parametrize(
    ("form", "write", "said"),
    [
        ("delimited", as_text, {"skip_rows": 1, "trailer": "合计"}),
        ("xlsx", as_workbook, {"skip_rows": 1, "trailer": "合计"}),
        ("json_lines", as_objects, {}),
        ("parquet", as_parquet, {}),
    ],
)
def test_three_calls(tmp_path: Path, form: str, write: Callable[[Path], None], said: dict[str, object]) -> None:
    item = schema(
        "calls", "calls", "*", *COLUMNS, zone="Asia/Shanghai", direction="inbound", **{"format": form, **said}
    )
    south = contract(tmp_path, item, delimiter=";", encoding="auto")
    write(tmp_path / "sent")
    source = Source(tmp_path / "sent", "drop/sent", south.objects[0], south.server, tmp_path)
    origin = Origin("south", "f0", "2026-10", "CN", KEY.encode(), "Asia/Shanghai")
    result = standardise(READERS[form](source), south.objects[0], origin, "drop/sent", tmp_path)
    keys = [caller_key(number, KEY.encode()) for number in ("+8613900000001", "+8613900000003")]
    assert result.frame.select("call_id", "caller_key", "caller_kind", "offered_utc", "talk_s", "outcome").rows() == [
        ("T1", keys[0], "number", datetime(2026, 10, 1, 0, 0, 12, tzinfo=UTC), Decimal("211.000"), "answered"),
        ("T2", None, "withheld", datetime(2026, 10, 1, 0, 2, 40, tzinfo=UTC), Decimal("0.000"), "abandoned"),
        ("T3", keys[1], "number", datetime(2026, 10, 1, 15, 59, 59, tzinfo=UTC), Decimal("3724.000"), "answered"),
    ]
    assert result.frame["day"].n_unique() == 1
    assert result.counts["rows_read"] == result.counts["accepted"] == 3
    assert all(line["agrees"] for line in result.counts["closing"])
    assert bool(result.counts["closing"]) == ("trailer" in said)
