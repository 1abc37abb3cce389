"""Hours and shifts: occupancy, calls an hour, attendance and adherence from rows of the SQL steps. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.measure.bounds import share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.measured import Measured, not_measurable

HOUR_US = 3_600_000_000


def occupancy(hours: pl.DataFrame) -> Measured:
    """Talk and hold ÷ talk, hold and idle, in percent; `hours` are rows of agent_hours.sql.

    A state without an end is cut; it may have ended at once, which the bounds leave open.
    """
    total = _sums(hours)
    part, base = total["contact_us"], total["ready_us"]
    if not base:
        return not_measurable("occupancy", "nothing_to_count")
    low, high, reason = None, None, None
    if total["open_states"]:
        low = share_pct(total["contact_sure_us"], total["low_ready_us"])
        high = share_pct(part, total["high_ready_us"])
        reason = f"open_states:{total['open_states']}"
        low, high = 0.0 if low is None else low, 100.0 if high is None else high
    n = hours.filter(pl.col("ready_us") > 0).height
    return Measured("occupancy", "all", share_pct(part, base), low, high, n, kpi("occupancy").code, reason=reason)


def calls_per_hour(hours: pl.DataFrame, days: pl.DataFrame) -> Measured:
    """Answered calls ÷ hours logged in. `days` (agent_id, answered, open_answered) are those on which states were
    delivered; calls of agents without any state stand outside, and are counted in the reason.
    """
    logged = hours.filter(pl.col("logged_us") > 0).select("agent_id")
    own = days.join(logged, on="agent_id", how="semi")
    total, answered = _sums(hours), int(own["answered"].sum())
    if not total["logged_us"] or not answered:
        return not_measurable("calls_per_hour", "nothing_to_count")
    doubtful, sure = int(own["open_answered"].sum()), total["logged_sure_us"]
    low, high = _per_hour(answered - doubtful, total["logged_us"]), _per_hour(answered, sure or total["logged_us"])
    is_open = bool(doubtful or sure < total["logged_us"])
    missing = days.join(logged, on="agent_id", how="anti")["agent_id"].n_unique()
    reason = f"open_states:{total['open_states']}" if total["open_states"] else None
    reason = f"agents_without_states:{missing}" if missing else reason
    value, code = _per_hour(answered, total["logged_us"]), kpi("calls_per_hour").code
    if not is_open:
        return Measured("calls_per_hour", "all", value, n=answered, definition=code, reason=reason)
    return Measured("calls_per_hour", "all", value, low, high if sure else None, answered, code, reason=reason)


@dataclass(frozen=True)
class Reading:
    """The roster read on one clock. `shifts`: rows of attended.sql; `kept`: rows of adhered.sql."""

    shifts: pl.DataFrame
    kept: pl.DataFrame


def best_reading(readings: Sequence[Reading]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`shifts` and `kept` of the clock on which plans and states agree best: nobody is late by a clock's error."""
    best = max(readings, key=lambda each: int(each.kept["working_us"].sum()))
    return best.shifts, best.kept


def attendance(shifts: pl.DataFrame, seen: pl.Series) -> Measured:
    """Shifts with the agent present ÷ shifts planned, in percent; `shifts` are rows of attended.sql.

    `seen` are agents of whom there is a state or a call in the month. One who is nowhere did not come, or goes by
    another name in the records, which the high bound leaves open; where nobody ever came, plan and records do not speak
    of the same people or times, and nothing can be said.
    """
    if shifts.is_empty():
        return not_measurable("attendance", "nothing_to_count")
    present = int(shifts["is_present"].sum())
    if not present:
        planned = shifts["agent_id"].n_unique()
        return not_measurable("attendance", f"roster_unlike_states:{planned}")
    nowhere = shifts.filter(~pl.col("agent_id").is_in(seen.implode())).height
    value, code = share_pct(present, shifts.height), kpi("attendance").code
    bounds = (value, share_pct(present + nowhere, shifts.height)) if nowhere else (None, None)
    return Measured("attendance", "all", value, *bounds, shifts.height, code)


def adherence(kept: pl.DataFrame, hours: pl.DataFrame, days: pl.DataFrame) -> Measured:
    """Time in a working state ÷ planned time, in percent; `kept` are rows of adhered.sql.

    The roster plans no breaks apart from the shift, so a break in it counts against the value, and its high bound takes
    all breaks for planned ones; its low bound leaves out states without an end. `hours` has the agents with states and
    `days` those with answered calls: who answered calls and has no states stands outside; who has neither did not come,
    or goes by another name, which the high bound leaves open.
    """
    has_states = pl.col("agent_id").is_in(hours["agent_id"].implode())
    has_calls = pl.col("agent_id").is_in(days["agent_id"].implode())
    missing, counted = kept.filter(~has_states & has_calls).height, kept.filter(has_states | ~has_calls)
    planned, working, sure, present = (
        int(counted[name].sum()) for name in ("planned_us", "working_us", "sure_us", "present_us")
    )
    if not kept["planned_us"].sum():
        return not_measurable("adherence", "nothing_to_count")
    if not present:
        return not_measurable("adherence", f"roster_unlike_states:{kept.height}")
    nowhere = int(counted.filter(~has_states)["planned_us"].sum())
    low, high = share_pct(sure, planned), share_pct(present + nowhere, planned)
    bounds = (low, high) if sure < working or present + nowhere > working else (None, None)
    reason = f"agents_without_states:{missing}" if missing else None
    value, code = share_pct(working, planned), kpi("adherence").code
    return Measured("adherence", "all", value, *bounds, counted.height, code, reason=reason)


def _sums(hours: pl.DataFrame) -> dict[str, int]:
    return {name: int(hours[name].sum()) for name in hours.columns if name != "agent_id"}


def _per_hour(calls: int, us: int) -> float:
    return calls * HOUR_US / us
