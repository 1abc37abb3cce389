"""queue_log of Asterisk: every line is a row, and no caller's number stands where it would be stored."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.formats.asterisk_queue_log import read_asterisk_queue_log
from pipelines.formats.lines import LONGEST_LINE
from pipelines.formats.raw import LINE, ROW
from tests.formats.switches import SAMPLES, check_any, check_sums, rejected, source, whole, written

SYSTEM = "asterisk_queue_log"


def test_the_sample_of_ten_events() -> None:
    (batch,) = read_asterisk_queue_log(source(SAMPLES / "asterisk_queue_log", SYSTEM)).batches
    assert batch.frame.drop(ROW, LINE).rows() == [
        ("1790841500", "NONE", None, None, "QUEUESTART", None, None, None, None, None, None, None),
        ("1790841510", "NONE", "support", "1001", "ADDMEMBER", None, None, None, None, None, None, None),
        (
            "1790841600",
            "1790841600.1",
            "support",
            None,
            "ENTERQUEUE",
            None,
            None,
            "1",
            None,
            None,
            None,
            "+15550100123",
        ),
        ("1790841608", "1790841600.1", "support", "1002", "RINGNOANSWER", "8000", *[None] * 6),
        ("1790841612", "1790841600.1", "support", "1001", "CONNECT", "12", "1790841601.2", "4", *[None] * 4),
        ("1790841792", "1790841600.1", "support", "1001", "COMPLETECALLER", "12", "180", "1", *[None] * 4),
        ("1790841800.123456", "1790841800.7", "sales", None, "ENTERQUEUE", None, None, "1", *[None] * 3, "anonymous"),
        ("1790841820.500000", "1790841800.7", "sales", None, "ABANDON", "1", "1", "20", *[None] * 4),
        (
            *("1790841830", "1790841830.9", "sales", "PJSIP/1003", "ATTENDEDTRANSFER"),
            *("LINK", "Local/a;1", "Local/b;2", "5", "60", "1", None),
        ),
        ("1790841840", "1790841840.9", "sales", None, "OURS", "by hand", *[None] * 6),
    ]
    assert (batch.rows_read, batch.rejects.height) == (10, 0)


def test_the_callers_number_stands_in_the_callers_column_only(tmp_path: Path) -> None:
    sent = "1|1.1|q|NONE|ENTERQUEUE||+15550100123|1|x|y|z\n2|1.1|q|NONE|ENTERQUEUE|\n"
    frame = whole(list(read_asterisk_queue_log(written(tmp_path, sent, SYSTEM)).batches))
    assert frame["caller"].to_list() == ["+15550100123", None]
    assert "+15550100123" not in str(frame.drop("caller").rows())


def test_what_is_no_event_is_rejected_with_its_line(tmp_path: Path) -> None:
    sent = b"1|1.1|q|NONE\n\n  \n1|1.1|q|NONE|ABANDON|1|1|5\n|1.1|q|NONE|ABANDON\n1|1.1|q|NONE||\n\xff|1.1|q|A|PAUSE\n"
    sent += b"x" * (LONGEST_LINE + 5) + b"\n7|1.1|q|NONE|ABANDON"
    batches = list(read_asterisk_queue_log(written(tmp_path, sent, SYSTEM)).batches)
    check_sums(batches)
    assert whole(batches).select(ROW, LINE, "time").rows() == [(2, 4, "1"), (7, 9, "7")]
    assert rejected(batches) == [
        (1, 1, "4 fields where an event has at least 5"),
        (3, 5, "an event without its time or its name"),
        (4, 6, "an event without its time or its name"),
        (5, 7, "bytes that are not utf-8"),
        (6, 8, f"a line of more than {LONGEST_LINE} characters"),
    ]


ODD = st.lists(st.sampled_from([b"1|2|3|4|ENTERQUEUE", b"|", b"\n", b"\x00", b"\xff", b"\r", b"NONE", b"a"])).map(
    b"".join
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(sent=st.binary(max_size=80) | ODD)
def test_any_bytes_are_rows_rejects_or_a_fault(tmp_path: Path, sent: bytes) -> None:
    check_any(read_asterisk_queue_log, written(tmp_path, sent, SYSTEM))
