"""One Genesys Cloud conversation → its legs: who called, which queue, which agent, when, how long, and how it ended.

A leg begins with a session of a queue (purpose acd), or with an agent whom no queue gave the call. The agents that
begin while a queue's session is the last one are that queue's; the first who talks answers it, a second one is the
next leg. A leg that begins while an earlier agent still has the call is a consultation, unless that agent then hands
the call over (disconnectType consultTransfer). After a queue's session of the medium callback a leg is outbound.

Durations come from the segments: interact (talk_s, which holds no hold), hold, wrapup, alert; a participant's call
counts, and only where it has none its callback session. Times are given as printed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from pipelines.formats.json_text import cell
from pipelines.formats.moments import moment

PHONE = ("voice", "callback")
OTHER_MEDIA = ("chat", "cobrowse", "email", "internalmessage", "message", "screenmonitoring", "screenshare", "video")
CUSTOMERS, AGENTS = ("customer", "external"), ("agent", "user")
HANDED_ON = (
    *("transfer", "consultTransfer", "forwardTransfer", "conferenceTransfer"),
    *("noAnswerTransfer", "notAvailableTransfer", "dndTransfer"),
)
HUNG_UP = ("peer", "endpoint", "client")
HANDING_ON = timedelta(seconds=2)
"""A blind transfer opens the next session before it ends the old one; a consultation lasts longer than this."""
_LATEST = datetime.max.replace(tzinfo=UTC)
Node = Mapping[str, Any]


class NoConversation(Exception):
    """Why an object is no conversation detail, in words for a reject."""


def nodes(outer: Node, name: str) -> list[Node]:
    """The objects of an array; what is no array, or no object in it, is passed over."""
    inner = outer.get(name)
    return [item for item in inner if isinstance(item, dict)] if isinstance(inner, list) else []


def text(outer: Node, name: str) -> str | None:
    """A value as text; nothing for what is nested."""
    value = outer.get(name)
    return None if isinstance(value, (list, dict)) else cell(value) or None


def other_media(conversation: Node) -> str:
    """The media of a conversation that was no phone call, in order; empty where it was one."""
    if not text(conversation, "conversationId"):
        raise NoConversation("no conversationId")
    if not isinstance(conversation.get("participants"), list):
        raise NoConversation("no participants")
    sessions = [session for person in nodes(conversation, "participants") for session in nodes(person, "sessions")]
    media = {text(session, "mediaType") for session in sessions}
    if media & set(PHONE):
        return ""
    return ", ".join(sorted({name if name in OTHER_MEDIA else "another medium" for name in media})) or "no session"


@dataclass(frozen=True, eq=False)
class _Span:
    """A participant's part: its sessions of voice and callback, with their segments in order of time."""

    purpose: str
    user: str | None
    sessions: list[Node]
    segments: list[Node]
    calls: list[Node]

    def of(self, *kinds: str) -> list[Node]:
        """Segments of a kind; talk and hold only of the calls, where there are any."""
        among = self.calls if {"interact", "hold"} & set(kinds) and self.calls else self.segments
        return [segment for segment in among if text(segment, "segmentType") in kinds]

    def without_wrapup(self) -> list[Node]:
        return [segment for segment in self.segments if text(segment, "segmentType") != "wrapup"]

    @cached_property
    def start(self) -> datetime:
        return min((_moment(segment, "segmentStart") for segment in self.segments), default=_LATEST)

    @cached_property
    def end(self) -> datetime:
        return max((_moment(segment, "segmentEnd") for segment in self.without_wrapup()), default=_LATEST)

    @cached_property
    def ending(self) -> str:
        """How the participant left: the last disconnectType."""
        found = [text(segment, "disconnectType") for segment in self.without_wrapup()]
        return next((kind for kind in reversed(found) if kind), "")

    @cached_property
    def is_callback(self) -> bool:
        return any(text(session, "mediaType") == "callback" for session in self.sessions)

    def has_metric(self, *names: str) -> bool:
        found = (text(metric, "name") for session in self.sessions for metric in nodes(session, "metrics"))
        return any(name in names for name in found)


