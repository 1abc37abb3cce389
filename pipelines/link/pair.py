"""Wires the link step: vendor calls and in-house legs of some days → the clock, the pairs, and what has no partner.

Each part of the callers is paired by number by itself (`part.py`); what is left of all parts is then paired by the
digits that show, or by time (`weak.py`). Every record that could have a leg and every leg that was passed on to the
vendor stands in exactly one row of the result.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.engine import Engine
from pipelines.link.bare import Absence, Gaps
from pipelines.link.clock import clock
from pipelines.link.deal import CALLS, KEYLESS, LEGS, Dealt, count, deal, masked, masks
from pipelines.link.link_words import Words, seconds
from pipelines.link.part import pair_part, read_part
from pipelines.link.weak import Weak, pair_rest, with_masks
from pipelines.tables import OFFSETS

STEPS = files("pipelines.link")
REST = "rest"
"""The part of `links` that holds what found nobody by number."""
_ENOUGH = 300
"""Masked records of a day that are enough to show its clock."""
_MANY = 500_000
"""Calls of one part that are enough to show the clock; of more, callers are left out by their key."""


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
        """How far apart two times may be, the clock offset taken off."""
        return self.tolerance_s * 1_000_000

    @cached_property
    def dealt(self) -> Dealt:
        """Both sides, narrowed and dealt."""
        return deal(self.calls, self.legs, self.vendor, self.month, self.folder)

    @cached_property
    def clock(self) -> pl.DataFrame:
        """The vendor's clock by spans (`clock.py`), read from the first part: its callers were dealt by chance."""
        with Engine(self.folder) as engine:
            for side, schema in (("calls", CALLS), ("legs", LEGS)):
                engine.files(side, self.dealt.rows(side, 0), schema)
            highest = (2**64 - 1) // max(1, count(self.dealt.rows("calls", 0)) // _MANY)
            found = clock(engine.run(STEPS / "deltas.sql", highest=highest), self.dealt.bounds, self.tolerance_s)
            if (found["basis"] != "none").any():
                return found
            shown = [
                masks(paths, self.dealt.files[side]) for side, paths in (("calls", self.calls), ("legs", self.legs))
            ]
            engine.frame("masked_calls", masked(shown[0], self.dealt.rows("calls", KEYLESS), most=_ENOUGH))
            engine.frame("masked_legs", masked(shown[1], self.dealt.rows("legs", 0)))
            by_mask = clock(engine.run(STEPS / "deltas_by_mask.sql"), self.dealt.bounds, self.tolerance_s)
        return by_mask if (by_mask["basis"] != "none").any() else found

    @property
    def offsets(self) -> pl.DataFrame:
        """The clock as table `clock_offsets`."""
        micros = {f"{name}_utc": pl.from_epoch(f"{name}_us", time_unit="us") for name in ("from", "middle", "to")}
        utc = {name: moment.dt.replace_time_zone("UTC") for name, moment in micros.items()}
        told = {"offset_s": "offset_us", "spread_s": "spread_us", "drift_s_per_day": "drift_us_per_day"}
        named = self.clock.with_columns(*(seconds(name, source) for name, source in told.items()), **utc)
        return OFFSETS.fit(named.with_columns(vendor_id=pl.lit(self.vendor)))

    def parts(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Name and rows (as table `links`, in order) of each part; the last is `REST`."""
        words, weak = Words(self.vendor, self.dealt, Gaps(self.gaps)), Weak()
        nameless = read_part(self.dealt, KEYLESS, self.clock)
        calls, legs = ([rows.with_columns(options=0, is_crowded=False)] for rows in (nameless.calls, nameless.legs))
        for part in range(self.dealt.parts):
            paired = pair_part(read_part(self.dealt, part, self.clock), self.tolerance_us, self.folder)
            weak.learn(paired.pairs)
            calls.append(paired.calls)
            legs.append(paired.legs)
            yield f"{part:04d}", words.by_number(paired.pairs)
        shown = [
            with_masks(pl.concat(rows, how="vertical_relaxed"), masks(paths, self.dealt.files[side]))
            for side, rows, paths in (("calls", calls, self.calls), ("legs", legs, self.legs))
        ]
        rest = pair_rest(shown[0], shown[1], weak, self.tolerance_us, self.folder)
        yield REST, words.rest(rest, self.absences)
