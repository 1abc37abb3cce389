"""Genesys Cloud conversation details: one contact a conversation, one row for each entry into a queue."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.formats import collect
from pipelines.formats.genesys_conversation import read_genesys_conversation
from tests.formats.switches import SAMPLES, check_any, check_sums, rejected, source, whole, written

SYSTEM = "genesys_conversation"
SAMPLE = (SAMPLES / "genesys_voice.json").read_bytes()
BASE = source(SAMPLES / "genesys_voice.json", SYSTEM)
REAL = Path(__file__).parents[3] / "shared/data/formats/genesys-cloud"


def legs(conversation: str) -> list[dict[str, Any]]:
    """The rows of one conversation of the sample, without what is null."""
    frame = whole(list(read_genesys_conversation(BASE).batches))
    found = [row for row in frame.to_dicts() if row["conversationId"] == f"g-{conversation}"]
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def told(conversation: str, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(leg.get(name) for name in names) for leg in legs(conversation)]


def test_an_answered_call_with_all_that_is_known_of_it() -> None:
    day = "2026-10-01T08:"
    assert legs("answered") == [
        {
            " row": 1,
            " line": 4,
            "conversationId": "g-answered",
            "leg": "1",
            "direction": "inbound",
            "caller": "+15550100201",
            "called": "+15550100900",
            "queueId": "q-billing",
            "userId": "u-1",
            "offered": f"{day}00:30.000Z",
            "ringing": f"{day}00:40.000Z",
            "answered": f"{day}00:50.500Z",
            "ended": f"{day}03:00.000Z",
            "ring_s": "10.5",
            "queue_s": "20.5",
            "talk_s": "109.5",
            "hold_s": "20",
            "acw_s": "12.25",
            "outcome": "answered",
            "wrapUpCode": "w-billing",
        }
    ]


@pytest.mark.parametrize(
    ("conversation", "rows"),
    [
        ("transferred", [("inbound", "q-billing", "u-1", "transferred"), ("inbound", "q-second", "u-2", "answered")]),
        ("abandoned", [("inbound", "q-billing", None, "abandoned")]),
        ("consult", [("inbound", "q-billing", "u-1", "answered"), ("consult", None, "u-2", "answered")]),
        (
            "callback",
            [("inbound", "q-billing", None, "callback_requested"), ("outbound", "q-billing", "u-1", "answered")],
        ),
        ("voicemail", [("inbound", "q-billing", None, "voicemail")]),
        ("overflow", [("inbound", "q-billing", None, "overflowed")]),
        ("menu", [("inbound", None, None, "unknown")]),
        ("dialled", [("outbound", None, "u-1", "answered")]),
        ("internal", [("internal", None, "u-1", "answered"), ("internal", None, "u-2", "answered")]),
        ("chat", []),
    ],
)
def test_legs_and_how_they_ended(conversation: str, rows: list[tuple[str | None, ...]]) -> None:
    assert told(conversation, "direction", "queueId", "userId", "outcome") == rows


def test_legs_are_numbered_and_times_are_those_of_the_leg() -> None:
    assert told("transferred", "leg", "offered", "queue_s", "talk_s", "ring_s") == [
        ("1", "2026-10-01T08:00:30.000Z", "10", "80", "8"),
        ("2", "2026-10-01T08:02:00.000Z", "30", "90", "10"),
    ]


@pytest.mark.parametrize(
    ("ending", "begins", "direction"),
    [
        ("transfer", "01:59.900", "inbound"),
        ("transfer", "01:30.000", "consult"),
        ("consultTransfer", "01:30.000", "inbound"),
        ("peer", "01:59.900", "consult"),
        ("peer", "02:00.000", "inbound"),
    ],
)
def test_a_leg_that_begins_while_an_agent_has_the_call(
    tmp_path: Path, ending: str, begins: str, direction: str
) -> None:
    conversation = json.loads(SAMPLE)["conversations"][1]
    holder, queue = (conversation["participants"][place]["sessions"][0]["segments"] for place in (2, 3))
    holder[1]["disconnectType"], queue[0]["segmentStart"] = ending, f"2026-10-01T08:{begins}Z"
    (batch,) = read_genesys_conversation(written(tmp_path, json.dumps(conversation), SYSTEM)).batches
    assert batch.frame["direction"].to_list() == ["inbound", direction]


def test_a_callback_has_the_wait_of_its_queue_and_the_talk_of_its_call() -> None:
    assert told("callback", "queue_s", "answered", "talk_s", "acw_s")[1] == (
        "210",
        "2026-10-01T08:05:20.000Z",
        "70",
        "10",
    )


def test_the_caller_of_a_dialled_call_is_who_was_called() -> None:
    assert told("dialled", "caller", "called") == [("+15550100209", "+15550100900")]


def test_every_leg_and_every_conversation_without_one_is_counted() -> None:
    batches = list(read_genesys_conversation(BASE).batches)
    check_sums(batches)
    (batch,) = batches
    assert (batch.frame.height, dict(batch.left_out)) == (14, {"not a phone call: chat": 1})


@pytest.mark.parametrize("layout", ["array", "lines", "side by side", "pretty", "pages"])
def test_in_any_layout_the_same_rows(tmp_path: Path, layout: str) -> None:
    conversations = json.loads(SAMPLE)["conversations"]
    texts = [json.dumps(one) for one in conversations]
    pages = [json.dumps({"conversations": [one], "cursor": "x"}) for one in conversations]
    sent = {
        "array": json.dumps(conversations),
        "lines": "\n".join(texts),
        "side by side": "".join(texts),
        "pretty": "\n".join(json.dumps(one, indent=4) for one in conversations),
        "pages": "\n".join(pages),
    }[layout]
    rows = whole(list(read_genesys_conversation(written(tmp_path, sent, SYSTEM)).batches)).drop(" line").rows()
    whole_file = read_genesys_conversation(BASE)
    assert rows == whole(list(whole_file.batches)).drop(" line").rows()


def test_one_conversation_that_is_broken_costs_itself_alone(tmp_path: Path) -> None:
    first, second = (json.dumps(one) for one in json.loads(SAMPLE)["conversations"][:2])
    sent = f'{first}\n{first[:300]}\n{{"conversationId": "x"}}\n{{}}\n{second}\n'
    batches = list(read_genesys_conversation(written(tmp_path, sent, SYSTEM)).batches)
    assert whole(batches)["conversationId"].to_list() == ["g-answered", "g-transferred", "g-transferred"]
    assert rejected(batches) == [
        (2, 2, "no JSON: it does not end on its line"),
        (3, 3, "no participants"),
        (4, 4, "no conversationId"),
    ]


def test_what_is_not_there_is_null_and_what_is_odd_is_passed_over(tmp_path: Path) -> None:
    odd = [None, 7, {"purpose": "agent", "sessions": {}}, {"purpose": "acd", "sessions": [{"mediaType": "voice"}, "x"]}]
    sent = json.dumps({"conversationId": "x", "participants": odd})
    (batch,) = read_genesys_conversation(written(tmp_path, sent, SYSTEM)).batches
    assert batch.frame.select("conversationId", "leg", "offered", "direction", "outcome").rows() == [
        ("x", "1", None, None, "unknown")
    ]


def test_batches_have_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "BATCH_RECORDS", 3)
    batches = list(read_genesys_conversation(BASE).batches)
    check_sums(batches)
    assert len(batches) > 3
    assert whole(batches).height == 14


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not on this machine")
@pytest.mark.parametrize(("name", "times"), [("1", ("11.179", "374.561", "544.176")), ("2", ("6.384", "923.484", "0"))])
def test_real_chats_are_no_calls_and_would_be_sound_rows_if_they_were(
    tmp_path: Path, name: str, times: tuple[str, ...]
) -> None:
    sent = (REAL / f"conversation{name}.json").read_bytes()
    (chat,) = read_genesys_conversation(written(tmp_path, sent, SYSTEM)).batches
    assert (chat.frame.height, dict(chat.left_out)) == (0, {"not a phone call: chat": 1})
    (call,) = read_genesys_conversation(written(tmp_path, sent.replace(b'"chat"', b'"voice"'), SYSTEM)).batches
    names = ("direction", "outcome", "queue_s", "talk_s", "hold_s")
    assert call.frame.select(names).rows() == [("inbound", "answered", *times)]


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 9)
    | st.sampled_from(["voice", "acd", "2026-10-01T08:00:00Z", "interact"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["sessions", "segments", "mediaType", "purpose", "segmentType", "segmentStart", "metrics"]),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(parts=st.lists(VALUE, max_size=4))
def test_participants_of_any_shape(tmp_path: Path, parts: list[Any]) -> None:
    path = tmp_path / "sent"
    path.write_text(json.dumps({"conversationId": "x", "participants": parts}))
    batches = list(read_genesys_conversation(replace(BASE, path=path)).batches)
    check_sums(batches)
    assert sum(batch.rows_read for batch in batches) >= 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(place=st.integers(0, len(SAMPLE)), length=st.integers(0, 40), put=st.binary(max_size=6))
def test_a_damaged_file_is_rows_rejects_or_a_fault(tmp_path: Path, place: int, length: int, put: bytes) -> None:
    path = tmp_path / "sent"
    path.write_bytes(SAMPLE[:place] + put + SAMPLE[place + length :])
    check_any(read_genesys_conversation, replace(BASE, path=path))
