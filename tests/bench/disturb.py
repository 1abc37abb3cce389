"""Disturbs the files of both sides of a month as real deliveries are disturbed, and keeps the truth about each row.

Rows in, rows out: where the files come from stands in `disturbed_world.py`, which pairs can be known in `knowable.py`.
What is drawn depends on the seed alone. Times are naive, on one clock for both sides before the vendor's is put wrong.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

Row = dict[str, str]
Span = tuple[datetime, datetime]

WORDS = ("", "anonymous")
"""How a vendor prints a withheld number."""
_VENDOR_TIMES = ("queued_at", "connected_at", "ended_at")
_FEWEST_DIGITS = 8


@dataclass(frozen=True)
class Disturbance:
    """What goes wrong, and how often: shares are of the side's own rows, `ghosts` and the rest of the vendor's."""

    offset_s: int = 137
    drift_s_per_day: float = 2.0
    masked: float = 0.05
    withheld: float = 0.02
    ghosts: float = 0.01
    lost: float = 0.005
    missing_hours: int = 2


@dataclass(frozen=True)
class Source:
    """Both sides before: the vendor's rows, the client's, and the client's id behind each row of the vendor.

    `is_passed` says whether a row of the client is a leg of this vendor; `national` makes of a printed number the
    digits that both sides share ("" where there is none). `ahead_s` is how far the vendor's clock is ahead already.
    """

    calls: Sequence[Row]
    log: Sequence[Row]
    partners: Sequence[str]
    is_passed: Callable[[Row], bool]
    national: Callable[[str], str]
    ahead_s: int = 0


@dataclass(frozen=True)
class Record:
    """The truth about one delivered row of the vendor: `at` on the client's clock, `shown` with `*` for what is hidden.

    `leg` is the client's id of the call behind it, whether that row was delivered or not; None for a ghost.
    """

    row: int
    at: datetime
    offset_s: float
    shown: str
    leg: str | None
    is_answered: bool


@dataclass(frozen=True)
class Leg:
    """One delivered row of the client that was passed on to the vendor; `number` is "" where it is withheld."""

    call_id: str
    at: datetime
    number: str


@dataclass(frozen=True)
class Truth:
    """What is true about the disturbed files; `silenced` are the client's ids that fell into the missing hours."""

    records: tuple[Record, ...]
    legs: tuple[Leg, ...]
    missing: tuple[Span, ...]
    silenced: frozenset[str]


@dataclass(frozen=True)
class Disturbed:
    """Both sides after, in the order of their times, and the truth."""

    calls: list[Row]
    log: list[Row]
    truth: Truth


@dataclass
class _Call:
    """A row of the vendor on its way to the file."""

    row: Row
    at: datetime
    leg: str | None


def disturb(source: Source, seed: str, by: Disturbance) -> Disturbed:
    """The same month with everything of `by` done to it; the same seed gives the same rows."""
    by = replace(by, offset_s=by.offset_s + source.ahead_s)
    log, missing, silenced = _disturb_log(source.log, Random(f"{seed}/log"), by)
    calls = _lose(source, Random(f"{seed}/lost"), by)
    calls = sorted([*calls, *_ghosts(calls, Random(f"{seed}/ghosts"), by)], key=lambda call: call.at)
    _hide(calls, source.national, Random(f"{seed}/numbers"), by)
    begin = min(call.at for call in calls).replace(hour=0, minute=0, second=0)
    truth = Truth(
        records=tuple(_record(place, call, begin, source.national, by) for place, call in enumerate(calls, 1)),
        legs=tuple(
            Leg(row["call_id"], read(row["transferred"]), source.national(row["caller"]))
            for row in log
            if source.is_passed(row)
        ),
        missing=missing,
        silenced=silenced,
    )
    return Disturbed([_moved(call.row, lambda at: offset_s(at, begin, by)) for call in calls], log, truth)


def _disturb_log(
    log: Sequence[Row], rng: Random, by: Disturbance
) -> tuple[list[Row], tuple[Span, ...], frozenset[str]]:
    """The client's rows without those lost at random and those that arrived in the missing hours."""
    kept = _all_but(log, by.lost, rng)
    missing = tuple(sorted(_missing_hours(log, rng, by.missing_hours)))
    is_silent = {row["call_id"]: any(start <= read(row["arrived"]) < end for start, end in missing) for row in log}
    silenced = frozenset(call_id for call_id, silent in is_silent.items() if silent)
    return [row for row in kept if row["call_id"] not in silenced], missing, silenced


