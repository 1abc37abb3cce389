"""Amazon Connect contact records: the latest version of each contact, the legs of a call, and how each ended."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import TieoutError
from pipelines.formats.amazon_connect_ctr import EARLIER, read_amazon_connect_ctr
from tests.formats.switches import SAMPLES, check_any, check_sums, rejected, source, whole, written

SYSTEM = "amazon_connect_ctr"
SAMPLE = (SAMPLES / "amazon_connect.json").read_bytes()
BASE = source(SAMPLES / "amazon_connect.json", SYSTEM)


def contact(name: str, method: str = "INBOUND", **more: Any) -> dict[str, Any]:
    return {"ContactId": name, "Channel": "VOICE", "InitiationMethod": method, **more}


def outcomes(folder: Path, *records: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Leg, direction and outcome."""
    sent = written(folder, "\n".join(map(json.dumps, records)), SYSTEM)
    return whole(list(read_amazon_connect_ctr(sent).batches)).select("leg", "direction", "outcome").rows()


def test_objects_with_nothing_between_them_are_calls_with_legs() -> None:
    (batch,) = read_amazon_connect_ctr(BASE).batches
    assert batch.frame.select("call_id", "leg", "direction", "offered", "outcome").rows() == [
        ("c-1", "c-1", "inbound", "2026-10-01T08:00:20Z", "transferred"),
        ("c-1", "c-2", "inbound", "2026-10-01T08:03:05Z", "answered"),
        ("c-3", "c-3", "inbound", "2026-10-01T08:10:05Z", "abandoned"),
        ("c-4", "c-4", "inbound", "2026-10-01T08:20:10Z", "callback_requested"),
        ("c-4", "c-5", "outbound", "2026-10-01T08:23:39Z", "answered"),
        ("c-6", "c-6", "inbound", "2026-10-01T08:40:00Z", "unknown"),
    ]
    names = ("CustomerEndpoint.Address", "Queue.Name", "Agent.Username", "Queue.Duration")
    times = ("Agent.AgentInteractionDuration", "Agent.CustomerHoldDuration", "Agent.AfterContactWorkDuration")
    assert batch.frame.select(*names, *times).row(0) == (
        "+15550100101",
        "Billing",
        "agent.one",
        "30",
        "120",
        "15",
        "20",
    )
    assert batch.left_out == {EARLIER: 2, "not a phone call: CHAT": 1}
    assert (batch.rows_read, batch.rejects.height) == (9, 0)


def test_of_a_contact_delivered_again_the_latest_version_counts_wherever_it_stands() -> None:
    frame = whole(list(read_amazon_connect_ctr(BASE).batches))
    latest = dict(frame.select("leg", "DisconnectTimestamp").rows())
    assert (latest["c-3"], latest["c-6"]) == ("2026-10-01T08:10:45Z", "2026-10-01T08:40:09Z")


def test_of_two_versions_of_one_time_the_later_in_the_file_counts(tmp_path: Path) -> None:
    both = [contact("a", LastUpdateTimestamp="2026-10-01T08:00:00Z", DisconnectReason=word) for word in ("x", "y")]
    (batch,) = read_amazon_connect_ctr(written(tmp_path, "\n".join(map(json.dumps, both)), SYSTEM)).batches
    assert batch.frame.select(" row", "DisconnectReason").rows() == [(2, "y")]


def test_how_a_part_without_an_agent_ended(tmp_path: Path) -> None:
    queued = {"Queue": {"Name": "Billing", "EnqueueTimestamp": "2026-10-01T08:00:00Z"}}
    assert outcomes(
        tmp_path,
        contact("left", **queued),
        contact("onward", **queued),
        contact("other", "QUEUE_TRANSFER", InitialContactId="onward", PreviousContactId="onward", **queued),
        contact("away", NextContactId="elsewhere", DisconnectReason="CONTACT_FLOW_DISCONNECT", **queued),
        contact("menu"),
        contact("sent out", TransferCompletedTimestamp="2026-10-01T08:00:00Z"),
        contact("not reached", "CALLBACK", **queued),
        contact("listens", "MONITOR", **queued),
        contact("stray", "TRANSFER", InitialContactId="in another file", **queued),
    ) == [
        ("left", "inbound", "abandoned"),
        ("onward", "inbound", "overflowed"),
        ("other", "inbound", "abandoned"),
        ("away", "inbound", "overflowed"),
        ("menu", "inbound", "unknown"),
        ("sent out", "inbound", "overflowed"),
        ("not reached", "outbound", "unknown"),
        ("listens", "internal", "unknown"),
        ("stray", "unknown", "abandoned"),
    ]


def test_a_transfer_of_a_dialled_call_is_outbound_too(tmp_path: Path) -> None:
    moved = contact("b", "TRANSFER", InitialContactId="a", PreviousContactId="a")
    assert [row[1] for row in outcomes(tmp_path, contact("a", "OUTBOUND"), moved)] == ["outbound", "outbound"]


def test_a_record_cut_off_in_the_middle_costs_itself_alone(tmp_path: Path) -> None:
    lines = b'{"ContactId":"a","Channel":"VOICE"}{"ContactId":"b"\n{"ContactId":"c"}{"ContactId":"d","Queue":{"Na'
    batches = list(read_amazon_connect_ctr(written(tmp_path, lines, SYSTEM)).batches)
    assert whole(batches).select(" row", " line", "leg").rows() == [(1, 1, "a"), (3, 2, "c")]
    assert rejected(batches) == [
        (2, 1, "no JSON: it does not end on its line"),
        (4, 2, "no JSON: the file ends in the middle of it"),
    ]


def test_objects_that_are_no_contacts_are_a_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(TieoutError) as refused:
        read_amazon_connect_ctr(written(tmp_path, '{"conversationId":"x"}', SYSTEM))
    assert refused.value.faults[0].allowed == "Amazon Connect contact records"
    with pytest.raises(TieoutError):
        read_amazon_connect_ctr(written(tmp_path, "id,caller\n" * 1001, SYSTEM))


def test_an_empty_file_has_no_calls(tmp_path: Path) -> None:
    (batch,) = read_amazon_connect_ctr(written(tmp_path, "\n \n", SYSTEM)).batches
    assert (batch.rows_read, batch.frame.height) == (0, 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(order=st.permutations(range(9)))
def test_in_any_order_the_same_legs(tmp_path: Path, order: list[int]) -> None:
    records = SAMPLE.replace(b"}{", b"}\n{").splitlines()
    sent = written(tmp_path, b"".join(records[place] for place in order), SYSTEM)
    batches = list(read_amazon_connect_ctr(sent).batches)
    check_sums(batches)
    first = whole(list(read_amazon_connect_ctr(BASE).batches))
    assert sorted(whole(batches).drop(" row", " line").rows(), key=str) == sorted(
        first.drop(" row", " line").rows(), key=str
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(place=st.integers(0, len(SAMPLE)), length=st.integers(0, 40), put=st.binary(max_size=6))
def test_a_damaged_file_is_rows_rejects_or_a_fault(tmp_path: Path, place: int, length: int, put: bytes) -> None:
    path = tmp_path / "sent"
    path.write_bytes(SAMPLE[:place] + put + SAMPLE[place + length :])
    check_any(read_amazon_connect_ctr, replace(BASE, path=path))
