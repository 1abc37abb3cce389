"""What a vendor's switch notes about its agents: one line per agent and state, with no gap from the first login on.

The states follow the vendor's own call records to the second: ringing before each call, talk (with the hold in its
middle), after-call work behind it, idle between calls, break between the two halves of a shift, logged out outside.
What was padded is in no agent's states.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from data.simulate.people import Agent
from data.simulate.staff import Staff
from data.simulate.vendors import Record
from data.simulate.world import DAY_S

LONG_BREAK_S = 1800
"""A longer time away from the desk is the end of a shift."""
ODD_BREAK_S = 240
"""On its odd day an agent who swings calls every wait as long as this a break."""


@dataclass(frozen=True)
class State:
    """One agent in one state, in seconds of the simulation by the vendor's clock; the last one has no end."""

    agent_id: str
    name: str
    begins: int
    ends: int | None


def agent_states(
    stints: Iterable[tuple[Agent, int, int]], rows: Iterable[Record], offset_s: int, staff: Staff
) -> list[State]:
    """All states of a vendor's agents, by their start. `rows` are its records, padded ones included."""
    calls: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        if row.kind == "" and row.connected_at is not None:
            calls[row.agent].append(row)
    at_desk: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for agent, came, went in stints:
        at_desk[agent.id].append((came + offset_s, went + offset_s))
    found = [
        state
        for agent_id, spans in at_desk.items()
        for state in _of_agent(agent_id, sorted(spans), sorted(calls[agent_id], key=_connected))
    ]
    joined = _joined(_on_odd_day(state, staff) for state in found)
    return sorted(joined, key=lambda state: (state.begins, state.agent_id, state.ends or 0))


def _connected(row: Record) -> int:
    return row.connected_at or 0


def _of_agent(agent_id: str, spans: Sequence[tuple[int, int]], calls: Sequence[Record]) -> Iterator[State]:
    """One agent's states in order. Clocks slip by a second or two, so a call belongs to the stint that it begins in."""
    left = list(calls)
    until: int | None = None
    for place, (came, went) in enumerate(spans):
        next_came = spans[place + 1][0] if place + 1 < len(spans) else None
        own = [row for row in left if next_came is None or _connected(row) < next_came - 5]
        left = left[len(own) :]
        begins = max(until or 0, min([came, *(_connected(row) for row in own[:1])]))
        if until is not None and begins > until:
            yield State(agent_id, "BREAK" if begins - until <= LONG_BREAK_S else "LOGGED_OUT", until, begins)
        until = begins
        for state in _at_desk(agent_id, begins, went, own):
            yield state
            until = state.ends or until
    if until is not None:
        yield State(agent_id, "LOGGED_OUT", until, None)


def _at_desk(agent_id: str, begins: int, went: int, calls: Sequence[Record]) -> Iterator[State]:
    """The states of one stint: what the calls leave free is idle."""
    now = begins
    for place, row in enumerate(calls):
        connected = _connected(row)
        rang = max(now, min(connected, row.rang_at if row.rang_at is not None else connected))
        next_call = _connected(calls[place + 1]) if place + 1 < len(calls) else row.ended_at + row.acw_s
        middle = connected + (row.ended_at - connected - row.hold_s) // 2
        marks = [
            ("IDLE", now, rang),
            ("RINGING", rang, connected),
            ("TALK", connected, middle if row.hold_s else row.ended_at),
            ("HOLD", middle, middle + row.hold_s),
            ("TALK", middle + row.hold_s, row.ended_at if row.hold_s else 0),
            ("WRAP_UP", row.ended_at, min(row.ended_at + row.acw_s, next_call)),
        ]
        yield from (State(agent_id, name, start, end) for name, start, end in marks if end > start)
        now = min(row.ended_at + row.acw_s, next_call)
    if went > now:
        yield State(agent_id, "IDLE", now, went)


def _joined(states: Iterable[State]) -> list[State]:
    """One agent's states after the other's, in order; where one lasts on behind a mark it is one state."""
    found: list[State] = []
    for state in states:
        last = found[-1] if found else None
        if last and (last.agent_id, last.name, last.ends) == (state.agent_id, state.name, state.begins):
            found[-1] = replace(last, ends=state.ends)
        else:
            found.append(state)
    return found


def _on_odd_day(state: State, staff: Staff) -> State:
    """The agent who swings hardly waits for calls on its odd day: it is away from the desk instead."""
    is_long = state.ends is not None and state.ends - state.begins >= ODD_BREAK_S
    is_odd = state.agent_id == staff.swinging and state.begins // DAY_S == staff.odd_day
    return replace(state, name="BREAK") if is_odd and is_long and state.name == "IDLE" else state
