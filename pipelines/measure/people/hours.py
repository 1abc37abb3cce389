"""Hours and shifts: occupancy, calls an hour, attendance and adherence from rows of the SQL steps. Pure."""

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


def attendance(shifts: pl.DataFrame) -> Measured:
    """Shifts with the agent present ÷ shifts planned, in percent; `shifts` are rows of attended.sql."""
    if shifts.is_empty():
        return not_measurable("attendance", "nothing_to_count")
    value = share_pct(int(shifts["is_present"].sum()), shifts.height)
    return Measured("attendance", "all", value, n=shifts.height, definition=kpi("attendance").code)


def adherence(kept: pl.DataFrame) -> Measured:
    """Time in a working state ÷ planned time, in percent; `kept` are rows of adhered.sql.

    The roster plans no breaks apart from the shift, so a break in it counts against the value, and its high bound takes
    all breaks for planned ones; its low bound leaves out states without an end.
    """
    planned, working, sure, present = (
        int(kept[name].sum()) for name in ("planned_us", "working_us", "sure_us", "present_us")
    )
    if not planned:
        return not_measurable("adherence", "nothing_to_count")
    low, high = share_pct(sure, planned), share_pct(present, planned)
    bounds = (low, high) if sure < working or present > working else (None, None)
    return Measured("adherence", "all", share_pct(working, planned), *bounds, kept.height, kpi("adherence").code)


def _sums(hours: pl.DataFrame) -> dict[str, int]:
    return {name: int(hours[name].sum()) for name in hours.columns if name != "agent_id"}


def _per_hour(calls: int, us: int) -> float:
    return calls * HOUR_US / us
