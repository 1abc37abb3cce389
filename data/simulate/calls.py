"""How a call lives, from the ring to the hang-up, as SimPy processes.

Somebody has a need and rings (`pursue`). The client's IVR asks for the reason (`ring_once`), and the call waits in the
in-house queue or is passed on to a vendor's (`Hall.answer`), until an agent picks up, the caller gives up, or the
vendor gives the call back because nobody came. A need that is not settled makes the same caller ring again, minutes to
days later. What each side writes down about all this stands in `vendors.py` and `write.py`; here is only what happened.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

import simpy

from data.simulate import people
from data.simulate.people import Agent, Caller
from data.simulate.world import (
    CLOSES_S,
    DAY_S,
    HOUR_WEIGHTS,
    INHOUSE,
    OPENS_S,
    REASONS,
    VENDORS,
    Centre,
    Size,
    busyness,
)

Steps = Generator[simpy.Event, Any, Any]

GIVES_BACK_AFTER_S = 300
"""A vendor returns a call to the client when it has waited as long as this."""


@dataclass
class Leg:
    """One stay of a call in one centre: queue, and with luck an agent. Moments are seconds of the simulation."""

    reason: str
    offered: int
    connected: simpy.Event
    finished: simpy.Event
    outcome: str = ""
    agent: Agent | None = None
    rang: int | None = None
    answered: int | None = None
    ended: int | None = None
    talk_s: int = 0
    hold_s: int = 0
    acw_s: int = 0
    is_settled: bool = False

    @property
    def wait_s(self) -> int:
        """Seconds from the queue's entry to the agent, or to the end where no agent came."""
        end = self.answered if self.answered is not None else self.ended
        return (end or self.offered) - self.offered


@dataclass
class Call:
    """One ring at the client. `passed` is the leg at a vendor, `inhouse` the one with the client's own agents."""

    number: int
    caller: Caller
    reason: str
    arrived: int
    vendor: str | None = None
    passed: Leg | None = None
    inhouse: Leg | None = None

    @property
    def last(self) -> Leg:
        """The leg in which the call ended."""
        leg = self.inhouse or self.passed
        if leg is None:
            raise ValueError(f"call {self.number} has not reached a queue yet")
        return leg


@dataclass(frozen=True)
class Repeat:
    """One call that would not have been without an earlier one, and why: `unresolved`, `lost` or `two_lines`."""

    first: Call
    again: Call
    why: str


