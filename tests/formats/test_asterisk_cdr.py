"""Master.csv of Asterisk: which rows its lines become, whatever columns the switch was told to write."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import TieoutError
from pipelines.formats.asterisk_cdr import read_asterisk_cdr
from pipelines.formats.raw import LINE, ROW
from tests.formats.switches import SAMPLES, check_any, check_sums, rejected, source, whole, written

SYSTEM = "asterisk_cdr"
PLAIN = (
    '"","5550100","800","in","","SIP/t-0000000a","","Dial","","2026-10-01 08:00:00",,"2026-10-01 08:00:09",9,0,'
    '"NO ANSWER","DOCUMENTATION"'
)


def test_the_sample_of_four_records_as_a_manager_would_read_them() -> None:
    (batch,) = read_asterisk_cdr(source(SAMPLES / "asterisk_master.csv", SYSTEM)).batches
    shown = batch.frame.select(ROW, LINE, "call_id", "leg", "src", "queue", "agent", "answer", "billsec", "disposition")
    assert [row[:8] for row in shown.rows()] == [
        (1, 1, "1790841600.1", "2", "+15550100123", "support", "PJSIP/1001", "2026-10-01 08:00:12"),
        (2, 2, "1790841600.1", "1", "+15550100123", "support", "PJSIP/1002", None),
        (3, 3, "pbx1-1790841660.4", "0", "anonymous", None, None, None),
        (4, 4, "made-4d5083d29ebbe6ea", "91afc0c4", "+15550100124", None, None, None),
    ]
    assert shown.select("billsec", "disposition").rows() == [
        ("180", "ANSWERED"),
        ("0", "NO ANSWER"),
        ("0", "BUSY"),
        ("0", "FAILED"),
    ]
    assert batch.frame["clid"].to_list() == ['"Doe, J." <+15550100123>'] * 2 + [None] * 2
    assert (batch.rows_read, batch.rejects.height, batch.left_out) == (4, 0, {})


@pytest.mark.parametrize(
    ("more", "filled"),
    [
        ("", {}),
        (',"1790841600.1"', {"uniqueid": "1790841600.1"}),
        (',"a note"', {"userfield": "a note"}),
        (',"pbx-1790841600.1","a note"', {"uniqueid": "pbx-1790841600.1", "userfield": "a note"}),
        (',"acc","1790841599.9",7', {"peeraccount": "acc", "linkedid": "1790841599.9", "sequence": "7"}),
        (
            ',"1790841600.1","","1790841599.9",7',
            {"uniqueid": "1790841600.1", "linkedid": "1790841599.9", "sequence": "7"},
        ),
        (',"a note","","1790841599.9",7', {"userfield": "a note", "linkedid": "1790841599.9", "sequence": "7"}),
        (
            ',"1790841600.1","a note","acc","1790841599.9",7',
            {"uniqueid": "1790841600.1", "userfield": "a note", "peeraccount": "acc", "linkedid": "1790841599.9"}
            | {"sequence": "7"},
        ),
    ],
)
def test_sixteen_to_twenty_one_columns_are_told_apart(tmp_path: Path, more: str, filled: dict[str, str]) -> None:
    (batch,) = read_asterisk_cdr(written(tmp_path, f"{PLAIN}{more}\n", SYSTEM)).batches
    row = batch.frame.row(0, named=True)
    optional = ("uniqueid", "userfield", "peeraccount", "linkedid", "sequence")
    assert {name: row[name] for name in optional if row[name] is not None} == filled
    assert row["call_id"] == filled.get("linkedid", filled.get("uniqueid", "made-" + row["call_id"][5:]))


def test_a_made_id_is_the_same_in_every_export_and_differs_between_calls(tmp_path: Path) -> None:
    other = PLAIN.replace("0000000a", "0000000b")
    first = whole(list(read_asterisk_cdr(written(tmp_path, f"{PLAIN}\n{other}\n", SYSTEM)).batches))[
        "call_id"
    ].to_list()
    again = whole(list(read_asterisk_cdr(written(tmp_path, f"{other}\n{PLAIN}\n", SYSTEM)).batches))[
        "call_id"
    ].to_list()
    assert first == again[::-1]
    assert len(set(first)) == 2


def test_dirt_costs_its_own_lines_and_no_others(tmp_path: Path) -> None:
    noted = f'{PLAIN},"1790841600.1","two\nlines"'
    sent = [
        "src,dst is no header here",
        f"{PLAIN}",
        "",
        PLAIN.replace('"5550100"', '"5550100'),
        f"{PLAIN}",
        f"{noted}",
        f"{PLAIN},1,2,3,4,5,6",
        PLAIN.replace("800", "8\u00e4").encode("latin-1").decode("latin-1"),
        f"{PLAIN}\x00",
    ]
    data = "\r\n".join(sent).encode().replace("8\u00e4".encode(), b"8\xe4")
    batches = list(read_asterisk_cdr(written(tmp_path, data, SYSTEM)).batches)
    check_sums(batches)
    assert [(row, line) for row, line, *_ in whole(batches).rows()] == [(2, 2), (4, 5), (5, 6)]
    assert whole(batches)["userfield"].to_list() == [None, None, "two\nlines"]
    assert rejected(batches) == [
        (1, 1, "2 cells where a call detail record has 16 to 21"),
        (3, 4, "quoting is broken: a quote is not closed within 20 lines"),
        (6, 8, "22 cells where a call detail record has 16 to 21"),
        (7, 9, "bytes that are not utf-8"),
        (8, 10, "NUL bytes in the line"),
    ]


def test_a_header_that_somebody_added_is_left_out_and_counted(tmp_path: Path) -> None:
    header = "accountcode,src,dst,dcontext,clid,channel,dstchannel,lastapp,lastdata,start,answer,end,duration,billsec"
    sent = f"{header},disposition,amaflags\n{PLAIN}\n"
    (batch,) = read_asterisk_cdr(written(tmp_path, sent, SYSTEM)).batches
    assert (batch.rows_read, batch.frame[ROW].to_list(), batch.left_out) == (2, [2], {"a header line": 1})


def test_a_file_in_another_encoding_is_a_fault_only_where_nothing_can_be_read(tmp_path: Path) -> None:
    wide = read_asterisk_cdr(written(tmp_path, f"{PLAIN}\n".encode("utf-16"), SYSTEM, encoding="utf-16"))
    assert whole(list(wide.batches))["src"].to_list() == ["5550100"]
    for encoding in ("utf-16", "no-such-code"):
        with pytest.raises(TieoutError) as refused:
            list(read_asterisk_cdr(written(tmp_path, f"{PLAIN}\n", SYSTEM, encoding=encoding)).batches)
        assert refused.value.faults[0].where == "drop/sent.log"


def test_an_empty_file_is_a_delivery_without_calls(tmp_path: Path) -> None:
    (batch,) = read_asterisk_cdr(written(tmp_path, "", SYSTEM)).batches
    assert (batch.rows_read, batch.frame.height) == (0, 0)


PARTS = st.sampled_from([PLAIN.encode(), b'"', b",", b"\n", b"\r", b"\x00", b"\xff", "ä".encode(), b"a", b""])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(sent=st.binary(max_size=80) | st.lists(PARTS, max_size=40).map(b"".join))
def test_any_bytes_are_rows_rejects_or_a_fault(tmp_path: Path, sent: bytes) -> None:
    check_any(read_asterisk_cdr, written(tmp_path, sent, SYSTEM))


def test_what_the_switch_dials_itself_is_outbound(tmp_path: Path) -> None:
    lines = (SAMPLES / "asterisk_master.csv").read_text(encoding="utf-8").splitlines()
    dialled = lines[0].replace('"PJSIP/trunk-00000001"', '"Local/1001@queue-00000007;2"')
    batches = list(read_asterisk_cdr(written(tmp_path, f"{lines[0]}\n{dialled}\n", "asterisk_cdr")).batches)
    assert whole(batches)["direction"].to_list() == [None, "outbound"]
