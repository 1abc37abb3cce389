"""Deliveries of named systems as they really come: cut at midnight or in a call, overlapping, corrected, sent twice."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.troubles import troubles
from tests.backtest.road import accuse, audit
from tests.backtest.system_files import (
    CISCO,
    PLAIN,
    amazon,
    amazon_record,
    asterisk,
    cisco,
    cisco_row,
    epoch,
    plain,
    plain_legs,
    queue_log,
)
from tests.backtest.system_world import MONTH, Delivery, Outcome, send, write_space

INBOUND = "{property: tieout.direction, value: inbound}"
ACROSS = (
    f"{epoch('10-02 23:59:50')}|mid.1|support|NONE|ENTERQUEUE||+15550100131|1",
    f"{epoch('10-03 00:00:10')}|mid.1|support|Agent/1002|CONNECT|20|x|3",
    f"{epoch('10-03 00:01:10')}|mid.1|support|Agent/1002|COMPLETEAGENT|20|60|1",
)
LEG = ("mid", "+15550100131", "10-02 23:59:50")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    return tmp_path / "space"


def log_of(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def queue_logs(**sent: str) -> Delivery:
    """Queue logs with plain calls in a file of their own, and the leg of the call across midnight."""
    files = {"0-plain": plain(queue_log), **sent}
    return Delivery("asterisk_queue_log", files, [LEG, *plain_legs()], [INBOUND], feed="queue_events")


def one_call(found: Outcome, call_id: str) -> list[tuple[object, ...]]:
    rows = found.calls.filter(pl.col("call_id") == call_id)
    return rows.select("leg", "direction", "talk_s", "outcome").rows()


def outcome(folder: Path) -> Outcome:
    return Outcome(accuse(folder, MONTH, has_rules=False)[1])


class TestQueueLogs:
    def test_a_call_across_midnight_between_two_files(self, folder: Path) -> None:
        sent = queue_logs(log_02=log_of(ACROSS[0]), log_03=log_of(*ACROSS[1:]))
        found = outcome(write_space(folder, sent))
        assert one_call(found, "mid.1") == [("1", "inbound", 60, "answered")]
        assert found.links["mid"] == "mid.1"

    def test_a_later_file_ends_the_call_of_an_earlier_one(self, folder: Path) -> None:
        write_space(folder, queue_logs(log_02=log_of(ACROSS[0])))
        assert one_call(outcome(folder), "mid.1") == [("1", "inbound", None, "unknown")]
        send(folder, "log_03", log_of(*ACROSS[1:]))
        assert one_call(outcome(folder), "mid.1") == [("1", "inbound", 60, "answered")]

    def test_the_same_events_in_two_files(self, folder: Path) -> None:
        sent = queue_logs(log_02=log_of(*ACROSS[:2]), log_03=log_of(*ACROSS))
        found = outcome(write_space(folder, sent))
        assert one_call(found, "mid.1") == [("1", "inbound", 60, "answered")]
        assert found.calls.height == PLAIN + 2

    @pytest.mark.parametrize("name", ["log_03", "a_log_03_corrected"])
    def test_a_correction_counts(self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write_space(folder, queue_logs(log_02=log_of(ACROSS[0]), log_03=log_of(*ACROSS[1:])))
        outcome(folder)
        monkeypatch.setattr("pipelines.intake.pull.datetime", Later)
        send(folder, name, log_of(*ACROSS[1:]).replace("|20|60|1", "|20|59|1"))
        assert one_call(outcome(folder), "mid.1") == [("1", "inbound", 59, "answered")]

    def test_what_cannot_be_used_is_told_once(self, folder: Path) -> None:
        sent = queue_logs(
            log_02=log_of(ACROSS[0], f"{epoch('10-02 23:00:00')}|x.1|support|NONE|OURS|1"),
            log_03=log_of(*ACROSS[1:], f"{epoch('10-03 00:02:00')}|lost.1|support|NONE|ABANDON|1|1|9"),
        )
        space, lake, month = accuse(write_space(folder, sent), MONTH, has_rules=False)
        told = [(item.where, item.found) for item in troubles(lake, space.vendors["vendor"].contract, month.own_days)]
        assert [item for item in told if "deliver" not in item[1]] == [
            ("drop/vendor/2026-10/log_02", "event 'OURS' in 1 rows, used for no call"),
            (
                "drop/vendor/2026-10/log_03",
                "events of 1 calls whose entry into the queue is in no file; they are counted nowhere",
            ),
        ]


class Later(datetime):
    """A clock an hour ahead: files received in one second have no order."""

    @classmethod
    def now(cls, tz: object = None) -> "Later":
        assert tz is UTC
        return cls.fromtimestamp(datetime.now(UTC).timestamp() + 3600, UTC)


def database_properties() -> str:
    """A contract's columns for the table."""
    roles = {"callid": "call_id", "queuename": "queue", "agent": "agent_id", "event": "event"}
    roles |= {f"data{place}": f"data{place}" for place in range(1, 6)}
    time = "time, logicalType: timestamp, logicalTypeOptions: {format: epoch_s}"
    names = {time: "event_utc", **{f"{name}, logicalType: string": role for name, role in roles.items()}}
    lines = [
        f"      - {{name: {name}, customProperties: [{{property: tieout.role, value: {role}}}]}}"
        for name, role in names.items()
    ]
    return "\n".join(["    properties:", *lines, ""])


