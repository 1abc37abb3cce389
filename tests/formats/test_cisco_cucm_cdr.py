"""Cisco's CDR flat files: headers, types, CMR; legs, transfers and consultations; how calls ended."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.errors import TieoutError
from pipelines.formats import collect
from pipelines.formats.cisco_cucm_cdr import BEGUN, CMR, read_cisco_cucm_cdr
from pipelines.formats.raw import LINE, Batch
from tests.formats.switches import SAMPLES, check_any, check_sums, rejected, source, whole, written

SYSTEM = "cisco_cucm_cdr"
SAMPLE = (SAMPLES / "cisco_cdr.txt").read_bytes()
HEADER, TYPES, FIRST, *_ = SAMPLE.decode().splitlines()
BASE = source(SAMPLES / "cisco_cdr.txt", SYSTEM)
REAL = Path(__file__).parents[3] / "shared/data/formats/cisco-cucm"
CMR_HEADER = '"cdrRecordType","globalCallID_callManagerId","globalCallID_callId","numberPacketsSent","jitter"'


def read(folder: Path, *lines: str) -> list[Batch]:
    return list(read_cisco_cucm_cdr(written(folder, "\n".join(lines) + "\n", SYSTEM)).batches)


def like_first(**cells: object) -> str:
    """The first call of the sample with other cells."""
    names = [name.strip('"') for name in HEADER.split(",")]
    found = dict(zip(names, FIRST.split(","), strict=True)) | {name: f'"{cell}"' for name, cell in cells.items()}
    return ",".join(found[name] for name in names)


def test_the_sample_of_a_queue_and_a_transfer() -> None:
    (batch,) = read_cisco_cucm_cdr(BASE).batches
    names = (
        "call_id",
        "direction",
        "callingPartyNumber",
        "huntPilotDN",
        "agent_id",
        "totalWaitTimeInQueue",
        "duration",
    )
    assert batch.frame.select(*names, "outcome").rows() == [
        ("Cluster-1-501", None, "+15550100301", "8000", "anna", "30", "180", "answered"),
        ("Cluster-1-502", None, "+15550100302", "8000", None, "40", "0", "abandoned"),
        ("Cluster-1-503", None, "+15550100303", None, None, "0", "0", "blocked"),
        ("Cluster-1-510", "consult", "4001", None, "bert", "0", "30", "transferred"),
        ("Cluster-1-510", None, "+15550100304", "8000", "anna", "5", "190", "transferred"),
        ("Cluster-1-510", None, "+15550100304", None, "bert", "0", "200", "answered"),
        ("Cluster-1-520", "internal", "b0011223344", None, "6000", "0", "60", "answered"),
        ("Cluster-1-530", None, "+15550100305", None, None, "0", "0", "unknown"),
    ]
    assert rejected([batch]) == [(9, 11, "4 cells where the header has 24")]
    assert batch.rows_read == 9


def test_times_are_as_printed_and_zero_is_none_and_legs_are_told_apart() -> None:
    frame = whole(list(read_cisco_cucm_cdr(BASE).batches))
    assert frame.select(LINE, "dateTimeOrigination", "dateTimeConnect", "dateTimeDisconnect").rows()[:2] == [
        (3, "1790841600", "1790841635", "1790841815"),
        (4, "1790841660", None, "1790841700"),
    ]
    assert frame.select("call_id", "leg").is_unique().all()


def test_a_chain_of_transfers_is_one_call(tmp_path: Path) -> None:
    cut = {"origCallTerminationOnBehalfOf": 10, "destCallTerminationOnBehalfOf": 10}

    def leg(call: int, orig: int, dest: int, at: int, **more: object) -> str:
        named = {"globalCallID_callId": call, "origLegCallIdentifier": orig, "destLegIdentifier": dest}
        return like_first(dateTimeOrigination=at, **named, **more)

    (batch,) = read(
        tmp_path,
        HEADER,
        leg(1, 10, 11, 100, **cut),
        leg(2, 12, 13, 200, **cut),
        leg(1, 10, 13, 250, joinOnBehalfOf=10, **cut),
        leg(3, 14, 15, 300, **cut),
        leg(3, 10, 15, 350, joinOnBehalfOf=10),
        leg(4, 16, 17, 400),
    )
    assert batch.frame.select("call_id", "direction").rows() == [
        ("Cluster-1-1", None),
        ("Cluster-1-1", "consult"),
        ("Cluster-1-1", None),
        ("Cluster-1-1", "consult"),
        ("Cluster-1-1", None),
        ("Cluster-1-4", None),
    ]


@pytest.mark.parametrize(
    ("orig", "dest", "outcome"),
    [
        *[("16", "0", "abandoned"), ("0", "0", "abandoned"), ("0", "19", "abandoned"), ("0", "17", "blocked")],
        *[("0", "34", "blocked"), ("42", "0", "blocked"), ("0", "1", "unknown"), ("393216", "0", "unknown")],
    ],
)
def test_how_a_call_ended_that_was_never_connected(tmp_path: Path, orig: str, dest: str, outcome: str) -> None:
    (batch,) = read(tmp_path, HEADER, like_first(dateTimeConnect=0, origCause_value=orig, destCause_value=dest))
    assert batch.frame["outcome"].to_list() == [outcome]


def test_connected_for_no_whole_second_is_answered(tmp_path: Path) -> None:
    (batch,) = read(tmp_path, HEADER, like_first(dateTimeConnect=1790841635, dateTimeDisconnect=1790841635, duration=0))
    assert batch.frame.select("outcome", "duration").rows() == [("answered", "0")]


def test_voice_quality_and_starts_are_no_calls(tmp_path: Path) -> None:
    batches = read(
        tmp_path, CMR_HEADER, "2,1,501,559,0", HEADER, TYPES, like_first(cdrRecordType=0), FIRST, HEADER, FIRST
    )
    (batch,) = batches
    assert (batch.frame.height, dict(batch.left_out)) == (2, {CMR: 1, BEGUN: 1})
    check_sums(batches)


def test_a_column_that_the_release_does_not_have_is_null(tmp_path: Path) -> None:
    keep = [place for place, name in enumerate(HEADER.split(",")) if name not in ('"huntPilotDN"', '"wasCallQueued"')]
    older = [",".join(line.split(",")[place] for place in keep) for line in (HEADER, FIRST)]
    (batch,) = read(tmp_path, *older)
    assert batch.frame.select("huntPilotDN", "agent_id").rows() == [(None, "anna")]


def test_broken_lines_cost_themselves_alone(tmp_path: Path) -> None:
    name = like_first(callingPartyNumber="\udcff").encode("utf-8", "surrogateescape")
    sent = b"\n".join([HEADER.encode(), b'1,"x', b"", name, like_first(cdrRecordType=9).encode(), FIRST.encode()])
    (batch,) = read_cisco_cucm_cdr(written(tmp_path, sent, SYSTEM)).batches
    assert batch.frame[LINE].to_list() == [6]
    assert rejected([batch]) == [
        (1, 2, "quoting is broken"),
        (2, 4, "bytes that are not of the file's encoding"),
        (3, 5, "a cdrRecordType that is neither 1 (a call) nor 2 (a CMR)"),
    ]


def test_a_file_of_something_else_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(TieoutError) as refused:
        read_cisco_cucm_cdr(written(tmp_path, "id,caller\n1,2\n", SYSTEM))
    assert "cdrRecordType" in refused.value.faults[0].found


def test_batches_have_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collect, "BATCH_RECORDS", 4)
    batches = list(read_cisco_cucm_cdr(BASE).batches)
    check_sums(batches)
    assert [batch.rows_read for batch in batches] == [4, 4, 1]


@pytest.mark.skipif(not REAL.exists(), reason="the real exports are not on this machine")
def test_real_files_with_a_line_of_types_without_names_and_of_voice_quality() -> None:
    def real(name: str) -> Batch:
        (batch,) = read_cisco_cucm_cdr(replace(BASE, path=REAL / f"sieteunoseis_{name}.txt")).batches
        return batch

    names = ("direction", "agent_id", "duration", "outcome")
    assert real("cdr").frame.select(names).rows() == [
        ("internal", None, "0", "unknown"),
        ("internal", None, "0", "unknown"),
        ("outbound", "rubbleb", "11", "answered"),
    ]
    assert real("fixture_cdr").frame.select("duration", "outcome", LINE).rows() == [("60", "answered", 2)]
    assert dict(real("cmr").left_out) == {CMR: 2}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(place=st.integers(0, len(SAMPLE)), length=st.integers(0, 40), put=st.binary(max_size=6))
def test_a_damaged_file_is_rows_rejects_or_a_fault(tmp_path: Path, place: int, length: int, put: bytes) -> None:
    path = tmp_path / "sent"
    path.write_bytes(SAMPLE[:place] + put + SAMPLE[place + length :])
    check_any(read_cisco_cucm_cdr, replace(BASE, path=path))


def test_a_transfer_whose_joined_call_stands_in_another_file(tmp_path: Path) -> None:
    _, call = (line for line in SAMPLE.decode().splitlines() if line.startswith(("1,1,511,", "1,1,510,200,1790841900")))
    consultation = next(line for line in SAMPLE.decode().splitlines() if line.startswith("1,1,511,"))
    names = ("call_id", "direction")
    both = whole(read(tmp_path, HEADER, call, consultation)).select(names).rows()
    assert both == [("Cluster-1-510", None), ("Cluster-1-510", "consult")]
    elsewhere = consultation.replace('"4001"', '"4009"')
    assert whole(read(tmp_path, HEADER, call, elsewhere)).select(names).rows()[1] == ("Cluster-1-511", None)
    earlier = consultation.replace("1790842100", "1790842000")
    assert whole(read(tmp_path, HEADER, call, earlier)).select(names).rows()[1] == ("Cluster-1-511", None)


@pytest.mark.parametrize(("partition", "direction"), [("Lines", "outbound"), ("", None)])
def test_a_call_from_a_line_of_the_system_is_outbound(tmp_path: Path, partition: str, direction: str | None) -> None:
    (batch,) = read(tmp_path, HEADER + ',"callingPartyNumberPartition"', FIRST + f',"{partition}"')
    assert batch.frame["direction"].to_list() == [direction]
