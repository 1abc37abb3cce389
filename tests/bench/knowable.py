"""Which true pairs can be known from the delivered files: counted from the truth by brute force, without the linker.

The clock is taken as known, a pair as possible where record and leg lie within the tolerance and no digit that shows on
both sides differs. Then, in the order in which evidence is strong:

number  Both sides show the whole number. Knowable unless another assignment of the calls of that number, with at least
        as many pairs, leaves this pair out and has more pairs or at most `AS_GOOD_S` more total time difference.
mask    The record hides digits. Knowable where leg and record are each other's only possible partner among the masked
        records and the open legs: those whose record was lost or does not show its number.
time    One side shows no digit. Knowable where both are each other's only possible partner among the open records and
        the open legs that the masks above have not settled.

Everything else could be told apart by nobody from the number and the time. Route and queue are not counted as evidence.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from tests.bench.disturb import Leg, Record, Truth

AS_GOOD_S = 1.0
KINDS = ("number", "mask", "time")


def kind(record: Record, leg: Leg) -> str:
    """What a true pair can be known by."""
    if not record.shown or not leg.number:
        return "time"
    return "mask" if "*" in record.shown else "number"


def delivered(truth: Truth) -> dict[int, Leg]:
    """Row of the vendor → leg, for the true pairs of which both sides were delivered."""
    legs = {leg.call_id: leg for leg in truth.legs}
    return {record.row: legs[record.leg] for record in truth.records if record.leg in legs}


def knowable(truth: Truth, tolerance_s: float) -> set[int]:
    """Rows of the vendor whose true pair was delivered and can be known."""
    pairs, records = delivered(truth), {record.row: record for record in truth.records}
    kinds = {row: kind(records[row], leg) for row, leg in pairs.items()}
    known = _by_number(truth, pairs, tolerance_s) & {row for row, name in kinds.items() if name == "number"}
    settled = {row for row, name in kinds.items() if name == "number"}
    for name in ("mask", "time"):
        taken = {pairs[row].call_id for row in settled}
        open_legs = [leg for leg in truth.legs if leg.call_id not in taken]
        open_records = [record for record in truth.records if record.row not in settled]
        if name == "mask":
            open_records = [record for record in open_records if "*" in record.shown]
            open_legs = [leg for leg in open_legs if leg.number]
        wanted = [row for row, own in kinds.items() if own == name]
        only = _mutual(open_records, open_legs, tolerance_s)
        found = {row for row in wanted if only.get(row) == pairs[row].call_id}
        known |= found
        settled |= found
    return known


def agree(shown: str, number: str) -> bool:
    """No digit that shows on both sides differs; nothing contradicts a side that shows none."""
    if not shown or not number:
        return True
    return len(shown) == len(number) and all(a in ("*", b) for a, b in zip(shown, number, strict=True))


def _mutual(records: Sequence[Record], legs: Sequence[Leg], tolerance_s: float) -> dict[int, str]:
    """Row → leg where each is the other's only possible partner."""
    options, rivals = defaultdict(list), defaultdict(list)
    for record, leg in _possible(records, legs, tolerance_s):
        options[record.row].append(leg.call_id)
        rivals[leg.call_id].append(record.row)
    return {row: own[0] for row, own in options.items() if len(own) == 1 and len(rivals[own[0]]) == 1}


def _possible(records: Iterable[Record], legs: Iterable[Leg], tolerance_s: float) -> list[tuple[Record, Leg]]:
    ordered = sorted(legs, key=lambda leg: leg.at)
    times, reach = [leg.at for leg in ordered], timedelta(seconds=tolerance_s)
    return [
        (record, leg)
        for record in records
        for leg in ordered[bisect_left(times, record.at - reach) : bisect_right(times, record.at + reach)]
        if agree(record.shown, leg.number)
    ]


def _by_number(truth: Truth, pairs: dict[int, Leg], tolerance_s: float) -> set[int]:
    """Rows whose pair every assignment keeps that explains the calls of its number as well as the truth does."""
    records = [record for record in truth.records if record.shown and "*" not in record.shown]
    legs = [leg for leg in truth.legs if leg.number]
    found: set[int] = set()
    for group in _groups(_possible(records, legs, tolerance_s)):
        edges = {(record.row, leg.call_id): _apart(record.at, leg.at) for record, leg in group}
        true = {(row, pairs[row].call_id) for row, _ in edges if row in pairs and (row, pairs[row].call_id) in edges}
        found |= {row for row, leg in true if not _could_miss((row, leg), edges, true)}
    return found


def _groups(possible: list[tuple[Record, Leg]]) -> list[list[tuple[Record, Leg]]]:
    """The possible pairs, those together that share a record or a leg, directly or through others."""
    root: dict[str, str] = {}

    def top(name: str) -> str:
        while root.setdefault(name, name) != name:
            name = root[name]
        return name

    for record, leg in possible:
        root[top(f"record {record.row}")] = top(f"leg {leg.call_id}")
    groups = defaultdict(list)
    for record, leg in possible:
        groups[top(f"leg {leg.call_id}")].append((record, leg))
    return list(groups.values())


def _could_miss(pair: tuple[int, str], edges: dict[tuple[int, str], float], true: set[tuple[int, str]]) -> bool:
    """Whether an assignment without `pair` is at least as full as the truth, and fuller or about as near."""
    total = sum(edges[each] for each in true)
    others = {each: apart for each, apart in edges.items() if each != pair}
    best = _best(sorted({row for row, _ in others}), others, frozenset())
    return best[0] > len(true) or (best[0] == len(true) and -best[1] <= total + AS_GOOD_S)


def _best(rows: list[int], edges: dict[tuple[int, str], float], used: frozenset[str]) -> tuple[int, float]:
    """Most pairs, then the least total difference (negative), of all ways to pair `rows`; tries every one."""
    if not rows:
        return 0, 0.0
    head, rest = rows[0], rows[1:]
    found = [_best(rest, edges, used)]
    for (row, leg), apart in edges.items():
        if row == head and leg not in used:
            pairs, total = _best(rest, edges, used | {leg})
            found.append((pairs + 1, total - apart))
    return max(found)


def _apart(one: datetime, other: datetime) -> float:
    return abs((one - other).total_seconds())
