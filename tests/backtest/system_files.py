"""What named systems would send of a month: the samples that the readers are tested with, and plain calls around them.

Plain calls, one a day, wait ten seconds and talk for sixty; the last of them was never passed on by the client.
"""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.formats.switches import SAMPLES

Leg = tuple[str, str, str]
PLAIN = 24
"""Plain calls that the client passed on: as many as a month needs for the vendor's clock to be known."""
WAIT, TALK = timedelta(seconds=10), timedelta(seconds=60)


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def starts() -> list[datetime]:
    """When the plain calls begin, the one that nobody passed on included."""
    return [datetime(2026, 10, 4 + place, 9, tzinfo=UTC) for place in range(PLAIN + 1)]


def caller(place: int) -> str:
    return f"+1555010{1000 + place}"


def plain_legs() -> list[Leg]:
    return [(f"plain-{place}", caller(place), f"{start:%m-%d %H:%M:%S}") for place, start in enumerate(starts()[:-1])]


def plain(one: Callable[[int, datetime], str]) -> str:
    """A file of plain calls, each as `one` writes it."""
    return "\n".join(one(place, start) for place, start in enumerate(starts())) + "\n"


def clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def zulu(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"


def epoch(moment: str | datetime) -> int:
    at = datetime.fromisoformat(f"2026-{moment}+00:00") if isinstance(moment, str) else moment
    return int(at.timestamp())


def asterisk_row(number: str, channels: tuple[str, str], call: str, start: datetime, wait_s: int, talk_s: int) -> str:
    """An answered call; `call` is the linkedid, and each channel has a unique id of its own."""
    answered = start + timedelta(seconds=wait_s)
    moments = (start, answered, answered + timedelta(seconds=talk_s))
    cells = ["", number, "8000", "in", "", *channels, "Queue", "support", *map(clock, moments)]
    cells += [str(wait_s + talk_s), str(talk_s), "ANSWERED", "DOCUMENTATION", f"{call}.{channels[0][-2:]}"]
    return ",".join(f'"{cell}"' for cell in [*cells, "", "", call, channels[1][-4:]])


def asterisk(place: int, start: datetime) -> str:
    channels = (f"PJSIP/t-{place:08x}", f"PJSIP/1001-{place:08x}")
    return asterisk_row(caller(place), channels, f"{epoch(start)}.{place}", start, 10, 60)


def freeswitch(place: int, start: datetime) -> str:
    times = [clock(moment) for moment in (start, start + WAIT, start + WAIT + TALK)]
    cells = [
        "",
        caller(place),
        "8000",
        "public",
        *times,
        "70",
        "60",
        "NORMAL_CLEARING",
        f"plain-{place}",
        "",
        "",
        "",
        "",
    ]
    return ",".join(f'"{cell}"' for cell in cells)


def queue_log(place: int, start: datetime) -> str:
    at, call = epoch(start), f"{epoch(start)}.{place}"
    return "\n".join(
        [
            f"{at}|{call}|support|NONE|ENTERQUEUE||{caller(place)}|1",
            f"{at + 10}|{call}|support|Agent/1001|CONNECT|10|{at}.9|2",
            f"{at + 70}|{call}|support|Agent/1001|COMPLETECALLER|10|60|1",
        ]
    )


CISCO = sample("cisco_cdr.txt").splitlines()[0]


def cisco_row(**cells: Any) -> str:
    """A record under the sample's header; what is not named is 0."""
    names = [name.strip('"') for name in CISCO.split(",")]
    usual = {"cdrRecordType": 1, "globalCallID_callManagerId": 1, "globalCallId_ClusterID": "Cluster"}
    return ",".join(str({**usual, **cells}.get(name, 0)) for name in names)


def cisco(place: int, start: datetime) -> str:
    at = epoch(start)
    return cisco_row(
        globalCallID_callId=9000 + place,
        origLegCallIdentifier=7000 + place,
        destLegIdentifier=8000 + place,
        dateTimeOrigination=at,
        dateTimeConnect=at + 10,
        dateTimeDisconnect=at + 70,
        callingPartyNumber=caller(place),
        originalCalledPartyNumber=8000,
        finalCalledPartyNumber=4001,
        finalCalledPartyUnicodeLoginUserID="anna",
        origCause_value=16,
        duration=60,
        totalWaitTimeInQueue=10,
        huntPilotDN=8000,
    )


def amazon_record(contact: str, number: str, start: datetime, **more: Any) -> str:
    """A contact that an agent took after ten seconds, as JSON."""
    record: dict[str, Any] = {
        "ContactId": contact,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": zulu(start),
        "LastUpdateTimestamp": zulu(start + timedelta(hours=1)),
        "CustomerEndpoint": {"Address": number},
        "Queue": {"Name": "Billing", "EnqueueTimestamp": zulu(start), "Duration": 10},
        "Agent": {
            "Username": "agent.one",
            "ConnectedToAgentTimestamp": zulu(start + WAIT),
            "AgentInteractionDuration": 60,
            "CustomerHoldDuration": 0,
            "AfterContactWorkDuration": 0,
        },
        "DisconnectTimestamp": zulu(start + WAIT + TALK),
    }
    return json.dumps(record | more)


def amazon(place: int, start: datetime) -> str:
    return amazon_record(f"plain-{place}", caller(place), start)


def genesys(place: int, start: datetime) -> str:
    answered, end = start + WAIT, start + WAIT + TALK

    def person(purpose: str, spans: Sequence[tuple[str, datetime, datetime]], **more: Any) -> dict[str, Any]:
        segments = [
            {"segmentType": kind, "segmentStart": zulu(since), "segmentEnd": zulu(until)}
            for kind, since, until in spans
        ]
        session = {"mediaType": "voice", "direction": "inbound", "segments": segments, **more}
        return {"purpose": purpose, "sessions": [session], "userId": "u-1" if purpose == "agent" else None}

    people = [
        person("customer", [("interact", start, end)], ani=f"tel:{caller(place)}"),
        person("acd", [("interact", start, answered)]),
        person("agent", [("interact", answered, end)]),
    ]
    call = {"conversationId": f"plain-{place}", "conversationStart": zulu(start), "conversationEnd": zulu(end)}
    return json.dumps(call | {"originatingDirection": "inbound", "participants": people})


def genesys_sample() -> str:
    """The sample's conversations, which all begin at the same moment, an hour apart."""
    found = []
    for hour, call in enumerate(json.loads(sample("genesys_voice.json"))["conversations"]):
        found.append(json.dumps(call).replace("2026-10-01T08:", f"2026-10-01T{8 + hour:02}:"))
    return "\n".join(found)
