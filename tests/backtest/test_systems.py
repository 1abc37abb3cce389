"""Each named system's export goes the whole road by a contract that leaves out its columns: one contact is one contact.

The client's log has one leg a contact. Second legs, consultations, transfers, re-queues and queued callbacks have none
there, and must neither be counted, nor be missed on the other side, nor accuse anybody. One plain call of each vendor
was never passed on: it is found, or nothing here could fail.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.contract.workspace import load_workspace
from pipelines.settle.steps import write_settlement
from reports.publish import publish
from tests.backtest.road import audit
from tests.backtest.system_files import (
    CISCO,
    PLAIN,
    amazon,
    asterisk,
    asterisk_row,
    cisco,
    epoch,
    freeswitch,
    genesys,
    genesys_sample,
    plain,
    plain_legs,
    queue_log,
    sample,
)
from tests.backtest.system_world import MONTH, Delivery, Outcome, terms, write_space

INBOUND = "{property: tieout.direction, value: inbound}"
ZONE = "{property: tieout.time_zone, value: UTC}"
WITHHELD = ""


@dataclass(frozen=True)
class Case:
    """A delivery and what must come of it, the plain calls left aside: contacts by outcome, talk and waits of answers.

    `links`: the client's call → the vendor's; `legs_billed` counts talks where each leg is paid.
    """

    delivery: Delivery
    links: dict[str, str]
    offered: int
    abandoned: int
    talk: list[float]
    waits: list[float] | None
    legs_billed: int


TEN = datetime(2026, 10, 1, 10, tzinfo=UTC)
ASTERISK_TRANSFER = "\n".join(
    asterisk_row("+15550100131", channels, "77.1", TEN + timedelta(seconds=begun), wait_s, talk_s)
    for channels, begun, wait_s, talk_s in (
        (("PJSIP/t-0000aa01", "Local/1001@queue-0000aa02;1"), 0, 5, 60),
        (("Local/1001@queue-0000aa02;2", "PJSIP/1001-0000aa03"), 1, 4, 60),  # the same talk, dialled by the switch
        (("PJSIP/t-0000aa01", "PJSIP/1003-0000aa04"), 65, 5, 90),
    )
)

QUEUE_LOG = f"""\
{epoch("10-01 10:00:00")}|re.1|support|NONE|ENTERQUEUE||+15550100131|1
{epoch("10-01 10:01:00")}|re.1|support|NONE|EXITWITHTIMEOUT|1|1|60
{epoch("10-01 10:01:01")}|re.1|sales|NONE|ENTERQUEUE||+15550100131|1
{epoch("10-01 10:01:21")}|re.1|sales|Agent/1002|CONNECT|20|x|3
{epoch("10-01 10:02:21")}|re.1|sales|Agent/1002|BLINDTRANSFER|8100|queues|20|60|1
{epoch("10-01 10:02:22")}|re.1|second|NONE|ENTERQUEUE||+15550100131|1
{epoch("10-01 10:02:32")}|re.1|second|Agent/1003|CONNECT|10|y|3
{epoch("10-01 10:04:02")}|re.1|second|Agent/1003|COMPLETEAGENT|10|90|1
{epoch("10-01 11:00:00")}|gone.1|support|NONE|ENTERQUEUE||+15550100132|1
{epoch("10-01 11:00:20")}|gone.1|support|NONE|ABANDON|1|1|20
"""

CASES = {
    "amazon": Case(
        Delivery(
            "amazon_connect_ctr",
            {"one.json": sample("amazon_connect.json"), "two.json": plain(amazon)},
            [
                ("first", "+15550100101", "10-01 08:00:20"),
                ("left", "+15550100103", "10-01 08:10:05"),
                ("back", "+15550100101", "10-01 08:20:10"),
                ("menu", "+15550100101", "10-01 08:40:00"),
            ],
        ),
        links={"first": "c-1", "left": "c-3", "back": "c-4", "menu": "c-6"},
        offered=3,
        abandoned=1,
        talk=[180],
        waits=[30],
        legs_billed=2,
    ),
    "asterisk_cdr": Case(
        Delivery(
            "asterisk_cdr",
            {"Master.csv": sample("asterisk_master.csv") + ASTERISK_TRANSFER, "Master.csv.1": plain(asterisk)},
            [
                ("rung", "+15550100123", "10-01 08:00:00"),
                ("failed", "+15550100124", "10-01 08:02:00"),
                ("passed", "+15550100131", "10-01 10:00:00"),
                ("busy", WITHHELD, "10-01 08:01:00"),
            ],
            [ZONE, INBOUND],
        ),
        links={
            "busy": "pbx1-1790841660.4",
            "rung": "1790841600.1",
            "passed": "77.1",
            "failed": "made-4d5083d29ebbe6ea",
        },
        offered=2,
        abandoned=0,
        talk=[180, 150],
        waits=None,
        legs_billed=3,
    ),
    "queue_log": Case(
        Delivery(
            "asterisk_queue_log",
            {"queue_log": sample("asterisk_queue_log") + QUEUE_LOG + plain(queue_log)},
            [
                ("took", "+15550100123", "10-01 08:00:00"),
                ("again", "+15550100131", "10-01 10:00:00"),
                ("left", "+15550100132", "10-01 11:00:00"),
                ("shy", WITHHELD, "10-01 08:03:20"),
            ],
            [INBOUND],
            feed="queue_events",
        ),
        links={"took": "1790841600.1", "again": "re.1", "left": "gone.1", "shy": "1790841800.7"},
        offered=4,
        abandoned=2,
        talk=[180, 150],
        waits=[12, 80],
        legs_billed=3,
    ),
    "freeswitch": Case(
        Delivery(
            "freeswitch_cdr",
            {"Master.csv": sample("freeswitch_master.csv"), "Master.csv.1": plain(freeswitch)},
            [
                ("took", "+15550100123", "10-01 08:00:00"),
                ("left", "+15550100124", "10-01 08:01:00"),
                ("shy", WITHHELD, "10-01 08:02:00"),
            ],
            [ZONE, INBOUND],
        ),
        links={
            "took": "00000000-0000-4000-8000-00000000000a",
            "left": "00000000-0000-4000-8000-00000000000c",
            "shy": "00000000-0000-4000-8000-00000000000d",
        },
        offered=2,
        abandoned=1,
        talk=[180],
        waits=None,
        legs_billed=1,
    ),
    "cisco": Case(
        Delivery(
            "cisco_cucm_cdr",
            {"cdr_1": sample("cisco_cdr.txt"), "cdr_2": f"{CISCO}\n{plain(cisco)}"},
            [
                ("501", "+15550100301", "10-01 08:00:00"),
                ("502", "+15550100302", "10-01 08:01:00"),
                ("503", "+15550100303", "10-01 08:02:00"),
                ("510", "+15550100304", "10-01 08:05:00"),
                ("530", "+15550100305", "10-01 08:11:40"),
            ],
            [INBOUND],
        ),
        links={name: f"Cluster-1-{name}" for name in ("501", "502", "503", "510", "530")},
        offered=3,
        abandoned=1,
        talk=[180, 390],
        waits=[30, 5],
        legs_billed=3,
    ),
    "genesys": Case(
        Delivery(
            "genesys_conversation",
            {"one.json": genesys_sample(), "two.json": plain(genesys)},
            [
                (name, "+15550100201", f"10-01 {8 + hour:02}:00:{30 if name != 'menu' else 0:02}")
                for hour, name in enumerate(
                    ("answered", "transferred", "abandoned", "consult", "callback", "voicemail", "overflow", "menu")
                )
            ],
        ),
        links={
            name: f"g-{name}"
            for name in ("answered", "transferred", "abandoned", "consult", "callback", "voicemail", "overflow", "menu")
        },
        offered=7,
        abandoned=1,
        talk=[109.5, 170, 80],
        waits=[20.5, 10, 10],
        legs_billed=4,
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TIEOUT_KEY", "a key for tests only")
    return tmp_path / "space"


@pytest.mark.parametrize("name", CASES)
def test_one_contact_is_one_contact(name: str, folder: Path) -> None:
    case = CASES[name]
    delivery = replace(case.delivery, legs=[*case.delivery.legs, *plain_legs()])
    space, lake, month = audit(write_space(folder, delivery), MONTH)
    found = Outcome(lake)
    links = {leg: call for leg, call in found.links.items() if not leg.startswith("plain-")}
    ghost = links.keys() - case.links.keys()
    assert links == case.links | {leg: leg.removeprefix("vendor:") for leg in ghost}
    assert len(ghost) == 1, "the plain call that nobody passed on, and nothing else"
    assert found.findings == [("ghost", links[ghost.pop()])]
    assert len(found.links) == PLAIN + len(case.links) + 1

    own = PLAIN + (0 if found.is_proven else 1)
    assert found.figure("answered") == own + len(case.talk)
    assert found.figure("abandoned") == case.abandoned
    assert found.figure("offered") == own + case.offered
    assert found.figure("talk_time") == pytest.approx((60 * own + sum(case.talk)) / (own + len(case.talk)))
    if case.waits is None:
        assert found.figure("asa") is None
    else:
        assert found.figure("asa") == pytest.approx((10 * own + sum(case.waits)) / (own + len(case.waits)))

    assert found.billed == PLAIN + 1 + len(case.talk)
    terms(folder, "each")
    write_settlement(load_workspace(folder), lake, "vendor", month)
    assert found.billed == PLAIN + 1 + case.legs_billed
    made = publish(space, lake, "vendor", month)
    assert made.pdf.exists()
