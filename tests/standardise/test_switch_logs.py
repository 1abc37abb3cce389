"""Logs of switches, from file to canonical rows, by contracts that leave out the columns."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.contract import load_contract
from pipelines.errors import TieoutError
from pipelines.formats import Raw, Source
from pipelines.formats.amazon_connect_ctr import read_amazon_connect_ctr
from pipelines.formats.asterisk_cdr import read_asterisk_cdr
from pipelines.formats.asterisk_queue_log import read_asterisk_queue_log
from pipelines.formats.delimited import read_delimited
from pipelines.formats.freeswitch_cdr import read_freeswitch_cdr
from pipelines.standardise.feeds import Origin
from pipelines.standardise.numbers import caller_key
from pipelines.standardise.queue_calls import fold_calls
from pipelines.standardise.queue_states import fold_states
from tests.formats.switches import SAMPLES
from tests.intake.contracts import KEY, column, schema, write_contract
from tests.standardise.files import tally
from tests.standardise.whole import Standardised, standardise

EIGHT = datetime(2026, 10, 1, 8, tzinfo=UTC)
NUMBERS = ("+15550100123", "15550100123", "15550100124", "5550100188")


def at(second: float) -> datetime:
    return EIGHT + timedelta(seconds=second)


def read(folder: Path, feed: str, system: str, sample: str, reader: Callable[[Source], Raw], src: str) -> Standardised:
    """A sample by a contract that names the system and nothing else; the client sits in the USA."""
    item = schema("log", feed, "*", zone="UTC", format=system)
    contract = load_contract(write_contract(folder / "data.odcs.yaml", src, item), src)
    path = Path(shutil.copy(SAMPLES / sample, folder))
    raw = reader(Source(path, f"drop/{sample}", contract.objects[0], contract.server, folder))
    origin = Origin(src, "f0", "2026-10", "US", KEY.encode(), "UTC")
    result = standardise(raw, contract.objects[0], origin, f"drop/{sample}", folder)
    stored = str(result.frame.rows()) + str(result.rejects.rows())
    assert not any(number in stored for number in NUMBERS)
    return result


def test_calls_of_an_asterisk(tmp_path: Path) -> None:
    result = read(tmp_path, "calls", "asterisk_cdr", "asterisk_master.csv", read_asterisk_cdr, "south")
    names = ("call_id", "leg", "caller_kind", "queue", "agent_id", "offered_utc", "answered_utc", "talk_s", "outcome")
    assert result.frame.select(names).rows()[:3] == [
        ("1790841600.1", "2", "number", "support", "PJSIP/1001", at(0), at(12), 180, "answered"),
        ("1790841600.1", "1", "number", "support", "PJSIP/1002", at(0), None, 0, "abandoned"),
        ("pbx1-1790841660.4", "0", "withheld", None, None, at(60), None, 0, "blocked"),
    ]
    assert result.frame["caller_key"].to_list()[0] == caller_key("+15550100123", KEY.encode())
    assert tally(result) == {"rows_read": 4, "accepted": 4, "rejected": 0, "left_out": 0}


def test_what_the_clients_own_people_dial_is_no_arrival(tmp_path: Path) -> None:
    """Else a call from us to a caller would count as the caller ringing again."""
    sample, system = "amazon_connect.json", "amazon_connect_ctr"
    calls = read(tmp_path, "calls", system, sample, read_amazon_connect_ctr, "south")
    own = read(tmp_path, "inhouse_calls", system, sample, read_amazon_connect_ctr, "inhouse")
    ways = calls.frame["direction"].value_counts().rows()
    going_out = sum(count for way, count in ways if way in ("outbound", "internal", "consult"))
    assert going_out > 0
    assert own.frame.height == calls.frame.height - going_out
    assert own.counts["left_out_by"]["outside tieout.where"] == going_out


def test_the_clients_own_asterisk(tmp_path: Path) -> None:
    result = read(tmp_path, "inhouse_calls", "asterisk_cdr", "asterisk_master.csv", read_asterisk_cdr, "inhouse")
    assert result.frame.select("call_id", "arrived_utc", "outcome").rows()[0] == ("1790841600.1", at(0), "answered")


def test_calls_of_a_freeswitch(tmp_path: Path) -> None:
    result = read(tmp_path, "calls", "freeswitch_cdr", "freeswitch_master.csv", read_freeswitch_cdr, "south")
    names = ("leg", "direction", "caller_kind", "offered_utc", "answered_utc", "ended_utc", "talk_s", "outcome")
    assert result.frame.select(names).rows() == [
        ("1", None, "number", at(0), at(12), at(192), 180, "answered"),
        ("1", None, "number", at(60), None, at(80), 0, "abandoned"),
        ("2", "outbound", "number", at(2), at(12), at(192), 180, "answered"),
        ("1", None, "withheld", at(120), None, at(121), None, "blocked"),
    ]
    assert result.frame["call_id"].n_unique() == 3
    assert tally(result) == {"rows_read": 4, "accepted": 4, "rejected": 0, "left_out": 0}


@pytest.fixture(name="events")
def events_of_a_log(tmp_path: Path) -> pl.DataFrame:
    result = read(
        tmp_path, "queue_events", "asterisk_queue_log", "asterisk_queue_log", read_asterisk_queue_log, "south"
    )
    assert tally(result) == {"rows_read": 10, "accepted": 10, "rejected": 0, "left_out": 0}
    return result.frame


def test_calls_of_a_queue_log(events: pl.DataFrame) -> None:
    folded = fold_calls(events)
    names = ("call_id", "leg", "caller_kind", "queue", "agent_id", "offered_utc", "ended_utc", "queue_s", "outcome")
    assert folded.calls.select(names).rows() == [
        ("1790841600.1", "1", "number", "support", "1001", at(0), at(192), 12, "answered"),
        ("1790841800.7", "1", "withheld", "sales", None, at(200.123456), at(220.5), 20, "abandoned"),
    ]
    assert folded.without_entry.select("call_id", "event").rows() == [("1790841830.9", "ATTENDEDTRANSFER")]
    assert folded.unknown == {"OURS": 1}


def test_agents_of_a_queue_log(events: pl.DataFrame) -> None:
    assert fold_states(events).select("agent_id", "state", "from_utc", "to_utc").rows() == [
        ("1001", "idle", at(-90), at(12)),
        ("1001", "talk", at(12), at(192)),
        ("1001", "idle", at(192), None),
        ("PJSIP/1003", "idle", at(230), None),
    ]


def test_the_contracts_direction_fills_what_the_system_does_not_know(tmp_path: Path) -> None:
    item = schema("log", "calls", "*", zone="UTC", format="freeswitch_cdr", direction="inbound")
    contract = load_contract(write_contract(tmp_path / "data.odcs.yaml", "south", item), "south")
    path = Path(shutil.copy(SAMPLES / "freeswitch_master.csv", tmp_path))
    raw = read_freeswitch_cdr(Source(path, "drop/Master.csv", contract.objects[0], contract.server, tmp_path))
    origin = Origin("south", "f0", "2026-10", "US", KEY.encode(), "UTC")
    found = standardise(raw, contract.objects[0], origin, "drop/Master.csv", tmp_path)
    assert found.frame["direction"].to_list() == ["inbound", "inbound", "outbound", "inbound"]


def test_a_contract_that_names_a_column_of_directions_cannot_name_a_direction_too(tmp_path: Path) -> None:
    own = column("dcontext", role="direction", map={"in": "inbound"})
    item = schema("log", "calls", "*", own, zone="UTC", format="asterisk_cdr", direction="inbound")
    with pytest.raises(TieoutError, match=r"tieout\.direction beside a column"):
        load_contract(write_contract(tmp_path / "data.odcs.yaml", "south", item), "south")


@pytest.mark.parametrize("own", [[], [column("callerid", role="caller")]])
def test_the_caller_in_the_second_field_of_an_entry_is_keyed_and_not_kept(tmp_path: Path, own: list[Any]) -> None:
    roles = {"callid": "call_id", "event": "event", "data1": "data1", "data2": "data2"}
    told = [column("time", "timestamp", fmt="epoch_s", role="event_utc"), *own]
    item = schema("log", "queue_events", "*", *told, *(column(name, role=role) for name, role in roles.items()))
    contract = load_contract(write_contract(tmp_path / "data.odcs.yaml", "south", item), "south")
    path = tmp_path / "queue.csv"
    path.write_text(
        "time,callerid,callid,event,data1,data2\n"
        f"1790841600,,a,EnterQueue,,{NUMBERS[0]}\n"
        "1790841601,,a,EXITWITHKEY,5,2\n"
        f"1790841602,{NUMBERS[2] if own else ''},b,ENTERQUEUE,,{NUMBERS[0]}\n",
        encoding="utf-8",
    )
    raw = read_delimited(Source(path, "drop/queue.csv", contract.objects[0], contract.server, tmp_path))
    origin = Origin("south", "f0", "2026-10", "US", KEY.encode(), "UTC")
    found = standardise(raw, contract.objects[0], origin, "drop/queue.csv", tmp_path).frame
    second = NUMBERS[2] if own else NUMBERS[0]
    assert found["data2"].to_list() == [None, "2", None]
    assert [key and str(key) for key in found["caller_key"]] == [
        str(caller_key(NUMBERS[0], KEY.encode())),
        None,
        str(caller_key(f"+{second.lstrip('+')}", KEY.encode())),
    ]
