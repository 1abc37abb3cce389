"""Whether the bounds of first-contact resolution and of callbacks hold the truth: worlds with a truth that is known.

A world is measured whole, which gives the truth; then callers withhold their numbers and hours of our log are taken
away, and what is left is measured by the same steps. `calibrate.py` prints what `held_by_bounds` finds.
"""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.engine import Engine
from pipelines.measure.measured import Measured
from pipelines.measure.resolution.figures import Sight, fcr_figure, place_figures
from tests.measure.worlds import ME, WINDOWS, Row, Small, at, contacts, follow

HOUR, DAY = 3_600, 86_400
FAR = 40 * DAY
CALLERS, DAYS = 25, 4
FIGURES = ("fcr", "callback_inhouse", "repeat_any")


@dataclass(frozen=True)
class Loss:
    """What is taken from a world: callers who never show a number, and hours (from T0) without our log."""

    callers: frozenset[int]
    hours: frozenset[int]


@dataclass(frozen=True)
class Held:
    """Worlds whose bounds hold the truth of every figure and window, and of those in which the value misses it."""

    worlds: int
    held: int
    missed: int


def held_by_bounds(worlds: int) -> Held:
    """So many random worlds, measured with and without their losses."""
    held = missed = 0
    with Engine() as engine, tempfile.TemporaryDirectory() as name:
        engine._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        for number in range(worlds):
            rng = np.random.default_rng([number, 17])
            world = drawn_world(rng)
            loss = drawn_loss(world, rng, is_log_alone=number % 2 == 1)
            truth = {row.id: row.value for row in measured(engine, Path(name), world, ())}
            left = measured(engine, Path(name), without(world, loss), loss.hours)
            held += all(holds(row, truth[row.id]) for row in left)
            missed += any(row.value != truth[row.id] for row in left)
    return Held(worlds, held, missed)


def holds(found: Measured, truth: float | None) -> bool:
    """Whether the truth lies within the bounds; where nothing is left open, the value is the truth."""
    if found.value is None or truth is None:
        return found.value == truth or found.status == "not_measurable"
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    return low - 1e-9 <= truth <= high + 1e-9


def measured(engine: Engine, folder: Path, world: Small, hours: Iterable[int]) -> list[Measured]:
    """First-contact resolution and callbacks of all windows, by the steps of the road."""
    spans = [(hour * HOUR, (hour + 1) * HOUR) for hour in sorted(hours)]
    counts = follow(engine, contacts(world, folder), spans, FAR)["calls"]
    found = []
    for name in WINDOWS:
        sight = Sight(name, "2026-04-20", unseen_outbound="column_missing:direction")
        found += [fcr_figure(counts[name], sight), *place_figures(counts[name], sight)]
    return [row for row in found if row.id.rsplit("_", 1)[0] in FIGURES]


def drawn_world(rng: np.random.Generator) -> Small:
    """Callers who ring at the vendor, elsewhere and in-house, and again; some are handed back."""
    world = Small()
    for caller in range(1, CALLERS + 1):
        start = int(rng.integers(0, DAYS * DAY))
        for _ in range(int(rng.geometric(0.45))):
            place = rng.choice(["vendor", "vendor", "vendor", "elsewhere", "own"])
            lasts = int(rng.integers(60, 3_000))
            if place == "own":
                world.leg(start, None, caller, agent_id="in1", ended_utc=at(start + lasts))
            else:
                vendor = ME if place == "vendor" else "elsewhere"
                back = at(start + 30 + lasts) if rng.random() < 0.08 else None
                leg = world.leg(start, start + 30, caller, vendor, returned_utc=back)
                shown = caller if rng.random() < 0.8 else None
                world.link(world.call(start + 30, start + 30 + lasts, shown, vendor), leg)
            start += lasts + 60 + int(rng.exponential(rng.choice([HOUR, 10 * HOUR, 100 * HOUR])))
    return world


def drawn_loss(world: Small, rng: np.random.Generator, is_log_alone: bool) -> Loss:
    """Up to six hours in which there are legs, one at least; and up to half of the callers, or none."""
    busy = sorted({_hour(leg) for leg in world.legs})
    hours = rng.choice(busy, size=int(rng.integers(1, 7)), replace=False)
    most = 0 if is_log_alone else CALLERS // 2
    callers = rng.choice(CALLERS, size=int(rng.integers(0, most + 1)), replace=False) + 1
    return Loss(frozenset(map(int, callers)), frozenset(map(int, hours)))


def without(world: Small, loss: Loss) -> Small:
    """The world as it would be delivered: keys gone from both sides, legs of the missing hours gone, records alone."""
    gone = {leg["row"] for leg in world.legs if _hour(leg) in loss.hours}
    legs = [_hidden(leg, loss) for leg in world.legs if leg["row"] not in gone]
    links = [_alone(link) if link["inhouse_row"] in gone else link for link in world.links]
    return Small([_hidden(call, loss) for call in world.calls], legs, links)


def _hour(leg: Row) -> int:
    zero = at(0)
    assert zero is not None
    return int((leg["arrived_utc"] - zero).total_seconds()) // HOUR


def _hidden(row: Row, loss: Loss) -> Row:
    return {**row, "caller_key": None} if row["caller_key"] in loss.callers else row


def _alone(link: Row) -> Row:
    """A record whose leg is gone."""
    gone = dict.fromkeys(("inhouse_call_id", "inhouse_file_id", "inhouse_row"))
    return {**link, **gone, "side": "vendor", "match_class": "vendor_only", "is_covered": False}
