"""The people of the world: callers with their numbers and their patience, agents with their skill and their pace.

Nobody here exists. Mobile numbers lie in the block 154, which the Chinese plan skips between 153 and 155: a number
there is possible, but no network has been assigned it. Switchboards have 0532 1000 xxxx, since no local number in China
begins with 1.

Everybody draws from a generator of their own, seeded by the world's seed and their name, so that one more caller does
not change what another one does.
"""

from dataclasses import dataclass
from random import Random

from data.simulate.world import CLOSES_S, DAY_S, OPENS_S, REASONS, Centre, Size

WITHHELD = ""
"""The number of a caller who shows none."""

STAFF_NUMBERS = 6
INVENTED_NUMBERS = 4_000


@dataclass(frozen=True)
class Caller:
    """Somebody, or a firm's switchboard, who rings. `number` is national, without the country code."""

    number: str
    rng: Random

    def patience_s(self) -> int:
        """Seconds that the caller will wait in a queue; a few hang up at the announcement."""
        if self.rng.random() < 0.02:
            return self.rng.randint(1, 8)
        return 10 + round(self.rng.expovariate(1 / 210))

    def rings_again_after_s(self, answered: bool) -> int | None:
        """Seconds until the caller tries again, None if never: soon after a lost call, later after an answered one."""
        if self.rng.random() > (0.8 if answered else 0.7):
            return None
        typical_s, spread = (5 * 3600, 1.6) if answered else (15 * 60, 1.1)
        return max(60, min(8 * DAY_S, round(typical_s * self.rng.lognormvariate(0, spread))))


@dataclass(frozen=True)
class Agent:
    """Somebody who answers. `pace` scales the talk, `skill` the chance to settle a need at once."""

    id: str
    pace: float
    skill: float
    rng: Random

    def ring_s(self) -> int:
        """Seconds until the agent picks up; some sets answer by themselves."""
        return 0 if self.rng.random() < 0.12 else self.rng.randint(2, 9)

    def talk_s(self, reason: str) -> int:
        """Seconds of talk; about three calls in a hundred end almost at once."""
        if self.rng.random() < 0.03:
            return self.rng.randint(2, 9)
        return max(10, round(REASONS[reason].talk_s * self.pace * self.rng.lognormvariate(0, 0.5)))

    def hold_s(self) -> int:
        """Seconds on hold: none in most calls."""
        return self.rng.randint(10, 90) if self.rng.random() < 0.15 else 0

    def acw_s(self) -> int:
        """Seconds of work after the call."""
        return self.rng.randint(8, 55)

    def settles(self, reason: str, talk_s: int) -> bool:
        """Whether the caller's need is done with; a call that was cut off settles nothing."""
        return talk_s >= 10 and self.rng.random() < REASONS[reason].settled * self.skill


@dataclass(frozen=True)
class Population:
    """Everybody's numbers. `staff` and `invented` never ring the client; a padding vendor's ghosts carry them."""

    callers: tuple[Caller, ...]
    switchboards: tuple[Caller, ...]
    staff: tuple[str, ...]
    invented: tuple[str, ...]

    def somebody(self, rng: Random) -> Caller:
        """Who rings next: three times in a hundred one of the switchboards."""
        return rng.choice(self.switchboards if rng.random() < 0.03 else self.callers)


def population(seed: int, size: Size) -> Population:
    """Draws everybody's number, no two alike; two callers in a hundred withhold theirs."""
    rng = Random(f"{seed}/numbers")
    tails = rng.sample(range(10**8), size.callers + STAFF_NUMBERS + INVENTED_NUMBERS)
    numbers = [f"154{tail:08d}" for tail in tails]
    callers = [WITHHELD if rng.random() < 0.02 else number for number in numbers[: size.callers]]
    others = numbers[size.callers :]
    boards = [f"05321000{tail:04d}" for tail in rng.sample(range(10**4), 3)]
    return Population(
        tuple(Caller(number, Random(f"{seed}/caller/{n}")) for n, number in enumerate(callers)),
        tuple(Caller(number, Random(f"{seed}/switchboard/{n}")) for n, number in enumerate(boards)),
        staff=tuple(others[:STAFF_NUMBERS]),
        invented=tuple(others[STAFF_NUMBERS:]),
    )


def agents(seed: int, centre: Centre, count: int) -> tuple[Agent, ...]:
    """The agents of one centre, each a little quicker or slower and better or worse than the rest."""
    staff = []
    for n in range(1, count + 1):
        rng = Random(f"{seed}/agent/{centre.id}/{n}")
        skill = min(1.0, max(0.5, rng.gauss(centre.skill, 0.03)))
        staff.append(Agent(f"{centre.agent_prefix}{100 + n}", rng.uniform(0.85, 1.2), skill, rng))
    return tuple(staff)


def shifts(staff: tuple[Agent, ...], day: int, seats: int) -> list[tuple[Agent, int, int]]:
    """Who works on the n-th day, from and until which second: an early and a late shift, going round the staff."""
    middle_s = (OPENS_S + CLOSES_S) // 2
    turns = []
    for place in range(2 * seats):
        early = place < seats
        start_s = OPENS_S - 300 if early else middle_s - 600
        end_s = middle_s + 600 if early else CLOSES_S + 600
        agent = staff[(2 * seats * day + place) % len(staff)]
        turns.append((agent, day * DAY_S + start_s, day * DAY_S + end_s))
    return turns
