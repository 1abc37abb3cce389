"""Which format a file has, by its content; known systems bring their columns with them; what cannot be read is told."""

import gzip
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.contract import load_contract
from pipelines.draft import draft
from pipelines.draft.contract import pattern_of
from pipelines.errors import TieoutError
from tests.draft.drafted import Drafting

CALLS = "call_id,caller,start\n" + "".join(f"c{n},1390000000{n},2026-10-01 08:0{n}:00\n" for n in range(5))
MASTER = (
    '"","15550100","100","in","x","SIP/a","SIP/b","Queue","q",'
    '"2026-10-01 08:00:00","","2026-10-01 08:01:00",60,0,"NO ANSWER","DOCUMENTATION"\n'
)
FREESWITCH = (
    '"A","15550100","100","in","2026-10-01 08:00:00","","2026-10-01 08:01:00","60","0",'
    '"NORMAL_CLEARING","47bb","","","PCMU","PCMU"\n'
)


@pytest.mark.parametrize(
    ("content", "name", "format_", "feed"),
    [
        (
            "1790812800|1790812800.1|账务|NONE|ENTERQUEUE||15550100|1\n",
            "queue_log",
            "asterisk_queue_log",
            "queue_events",
        ),
        (MASTER * 2, "Master.csv", "asterisk_cdr", "calls"),
        (FREESWITCH * 2, "Master.csv", "freeswitch_cdr", "calls"),
        ('"cdrRecordType","globalCallID_callManagerId"\n1,2\n', "cdr_1", "cisco_cucm_cdr", "calls"),
        ('{"ContactId": "a", "InitiationMethod": "INBOUND"}\n', "ctr.json", "amazon_connect_ctr", "calls"),
        ('{"conversations": [{"conversationId": "a", "participants": []}]}', "a.json", "genesys_conversation", "calls"),
    ],
)
def test_known_systems_leave_their_columns_out(
    drafting: Drafting, content: str, name: str, format_: str, feed: str
) -> None:
    made = drafting(content, name=name)
    assert (made.item.format, made.item.feed) == (format_, feed)
    assert "properties:" not in made.text


def test_json_lines_with_records_in_records(drafting: Drafting) -> None:
    made = drafting(
        '{"call": {"id": "a", "from": "+15550101"}, "start": "2026-10-01T08:00:00Z", "result": "answered"}\n', zone=None
    )
    assert made.item.format == "json_lines"
    assert made.roles == {"call_id": "call.id", "caller": "call.from", "offered_utc": "start", "outcome": "result"}


def test_parquet(drafting: Drafting) -> None:
    kept = BytesIO()
    start = [datetime(2026, 10, 1, 8), datetime(2026, 10, 1, 9)]  # noqa: DTZ001 (files have local times)
    pl.DataFrame({"call_id": ["a", "b"], "caller": ["13900000001", "13900000002"], "start": start}).write_parquet(kept)
    made = drafting(kept.getvalue(), name="calls.parquet")
    assert made.item.format == "parquet"
    assert made.roles == {"call_id": "call_id", "caller": "caller", "offered_utc": "start"}


def test_a_workbook_with_one_sheet_a_queue(drafting: Drafting) -> None:
    book, kept = openpyxl.Workbook(), BytesIO()
    book.remove(book.worksheets[0])
    for queue in ("账务", "报修"):
        sheet = book.create_sheet(queue)
        sheet.append(["话务日报"])
        sheet.append(["日期", "呼入量", "接通率", "平均处理时长"])
        for day in range(1, 4):
            sheet.append([date(2026, 10, day), 100 + day, 0.9125, timedelta(seconds=200)])
            sheet.cell(sheet.max_row, 3).number_format = "0.00%"
        sheet.append(["合计", 306])
    book.save(kept)
    made = drafting(kept.getvalue(), name="日报2026-10.xlsx")
    item = made.item
    assert (item.format, item.sheet, item.skip_rows, item.trailer) == ("xlsx", "*", 1, "合计")
    assert made.roles == {"period_start": "日期", "queue": "{sheet}"}
    assert made.figures == {
        "呼入量": ("offered", "calls"),
        "接通率": ("answered_pct", "pct"),
        "平均处理时长": ("aht", "hms"),
    }


