"""The linker against a slow one that tries everything, in worlds that nobody chose: one world a day, many at once.

LINK_WORLDS says how many worlds are drawn (2000).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
DRIFTS = (None, None, 2, None, None, -45, None, None, 0, None, None, 120)
"""In every third run one clock goes through all days, with a drift that only the month shows."""


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
        lines = [f"{len(self.complaints)} complaints; on day {self.day}, {self.run.worlds[self.day]!r}:"]
        here = sorted((side for side in (*self.case.records, *self.case.legs) if self._is_here(side)), key=_order)
        lines += sorted({f"clock: {side.span}" for side in here if side.span is not None})
        rows = self.found.links.to_dicts()
        for side in here:
            shown = (
                f"{side.name:5} caller {side.caller} {side.mask} {side.way} {side.lasted} at {self._after(side):.6f}"
            )
            for row in rows:
                if side.name in (row["vendor_call_id"], row["inhouse_call_id"]):
                    partners = f"{row['vendor_call_id']}-{row['inhouse_call_id']}"
                    lines.append(
                        f"{shown}: {row['match_class']} {partners}, {row['options']} options, {row['confidence']}"
                    )
        return "\n".join([*lines, *(f"WRONG {side.name}: {text}" for side, text in self.complaints if side in here)])

    def accept(self) -> None:
        """Fails with what is told, where something is wrong."""
        if self.complaints:
            pytest.fail(self.told(), pytrace=False)

    def _after(self, side: Side) -> float:
        """Seconds after the first drawn calls of that day."""
        return side.at / SECOND - moment(DAY_S * self.day + CROWD).timestamp()

    def _is_here(self, side: Side) -> bool:
        return abs(self._after(side)) < 3600 and (side.caller is None or side.caller % 100 < 10)


def _order(side: Side) -> tuple[int, int]:
    return side.order


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
        (span,) = found.clock.filter(pl.col("day") == moment(DAY_S * day).date()).to_dicts()
        theirs = moment(DAY_S * day + CROWD + world.ahead(CROWD)).timestamp() * SECOND
        drifted = span["drift_us_per_day"] * (theirs - span["middle_us"]) / (DAY_S * SECOND)
        wrong = (span["offset_us"] + drifted) / SECOND - world.ahead(CROWD)
        assert abs(wrong) <= max(1, span["spread_us"] / SECOND), f"{wrong} s wrong on day {day}: {span}, {world}"


def distinct(count: int) -> list[World]:
    """So many worlds, no two alike."""
    found: dict[World, None] = {}

    @settings(max_examples=2 * count, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
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
    for number in range(WORLDS // AT_ONCE):
        days, drift = drawn[AT_ONCE * number :][:AT_ONCE], DRIFTS[number % len(DRIFTS)]
        days = days if drift is None else on_one_clock(days, drift)
        found = verdict(tmp_path, days)
        if found.complaints:
            smallest(tmp_path, found).accept()
        assert_clock_is_right(found.found, days)


@settings(max_examples=max(WORLDS // 50, 1), suppress_health_check=list(HealthCheck))
@given(days=st.lists(worlds(), min_size=1, max_size=5), tolerance_s=st.sampled_from([5, 10, 30, 60]))
def test_a_few_worlds_and_other_tolerances(tmp_path: Path, days: list[World], tolerance_s: int) -> None:
    """Too few pairs to learn from; on some days, and in some runs on all, nobody shows the clock."""
    verdict(tmp_path, days, tolerance_s).accept()


def test_it_does_not_matter_in_which_part_a_caller_is_paired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = on_one_clock([replace(world, is_quiet=False) for world in distinct(200)[-AT_ONCE:]], 0)
    monkeypatch.setattr(deal, "ROWS_OF_A_PART", 25 * AT_ONCE // 2)
    parted = verdict(tmp_path, days)
    parted.accept()
    assert_clock_is_right(parted.found, days)


def test_the_slow_linker_itself() -> None:
    assert solve([20, 45], [0, 21], 30) == Optimum(2, 44)
    assert solve([0, 0], [0, 30, 31], 30) == Optimum(2, 30)
    assert solve([31], [0], 30) == Optimum(0, 0)
    assert solve([], [1], 30) == Optimum(0, 0)
    assert solve([10, 12, 14], [13, 9], 30) == Optimum(2, 2)
    assert solve(range(0, 700, 7), range(3, 703, 7), 30) == Optimum(100, 300)
