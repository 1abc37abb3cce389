"""Whether intervals hold the truth as often as they say, and bounds always: `make calibrate`.

Every line is a situation simulated many times with a truth that is known. Callers have their own luck (a share of their
calls end alike), call again and again, and may be on both sides. `--markdown FILE` writes the same as a page.
"""

import argparse
import math
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from pipelines.measure.compare.beside import FEWEST
from pipelines.measure.intervals import Interval, Sides, drawn, mean_difference, share_difference, wilson
from tests.bench.calibrate_bounds import Held, held_by_bounds
from tests.bench.calibrate_people import simulate_and_check

Array = NDArray[np.float64]
SIMULATIONS = 1_000
LEAST, MOST = 0.93, 0.97
MIXES = {1: ([1.0], [1.0]), 4: ([0.45, 0.3, 0.15, 0.1], [0.15, 0.2, 0.25, 0.4])}
"""Reasons → how often each comes up on the one side, and on the other."""
EASE = np.array([0.06, 0.0, -0.08, -0.2])
"""How much more often a reason is settled at once than others are."""


@dataclass(frozen=True)
class Situation:
    """One kind of comparison. `share` is drawn from its range anew each time, `gap` is the true difference.

    `each`: mean number of calls of a caller; `alike`: share of the callers whose calls all end alike; `tied`: share of
    the callers who are on both sides; `groups`: callers are resampled in 256 groups, as between months and vendors.
    """

    name: str
    calls: tuple[int, int]
    share: tuple[float, float]
    gap: float = 0.0
    each: float = 1.3
    alike: float = 0.4
    reasons: int = 1
    tied: float = 0.0
    groups: bool = False
    kind: str = "share"


SITUATIONS = (
    Situation("an agent's share: independent calls", (60, 400), (0.6, 0.98), kind="wilson"),
    Situation("a survey's share: independent answers", (100, 1_000), (0.5, 0.9), kind="wilson"),
    Situation("60 calls each", (60, 60), (0.5, 0.9)),
    Situation("60 calls beside 2,000", (60, 2_000), (0.5, 0.9), 0.05),
    Situation("300 calls each", (300, 300), (0.5, 0.98)),
    Situation("300 calls each, heavy repeaters", (300, 300), (0.6, 0.95), each=3.0, alike=0.7),
    Situation("600 calls each, near 100 %", (600, 600), (0.96, 0.98)),
    Situation("2,000 beside 5,000", (2_000, 5_000), (0.5, 0.98), -0.02),
    Situation("5,000 each, heavy repeaters", (5_000, 5_000), (0.7, 0.95), each=3.0, alike=0.7),
    Situation("400 each, mixes differ, standardised", (400, 400), (0.7, 0.92), reasons=4),
    Situation("2,000 beside 5,000, mixes differ, standardised", (2_000, 5_000), (0.7, 0.9), 0.03, reasons=4),
    Situation("1,500 each, same callers on both sides", (1_500, 1_500), (0.6, 0.95), alike=0.6, tied=0.7),
    Situation(
        "month beside month, 1,500 each, most callers in both",
        (1_500, 1_500),
        (0.6, 0.95),
        alike=0.6,
        tied=0.8,
        groups=True,
    ),
    Situation(
        "month beside month, 5,000 each, standardised",
        (5_000, 5_000),
        (0.7, 0.92),
        alike=0.6,
        tied=0.5,
        groups=True,
        reasons=4,
    ),
    Situation("mean handling time, 500 each, in groups", (500, 500), (0.5, 0.9), groups=True, kind="mean"),
)


def once(situation: Situation, number: int) -> tuple[bool, float] | None:
    """Whether the interval holds the truth, and how wide it is; None where no claim would be made."""
    rng = np.random.default_rng([number, *situation.name.encode()])
    share = rng.uniform(*situation.share)
    if situation.kind == "wilson":
        n = int(rng.integers(*situation.calls))
        return _holds(wilson(int(rng.binomial(n, share)), n), share)
    sides = simulated(situation, share, rng)
    contacts = np.einsum("k,ki->i", sides.callers, sides.base[0])
    weights = contacts / contacts.sum() if situation.reasons > 1 else None
    compare = mean_difference if situation.kind == "mean" else share_difference
    spread, found = compare(sides, drawn(sides, [number]), weights)
    return _holds(found, situation.gap) if spread.callers.min() >= FEWEST else None


