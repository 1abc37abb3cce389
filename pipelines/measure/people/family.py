"""The figures of people: how agents differ, who is new, hours and shifts, monitored calls, surveys.

What each part computes stands beside this module; here is what it needs, and why a figure cannot be measured.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.measure.catalogue import kpi, window_s
from pipelines.measure.fed import fed
from pipelines.measure.measured import Found, Measured, not_measurable
from pipelines.measure.people.agents import agent_rows, reaches_back
from pipelines.measure.people.hours import Reading, adherence, attendance, best_reading, calls_per_hour, occupancy
from pipelines.measure.people.needs import (
    clock_us,
    contract,
    file_paths,
    past_paths,
    state_paths,
    state_spans,
    why_not,
)
from pipelines.measure.people.quality import of_months, quality_figures, quality_groups
from pipelines.measure.people.spread import Compared, alike, mean_spread, share_spread
from pipelines.measure.people.staff import new_agent_share, spells, turnover, with_hired
from pipelines.measure.people.surveys import survey_figures
from pipelines.measure.people.swings import SHORT_S, swings
from pipelines.measure.scene import Scene, microseconds
from pipelines.tables import AGENT_STATES, QUALITY_SCORES, ROSTER, SURVEYS, VENDOR_CALLS
from pipelines.tables.people import AGENT_DAYS, AGENTS, QUALITY

STEPS = files("pipelines.measure.people")
CUT_SHARE, CUT_TIMES = 0.995, 10
"""Durations above that of this share of calls, or this many times the median, count as that long: one call left open
all night makes no slow agent."""
CLOCK_OFF_US = 60_000_000
"""From this on it matters whether a roster is on the clock of the states or on the right time."""
_HANDLING = ("talk_s", "hold_s", "acw_s")
_LONGEST_S = 1_000_000
_CALLS_ENOUGH = 1_000_000
"""Calls from which some of the callers tell how often one meets the same agent again."""


def people(scene: Scene) -> Found:
    """All figures of the family, and tables `agents`, `agent_days`, `quality`."""
    made = _Month(scene)
    figures = [
        *made.spreads(),
        *made.staff(),
        *made.hours_and_shifts(),
        *made.monitored(),
        *made.surveyed(),
    ]
    days = AGENT_DAYS.fit(made.swings)
    return Found(tuple(figures), {AGENTS: made.agents(), AGENT_DAYS: days, QUALITY: made.quality})


def further_inputs(scene: Scene) -> list[Path]:
    """Lake files that the family reads beside those of the other families; they belong to the figures' stamp."""
    return [*file_paths(scene), *state_paths(scene), *past_paths(scene)]


