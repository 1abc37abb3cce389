"""Master.csv of FreeSWITCH: rows, results and the legs of a call."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.formats import collect
from pipelines.formats.freeswitch_cdr import read_freeswitch_cdr
from pipelines.formats.raw import ROW
from tests.formats.switches import SAMPLES, check_any, check_sums, known, rejected, source, whole, written

SYSTEM = "freeswitch_cdr"
A, B, C, D = (f"00000000-0000-4000-8000-00000000000{letter}" for letter in "abcd")


def leg(uuid: str, bleg: str = "", second: int = 0, cause: str = "NORMAL_CLEARING") -> str:
    """One line of the template `example`."""
    start = f"2026-10-01 08:00:{second:02}"
    cells = ["", "5550100", "800", "in", start, "", "2026-10-01 08:09:00", "9", "0", cause, uuid, bleg, "", "", ""]
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def test_the_sample_of_four_legs() -> None:
    (batch,) = read_freeswitch_cdr(source(SAMPLES / "freeswitch_master.csv", SYSTEM)).batches
    names = ("caller_id_name", "caller_id_number", "call_id", "leg", "direction", "answer_stamp", "billsec", "result")
    assert batch.frame.select(names).rows() == [
        ("Doe, J.", "+15550100123", A, "1", None, "2026-10-01 08:00:12", "180", "ANSWERED"),
        ('The "Best" Shop', "+15550100124", C, "1", None, None, "0", "ORIGINATOR_CANCEL"),
        ("Doe, J.", "+15550100123", A, "2", "outbound", "2026-10-01 08:00:12", "180", "ANSWERED"),
        (None, "anonymous", D, "1", None, None, None, "USER_BUSY"),
    ]
    assert (batch.rows_read, batch.rejects.height) == (4, 0)


@pytest.mark.parametrize(
    ("lines", "calls"),
    [
        ([leg("a", "b"), leg("b", second=1)], {"a": ("a", "1"), "b": ("a", "2")}),
        ([leg("b", second=1), leg("a", "b")], {"a": ("a", "1"), "b": ("a", "2")}),
        ([leg("b", "a", second=1), leg("a", "b")], {"a": ("a", "1"), "b": ("a", "2")}),
        ([leg("b", "a"), leg("a", "b")], {"a": ("a", "1"), "b": ("a", "2")}),
        ([leg("b", "a"), leg("a")], {"a": ("b", "2"), "b": ("b", "1")}),
        ([leg("b", "a", 2), leg("c", "a", 1), leg("a")], {"a": ("a", "1"), "b": ("a", "3"), "c": ("a", "2")}),
        ([leg("a", "b"), leg("b", "c", 1), leg("c", second=2)], {"a": ("a", "1"), "b": ("a", "2"), "c": ("a", "3")}),
        ([leg("a", "x"), leg("b")], {"a": ("a", "1"), "b": ("b", "1")}),
        ([leg("a", "a"), leg("b")], {"a": ("a", "1"), "b": ("b", "1")}),
    ],
)
def test_legs_become_one_call(tmp_path: Path, lines: list[str], calls: dict[str, tuple[str, str]]) -> None:
    frame = whole(list(read_freeswitch_cdr(written(tmp_path, "".join(lines), SYSTEM)).batches))
    assert {row[0]: row[1:3] for row in frame.select("uuid", "call_id", "leg").rows()} == calls
    dialled = frame.filter(frame["uuid"] != frame["call_id"])
    assert set(dialled["direction"]) <= {"outbound"}
    assert frame.height == len(lines)


def test_legs_find_each_other_across_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "BATCH_RECORDS", 2)
    lines = [leg("b", second=1), leg("x"), leg("a", "b"), leg("y"), leg("c", second=2), leg("z", "c")]
    batches = list(read_freeswitch_cdr(written(tmp_path, "".join(lines), SYSTEM)).batches)
    assert [batch.frame.height for batch in batches] == [2, 2, 2]
    assert whole(batches)["call_id"].to_list() == ["a", "x", "a", "y", "z", "z"]
    assert whole(batches)[ROW].to_list() == [1, 2, 3, 4, 5, 6]


def test_the_same_leg_twice_stays_two_rows_of_one_leg(tmp_path: Path) -> None:
    frame = whole(list(read_freeswitch_cdr(written(tmp_path, leg("a", "b") * 2 + leg("b", second=1), SYSTEM)).batches))
    assert frame.select("call_id", "leg").rows() == [("a", "1"), ("a", "1"), ("a", "2")]


def test_other_shapes_are_rejected_with_their_line(tmp_path: Path) -> None:
    sent = leg("a") + '"x","y"\n\n"open\n' + leg("b").replace("800", "8\x00") + leg("c").rstrip("\n")
    batches = list(read_freeswitch_cdr(written(tmp_path, sent, SYSTEM)).batches)
    check_sums(batches)
    assert whole(batches)["uuid"].to_list() == ["a", "c"]
    assert rejected(batches) == [
        (2, 2, "2 cells where the template has 15, or 13 without the codecs"),
        (3, 4, "broken quoting where the template has 15, or 13 without the codecs"),
        (4, 5, "NUL bytes in the line"),
    ]


def test_every_cause_that_the_map_names_is_one_that_the_reader_gives(tmp_path: Path) -> None:
    (result,) = (node for node in known(SYSTEM)["properties"] if node["name"] == "result")
    causes = next(item["value"] for item in result["customProperties"] if item["property"] == "tieout.map")
    plain = [cause for cause in causes if not cause.startswith("ANSWERED")]
    sent = "".join(leg(str(place), cause=cause) for place, cause in enumerate(plain))
    assert whole(list(read_freeswitch_cdr(written(tmp_path, sent, SYSTEM)).batches))["result"].to_list() == plain


PARTS = st.sampled_from([leg("a", "b").encode(), leg("b", "a").encode(), b'"', b",", b"\n", b"\x00", b"\xff", b" "])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(sent=st.binary(max_size=80) | st.lists(PARTS, max_size=20).map(b"".join))
def test_any_bytes_are_rows_rejects_or_a_fault(tmp_path: Path, sent: bytes) -> None:
    check_any(read_freeswitch_cdr, written(tmp_path, sent, SYSTEM))