def _holds(found: Interval, truth: float) -> tuple[bool, float]:
    return found.low <= truth <= found.high, found.high - found.low


def simulated(situation: Situation, share: float, rng: np.random.Generator) -> Sides:
    """Callers' contacts on both sides, as kinds or in groups; the difference is the situation's for each reason.

    A caller is a number, the same on both sides. Luck from 0 to 1 settles a call at
    once where it lies below the rate of its reason; a caller whose calls are alike has one luck for all of them.
    """
    most = max(situation.calls)
    luck, is_alike = rng.random(3 * most), rng.random(3 * most) < situation.alike
    ease = EASE[: situation.reasons] if situation.reasons > 1 else np.zeros(1)
    found = []
    for side, (calls, mix) in enumerate(zip(situation.calls, MIXES[situation.reasons], strict=True)):
        who = _callers(situation, calls, (1 + side) * most, rng)
        reason = rng.choice(len(mix), size=calls, p=mix)
        rates = share + ease + (situation.gap if side == 0 else 0)
        value = (np.where(is_alike[who], luck[who], rng.random(calls)) < rates[reason]).astype(float)
        if situation.kind == "mean":
            value = np.exp(rng.normal(5.5 + 0.3 * luck[who], 0.8))
        found.append((who, reason, value))
    return _as_sides(found, situation)


