"""Calls that agents make themselves: back to a caller whose need was not settled, while they would else be idle.

The caller's own calls do not change by it: nobody is helped the sooner for having been rung up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from data.simulate.desks import State
from data.simulate.people import WITHHELD
from data.simulate.vendors import Record
from data.simulate.world import DAY_S

SHARES = {False: 0.2, True: 0.004}
"""How many of the answered callers are called back, by whether their need was settled."""
NEEDS_S = 240
"""An agent rings somebody back who has at least this long to wait for the next call."""


@dataclass(frozen=True)
class CallBack:
    """One call that goes out, by the vendor's clock. `after` is the record of the call that it answers."""

    call_id: str
    after: Record
    agent_id: str
    dialled: int
    connected: int | None
    ended: int
    acw_s: int

    @property
    def talk_s(self) -> int:
        """Seconds of talk; none where nobody picked up."""
        return 0 if self.connected is None else self.ended - self.connected


def call_backs(
    seed: int, vendor: str, rows: Iterable[Record], states: Sequence[State]
) -> tuple[list[CallBack], list[State]]:
    """The calls that go out, in order, and the agents' states with them."""
    rng = Random(f"{seed}/callback/{vendor}")
    idle = [state for state in states if state.name == "IDLE" and (state.ends or 0) - state.begins >= NEEDS_S]
    used: dict[State, CallBack] = {}
    for row in rows:
        if row.kind or row.connected_at is None or row.caller == WITHHELD or rng.random() >= SHARES[row.is_settled]:
            continue
        earliest = row.ended_at + round(rng.lognormvariate(8.5, 0.9))
        free = (s for s in idle if earliest <= s.begins < row.ended_at + DAY_S and s not in used)
        state = next(free, None)
        if state is not None:
            used[state] = _call_back(row, state, rng)
    made = sorted(used.values(), key=lambda back: (back.dialled, back.agent_id))
    ids = {id(back): f"{vendor[0].upper()}OUT{place:05d}" for place, back in enumerate(made, 1)}
    named = {state: _named(back, ids[id(back)]) for state, back in used.items()}
    split = [part for state in states for part in (_split(state, named[state]) if state in named else [state])]
    return sorted(named.values(), key=lambda back: back.call_id), sorted(
        split, key=lambda s: (s.begins, s.agent_id, s.ends or 0)
    )


def _call_back(row: Record, state: State, rng: Random) -> CallBack:
    room = (state.ends or 0) - state.begins
    dialled = state.begins + rng.randint(5, 30)
    is_reached, rings, acw_s = rng.random() < 0.75, rng.randint(6, 25), rng.randint(5, 25)
    longest = state.begins + room - acw_s - 5
    talk_s = rng.randint(30, 180)
    connected = dialled + rings if is_reached else None
    ended = min(longest, dialled + rings + talk_s) if is_reached else dialled + rings
    return CallBack("", row, state.agent_id, dialled, connected, ended, acw_s if is_reached else 0)


def _named(back: CallBack, call_id: str) -> CallBack:
    return CallBack(call_id, back.after, back.agent_id, back.dialled, back.connected, back.ended, back.acw_s)


def _split(state: State, back: CallBack) -> list[State]:
    """The wait with the call in it; while it rings out the agent is still taken for idle by the switch."""
    if back.connected is None:
        return [state]
    marks = [
        ("IDLE", state.begins, back.connected),
        ("TALK", back.connected, back.ended),
        ("WRAP_UP", back.ended, back.ended + back.acw_s),
        ("IDLE", back.ended + back.acw_s, state.ends or 0),
    ]
    return [State(state.agent_id, name, start, end) for name, start, end in marks if end > start]