def test_packed_files_are_looked_into(drafting: Drafting) -> None:
    made = drafting(gzip.compress(CALLS.encode(), mtime=0), name="calls.csv.gz")
    assert made.roles == {"call_id": "call_id", "caller": "caller", "offered_utc": "start"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gbk", "shift_jis", "cp1252"])
def test_encodings(drafting: Drafting, encoding: str) -> None:
    head = {
        "gbk": "流水号,主叫号码,进线时间",
        "shift_jis": "通話番号,発信者番号,開始日時",
        "cp1252": "call id,numéro de l’appelé,début",
    }
    text = CALLS.replace("call_id,caller,start", head.get(encoding, "call_id,caller,start"))
    made = drafting(text, encoding=encoding)
    assert made.roles["caller"] == head.get(encoding, "call_id,caller,start").split(",")[1]


def test_files_of_two_kinds_are_two_objects(tmp_path: Path) -> None:
    calls, more, report = tmp_path / "calls_20261001.csv", tmp_path / "calls_20261002.csv", tmp_path / "report.csv"
    calls.write_text(CALLS, encoding="utf-8")
    more.write_text(CALLS, encoding="utf-8")
    report.write_text("date,calls offered\n2026-10-01,5\n2026-10-02,5\n", encoding="utf-8")
    made = tmp_path / "data.odcs.yaml"
    made.write_text(draft([calls, more, report], "beihai", zone="Asia/Shanghai"), encoding="utf-8")
    contract = load_contract(made, "beihai")
    assert [(item.name, item.pattern) for item in contract.objects] == [
        ("calls", "calls_*.csv"),
        ("report", "report.csv"),
    ]
    assert contract.server.path == "drop/beihai/{month}"


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (["calls.csv"], "calls.csv"),
        (["calls_20261001.csv"], "calls_*.csv"),
        (["话务日报2026年10月.xlsx"], "话务日报*.xlsx"),
        (["2026-10-01 calls.csv.gz"], "* calls.csv.gz"),
        (["north.csv", "south.csv"], "*th.csv"),
        (["calls[1].csv"], "calls?1?.csv"),
    ],
)
def test_what_changes_in_a_name_becomes_a_star(names: list[str], pattern: str) -> None:
    assert pattern_of(names)[0] == pattern


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "an empty file"),
        (b"hello world\nno table here\n", "lines that no delimiter cuts into columns"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "an old Excel workbook"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"<html><table>", "HTML or XML"),
        (b'{"a": 1', "JSON that is neither"),
        (b"PAR1" + bytes(40), "a parquet file that is damaged"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, found: str) -> None:
    path = tmp_path / "sent"
    path.write_bytes(content)
    with pytest.raises(TieoutError) as refused:
        draft([path, tmp_path / "absent.csv"], "beihai")
    assert [fault.where for fault in refused.value.faults] == [str(tmp_path / "absent.csv"), str(path)]
    assert found in refused.value.faults[1].found


def test_two_delimiters_do_not_fit_into_one_contract(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CALLS, encoding="utf-8")
    (tmp_path / "b.csv").write_text(CALLS.replace(",", ";").replace("call_id", "id"), encoding="utf-8")
    with pytest.raises(TieoutError, match="one delimiter"):
        draft([tmp_path / "a.csv", tmp_path / "b.csv"], "beihai")


def test_a_zone_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(CALLS, encoding="utf-8")
    with pytest.raises(TieoutError, match="no such time zone"):
        draft([tmp_path / "a.csv"], "beihai", zone="Asia/Beijin")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=300), st.integers(0, len(CALLS)), st.booleans())
def test_any_bytes_give_a_text_or_a_fault(tmp_path: Path, noise: bytes, place: int, alone: bool) -> None:
    path = tmp_path / "sent.csv"
    path.write_bytes(noise if alone else CALLS[:place].encode() + noise + CALLS[place:].encode())
    try:
        text = draft([path], "beihai", zone="Asia/Shanghai")
    except TieoutError:
        return
    made = tmp_path / "data.odcs.yaml"
    made.write_text(text, encoding="utf-8")
    assert not [where for where in refusals(made) if not where.endswith(LACKING)]


LACKING = ("properties.(call_id)", "properties.(caller)", "properties.(offered_utc)")
"""A column that is not there cannot be drafted; everything else that a draft says is sound."""


def refusals(path: Path) -> list[str]:
    """Paths of what loading the contract refuses."""
    try:
        load_contract(path, "beihai")
    except TieoutError as refused:
        return [fault.where.partition(" (calls")[0] for fault in refused.faults]
    return []