@dataclass
class _Month:
    """One vendor's month; each part keeps what later ones read."""

    scene: Scene
    days: pl.DataFrame = field(init=False)
    cells: pl.DataFrame = field(init=False)
    fcr: Compared | None = None
    aht: Compared | None = None
    roster: pl.DataFrame = field(init=False)
    hours: pl.DataFrame | None = None
    shifts: pl.DataFrame | None = None
    swings: pl.DataFrame = field(init=False)
    quality: pl.DataFrame = field(default_factory=QUALITY.empty)

    def __post_init__(self) -> None:
        scene, engine = self.scene, self.scene.engine
        self.roster = fed(scene.lake, contract(scene), ROSTER)
        is_handling = set(_HANDLING) <= scene.roles
        cap_s = longest_s(engine.run(STEPS / "durations.sql", is_handling=is_handling))
        self.days = engine.run(
            STEPS / "agent_day_tallies.sql", is_handling=is_handling, cap_s=cap_s, short_s=SHORT_S
        ).sort("agent_id", "booked_day")
        self.cells = engine.run(STEPS / "agent_cells.sql", cap_s=cap_s).sort("agent_id", "queue", "reason")
        self.swings = swings(self.days, "aht" if is_handling else "talk_time")

    def spreads(self) -> Iterable[Measured]:
        """How far agents differ in resolution and in handling time."""
        scene = self.scene
        window = window_s(scene.terms.definitions.fcr.window) * 1_000_000
        if not why_not(scene, "agent_spread_fcr"):
            asked = {"vendor": scene.vendor, "window_us": window, "data_end_us": microseconds(scene.until)}
            scene.engine.name(STEPS / "judged_calls.sql")
            counted = scene.engine.run(STEPS / "agent_resolved.sql", **asked)
            every = 1 + int(counted["closed"].sum()) // _CALLS_ENOUGH
            met = scene.engine.run(STEPS / "repeated_callers.sql", **asked, every=every).row(0)
            self.fcr = share_spread(counted, alike(*met)) if counted.height else None
        if not why_not(scene, "agent_spread_aht") and self.cells["handled"].sum():
            self.aht = mean_spread(self.cells)
        return [_spread(scene, "agent_spread_fcr", self.fcr, 100.0), _spread(scene, "agent_spread_aht", self.aht, 1.0)]

    def staff(self) -> Iterable[Measured]:
        """Share of new agents, and turnover."""
        own = spells(self.roster)
        dated = with_hired(self.days, own)
        return [
            _figure(self.scene, "new_agent_share", lambda days: new_agent_share(days, self._unnamed()), dated),
            _figure(self.scene, "turnover", lambda rows: turnover(rows, self.scene.month), own),
        ]

    def _unnamed(self) -> int:
        """Answered calls of which no agent is told."""
        return int(self.scene.engine.run(STEPS / "unnamed_calls.sql")["calls"].sum() or 0)

    def hours_and_shifts(self) -> Iterable[Measured]:
        """Occupancy, calls an hour, attendance and adherence."""
        scene, engine = self.scene, self.scene.engine
        seen = state_spans(scene)
        if seen.height:
            engine.load(AGENT_STATES, state_paths(scene))
            engine.frame("spans", seen.select("from_utc", "to_utc"))
            engine.keep(STEPS / "cut_states.sql")
            self.hours = engine.run(STEPS / "agent_hours.sql").sort("agent_id")
        planned = self.roster.drop_nulls(["agent_id", "planned_from_utc", "planned_to_utc"])
        kept = None
        if self.hours is not None and planned.height:
            engine.keep(STEPS / "stretches.sql")
            readings = [self._planned(planned, each) for each in _readings(clock_us(scene))]
            self.shifts, kept = best_reading(readings)
        hours, shifts = self.hours, self.shifts
        covered = (
            self.days.filter(pl.col("booked_day").is_in(seen["days"].explode().implode())) if seen.height else None
        )
        return [
            _figure(scene, "occupancy", occupancy, hours),
            _figure(scene, "calls_per_hour", calls_per_hour, hours, covered),
            _figure(scene, "attendance", attendance, shifts, self._seen()),
            _figure(scene, "adherence", adherence, kept, hours, self.days),
        ]

    def _planned(self, planned: pl.DataFrame, shift_us: int) -> Reading:
        """Planned shifts, so much later, against states and calls."""
        engine = self.scene.engine
        moved = (pl.col(name) + pl.duration(microseconds=shift_us) for name in ("planned_from_utc", "planned_to_utc"))
        engine.frame("planned", planned.select("agent_id", *moved))
        engine.keep(STEPS / "shifts.sql")
        due = engine.run(STEPS / "attended.sql", data_end_us=microseconds(self.scene.until) + max(shift_us, 0))
        return Reading(due, engine.run(STEPS / "adhered.sql"))

    def _seen(self) -> pl.Series:
        """Agents of whom states or answered calls show that they are known by the name that the roster gives."""
        frames = [self.days, *([] if self.hours is None else [self.hours])]
        return pl.concat([frame["agent_id"].cast(pl.String) for frame in frames]).unique()

    def monitored(self) -> Iterable[Measured]:
        """Figures of monitored calls."""
        scene = self.scene
        by_client = fed(scene.lake, scene.space.inhouse, QUALITY_SCORES)
        ours = by_client.filter(pl.col("agent_id").is_in(self.days["agent_id"].implode()))
        rows = of_months(pl.concat([fed(scene.lake, contract(scene), QUALITY_SCORES), ours]), scene.space.time_zone)
        self.quality = QUALITY.fit(quality_groups(rows, _main_queues(self.cells), scene.month))
        found = quality_figures(self.quality, self.days["agent_id"].n_unique() or None)
        return _each_measurable(scene, found)

    def surveyed(self) -> Iterable[Measured]:
        """Figures of surveys."""
        scene = self.scene
        zone, month = scene.space.time_zone, scene.month.text
        own = of_months(fed(scene.lake, contract(scene), SURVEYS), zone).filter(pl.col("month") == month)
        clients = of_months(fed(scene.lake, scene.space.inhouse, SURVEYS), zone).filter(pl.col("month") == month)
        if clients.height:
            scene.engine.frame("asked", clients.select("scored_by", "scale", "score", "invited", "call_id"))
            clients = scene.engine.run(STEPS / "client_surveys.sql")
        columns = ("scored_by", "scale", "score", "invited")
        return _each_measurable(scene, survey_figures(pl.concat([own.select(columns), clients.select(columns)])))

    def agents(self) -> pl.DataFrame:
        """Table `agents`."""
        scene, paths = self.scene, past_paths(self.scene)
        first = scene.month.first
        delivered = [date.fromisoformat(day) for day in scene.lake.values(VENDOR_CALLS, "day", vendor=scene.vendor)]
        seen = None
        if reaches_back(min(delivered, default=None), first):
            scene.engine.files("past_calls", paths, VENDOR_CALLS.schema)
            seen = scene.engine.run(STEPS / "first_seen.sql")
        compared = (self.fcr.agents if self.fcr else None, self.aht.agents if self.aht else None)
        return agent_rows(self.days, spells(self.roster), seen, compared, self.hours, self.shifts, self.swings)