def as_table(log: str) -> str:
    """A queue log as an export of its table in a database."""
    rows = [(line.split("|") + [""] * 5)[:10] for line in log.splitlines()]
    head = "time,callid,queuename,agent,event,data1,data2,data3,data4,data5"
    return "\n".join([head, *(",".join(row) for row in rows)]) + "\n"


def texts_of(lake: Path) -> set[str]:
    """Every text in the lake, of tables and manifests."""
    found = {path.read_text(encoding="utf-8") for path in lake.rglob("*.json")}
    for path in lake.rglob("*.parquet"):
        frame = pl.read_parquet(path, hive_partitioning=False)
        for name in (name for name, kind in frame.schema.items() if kind == pl.String):
            found |= set(frame[name].drop_nulls().to_list())
    return found


class TestDatabaseExport:
    def test_calls_are_folded_and_no_number_is_stored(self, folder: Path) -> None:
        sent = as_table(plain(queue_log) + log_of(*ACROSS))
        delivery = Delivery(
            "delimited",
            {"queue.csv": sent},
            [LEG, *plain_legs()],
            [INBOUND],
            feed="queue_events",
            also=database_properties(),
        )
        found = outcome(write_space(folder, delivery))
        assert one_call(found, "mid.1") == [("1", "inbound", 60, "answered")]
        assert found.links["mid"] == "mid.1"
        assert not [text for text in texts_of(folder / "lake") if "5550100131" in text or "5550101003" in text]
        assert any("support" in text for text in texts_of(folder / "lake"))


class TestBothRecordsAndQueueLog:
    def test_a_call_is_not_counted_from_both(self, folder: Path) -> None:
        delivery = Delivery(
            "asterisk_cdr",
            {"calls.csv": plain(asterisk), "queue_log": plain(queue_log)},
            plain_legs(),
            [INBOUND, "{property: tieout.time_zone, value: UTC}"],
            pattern="*.csv",
            also="""\
  - name: log
    physicalName: queue_log
    customProperties:
      - {property: tieout.feed, value: queue_events}
      - {property: tieout.format, value: asterisk_queue_log}
""",
        )
        found = outcome(write_space(folder, delivery))
        assert found.calls.height == PLAIN + 1
        assert len(found.links) == PLAIN + 1