def _missing_hours(log: Sequence[Row], rng: Random, hours: int) -> list[Span]:
    """Hours of different days of the busier half; each begins at the minute of some arrival, not with the clock's."""
    arrivals = [read(row["arrived"]) for row in log]
    by_day: dict[object, list[datetime]] = {}
    for at in arrivals:
        by_day.setdefault(at.date(), []).append(at)
    busy = sorted(by_day.values(), key=len, reverse=True)[: max(hours, len(by_day) // 2)]
    starts = [rng.choice([at for at in day if 9 <= at.hour < 18]) for day in rng.sample(busy, hours)]
    return [(at.replace(second=0), at.replace(second=0) + timedelta(hours=1)) for at in starts]


def _all_but(rows: Sequence[Row], share: float, rng: Random) -> list[Row]:
    gone = set(rng.sample(range(len(rows)), round(share * len(rows))))
    return [dict(row) for place, row in enumerate(rows) if place not in gone]


def _lose(source: Source, rng: Random, by: Disturbance) -> list[_Call]:
    """The vendor's rows without those lost at random."""
    rows = [_moved(row, lambda _: -source.ahead_s) for row in source.calls]
    pairs = zip(rows, source.partners, strict=True)
    every = sorted((_Call(row, read(row["queued_at"]), leg) for row, leg in pairs), key=lambda call: call.at)
    gone = set(rng.sample(range(len(every)), round(by.lost * len(every))))
    return [call for place, call in enumerate(every) if place not in gone]


def _ghosts(calls: Sequence[_Call], rng: Random, by: Disturbance) -> list[_Call]:
    """Answered calls that nobody made, while the line was open: an agent at work then, wait and talk as others have."""
    answered = [call for call in calls if call.row["connected_at"] and call.row["ended_at"] and call.row["talk_s"]]
    last = {call.at.date(): call.at for call in calls}
    first = {call.at.date(): call.at for call in reversed(calls)}
    fresh = max(int(call.row["record"]) for call in calls) + 1
    made = []
    for number in range(round(by.ghosts * len(calls))):
        beside, like = rng.choice(answered), rng.choice(answered)
        at = beside.at + timedelta(seconds=rng.randint(-1200, 1200))
        at = min(max(at, first[at.date()]), last[at.date()]) if at.date() in first else beside.at
        wait_s, talk_s = int(like.row["queue_s"]), int(like.row["talk_s"])
        connected = at + timedelta(seconds=wait_s)
        row = beside.row | {
            "record": str(fresh + number),
            "caller": _invented(rng.choice(answered).row["caller"], rng),
            "queued_at": write(at),
            "connected_at": write(connected),
            "ended_at": write(connected + timedelta(seconds=talk_s)),
            "queue_s": str(wait_s),
            "talk_s": str(talk_s),
        }
        made.append(_Call(row, at, None))
    return made


def _invented(number: str, rng: Random) -> str:
    """A number of the same shape, its last seven digits drawn; a withheld one stays withheld."""
    if sum(map(str.isdigit, number)) < _FEWEST_DIGITS:
        return number
    return number[:-7] + f"{rng.randrange(10**7):07d}"


def _hide(calls: Sequence[_Call], national: Callable[[str], str], rng: Random, by: Disturbance) -> None:
    """Masks and withholds callers in place: the first three digits show, and the last three or four, or nothing."""
    numbered = [call for call in calls if len(national(call.row["caller"])) >= _FEWEST_DIGITS]
    masked, withheld = round(by.masked * len(calls)), round(by.withheld * len(calls))
    chosen = rng.sample(numbered, masked + withheld)
    for place, call in enumerate(chosen):
        digits, tail = national(call.row["caller"]), rng.choice((3, 4))
        hidden = digits[:3] + "*" * (len(digits) - 3 - tail) + digits[-tail:]
        call.row["caller"] = hidden if place < masked else rng.choice(WORDS)


def offset_s(at: datetime, begin: datetime, by: Disturbance) -> float:
    """How far the vendor's clock is ahead at that moment of the client's."""
    return by.offset_s + by.drift_s_per_day * (at - begin) / timedelta(days=1)


def _moved(row: Row, ahead_s: Callable[[datetime], float]) -> Row:
    """The row with its times as a clock shows them that is ahead by so many seconds, in whole seconds."""
    times = {name: read(row[name]) for name in _VENDOR_TIMES if row[name]}
    return row | {name: write(at + timedelta(seconds=round(ahead_s(at)))) for name, at in times.items()}


def _record(place: int, call: _Call, begin: datetime, national: Callable[[str], str], by: Disturbance) -> Record:
    caller = call.row["caller"]
    shown = caller if "*" in caller else national(caller)
    return Record(place, call.at, offset_s(call.at, begin, by), shown, call.leg, bool(call.row["connected_at"]))


def read(text: str) -> datetime:
    """A time as both sides print it; no zone, both sides keep the client's."""
    return datetime.fromisoformat(text)


def write(at: datetime) -> str:
    """The same the other way."""
    return at.strftime("%Y-%m-%d %H:%M:%S")