def _readings(ahead_us: int) -> tuple[int, ...]:
    """By how much planned times are moved: not at all, where the roster is on the clock of the states; and by as much
    as that clock is ahead, where it is on the right time.
    """
    return (0, ahead_us) if abs(ahead_us) >= CLOCK_OFF_US else (0,)


def _spread(scene: Scene, figure: str, compared: Compared | None, unit: float) -> Measured:
    """Standard deviation between agents with its interval; `n` is the number of agents."""
    why = why_not(scene, figure) or ("nothing_to_count" if compared is None else None)
    if why or compared is None:
        return not_measurable(figure, why or "nothing_to_count")
    shrunk, n = compared.shrunk, int(compared.agents["is_compared"].sum())
    if shrunk is None:
        return not_measurable(figure, f"too_few_agents:{n}")
    value, low, high = (unit * each for each in (shrunk.spread, shrunk.spread_low, shrunk.spread_high))
    return Measured(figure, "all", value, n=n, definition=kpi(figure).code, ci_low=low, ci_high=high)


def longest_s(times: pl.DataFrame) -> int:
    """The whole second above which a duration counts as that long; `times` are rows of durations.sql."""
    if times.is_empty():
        return _LONGEST_S
    ordered = times.sort("time_s").with_columns(up_to=pl.col("calls").cum_sum())
    count = int(ordered["calls"].sum())
    usual, long = (int(ordered.filter(pl.col("up_to") >= part * count)["time_s"][0]) for part in (0.5, CUT_SHARE))
    return min(long, max(CUT_TIMES * usual, 1))


def _main_queues(cells: pl.DataFrame) -> pl.DataFrame:
    """The queue in which each agent answers most; ties by name."""
    counted = cells.filter(pl.col("queue") != "").group_by("agent_id", "queue").agg(pl.col("answered").sum())
    ordered = counted.sort("agent_id", "answered", "queue", descending=[False, True, False])
    return ordered.unique("agent_id", keep="first", maintain_order=True).select("agent_id", "queue")


def _figure(
    scene: Scene, figure: str, make: Callable[..., Measured], *parts: pl.DataFrame | pl.Series | None
) -> Measured:
    """The figure from its parts, or why it cannot be measured; a part that is None holds nothing of the month."""
    why = why_not(scene, figure) or ("nothing_to_count" if any(part is None for part in parts) else None)
    return not_measurable(figure, why) if why else make(*parts)


def _each_measurable(scene: Scene, found: list[Measured]) -> list[Measured]:
    """The figures, and in place of those whose feed or column is missing, once, why."""
    missing = {figure.id: why_not(scene, figure.id) for figure in found}
    gone = [not_measurable(name, why) for name, why in missing.items() if why]
    return [*gone, *(figure for figure in found if not missing[figure.id])]
