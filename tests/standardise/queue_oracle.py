"""A slow reading of queue logs, event by event, in plain Python: what the set-wise folds must equal."""

from dataclasses import dataclass, field
from typing import Any

ENDS = {
    "ABANDON": "abandoned",
    "EXITWITHTIMEOUT": "overflowed",
    "EXITEMPTY": "overflowed",
    "EXITWITHKEY": "overflowed",
    "COMPLETEAGENT": "answered",
    "COMPLETECALLER": "answered",
    "TRANSFER": "transferred",
    "BLINDTRANSFER": "transferred",
    "ATTENDEDTRANSFER": "transferred",
}
TALKED = {name for name, outcome in ENDS.items() if outcome in ("answered", "transferred")}
Event = dict[str, Any]


def number(text: str | None) -> float | None:
    try:
        value = float((text or "").strip())
    except ValueError:
        return None
    return value if 0 <= value <= 1e9 else None


def wait_and_talk(event: Event) -> tuple[float | None, float | None]:
    """The seconds in the queue and in conversation that an event reports."""
    data = [number(event[f"data{place}"]) for place in range(1, 6)]
    name = event["event"]
    if name in ("COMPLETEAGENT", "COMPLETECALLER"):
        return data[0], data[1]
    if name == "CONNECT":
        return data[0], None
    if name in ("ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY"):
        return data[2], None
    if name == "EXITWITHKEY":
        return data[3], None
    if name in ("TRANSFER", "BLINDTRANSFER"):
        return data[2], data[3]
    if name == "ATTENDEDTRANSFER":
        return (data[3], data[4]) if event["data1"] == "LINK" else (data[2], data[3])
    return None, None


@dataclass
class Entry:
    opening: Event
    connect: Event | None = None
    end: Event | None = None
    rings: list[float] = field(default_factory=list)

    def row(self) -> Event:
        connect, end = self.connect, self.end
        outcome = "blocked" if self.opening["event"] == "JOINEMPTY" else "unknown"
        if connect is not None:
            outcome = "answered"
        if end is not None and (connect is None or ENDS[end["event"]] == "transferred"):
            outcome = ENDS[end["event"]]
        waits = [wait_and_talk(event)[0] for event in (connect, end) if event is not None]
        rung = number(connect["data3"]) if connect is not None else None
        if connect is None and self.rings:
            rung = sum(self.rings)
        ended = end["event_utc"] if end is not None else None
        if self.opening["event"] == "JOINEMPTY" and ended is None:
            ended = self.opening["event_utc"]
        talked = end is not None and end["event"] in TALKED
        return {
            "call_id": self.opening["call_id"],
            "queue": self.opening["queue"],
            "agent_id": (connect and connect["agent_id"]) or (end["agent_id"] if end is not None and talked else None),
            "offered_utc": self.opening["event_utc"],
            "answered_utc": connect["event_utc"] if connect is not None else None,
            "ended_utc": ended,
            "ring_s": rung,
            "queue_s": next((wait for wait in waits if wait is not None), None),
            "talk_s": wait_and_talk(end)[1] if end is not None else None,
            "outcome": outcome,
            "row": self.opening["row"],
        }


def calls(events: list[Event]) -> tuple[list[Event], list[int]]:
    """Rows of calls, and the row numbers of events of calls without an entry."""
    queues: dict[tuple[str, str | None], list[Event]] = {}
    lost: list[int] = []
    for event in events:
        if event["event"] in ENDS or event["event"] in ("ENTERQUEUE", "JOINEMPTY", "CONNECT", "RINGNOANSWER"):
            if event["call_id"] == "NONE":
                lost.append(event["row"])
            else:
                queues.setdefault((event["call_id"], event["queue"]), []).append(event)
    entries: list[Entry] = []
    for members in queues.values():
        found, without = _entries(members)
        entries += found
        lost += without
    return [entry.row() for entry in entries], sorted(lost)


def _entries(events: list[Event]) -> tuple[list[Entry], list[int]]:
    """Second by second: first what belongs to an older entry, then new entries, then what belongs to those."""
    open_: list[Entry] = []
    lost: list[int] = []

    def take(event: Event) -> None:
        if not open_:
            lost.append(event["row"])
        elif event["event"] == "RINGNOANSWER":
            open_[-1].rings.append((number(event["data1"]) or 0) / 1000)
        elif event["event"] == "CONNECT":
            open_[-1].connect = open_[-1].connect or event
        else:
            open_[-1].end = open_[-1].end or event

    for moment in sorted({event["event_utc"] for event in events}):
        now = [event for event in events if event["event_utc"] == moment]
        opening = [event for event in now if event["event"] in ("ENTERQUEUE", "JOINEMPTY")]
        others = [event for event in now if event not in opening]
        older = [event for event in others if open_ and _since(event) >= 1]
        for event in sorted(older, key=_rank):
            take(event)
        open_ += [Entry(event) for event in sorted(opening, key=lambda one: (one["event"] == "ENTERQUEUE", one["row"]))]
        for event in sorted((event for event in others if event not in older), key=_rank):
            take(event)
    return open_, lost


