"""What a vendor that pads adds to its true records: calls that nobody made, and calls counted twice.

Every added record says so in `kind`; the deliveries do not show it, `truth/padded.csv` does.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from data.simulate.people import WITHHELD, Population
from data.simulate.vendors import Record
from data.simulate.world import CLOSES_S, DAY_S, OPENS_S, REASONS

GHOST_SHARE = 0.04
DUPLICATE_SHARE = 0.02
STAFF_SHARE_OF_GHOSTS = 0.6


def padded(true: Sequence[Record], who: Population, rng: Random) -> list[Record]:
    """The true records and the added ones: ghosts are 4 % and duplicates 2 % of the true ones."""
    answered = [row for row in true if row.connected_at is not None]
    fresh_key = max(row.key for row in true) + 1
    invented = iter(rng.sample(who.invented, len(who.invented)))
    ghosts = []
    for n in range(round(GHOST_SHARE * len(true))):
        number = rng.choice(who.staff) if rng.random() < STAFF_SHARE_OF_GHOSTS else next(invented)
        ghosts.append(ghost(fresh_key + n, number, rng.choice(answered), rng))
    fresh_key += len(ghosts)
    shown = [row for row in answered if row.caller != WITHHELD]
    copied = rng.sample(shown, round(DUPLICATE_SHARE * len(true)))
    copies = [duplicate(fresh_key + n, row, rng) for n, row in enumerate(copied)]
    return [*true, *ghosts, *copies]


def ghost(key: int, number: str, beside: Record, rng: Random) -> Record:
    """A call that nobody made: quick to answer, all of about one length, by an agent who was at work at that time."""
    day, of_day = divmod(beside.queued_at, DAY_S)
    queued_at = day * DAY_S + min(CLOSES_S - 1, max(OPENS_S, of_day + rng.randint(-1200, 1200)))
    queue_s, talk_s = rng.randint(2, 9), rng.randint(62, 74)
    return Record(
        key,
        number,
        rng.choice(tuple(REASONS)),
        beside.agent,
        queued_at,
        connected_at=queued_at + queue_s,
        ended_at=queued_at + queue_s + talk_s,
        queue_s=queue_s,
        talk_s=talk_s,
        hold_s=0,
        acw_s=rng.randint(8, 20),
        result="ANSWERED",
        inhouse_call=None,
        kind="ghost",
    )


def duplicate(key: int, row: Record, rng: Random) -> Record:
    """A true call counted again a few seconds later: same caller, agent and talk; half of them under the same id."""
    if row.connected_at is None:
        raise ValueError(f"record {row.key} was not answered, there is nothing to bill twice")
    later_s = rng.randint(4, 8)
    return replace(
        row,
        key=key,
        queued_at=row.queued_at + later_s,
        connected_at=row.connected_at + later_s,
        ended_at=row.ended_at + later_s,
        inhouse_call=None,
        kind="duplicate",
        copy_of=row.key,
        repeats_id=rng.random() < 0.5,
    )
