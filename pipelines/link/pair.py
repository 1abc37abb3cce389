"""Wires the link step: vendor calls and in-house legs of some days → the clock, the pairs, and what has no partner.

Each part of the callers is paired by number by itself (`part.py`); what is left of all parts is then paired by the
digits that show, or by time (`weak.py`). Every record that could have a leg and every leg that was passed on to the
vendor stands in exactly one row of the result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from math import ceil
from pathlib import Path

import polars as pl

from pipelines.engine import Engine
from pipelines.link.aside import Aside
from pipelines.link.bare import Absence, Gaps
from pipelines.link.clock.estimate import clock
from pipelines.link.deal import CALLS, KEYLESS, LEGS, Dealt, count, deal, masked
from pipelines.link.link_words import Words, seconds
from pipelines.link.part import pair_part, read_part
from pipelines.link.weak import Weak, is_clockless, pair_rest
from pipelines.tables import OFFSETS

STEPS = files("pipelines.link")
REST = "rest"
"""The parts of `links` whose names begin so hold what found nobody by number."""
_REACH = 8
"""Tolerances that the edges of a slice reach: a pair by time hangs on candidates of candidates, six windows away at
most, and a doubt on somebody without number within one tolerance more."""
_ENOUGH = 300
"""Masked records of a day that are enough to show its clock."""
HALF_MINUTE_US = 30_000_000
"""How far a time that is told in whole minutes lies from the middle of its minute at most."""
_FIRST_DIGITS = (2, 0)
"""Digits at the beginning of a number that are asked for, beside the last two; where they show nothing, the next."""
_MANY = 500_000
"""Calls of a side that are enough to show the clock; of more, callers are left out by their key."""
_SEEN = (3, 12)
"""Calls a day up to which a caller shows the clock; more where few callers ring, or each call is delivered often."""


@dataclass(frozen=True)
class Linking:
    """One vendor's calls against the client's legs.

    `calls` and `legs` are partitions of vendor_calls and inhouse_calls; `gaps` are the times at which the client's log
    is not whole (from_utc, to_utc); `month` decides what is in_month; `folder` takes what is laid aside on the way, and
    must be empty.
    """

    calls: Sequence[Path]
    legs: Sequence[Path]
    gaps: pl.DataFrame
    vendor: str
    month: str
    tolerance_s: int
    folder: Path
    absences: Sequence[Absence] = field(default=())

    @property
    def tolerance_us(self) -> int:
        """How far apart two times may be, the clock offset taken off; half a minute more for each side in minutes."""
        return self.tolerance_s * 1_000_000 + HALF_MINUTE_US * self.dealt.in_minutes

    @cached_property
    def dealt(self) -> Dealt:
        """Both sides, narrowed and dealt."""
        return deal(self.calls, self.legs, self.vendor, self.month, self.folder)

    @cached_property
    def clock(self) -> pl.DataFrame:
        """The vendor's clock by spans (`clock/`), from enough callers whom their keys choose by chance."""
        share = min(1.0, _MANY / max(1, count(self.calls), count(self.legs)))
        highest = min(2**64 - 1, int(share * 2**64))
        with Engine(self.folder) as engine:
            for side, schema in (("calls", CALLS), ("legs", LEGS)):
                engine.files(side, self._some(side, share), schema)
            found = []
            for seen in _SEEN:
                deltas = engine.run(STEPS / "deltas.sql", highest=highest, seen=seen)
                found.append(clock(deltas, self.dealt.bounds, self.tolerance_us // 1_000_000))
                if _is_known(found[-1]):
                    return found[-1]
            for first in _FIRST_DIGITS:
                found.append(self._clock_by_mask(engine, first, share))
                if _is_known(found[-1]):
                    return found[-1]
        return found[0]

    def _some(self, side: str, share: float) -> list[Path]:
        """Files of the parts that hold so large a share of the keys."""
        parts = range(ceil(share * self.dealt.parts))
        return [path for part in parts for path in self.dealt.rows(side, part)]

    def _clock_by_mask(self, engine: Engine, first: int, share: float) -> pl.DataFrame:
        """The clock from the digits that both sides show: for vendors, or logs, that show no whole number."""
        for side, most in (("calls", _ENOUGH), ("legs", None)):
            rows = [*self.dealt.rows(side, KEYLESS), *self._some(side, share)]
            engine.frame(f"masked_{side}", masked(rows, first, most))
        return clock(engine.run(STEPS / "deltas_by_mask.sql"), self.dealt.bounds, self.tolerance_us // 1_000_000)

    @property
    def offsets(self) -> pl.DataFrame:
        """The clock as table `clock_offsets`."""
        micros = {f"{name}_utc": pl.from_epoch(f"{name}_us", time_unit="us") for name in ("from", "middle", "to")}
        utc = {name: moment.dt.replace_time_zone("UTC") for name, moment in micros.items()}
        told = {"offset_s": "offset_us", "spread_s": "spread_us", "drift_s_per_day": "drift_us_per_day"}
        named = self.clock.with_columns(*(seconds(name, source) for name, source in told.items()), **utc)
        return OFFSETS.fit(named.with_columns(vendor_id=pl.lit(self.vendor)))

    def parts(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Name and rows (as table `links`, in order) of each part; those of `REST` and a number come last."""
        words, weak, aside = Words(self.vendor, self.dealt, Gaps(self.gaps)), Weak(), Aside(self.folder)
        nameless = read_part(self.dealt, KEYLESS, self.clock)
        aside.add(*(_never_in_question(rows) for rows in (nameless.calls, nameless.legs)))
        for part in range(self.dealt.parts):
            paired = pair_part(read_part(self.dealt, part, self.clock), self.tolerance_us, self.folder)
            weak.learn(paired.pairs)
            aside.add(paired.calls, paired.legs)
            rows = words.by_number(paired.pairs)
            del paired  # or it would be held while the next part is paired
            yield f"{part:04d}", rows
        clockless = is_clockless(self.clock, pl.col("t_us"))
        for number, some in enumerate(aside.slices(margin_us=_REACH * self.tolerance_us)):
            legs = some.legs.with_columns(is_clockless=clockless)
            rest = pair_rest(some.calls, legs, weak, self.tolerance_us, self.folder)
            yield f"{REST}{number:04d}", words.rest(rest, some.own, self.absences)


def _is_known(found: pl.DataFrame) -> bool:
    return bool((found["basis"] != "none").any())


def _never_in_question(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows without a number, as `part.Paired` has what is left: nobody came into question by number."""
    return rows.with_columns(options=pl.lit(0, pl.Int64()), is_crowded=pl.lit(value=False))