@dataclass(eq=False)
class _Leg:
    """A queue's session, the agents that it rang, and the one that talked."""

    queue: _Span | None
    rung: list[_Span] = field(default_factory=list)
    agent: _Span | None = None

    @property
    def spans(self) -> list[_Span]:
        return [span for span in (self.queue, *self.rung) if span is not None]

    @property
    def start(self) -> datetime:
        return min((span.start for span in self.spans), default=_LATEST)


@dataclass(frozen=True)
class _After:
    """When the last message and the last callback of a conversation began."""

    message: datetime | None
    callback: datetime | None


def legs_of(conversation: Node) -> list[dict[str, str | None]]:
    """The legs of a conversation in order of time, as cells; at least one if it has a session of voice or callback."""
    if other_media(conversation):
        return []
    spans = sorted(_spans(conversation), key=lambda span: span.start)
    call = _call(conversation, spans)
    legs = sorted(_legs(spans), key=lambda leg: leg.start)
    if not legs:
        return [call | {"leg": "1", **_in_menu(conversation, spans)}]
    directions = _directions(legs, call["direction"])
    after = _After(
        max((span.start for span in spans if span.purpose == "voicemail"), default=None),
        max((span.start for span in spans if span.purpose == "acd" and span.is_callback), default=None),
    )
    return [
        call | {"leg": str(number), "direction": direction, "outcome": _outcome(leg, after), **_cells(leg)}
        for number, (leg, direction) in enumerate(zip(legs, directions, strict=True), 1)
    ]


def _spans(conversation: Node) -> Iterable[_Span]:
    for person in nodes(conversation, "participants"):
        sessions = [item for item in nodes(person, "sessions") if text(item, "mediaType") in PHONE]
        if sessions:
            calls = [
                segment for item in sessions if text(item, "mediaType") == "voice" for segment in _segments([item])
            ]
            purpose = text(person, "purpose") or ""
            yield _Span(purpose, text(person, "userId"), sessions, _segments(sessions), calls)


def _segments(sessions: list[Node]) -> list[Node]:
    found = [segment for session in sessions for segment in nodes(session, "segments")]
    return sorted(found, key=lambda segment: _moment(segment, "segmentStart"))


def _moment(segment: Node, name: str) -> datetime:
    return moment(text(segment, name)) or _LATEST


def _legs(spans: list[_Span]) -> list[_Leg]:
    """Queues and agents in order of time → legs."""
    legs: list[_Leg] = []
    for span in spans:
        if span.purpose == "acd":
            legs.append(_Leg(span))
        elif span.purpose in AGENTS:
            is_talking = bool(span.of("interact", "hold"))
            if not legs or (is_talking and legs[-1].agent is not None):
                legs.append(_Leg(None))
            legs[-1].rung.append(span)
            if is_talking:
                legs[-1].agent = span
    return legs


def _call(conversation: Node, spans: list[_Span]) -> dict[str, str | None]:
    """What all legs of a conversation share."""
    customers = [span for span in spans if span.purpose in CUSTOMERS]
    sessions = [session for span in customers[:1] for session in span.sessions]
    said = [text(session, "direction") for session in sessions]
    direction = text(conversation, "originatingDirection") or next((word for word in said if word), None)
    ani, dnis = (_first(text(session, name) for session in sessions) for name in ("ani", "dnis"))
    called_back = _first(cell(number) for session in sessions for number in _numbers(session))
    caller, called = (dnis, ani) if direction == "outbound" else (ani, dnis)
    return {
        "conversationId": text(conversation, "conversationId"),
        "direction": "internal" if all(span.purpose in AGENTS for span in spans) else direction,
        "caller": _number(caller or called_back),
        "called": _number(called),
    }


def _numbers(session: Node) -> list[Any]:
    numbers = session.get("callbackNumbers")
    return [item for item in numbers if isinstance(item, str)] if isinstance(numbers, list) else []


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _number(address: str | None) -> str | None:
    """A number without its scheme and host: `tel:+44…`, `sip:+44…@host`, `sip:+44…;user=phone`."""
    if address is None:
        return None
    scheme, colon, rest = address.partition(":")
    if not colon or scheme.lower() not in ("tel", "sip", "sips"):
        return address
    return rest.partition("@")[0].partition(";")[0]


