"""Who a vendor employs and when each was to work: hired, left, planned shifts; and who of them is out of the ordinary.

Nothing here changes a call: the calls were there first, and every draw comes from a generator of its own. Which agent
is weak, swings, is new, has left or did not come is the truth that `truth/people.csv` holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from data.simulate.people import Agent, agents, shifts
from data.simulate.world import DAY_S, VENDORS, Size

NEW_AGENTS = 2
ABSENT_EVERY: Mapping[str, int] = {"padding": 6}
"""On every so many days a vendor has planned somebody more who does not come."""


@dataclass(frozen=True)
class Person:
    """Somebody on a vendor's roster. `skill` is None for those who took no call."""

    agent_id: str
    hired: date
    left: date | None = None
    skill: float | None = None


@dataclass(frozen=True)
class Shift:
    """One planned shift, in seconds of the simulation; `is_missed` where nobody came."""

    agent_id: str
    start: int
    end: int
    is_missed: bool = False


@dataclass(frozen=True)
class Staff:
    """A vendor's people and its plan. `weak` and `swinging` are agents' ids; the latter has one odd day, `odd_day`."""

    people: Sequence[Person]
    plan: Sequence[Shift]
    weak: str
    swinging: str
    odd_day: int

    def new(self, first_day: date) -> list[str]:
        """Who has been there for less than 60 days when the world begins."""
        return [one.agent_id for one in self.people if (first_day - one.hired).days < 60]


def staff_of(seed: int, vendor: str, size: Size) -> Staff:
    """A vendor's people: those who answer in the simulation, and one who leaves and takes no call any more."""
    rng = Random(f"{seed}/staff/{vendor}")
    centre = VENDORS[vendor]
    crew = agents(seed, centre, size.agents)
    new = {agent.id for agent in rng.sample(crew, NEW_AGENTS)}
    people = [Person(agent.id, _hired(agent.id in new, size, rng), skill=agent.skill) for agent in crew]
    leaver = f"{centre.agent_prefix}{100 + size.agents + 1}"
    left = size.first_day + timedelta(days=max(1, len(size.days) // 4))
    people.append(Person(leaver, size.first_day - timedelta(days=rng.randint(200, 900)), left))
    plan = planned(crew, size, ABSENT_EVERY.get(vendor))
    weak = min(crew, key=lambda agent: agent.skill).id
    swinging = rng.choice([agent.id for agent in crew if agent.id != weak])
    worked = [shift.start // DAY_S for shift in plan if shift.agent_id == swinging and not shift.is_missed]
    return Staff(people, plan, weak, swinging, worked[len(worked) // 2])


def _hired(is_new: bool, size: Size, rng: Random) -> date:
    return size.first_day - timedelta(days=rng.randint(3, 25) if is_new else rng.randint(150, 1500))


def planned(crew: Sequence[Agent], size: Size, absent_every: int | None) -> list[Shift]:
    """Every shift that was planned, by its start: those that were worked, and now and then one that was not."""
    plan = []
    for day in range(len(size.days)):
        turns = shifts(tuple(crew), day, size.seats)
        plan += [Shift(agent.id, start, end) for agent, start, end in turns]
        if absent_every and day % absent_every == absent_every - 1:
            at_work = {agent.id for agent, _, _ in turns}
            free = [agent.id for agent in crew if agent.id not in at_work]
            plan.append(Shift(free[day % len(free)], turns[0][1], turns[0][2], is_missed=True))
    return sorted(plan, key=lambda shift: (shift.start, shift.agent_id))
