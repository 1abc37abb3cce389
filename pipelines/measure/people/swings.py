"""Days on which an agent is far from its own usual: calls answered, durations, calls that end at once. Pure.

A day is set against the median of the agent's days of the month, after taking out what moved all agents on that day (a
rise at the end of the month is nobody's swing). How far is counted in the agent's own deviations: the median distance,
mixed with that of all agents, and never less than calls vary by chance. Counts are compared as square roots, durations
as logarithms, shares as arc sines, so that a deviation means the same at every size.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from scipy.stats import t

from pipelines.measure.people.shrink import Floats
from pipelines.measure.people.spread import FALSE_SHARE, q_values

SHORT_S = 10
"""Talk below this many seconds makes a short call."""
FEWEST_DAYS = 8
"""Days that an agent must have before one of them can swing."""
_COUNTS = ("answered", "timed", "total_s", "square_s2", "talked", "short")
FEWEST_TIMED = 10
"""Calls that a day must have before its mean duration, or its share of short calls, is looked at."""
_LEAN = 8.0
_TO_SD = 1.4826
"""Median distance → standard deviation, for a normal law."""
_DF_PER_DAY = 0.37
"""What a day tells a median distance, against what it tells a standard deviation."""
_LEAST: Mapping[str, float] = {"answered": 1.5, "time": 1.3, "short_calls": 10.0}
"""What matters: half as many again, a third longer, ten points more; and the same the other way."""


@dataclass(frozen=True)
class Grid:
    """Agents by days, NaN where nothing is known: values as printed, the same on the scale that is compared, and the
    variance that chance alone gives there.
    """

    shown: Floats
    scaled: Floats
    noise: Floats


def swings(days: pl.DataFrame, time_name: str) -> pl.DataFrame:
    """Rows of table `agent_days` from `days` (rows of agent_day_tallies.sql); `time_name` is aht or talk_time."""
    if days.is_empty():
        return pl.DataFrame(schema=_ROWS)
    agents, dates = sorted(set(days["agent_id"])), sorted(set(days["booked_day"]))
    place = {name: n for n, name in enumerate(agents)}, {day: n for n, day in enumerate(dates)}
    counts = {
        name: _grid(days, name, place) for name in ("answered", "timed", "total_s", "square_s2", "talked", "short")
    }
    grids = {"answered": _answered(counts), "time": _times(counts), "short_calls": _short(counts)}
    found = [_far(what, grid) for what, grid in grids.items()]
    chances = np.concatenate([each[2] for each in found])
    if not len(chances):
        return pl.DataFrame(schema=_ROWS)
    shares = iter(q_values(chances))
    rows = []
    for (what, grid), (where, far, _, usual) in zip(grids.items(), found, strict=True):
        for (agent, day), off, expected in zip(where, far, usual, strict=True):
            q, value = float(next(shares)), float(grid.shown[agent, day])
            if q <= FALSE_SHARE and _matters(what, value, float(expected)):
                name = time_name if what == "time" else what
                n = int(counts["answered"][agent, day])
                rows.append((agents[agent], dates[day], name, n, value, float(expected), float(off), q))
    return pl.DataFrame(rows, schema=_ROWS, orient="row").sort("agent_id", "day", "what")


_ROWS = pl.Schema(
    {"agent_id": pl.String(), "day": pl.Date(), "what": pl.String(), "n": pl.Int64()}
    | dict.fromkeys(("value", "usual", "far", "q"), pl.Float64())
)


def _grid(days: pl.DataFrame, name: str, place: tuple[dict[str, int], dict[date, int]]) -> Floats:
    grid = np.full((len(place[0]), len(place[1])), np.nan)
    rows = [place[0][agent] for agent in days["agent_id"]]
    columns = [place[1][day] for day in days["booked_day"]]
    grid[rows, columns] = days[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return grid


def _answered(counts: Mapping[str, Floats]) -> Grid:
    calls = counts["answered"]
    return Grid(calls, 2 * np.sqrt(calls + 0.375), np.where(np.isnan(calls), np.nan, 1.0))


def _times(counts: Mapping[str, Floats]) -> Grid:
    """Mean durations; chance is the variation of single calls over all agents and days."""
    count = np.where((counts["timed"] >= FEWEST_TIMED) & (counts["total_s"] > 0), counts["timed"], np.nan)
    mean = counts["total_s"] / count
    within = np.nansum(counts["square_s2"] - counts["total_s"] * mean) / max(np.nansum(count - 1), 1)
    typical = np.nansum(np.where(np.isnan(count), np.nan, counts["total_s"])) / max(np.nansum(count), 1)
    return Grid(mean, np.log(mean), within / max(typical, 1e-9) ** 2 / count)


def _short(counts: Mapping[str, Floats]) -> Grid:
    count = np.where(counts["talked"] >= FEWEST_TIMED, counts["talked"], np.nan)
    share = counts["short"] / count
    return Grid(100 * share, 2 * np.arcsin(np.sqrt((counts["short"] + 0.375) / (count + 0.75))), 1 / (count + 0.5))


def _far(what: str, grid: Grid) -> tuple[list[tuple[int, int]], Floats, Floats, Floats]:
    """Places (agent, day) of agents with enough days; how far each lies off, how probable that is, what is usual."""
    days = (~np.isnan(grid.scaled)).sum(axis=1)
    rows = np.flatnonzero(days >= FEWEST_DAYS)
    if not len(rows):
        return [], np.empty(0), np.empty(0), np.empty(0)
    scaled = grid.scaled[rows]
    own = np.nanmedian(scaled, axis=1, keepdims=True)
    common = _common(scaled - own)
    off = scaled - own - common
    distance = _TO_SD * np.nanmedian(np.abs(off), axis=1, keepdims=True)
    group, weight = float(np.median(distance)), (_DF_PER_DAY * days[rows])[:, None]
    spread = np.sqrt((weight * distance**2 + _LEAN * group**2) / (weight + _LEAN))
    far = off / np.sqrt(np.maximum(spread**2, grid.noise[rows]))
    chance = np.asarray(2 * t.sf(np.abs(far), np.broadcast_to(weight + _LEAN, far.shape)), dtype=np.float64)
    known = ~np.isnan(far)
    where = [(int(rows[agent]), int(day)) for agent, day in np.argwhere(known)]
    return where, far[known], chance[known], _printed(what, own + common)[known]


def _common(off: Floats) -> Floats:
    """What moved all agents on a day: the median, where at least FEWEST_DAYS agents worked; else nothing."""
    common = np.zeros((1, off.shape[1]))
    for day in np.flatnonzero((~np.isnan(off)).sum(axis=0) >= FEWEST_DAYS):
        common[0, day] = np.nanmedian(off[:, day])
    return common


def _printed(what: str, scaled: Floats) -> Floats:
    """From the scale that is compared to the values' own."""
    if what == "answered":
        return np.maximum(np.square(np.maximum(scaled, 0) / 2) - 0.375, 0)
    if what == "time":
        return np.exp(scaled)
    return 100 * np.square(np.sin(np.clip(scaled, 0, np.pi) / 2))


def _matters(what: str, value: float, usual: float) -> bool:
    least = _LEAST[what]
    if what == "short_calls":
        return abs(value - usual) >= least
    return max(value, usual) >= least * min(value, usual)