def _in_menu(conversation: Node, spans: list[_Span]) -> dict[str, str | None]:
    """A call that reached neither a queue nor an agent: it ended in a menu, or left a message."""
    is_message = any(span.purpose == "voicemail" or span.of("voicemail") for span in spans)
    return {
        "offered": text(conversation, "conversationStart"),
        "ended": text(conversation, "conversationEnd"),
        "outcome": "voicemail" if is_message else "unknown",
    }


def _cells(leg: _Leg) -> dict[str, str | None]:
    """The cells that a leg's own sessions say."""
    agent = leg.agent
    first, last = leg.spans[0], agent or leg.spans[-1]
    segments = [segment for span in leg.spans for segment in span.segments]
    coded = _first(text(segment, "wrapUpCode") for segment in (agent.of("wrapup") if agent else []))
    talk = agent.of("interact", "hold") if agent else []
    return {
        "queueId": _first(text(segment, "queueId") for segment in segments),
        "userId": agent.user if agent else None,
        "offered": _printed(first.segments, "segmentStart"),
        "ringing": _printed([segment for span in leg.rung for segment in span.of("alert")], "segmentStart"),
        "answered": _printed(talk, "segmentStart"),
        "ended": _printed(list(reversed(last.without_wrapup())), "segmentEnd"),
        "ring_s": _seconds(agent.of("alert")) if agent else None,
        "queue_s": _seconds(leg.queue.of("interact", "delay")) if leg.queue else None,
        "talk_s": _seconds(agent.of("interact")) if agent else None,
        "hold_s": _seconds(agent.of("hold"), "0") if agent else None,
        "acw_s": _seconds(agent.of("wrapup"), "0") if agent else None,
        "wrapUpCode": coded,
    }


def _printed(segments: list[Node], name: str) -> str | None:
    return _first(text(segment, name) for segment in segments)


def _seconds(segments: list[Node], without: str | None = None) -> str | None:
    """The length of segments together, to the millisecond; none where one has no end, `without` where there is none."""
    total = Decimal(0)
    for segment in segments:
        start, end = moment(text(segment, "segmentStart")), moment(text(segment, "segmentEnd"))
        if start is None or end is None:
            return None
        total += Decimal(round((end - start).total_seconds() * 1000)) / 1000
    return f"{total:f}" if segments else without


def _directions(legs: list[_Leg], direction: str | None) -> list[str | None]:
    """Of each leg in order of time: outbound, a consultation, or what the call is; among colleagues all is internal."""
    if direction == "internal":
        return [direction] * len(legs)
    held_until = datetime.min.replace(tzinfo=UTC)
    found: list[str | None] = []
    for leg in legs:
        if leg.spans[0].is_callback:
            found.append("outbound")
        else:
            found.append("consult" if leg.start < held_until else direction)
        if leg.agent is not None and leg.agent.ending != "consultTransfer":
            is_handed_on = leg.agent.ending in HANDED_ON
            held_until = max(held_until, leg.agent.end - (HANDING_ON if is_handed_on else timedelta(0)))
    return found


def _outcome(leg: _Leg, after: _After) -> str:
    """How a leg ended, in the words of the canonical table."""
    if leg.agent is not None:
        return "transferred" if leg.agent.ending in HANDED_ON else "answered"
    if leg.queue is None:
        return "abandoned" if leg.rung[-1].ending in HUNG_UP else "unknown"
    if leg.queue.of("voicemail") or (after.message is not None and after.message >= leg.start):
        return "voicemail"
    if not leg.queue.is_callback and after.callback is not None and after.callback >= leg.start:
        return "callback_requested"
    if leg.queue.ending in HANDED_ON or leg.queue.has_metric("tFlowOut"):
        return "overflowed"
    if leg.queue.has_metric("tAbandon", "nAbandon") or leg.queue.ending in HUNG_UP:
        return "abandoned"
    return "unknown"