def _since(event: Event) -> float:
    if event["event"] == "RINGNOANSWER":
        return (number(event["data1"]) or 0) / 1000
    wait, talk = wait_and_talk(event)
    return -1 if wait is None else wait + (talk or 0)


def _rank(event: Event) -> tuple[int, str, int]:
    name = event["event"]
    order = {"RINGNOANSWER": 1, "CONNECT": 2, "TRANSFER": 3, "BLINDTRANSFER": 3, "ATTENDEDTRANSFER": 3}
    return order.get(name, 4), name, event["row"]


LOGIN, LOGOFF = ("AGENTLOGIN", "ADDMEMBER"), ("AGENTLOGOFF", "REMOVEMEMBER")
PAUSES = ("PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL")


def states(events: list[Event]) -> list[tuple[str, str, Any, Any]]:
    """agent, state, from, to."""
    found: list[tuple[str, str, Any, Any]] = []
    mine = [one for one in events if one["event"] in (*LOGIN, *LOGOFF, *PAUSES, "CONNECT", *TALKED) and one["agent_id"]]
    for agent in sorted({one["agent_id"] for one in mine}):
        found += _agent(
            agent, sorted((one for one in mine if one["agent_id"] == agent), key=lambda one: _step(one, mine))
        )
    return found


def _step(event: Event, events: list[Event]) -> tuple[Any, ...]:
    order = [TALKED, LOGOFF, LOGIN, ("UNPAUSE",), ("UNPAUSEALL",), ("PAUSE",), ("PAUSEALL",), ("CONNECT",)]
    place = next(place for place, names in enumerate(order) if event["event"] in names)
    same = ("agent_id", "call_id", "event_utc")
    if place == 0 and any(
        one["event"] == "CONNECT" and all(one[name] == event[name] for name in same) for one in events
    ):
        place = len(order)
    return event["event_utc"], place


def _agent(agent: str, events: list[Event]) -> list[tuple[str, str, Any, Any]]:
    member, paused, all_paused, talk = _before(events)
    states: list[tuple[Any, str]] = []
    joined = {event["queue"] for event in events if event["event"] in (*LOGIN, *LOGOFF) and event["queue"]}
    for event in events:
        name, queue = event["event"], event["queue"] or ""
        if name in LOGIN or name in LOGOFF:
            member = {**(member or {}), queue: name in LOGIN}
            paused = {} if name.startswith("AGENT") else {**paused, queue: False}
            all_paused = all_paused and name == "REMOVEMEMBER"
        elif name in ("PAUSE", "UNPAUSE"):
            paused = {**paused, queue: name == "PAUSE"}
            all_paused = all_paused and name == "PAUSE"
        elif name == "PAUSEALL":
            all_paused = True
        elif name == "UNPAUSEALL":
            paused, all_paused = {}, False
        else:
            talk = name == "CONNECT"
        state = _state(
            member, {key: value for key, value in paused.items() if key in joined or not joined}, all_paused, talk
        )
        if states and states[-1][0] == event["event_utc"]:
            states.pop()
        states.append((event["event_utc"], state))
    changes = [one for place, one in enumerate(states) if place == 0 or states[place - 1][1] != one[1]]
    ends = [*(moment for moment, _ in changes[1:]), None]
    return [(agent, state, begin, end) for (begin, state), end in zip(changes, ends, strict=True)]


def _before(events: list[Event]) -> tuple[dict[str, bool] | None, dict[str, bool], bool, bool]:
    """What must have been so before the first event: what is ended had begun."""
    member: dict[str, bool] = {}
    paused: dict[str, bool] = {}
    for event in events:
        name, queue = event["event"], event["queue"] or ""
        if name in (*LOGIN, *LOGOFF):
            member.setdefault(queue, name in LOGOFF)
        touches_pause = name in ("PAUSE", "UNPAUSE", "ADDMEMBER", "REMOVEMEMBER")
        if touches_pause:
            paused.setdefault(queue, name == "UNPAUSE")
        if name in ("AGENTLOGIN", "AGENTLOGOFF", "UNPAUSEALL"):
            for key in {one["queue"] or "" for one in events}:
                paused.setdefault(key, False)
    wide = [one["event"] for one in events]
    for_all = [
        name for name in wide if name in ("PAUSEALL", "UNPAUSEALL", "UNPAUSE", "ADDMEMBER", "AGENTLOGIN", "AGENTLOGOFF")
    ]
    talks = [name for name in wide if name == "CONNECT" or name in TALKED]
    return member or None, paused, for_all[:1] == ["UNPAUSEALL"], bool(talks) and talks[0] != "CONNECT"


def _state(member: dict[str, bool] | None, paused: dict[str, bool], all_paused: bool, talk: bool) -> str:
    queues, breaks = sum((member or {}).values()), sum(paused.values())
    if talk:
        return "talk"
    if member is not None and queues == 0:
        return "logged_out"
    return "break" if all_paused or 0 < breaks >= queues else "idle"