def _callers(situation: Situation, calls: int, alone: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Whose call each is: the n-th caller of a side is number n where on both sides, else `alone` + n."""
    nth = np.repeat(np.arange(calls), rng.geometric(1 / situation.each, size=calls))[:calls]
    is_tied = rng.random(calls) < situation.tied
    return np.where(is_tied, np.arange(calls), alone + np.arange(calls))[nth]


def _as_sides(found: list[tuple[NDArray[np.int64], NDArray[np.int64], Array]], situation: Situation) -> Sides:
    """Contacts of each caller, callers of one kind put together, or callers in groups."""
    every = [np.unique(keys) for keys, _, _ in found]
    names = np.unique(np.concatenate(every))
    units = names % 256 if situation.groups else np.arange(len(names))
    base, part = (np.zeros((2, int(units.max()) + 1, situation.reasons)) for _ in range(2))
    for side, (keys, reason, value) in enumerate(found):
        at = units[np.searchsorted(names, keys)]
        np.add.at(base[side], (at, reason), 1)
        np.add.at(part[side], (at, reason), value)
    if situation.groups:
        return Sides(np.ones(base.shape[1], dtype=np.int64), base, part)
    flat = np.concatenate([base, part]).transpose(1, 0, 2).reshape(base.shape[1], -1)
    kinds, callers = np.unique(flat, axis=0, return_counts=True)
    split = kinds.reshape(len(kinds), 4, situation.reasons).transpose(1, 0, 2)
    return Sides(callers, split[:2], split[2:])


@dataclass(frozen=True)
class Line:
    """How often the intervals of a situation held the truth."""

    name: str
    made: int
    held: int
    width: float | None

    @property
    def share(self) -> float:
        """Held ÷ made."""
        return self.held / self.made

    @property
    def is_honest(self) -> bool:
        """Whether 93 to 97 % held, as far as so many simulations can tell."""
        return LEAST <= self.share <= MOST


def line(situation: Situation, simulations: int = SIMULATIONS) -> Line:
    """One situation, simulated so many times."""
    found = [one for number in range(simulations) if (one := once(situation, number)) is not None]
    return Line(
        situation.name, len(found), sum(held for held, _ in found), float(np.mean([width for _, width in found]))
    )


def agents(kind: str, simulations: int = SIMULATIONS) -> list[Line]:
    """Intervals of agents as the scorecard judges them (thirty in each world), and of the spread between them."""
    found = simulate_and_check(kind, 1, simulations, spread=0.05 if kind == "fcr" else 40.0)
    what = "resolution" if kind == "fcr" else "handling time"
    return [
        Line(f"an agent's {what}, shrunk", found.intervals, round(found.agents * found.intervals), None),
        Line(f"spread of {what} between agents", found.worlds, round(found.spread * found.worlds), None),
    ]


def error(of: Line) -> float:
    """The Monte-Carlo error (95 %) of a share that held."""
    return 1.96 * math.sqrt(of.share * (1 - of.share) / of.made)


def markdown(lines: Sequence[Line], bounds: Held) -> str:
    """The page."""
    rows = [
        f"| {of.name} | {of.made:,} | {100 * of.share:.1f} % ± {100 * error(of):.1f} | {_width(of)} |" for of in lines
    ]
    return PAGE.format(
        rows="\n".join(rows), worlds=f"{bounds.worlds:,}", held=f"{bounds.held:,}", missed=f"{bounds.missed:,}"
    )


def _width(of: Line) -> str:
    if of.width is None:
        return "–"
    return f"{of.width:.0f} s" if of.name.startswith("mean") else f"{100 * of.width:.1f} points"


PAGE = """# Whether intervals and bounds hold the truth

Made by `python -m tests.bench.calibrate --markdown docs/calibration.md`. Each line is a situation simulated with a
truth that is known; a 95 % interval should hold it in 93 to 97 % of the cases. Behind ± is what chance does to the
simulation itself. A share is drawn anew each time from the range that the situation allows (50 to 98 %), callers call
again, and some of them have calls that all end alike. Where a side has fewer than twenty callers' worth of contacts,
no claim is made.

## Intervals

| situation | simulated | held the truth | mean width |
| --- | ---: | ---: | ---: |
{rows}

## Bounds

First-contact resolution has bounds, not an interval: callers without a number and hours without our log leave it open.
{worlds} worlds were measured whole by the steps of the road, which gives the truth. Then callers withheld their numbers
and hours of the log were taken away, and what was left was measured by the same steps. Low and high of first-contact
resolution, of callbacks in-house and of all further contacts, within 2 h, 24 h and 7 d, held the truth in {held} of
the worlds; the bare value missed it in {missed}.

Numbers are withheld caller by caller: who withholds once withholds always. A caller who shows a number in one call and
withholds it in the next can make a call look resolved that was not, and no bound of ours knows of it.
"""


def told(console: Console, of: Line) -> None:
    """One line on the console."""
    said = "" if of.is_honest else "  not 93 to 97 %"
    console.print(f"{of.name}: {100 * of.share:.1f} % ± {100 * error(of):.1f} of {of.made}, {_width(of)}{said}")


def main() -> None:
    """Simulates, prints, and writes the page where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--simulations", type=int, default=SIMULATIONS, help="of each situation")
    parser.add_argument("--worlds", type=int, default=500, help="of the bounds")
    parser.add_argument("--markdown", type=Path, help="the page to write")
    given, console, start = parser.parse_args(), Console(), time.perf_counter()
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:  # a forked Polars waits for ever
        bounds = pool.submit(held_by_bounds, given.worlds)
        people = [pool.submit(agents, kind, given.simulations) for kind in ("fcr", "aht")]
        lines = []
        for of in pool.map(line, SITUATIONS, [given.simulations] * len(SITUATIONS)):
            lines.append(of)
            told(console, of)
        found = bounds.result()
        for of in [of for future in people for of in future.result()]:
            lines.append(of)
            told(console, of)
    console.print(f"bounds held in {found.held} of {found.worlds} worlds; {time.perf_counter() - start:.0f} s")
    if given.markdown:
        given.markdown.write_text(markdown(lines, found), encoding="utf-8", newline="\n")
    if found.held < found.worlds or not all(of.is_honest for of in lines):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