class TestAmazon:
    def test_a_contact_delivered_again_with_more_fields(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        start = datetime(2026, 10, 2, 9, tzinfo=UTC)
        first = amazon_record("c-9", "+15550100101", start, Agent=None, Queue=None)
        delivery = Delivery(
            "amazon_connect_ctr",
            {"one.json": first, "two.json": plain(amazon)},
            [("l", "+15550100101", "10-02 09:00:00"), *plain_legs()],
        )
        write_space(folder, delivery)
        assert one_call(outcome(folder), "c-9") == [("c-9", "inbound", None, "unknown")]
        monkeypatch.setattr("pipelines.intake.pull.datetime", Later)
        send(folder, "a_later.json", amazon_record("c-9", "+15550100101", start))
        found = outcome(folder)
        assert one_call(found, "c-9") == [("c-9", "inbound", 60, "answered")]
        assert found.links["l"] == "c-9"

    def test_a_transfer_in_another_file(self, folder: Path) -> None:
        start, second = datetime(2026, 10, 2, 9, tzinfo=UTC), datetime(2026, 10, 2, 9, 1, 5, tzinfo=UTC)
        whose = {"InitialContactId": "c-1", "PreviousContactId": "c-1", "InitiationMethod": "TRANSFER"}
        delivery = Delivery(
            "amazon_connect_ctr",
            {
                "one.json": amazon_record("c-1", "+15550100101", start, NextContactId="c-2"),
                "two.json": amazon_record("c-2", "+15550100101", second, **whose),
                "three.json": plain(amazon),
            },
            [("l", "+15550100101", "10-02 09:00:00"), *plain_legs()],
            [INBOUND],
        )
        space, lake, _ = audit(write_space(folder, delivery), MONTH)
        found = Outcome(lake)
        assert found.links["l"] == "c-1"
        assert len(found.links) == PLAIN + 2
        assert found.figure("answered") == PLAIN + (1 if found.is_proven else 2)
        assert len(space.vendors) == 1


class TestCisco:
    def test_a_transfer_cut_by_the_minute(self, folder: Path) -> None:
        """The call and the consultation end when they are joined; what was joined ends in another file."""
        legs = {"finalCalledPartyUnicodeLoginUserID": "anna", "originalCalledPartyNumber": 8000, "huntPilotDN": 8000}
        ended = {"origCallTerminationOnBehalfOf": 10, "destCallTerminationOnBehalfOf": 10}
        start = epoch("10-02 09:00:00")
        call = cisco_row(
            globalCallID_callId=510,
            origLegCallIdentifier=200,
            destLegIdentifier=201,
            dateTimeOrigination=start,
            dateTimeConnect=start + 10,
            dateTimeDisconnect=start + 200,
            callingPartyNumber="+15550100304",
            finalCalledPartyNumber=4001,
            duration=190,
            totalWaitTimeInQueue=10,
            **legs,
            **ended,
        )
        consultation = cisco_row(
            globalCallID_callId=511,
            origLegCallIdentifier=202,
            destLegIdentifier=203,
            dateTimeOrigination=start + 160,
            dateTimeConnect=start + 170,
            dateTimeDisconnect=start + 200,
            callingPartyNumber=4001,
            originalCalledPartyNumber=4002,
            finalCalledPartyNumber=4002,
            duration=30,
            **ended,
        )
        joined = cisco_row(
            globalCallID_callId=510,
            origLegCallIdentifier=200,
            destLegIdentifier=203,
            dateTimeOrigination=start + 200,
            dateTimeConnect=start + 200,
            dateTimeDisconnect=start + 400,
            callingPartyNumber="+15550100304",
            originalCalledPartyNumber=4001,
            finalCalledPartyNumber=4002,
            duration=200,
            joinOnBehalfOf=10,
        )
        files = {"cdr_1": [call, consultation], "cdr_2": [joined]}
        delivery = Delivery(
            "cisco_cucm_cdr",
            {"cdr_0": f"{CISCO}\n{plain(cisco)}", **{name: log_of(CISCO, *rows) for name, rows in files.items()}},
            [("510", "+15550100304", "10-02 09:00:00"), *plain_legs()],
            [INBOUND],
        )
        found = Outcome(audit(write_space(folder, delivery), MONTH)[1])
        assert found.links["510"] == "Cluster-1-510"
        assert len(found.links) == PLAIN + 2
        assert found.figure("answered") == PLAIN + (1 if found.is_proven else 2)
        assert found.billed == PLAIN + 2
