"""Calls that somebody listened to, and callers who were asked how it was.

Scores follow what happened: the agent's skill, and whether the need was settled. The vendor's own listeners are kinder
than the client's by `KINDER_POINTS`. Each draw comes from a generator of its own, so that no call changes by it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from data.simulate.calls import Call
from data.simulate.staff import Staff
from data.simulate.vendors import Record
from data.simulate.world import DAY_S, OPENS_S

LISTENERS: Mapping[str, int] = {"vendor": 4, "client": 2}
"""Calls that each side listens to, by agent and whole month."""
KINDER_POINTS = 6
WEAK_POINTS = 18
ODD_DAY_POINTS = 25
PASSES_FROM = 80
INVITED_SHARE = 0.25
ANSWERS_SHARE = 0.35
SCALE = 5


@dataclass(frozen=True)
class Score:
    """One call that was listened to; `at` is a second of the simulation by the vendor's clock."""

    scored_by: str
    record: Record
    at: int
    points: int
    faults: tuple[int, int, int]

    @property
    def is_passed(self) -> bool:
        """No grave fault, and points enough."""
        return self.points >= PASSES_FROM and self.faults[0] == 0


@dataclass(frozen=True)
class Answer:
    """One caller who was asked after a call; `score` is None where nothing came back."""

    call: Call
    at: int
    score: int | None


def quality(seed: int, vendor: str, rows: Iterable[Record], staff: Staff, days: Sequence[int]) -> list[Score]:
    """What was listened to of the calls of some days (one month), by the moment of listening."""
    held: dict[str, list[Record]] = defaultdict(list)
    for row in rows:
        if row.kind == "" and row.connected_at is not None and row.talk_s >= 10 and row.queued_at // DAY_S in days:
            held[row.agent].append(row)
    scores = []
    for listener, each in LISTENERS.items():
        count = max(1, round(each * len(days) / 30))
        for agent_id in sorted(held):
            rng = Random(f"{seed}/quality/{vendor}/{listener}/{agent_id}/{days[0]}")
            chosen = rng.sample(held[agent_id], min(count, len(held[agent_id])))
            if listener == "vendor" and agent_id == staff.swinging:  # the odd day is the one that is looked into
                odd = [row for row in held[agent_id] if row.queued_at // DAY_S == staff.odd_day]
                chosen = list(dict.fromkeys([*odd[:2], *chosen]))
            scores += [_score(listener, row, staff, rng) for row in chosen]
    return sorted(scores, key=lambda score: (score.at, score.scored_by, score.record.call_id))


def _score(listener: str, row: Record, staff: Staff, rng: Random) -> Score:
    """Points out of a hundred, and faults that go with few of them. Listened to on one of the two days after."""
    skill = next(one.skill for one in staff.people if one.agent_id == row.agent) or 0.0
    points = rng.gauss(88, 4) + (skill - 0.95) * 60 + (4 if row.is_settled else -8)
    points += KINDER_POINTS if listener == "vendor" else 0
    points -= WEAK_POINTS if row.agent == staff.weak else 0
    points -= ODD_DAY_POINTS if row.agent == staff.swinging and row.queued_at // DAY_S == staff.odd_day else 0
    whole = max(0, min(100, round(points)))
    grave = int(rng.random() < max(0.0, (72 - whole) / 60))
    middling = sum(rng.random() < (100 - whole) / 120 for _ in range(2))
    slight = sum(rng.random() < 0.25 for _ in range(3))
    at = (row.ended_at // DAY_S + rng.randint(1, 2)) * DAY_S + rng.randint(OPENS_S, OPENS_S + 8 * 3600)
    return Score(listener, row, at, whole, (grave, middling, slight))


def surveys(seed: int, calls: Iterable[Call]) -> list[Answer]:
    """Whom the client asked after an answered call, wherever it was answered, and what they said."""
    answers = []
    for call in calls:
        leg = call.last
        rng = Random(f"{seed}/survey/{call.number}")
        if leg.outcome != "answered" or leg.ended is None or leg.talk_s < 10 or rng.random() >= INVITED_SHARE:
            continue
        is_answered = rng.random() < ANSWERS_SHARE
        liked = rng.gauss(4.5 if leg.is_settled else 2.6, 0.8) - min(1.0, leg.wait_s / 240)
        score = max(1, min(SCALE, round(liked))) if is_answered else None
        answers.append(Answer(call, leg.ended + rng.randint(20, 900), score))
    return sorted(answers, key=lambda answer: (answer.at, answer.call.number))
