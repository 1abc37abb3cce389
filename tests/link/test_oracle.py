"""The linker against a slow one that tries everything, in worlds that nobody chose: one world a day, many at once.

LINK_WORLDS says how many worlds are drawn (2000).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.link import deal
from pipelines.link.bare import Absence
from tests.link.drawn import CROWD, DAY_S, Drawn, Run, World, lay_out, on_one_clock, worlds
from tests.link.judge import Judge
from tests.link.oracle import SECOND, Case, Optimum, Side, solve
from tests.link.worlds import Linked, gaps, linked, moment

TOLERANCE_S = 30
WORLDS = int(os.environ.get("LINK_WORLDS", "2000"))
AT_ONCE = 40
CLOCKS = ((137, 2), (39_600, 0), (0, -45), (-46_800, 120))
"""Offset and drift of clocks that go through all days of a run; two of them put calls on the next or the last day."""


@dataclass(frozen=True)
class Verdict:
    """A run of worlds, one a day, and what is wrong with its links."""

    run: Run
    case: Case
    found: Linked
    complaints: list[tuple[Side, str]]

    @property
    def day(self) -> int:
        """The first day with a complaint."""
        first = min(side.at for side, _ in self.complaints)
        return int((first / SECOND - moment(0).timestamp()) // DAY_S)

    def told(self) -> str:
        """That day: its calls by the client's clock, what became of each, and what is wrong."""
        wrong = [(side, text) for side, text in self.complaints if abs(self._after(side)) < DAY_S // 2][:20]
        accused = [side for side, _ in wrong]
        every = sorted((*self.case.records, *self.case.legs), key=lambda side: side.order)
        here = [side for side in every if side in accused or self._is_drawn(side)]
        lines = [f"{len(self.complaints)} complaints; on day {self.day}, {self.run.worlds[self.day]!r}:"]
        lines += sorted({f"clock: {side.span}" for side in here if side.span is not None})
        lines += [line for side in here for line in self._became(side)]
        return "\n".join([*lines, *(f"WRONG {side.name}: {text}" for side, text in wrong)])

    def _became(self, side: Side) -> list[str]:
        """The side as it was drawn, beside each row that it stands in."""
        drawn = f"{side.name:5} caller {side.caller} {side.mask} {side.way} {side.lasted} at {self._after(side):.6f}"
        rows = self.found.links.filter(pl.any_horizontal(pl.col("vendor_call_id", "inhouse_call_id") == side.name))
        told = rows.select("match_class", "vendor_call_id", "inhouse_call_id", "options", "confidence").rows()
        return [f"{drawn}: {name} {ours}-{theirs}, options {count}, {sure}" for name, ours, theirs, count, sure in told]

    def accept(self) -> None:
        """Fails with what is told, where something is wrong."""
        if self.complaints:
            pytest.fail(self.told(), pytrace=False)

    def _after(self, side: Side) -> float:
        """Seconds after the first drawn calls of that day."""
        return side.at / SECOND - moment(DAY_S * self.day + CROWD).timestamp()

    def _is_drawn(self, side: Side) -> bool:
        return abs(self._after(side)) < 3600 and (side.caller is None or side.caller % 100 < 10)


def verdict(folder: Path, drawn: Sequence[World], tolerance_s: int = TOLERANCE_S) -> Verdict:
    for old in folder.rglob("*.parquet"):
        old.unlink()
    run = lay_out(drawn)
    absences = [Absence(moment(start), moment(end), "not delivered") for start, end in run.absences]
    found = linked(folder, run.vendor, run.inhouse, gaps(*run.gaps), tolerance_s, absences)
    case = run.case(found.clock, tolerance_s)
    return Verdict(run, case, found, Judge(case, found.links.to_dicts()).listen())


def smallest(folder: Path, wrong: Verdict) -> Verdict:
    """The other days' calls left out, then call after call of this day, as long as something is wrong."""
    day, number = wrong.day, len(wrong.run.worlds)
    bare = [World(offset=world.offset, drift=world.drift) for world in wrong.run.worlds]
    for name in ("vendor", "inhouse"):
        for call in getattr(wrong.run.worlds[day], name):
            world = wrong.run.worlds[day]
            calls = list(getattr(world, name))
            calls.remove(call)
            tried = [_with(world, name, calls) if other == day else bare[other] for other in range(number)]
            fewer = verdict(folder, tried)
            wrong = fewer if fewer.complaints and fewer.day == day else wrong
    return wrong


def _with(world: World, side: str, calls: Sequence[Drawn]) -> World:
    return replace(world, vendor=tuple(calls)) if side == "vendor" else replace(world, inhouse=tuple(calls))


def assert_clock_is_right(found: Linked, drawn: Sequence[World]) -> None:
    """In the middle of the day the offset is the world's, within a second or the spread."""
    for day, world in enumerate(drawn):
        if world.is_quiet or world.step:
            continue
        theirs = round(moment(DAY_S * day + CROWD + world.ahead(CROWD)).timestamp() * SECOND)
        (span,) = found.clock.filter(pl.col("from_us") <= theirs, pl.col("to_us") > theirs).to_dicts()
        drifted = span["drift_us_per_day"] * (theirs - span["middle_us"]) / (DAY_S * SECOND)
        wrong = (span["offset_us"] + drifted) / SECOND - world.ahead(CROWD)
        assert abs(wrong) <= max(1, span["spread_us"] / SECOND), f"{wrong} s wrong on day {day}: {span}, {world}"


def distinct(count: int) -> list[World]:
    """So many worlds, no two alike."""
    found: dict[World, None] = {}

    @settings(max_examples=5 * count // 4 + 20, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(world=worlds())
    def draw(world: World) -> None:
        if len(found) < count:
            found[world] = None

    draw()
    assert len(found) == count
    return list(found)


def test_thousands_of_worlds(tmp_path: Path) -> None:
    """So many in one run that their pairs teach which queue has which route, and how long a call lasts."""
    drawn = distinct(WORLDS)
    for number, start in enumerate(range(0, WORLDS, AT_ONCE)):
        days = drawn[start : start + AT_ONCE]
        if number % 3 == 2:
            days = on_one_clock(days, *CLOCKS[number // 3 % len(CLOCKS)])
        found = verdict(tmp_path, days)
        if found.complaints:
            smallest(tmp_path, found).accept()
        assert_clock_is_right(found.found, days)


@settings(max_examples=max(WORLDS // 50, 1), suppress_health_check=list(HealthCheck))
@given(days=st.lists(worlds(), min_size=1, max_size=5), tolerance_s=st.sampled_from([5, 10, 30, 60]))
def test_a_few_worlds_and_other_tolerances(tmp_path: Path, days: list[World], tolerance_s: int) -> None:
    """Too few pairs to learn from, and on some days nobody shows the clock."""
    verdict(tmp_path, days, tolerance_s).accept()


@settings(max_examples=max(WORLDS // 100, 1), suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_a_world_without_a_clock(tmp_path: Path, world: World) -> None:
    """Though both clocks agree, nothing shows it: numbers are matched, and nothing is taken by time."""
    verdict(tmp_path, [replace(world, is_quiet=True, offset=0, drift=0, step=0)]).accept()


def test_it_does_not_matter_in_which_part_a_caller_is_paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = on_one_clock([replace(world, is_quiet=False) for world in distinct(2 * AT_ONCE)[-AT_ONCE:]], 137, 0)
    monkeypatch.setattr(deal, "ROWS_OF_A_PART", 25 * AT_ONCE // 2)
    parted = verdict(tmp_path, days)
    parted.accept()
    assert_clock_is_right(parted.found, days)


TIMES = st.lists(st.integers(0, 12), max_size=4)


@given(ours=TIMES, theirs=TIMES, tolerance=st.integers(0, 8))
def test_the_slow_linker_tries_as_well_as_everything(ours: list[int], theirs: list[int], tolerance: int) -> None:
    """Every order of the legs, each record with the leg at its place or with none."""
    best = Optimum(0, 0)
    for order in permutations([*theirs, *[None] * len(ours)], len(ours)):
        apart = [abs(one - other) for one, other in zip(ours, order, strict=True) if other is not None]
        if max(apart, default=0) <= tolerance:
            best = max(best, Optimum(len(apart), sum(apart)), key=lambda choice: (choice.pairs, -choice.apart))
    assert solve(ours, theirs, tolerance) == best


def test_the_slow_linker_itself() -> None:
    assert solve([20, 45], [0, 21], 30) == Optimum(2, 44)
    assert solve([0, 0], [0, 30, 31], 30) == Optimum(2, 30)
    assert solve([31], [0], 30) == Optimum(0, 0)
    assert solve([], [1], 30) == Optimum(0, 0)
    assert solve([10, 12, 14], [13, 9], 30) == Optimum(2, 2)
    assert solve(range(0, 700, 7), range(3, 703, 7), 30) == Optimum(100, 300)
