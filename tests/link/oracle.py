"""A slow linker in plain Python that shares nothing with the one under test; judge.py says where the two disagree.

It weighs all calls of a caller against each other with the Hungarian algorithm. The clock is taken as it was found:
whether it is right is asked where the worlds are drawn (test_oracle.py).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

SECOND = 1_000_000
DAY = 86_400 * SECOND
SLACK = SECOND
MANY = 200


@dataclass(frozen=True)
class Span:
    """A part of a day of the vendor's clock; times in microseconds since 1970."""

    start: int
    end: int
    middle: int
    offset: int
    drift: int
    spread: int
    is_known: bool

    def offset_at(self, at: int) -> int:
        """The vendor's clock less the client's."""
        return self.offset + round(self.drift * ((at - self.middle) / DAY))


@dataclass(frozen=True)
class Side:
    """A record or a leg. `at` is on the client's clock; `way` is the record's queue or the leg's route."""

    name: str
    row: int
    caller: int | None
    at: int
    mask: str | None
    way: str | None
    lasted: int | None
    in_month: bool
    span: Span | None = None
    """Of a record: the span of the clock that it lies in."""
    offset: int = 0

    @property
    def order(self) -> tuple[int, int]:
        return self.at, self.row

    @property
    def digits(self) -> list[str | None]:
        """What shows of the first three digits of the number and of the last two; None where one is hidden."""
        if not self.mask:
            return [None] * 5
        return [sign if sign.isdigit() else None for sign in self.mask[:3] + self.mask[-2:]]


@dataclass(frozen=True)
class Case:
    """All that one link run is given. `gaps` and `absences` are (from, to) on the client's clock."""

    records: Sequence[Side]
    legs: Sequence[Side]
    tolerance: int
    gaps: Sequence[tuple[int, int]] = ()
    absences: Sequence[tuple[int, int]] = ()


Pair = tuple[int, int]
"""Rows of a record and of a leg."""


@dataclass(frozen=True)
class Optimum:
    """No choice has more pairs; of those with as many none is less apart in all."""

    pairs: int
    apart: int

    def is_as_good_as(self, best: "Optimum") -> bool:
        return self.pairs == best.pairs and self.apart <= best.apart + SLACK


def solve(records: Sequence[int], legs: Sequence[int], tolerance: int) -> Optimum:
    """The best one-to-one choice between times of one caller."""
    chosen = [(records[i], legs[j]) for i, j in _hungarian(records, legs, tolerance)]
    return Optimum(len(chosen), sum(abs(record - leg) for record, leg in chosen))


def _hungarian(records: Sequence[int], legs: Sequence[int], tolerance: int) -> list[Pair]:
    """Places of the records and legs that are paired.

    The classic algorithm with potentials, one record after the other. Each record has a seat of its own beside the
    legs, for staying alone, that is dearer than all differences together.
    """
    count, width = len(records), len(legs) + len(records)
    alone = (tolerance + 1) * (count + 1)
    never = alone * (count + 1)

    def cost(record: int, seat: int) -> int:
        if seat >= len(legs):
            return alone if seat - len(legs) == record else never
        apart = abs(records[record] - legs[seat])
        return apart if apart <= tolerance else never

    row_level, seat_level = [0] * count, [0] * (width + 1)
    holder = [-1] * (width + 1)  # who sits on a seat; the last is where the record that looks for one waits
    for newcomer in range(count):
        holder[width] = newcomer
        least, came_from, seen = [never * 4] * width, [width] * width, [False] * (width + 1)
        here = width
        while holder[here] >= 0:
            seen[here] = True
            who = holder[here]
            for seat in range(width):
                if not seen[seat]:
                    extra = cost(who, seat) - row_level[who] - seat_level[seat]
                    if extra < least[seat]:
                        least[seat], came_from[seat] = extra, here
            there = min((seat for seat in range(width) if not seen[seat]), key=least.__getitem__)
            step = least[there]
            for seat in range(width + 1):
                if seen[seat]:
                    row_level[holder[seat]] += step
                    seat_level[seat] -= step
                elif seat < width:
                    least[seat] -= step
            here = there
        while here != width:
            holder[here] = holder[came_from[here]]
            here = came_from[here]
    return [(holder[seat], seat) for seat in range(len(legs)) if holder[seat] >= 0]


def near_pairs(records: Sequence[Side], legs: Sequence[Side], tolerance: int) -> Iterator[tuple[Side, Side]]:
    """All records and legs within the tolerance; both in order of time."""
    first = 0
    for record in records:
        while first < len(legs) and legs[first].at < record.at - tolerance:
            first += 1
        for leg in legs[first:]:
            if leg.at > record.at + tolerance:
                break
            yield record, leg


def barred_ways(pairs: Sequence[tuple[Side, Side]]) -> set[tuple[str | None, str | None]]:
    """Queues and routes that have many pairs, and none with each other."""
    shown = ((record.way, leg.way) for record, leg in pairs if record.way is not None and leg.way is not None)
    ways = Counter[tuple[str | None, str | None]](shown)
    queues, routes = Counter[str | None](), Counter[str | None]()
    for (queue, route), count in ways.items():
        queues[queue] += count
        routes[route] += count
    busy = [queue for queue in queues if queues[queue] >= MANY], [route for route in routes if routes[route] >= MANY]
    return {(queue, route) for queue in busy[0] for route in busy[1] if not ways[queue, route]}


def usual_durations(pairs: Sequence[tuple[Side, Side]]) -> tuple[float, float]:
    """How many whole seconds longer a record lasts than its leg, all but a thousandth on either end, and two."""
    longer = sorted(
        (record.lasted - leg.lasted) // SECOND * SECOND
        for record, leg in pairs
        if record.lasted is not None and leg.lasted is not None
    )
    if len(longer) < MANY:
        return float("-inf"), float("inf")
    cut = (len(longer) - 1) // 1000
    return longer[cut] - 2 * SECOND, longer[-1 - cut] + 2 * SECOND


def weak_pairs(edges: Mapping[Pair, bool]) -> dict[Pair, str]:
    """Pairs that are the only ones for each other: first where digits agree, then of all that is still open."""
    by_mask = _only({pair for pair, agrees in edges.items() if agrees})
    gone, taken = {record for record, _ in by_mask}, {leg for _, leg in by_mask}
    still = _only({pair for pair in edges if pair[0] not in gone and pair[1] not in taken})
    return dict.fromkeys(by_mask, "mask") | {pair: "mask" if edges[pair] else "time" for pair in still}


def _only(edges: set[Pair]) -> set[Pair]:
    options, rivals = Counter(record for record, _ in edges), Counter(leg for _, leg in edges)
    return {(record, leg) for record, leg in edges if options[record] == rivals[leg] == 1}