@dataclass
class Hall:
    """One centre at work: callers wait in `queue`, and the agent who has been idle longest takes the next.

    `stints` says who was at the desk from when to when, breaks left out.
    """

    env: simpy.Environment
    centre: Centre
    limit_s: float
    queue: simpy.Store = field(init=False)
    stints: list[tuple[Agent, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = simpy.Store(self.env)

    def answer(self, reason: str, patience_s: int) -> Steps:
        """The caller's side: wait for an agent no longer than patience and the hall allow, then talk to the end."""
        leg = Leg(reason, int(self.env.now), self.env.event(), self.env.event())
        yield self.queue.put(leg)
        yield leg.connected | self.env.timeout(min(patience_s, self.limit_s))
        if leg.answered is None:
            leg.ended = int(self.env.now)
            leg.outcome = "abandoned" if patience_s <= self.limit_s else "given_back"
        else:
            yield leg.finished
        return leg

    def work(self, agent: Agent, start: int, end: int) -> Steps:
        """The agent's side: a shift in two stretches, with a break between them."""
        pause = start + round((end - start) * agent.rng.uniform(0.4, 0.6))
        for begins, stops in ((start, pause), (pause + 900, end)):
            yield self.env.timeout(max(0, begins - self.env.now))
            came = int(self.env.now)
            while self.env.now < stops:
                turn = self.queue.get()
                yield turn | self.env.timeout(stops - self.env.now)
                if not turn.triggered:
                    turn.cancel()
                    break
                yield from self.handle(agent, cast(Leg, turn.value))
            self.stints.append((agent, came, int(self.env.now)))

    def handle(self, agent: Agent, leg: Leg) -> Steps:
        """One call at the agent's desk: ring, talk and hold, after-call work; nothing if the caller is gone already."""
        if leg.ended is not None:
            return
        rang = int(self.env.now)
        yield self.env.timeout(agent.ring_s())
        if leg.ended is not None:
            return
        leg.agent, leg.rang, leg.answered, leg.outcome = agent, rang, int(self.env.now), "answered"
        leg.talk_s, leg.acw_s = agent.talk_s(leg.reason), agent.acw_s()
        leg.hold_s = agent.hold_s() if leg.talk_s >= 10 else 0
        leg.connected.succeed()
        yield self.env.timeout(leg.talk_s + leg.hold_s)
        leg.ended, leg.is_settled = int(self.env.now), agent.settles(leg.reason, leg.talk_s)
        leg.finished.succeed()
        yield self.env.timeout(leg.acw_s)


@dataclass
class Switch:
    """The client's switch: every call enters here, and it keeps them all, in the order of arrival."""

    env: simpy.Environment
    size: Size
    halls: Mapping[str, Hall]
    calls: list[Call] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)

    def pursue(self, caller: Caller, reason: str, start: int, earlier: tuple[Call, str] | None = None) -> Steps:
        """A caller rings about one need, again and again until it is settled or not worth the trouble."""
        while True:
            yield self.env.timeout(max(0, start - self.env.now))
            call = Call(len(self.calls) + 1, caller, reason, int(self.env.now))
            self.calls.append(call)
            if earlier:
                self.repeats.append(Repeat(earlier[0], call, earlier[1]))
            elif caller.rng.random() < 0.006:
                second = start + caller.rng.randint(15, 90)
                self.env.process(self.pursue(caller, reason, second, (call, "two_lines")))
            yield from self.ring_once(call)
            is_answered = call.last.outcome == "answered"
            pause_s = None if call.last.is_settled else caller.rings_again_after_s(is_answered)
            if pause_s is None:
                return
            start = next_open_second(int(self.env.now) + pause_s, caller.rng)
            earlier = (call, "unresolved" if is_answered else "lost")

    def ring_once(self, call: Call) -> Steps:
        """One call: the IVR's menu, then a vendor or the client's own agents, also after a vendor gave it back."""
        rng = call.caller.rng
        patience_s = call.caller.patience_s()
        yield self.env.timeout(rng.randint(15, 60))
        call.vendor = choose_vendor(call.reason, self.size.inhouse_share, rng)
        if call.vendor:
            call.passed = yield from self.halls[call.vendor].answer(call.reason, patience_s)
        if call.passed is None or call.passed.outcome == "given_back":
            call.inhouse = yield from self.halls[INHOUSE.id].answer(call.reason, patience_s)


def choose_vendor(reason: str, inhouse_share: float, rng: Random) -> str | None:
    """Where the IVR sends a call: a vendor's id, None to the client's own agents."""
    weights = {INHOUSE.id: inhouse_share * INHOUSE.tilt.get(reason, 1.0)}
    for vendor in VENDORS.values():
        weights[vendor.id] = (1 - inhouse_share) / len(VENDORS) * vendor.tilt.get(reason, 1.0)
    (chosen,) = rng.choices(tuple(weights), tuple(weights.values()))
    return None if chosen == INHOUSE.id else chosen


def next_open_second(second: int, rng: Random) -> int:
    """The moment itself if the line is open then, else some time in the next open morning."""
    day, of_day = divmod(second, DAY_S)
    if OPENS_S <= of_day < CLOSES_S:
        return second
    return (day if of_day < OPENS_S else day + 1) * DAY_S + OPENS_S + rng.randint(0, 3 * 3600)


def fresh_needs(seed: int, size: Size, who: people.Population) -> list[tuple[int, Caller, str]]:
    """Everybody's first ring about a need: the second, the caller, the reason."""
    needs = []
    reasons, shares = tuple(REASONS), tuple(reason.share for reason in REASONS.values())
    for n, day in enumerate(size.days):
        rng = Random(f"{seed}/demand/{day}")
        mean = size.needs_per_day * busyness(day)
        for _ in range(max(0, round(rng.gauss(mean, mean**0.5)))):
            (hour,) = rng.choices(range(len(HOUR_WEIGHTS)), HOUR_WEIGHTS)
            second = n * DAY_S + OPENS_S + hour * 3600 + rng.randrange(3600)
            needs.append((second, who.somebody(rng), rng.choices(reasons, shares)[0]))
    return sorted(needs, key=lambda need: need[0])


def live(seed: int, size: Size, who: people.Population) -> Switch:
    """Lets all days pass and returns the switch with every call. The first day starts with nobody waiting."""
    env = simpy.Environment()
    halls = {INHOUSE.id: Hall(env, INHOUSE, float("inf"))}
    halls |= {id: Hall(env, vendor, GIVES_BACK_AFTER_S) for id, vendor in VENDORS.items()}
    for hall in halls.values():
        staff = people.agents(seed, hall.centre, size.agents)
        seats = size.inhouse_seats if hall.centre is INHOUSE else size.seats
        for day in range(len(size.days)):
            for agent, start, end in people.shifts(staff, day, seats):
                env.process(hall.work(agent, start, end))
    switch = Switch(env, size, halls)
    for second, caller, reason in fresh_needs(seed, size, who):
        env.process(switch.pursue(caller, reason, second))
    env.run(until=len(size.days) * DAY_S)
    return switch
