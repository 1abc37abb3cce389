"""Counts of `windows.sql` → first-contact resolution and the rate of callers who ring the client again."""

from collections.abc import Mapping
from typing import Any

from pipelines.measure.bounds import share_pct
from pipelines.measure.catalogue import BY_ID
from pipelines.measure.measured import Measured, Status

Window = Mapping[str, Any]
"""A row of `windows.sql`, and `closes`: the ISO date on which the last window still open closes."""


def resolution_figures(name: str, window: Window, unended: int, sees_inhouse: bool) -> list[Measured]:
    """FCR and callback rate of one window (`2h`, `24h`, `7d`).

    `unended` counts answered calls without an end, which stand outside the base. `sees_inhouse` says whether the
    client's log tells which calls its own agents handled; without that the callback rate is not measurable.
    """
    callback = f"callback_inhouse_{name}"
    if not sees_inhouse:
        code, reason = BY_ID[callback].code, "own_column_missing:outcome, agent_id"
        missing = Measured(callback, "all", None, definition=code, status="not_measurable", reason=reason)
        return [_fcr(name, window, unended), missing]
    return [_fcr(name, window, unended), _callback(callback, window, unended)]


def _fcr(name: str, window: Window, unended: int) -> Measured:
    """Resolved ÷ closed. Low: whoever may have called unseen did; high: every caller without a number was resolved."""
    base, unknown, part = window["closed"], window["no_number"], window["resolved"]
    low = share_pct(part - window["resolved_blind"], base + unknown)
    high = share_pct(part + unknown, base + unknown)
    is_open = bool(unknown or window["resolved_blind"])
    return _figure(f"fcr_{name}", window, unended, part, (low, high) if is_open else (None, None))


def _callback(figure: str, window: Window, unended: int) -> Measured:
    """Called in-house ÷ closed. High: whoever may have called unseen, or has no number, did."""
    base, unknown, part = window["closed"], window["no_number"], window["called_inhouse"]
    low, high = share_pct(part, base + unknown), share_pct(part + window["quiet_blind"] + unknown, base + unknown)
    is_open = bool(unknown or window["quiet_blind"])
    return _figure(figure, window, unended, part, (low, high) if is_open else (None, None))


def _figure(
    figure: str, window: Window, unended: int, part: int, bounds: tuple[float | None, float | None]
) -> Measured:
    """A share of the closed windows; provisional as long as one is open."""
    base = window["closed"]
    status: Status = "provisional" if window["still_open"] else "final"
    reason = f"window_open:{window['closes']}" if window["still_open"] else f"unended:{unended}" if unended else None
    if base == 0 and not window["still_open"]:
        status, reason = "not_measurable", "nothing_to_count"
    low, high = bounds if base else (None, None)
    return Measured(figure, "all", share_pct(part, base), low, high, base, BY_ID[figure].code, status, reason)
