"""Agents' hours, shifts and swings by plain loops over minutes, days and dicts: slow, with no word of the SQL in it."""

import math
from collections.abc import Iterable
from datetime import date
from statistics import median
from typing import Any

from scipy.stats import t

Row = dict[str, Any]
Span = tuple[int, int]
WORKING = ("idle", "ringing", "talk", "hold", "acw", "training")


def ended(states: list[Row], data_end: int) -> list[Row]:
    """States with an end, in minutes: an open one ends with the agent's next, or with the data.

    What ends before it begins, or at once, is no state.
    """
    found, true = [], [one for one in states if one["to"] is None or one["to"] > one["from"]]
    for one in true:
        later = [
            other["from"]
            for other in true
            if other["agent_id"] == one["agent_id"] and (other["from"], other["row"]) > (one["from"], one["row"])
        ]
        end = one["to"] if one["to"] is not None else min(later, default=data_end)
        found.append({**one, "end": end, "is_open": one["to"] is None})
    return [one for one in found if one["end"] > one["from"]]


def minutes(
    states: Iterable[Row], agent: str, spans: list[Span], kinds: Iterable[str], *, sure: bool = False
) -> set[int]:
    """Minutes within the spans in which the agent is in one of the states; `sure` leaves out states without an end."""
    wanted = [s for s in states if s["agent_id"] == agent and s["state"] in kinds and not (sure and s["is_open"])]
    inside = {m for start, end in spans for m in range(start, end)}
    return {m for s in wanted for m in range(s["from"], s["end"]) if m in inside}


def hours(states: list[Row], spans: list[Span], data_end: int) -> dict[str, dict[str, int]]:
    """By agent, minutes: logged, contact, ready, and the same as far as the ends of states are told."""
    known = ended(states, data_end)
    every = {state["state"] for state in states} - {"logged_out"}
    found = {}
    for agent in {state["agent_id"] for state in known}:
        calls, sure_calls = (minutes(known, agent, spans, ("talk", "hold"), sure=sure) for sure in (False, True))
        idle, sure_idle = (minutes(known, agent, spans, ("idle",), sure=sure) for sure in (False, True))
        counts = {
            "logged_us": len(minutes(known, agent, spans, every)),
            "contact_us": len(calls),
            "ready_us": len(calls | idle),
            "logged_sure_us": len(minutes(known, agent, spans, every - {"unknown"}, sure=True)),
            "contact_sure_us": len(sure_calls),
            "low_ready_us": len(sure_calls | idle),
            "high_ready_us": len(calls | sure_idle),
        }
        if minutes(known, agent, spans, {state["state"] for state in states}):
            found[agent] = counts
    return found


def shifts(planned: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Planned shifts, overlapping ones joined."""
    found: list[tuple[str, int, int]] = []
    for agent, start, end in sorted(plan for plan in planned if plan[2] > plan[1]):
        if found and found[-1][0] == agent and start < found[-1][2]:
            found[-1] = (agent, found[-1][1], max(end, found[-1][2]))
        else:
            found.append((agent, start, end))
    return found


def attended(
    planned: list[tuple[str, int, int]],
    states: list[Row],
    calls: list[tuple[str, int]],
    spans: list[Span],
    data_end: int,
) -> dict[tuple[str, int, int], bool]:
    """Shifts that begin within a span and are over at the end of the data → whether the agent was present."""
    known, found = ended(states, data_end), {}
    for agent, start, end in shifts(planned):
        if end > data_end or not any(a <= start < b for a, b in spans):
            continue
        every = {state["state"] for state in states} - {"logged_out"}
        sure = minutes(known, agent, spans, every, sure=True)
        begun = {
            s["from"]
            for s in known
            if s["agent_id"] == agent and s["is_open"] and s["state"] != "logged_out"
            if any(a <= s["from"] < b for a, b in spans)
        }
        rung = {minute for name, minute in calls if name == agent}
        found[agent, start, end] = any(start <= minute < end for minute in sure | begun | rung)
    return found


def adhered(
    planned: list[tuple[str, int, int]], states: list[Row], spans: list[Span], data_end: int
) -> dict[str, tuple[int, int, int, int]]:
    """By agent, minutes: planned within the spans, of it in a working state, in one with an end, logged in at all."""
    known, found = ended(states, data_end), {}
    inside = {m for start, end in spans for m in range(start, end)}
    every = {state["state"] for state in states} - {"logged_out"}
    for agent in {name for name, _, _ in planned}:
        due = {m for name, start, end in shifts(planned) if name == agent for m in range(start, end)} & inside
        if due:
            working, sure = (minutes(known, agent, spans, WORKING, sure=only) for only in (False, True))
            there = minutes(known, agent, spans, every)
            found[agent] = (len(due), len(due & working), len(due & sure), len(due & there))
    return found


def cells(calls: list[Row], cap_s: int) -> dict[tuple[str, str, str], Row]:
    """By agent, queue and reason: counts and sums of the answered calls."""
    found: dict[tuple[str, str, str], Row] = {}
    for call in calls:
        if call["class"] != "answered" or call["agent_id"] is None:
            continue
        key = (call["agent_id"], call["queue"] or "", call["reason"] or "")
        names = ("answered", "open_answered", "handled", "full_ms", "total_s", "square_s2")
        cell = found.setdefault(key, dict.fromkeys(names, 0))
        cell["answered"] += 1
        cell["open_answered"] += call["is_open"]
        parts = [call["talk_s"], call["hold_s"], call["acw_s"]]
        if None not in parts:
            cut = min(sum(parts), cap_s)
            cell["handled"] += 1
            cell["full_ms"] += 1000 * sum(parts)
            cell["total_s"] += cut
            cell["square_s2"] += cut * cut
    return found


def resolved(
    contacts: list[Row], vendor: str, window: int, data_end: int
) -> dict[tuple[str, str, str], tuple[int, int]]:
    """By agent, queue and reason: closed base contacts, and resolved ones."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    for one in contacts:
        if one["side"] != vendor or None in (one["caller_key"], one["agent_id"], one["ends"]):
            continue
        if one["ends"] + window > data_end:
            continue
        key = (one["agent_id"], one["queue"] or "", one["reason"] or "")
        came_back = one["next"] is not None and one["next"] <= one["ends"] + window
        closed, good = found.get(key, (0, 0))
        found[key] = (closed + 1, good + (not came_back and not one["is_handed_back"]))
    return found


def swings(days: list[Row]) -> dict[tuple[str, date, str], tuple[float, float]]:
    """(agent, day, what) → usual value and how far off, for days that swing; by the rules of docs/adr/0020."""
    far: list[tuple[float, tuple[str, date, str], float, float, float]] = []
    for what in ("answered", "time", "short_calls"):
        far += _far(days, what)
    far.sort(key=lambda one: one[0])
    q, least, found = [0.0] * len(far), 1.0, {}
    for place in range(len(far), 0, -1):
        least = min(least, far[place - 1][0] * len(far) / place)
        q[place - 1] = least
    for share, (_, key, value, usual, off) in zip(q, far, strict=True):
        if key[2] == "short_calls":
            matters = abs(value - usual) >= 10
        else:
            matters = max(value, usual) >= (1.5 if key[2] == "answered" else 1.3) * min(value, usual)
        if share <= 0.05 and matters:
            found[key] = (usual, off)
    return found


def _far(days: list[Row], what: str) -> list[tuple[float, tuple[str, date, str], float, float, float]]:
    timed = [row for row in days if row["timed"] >= 10 and row["total_s"] > 0]
    calls = sum(row["timed"] for row in timed)
    within = sum(row["square_s2"] - row["total_s"] ** 2 / row["timed"] for row in timed) / max(calls - len(timed), 1)
    mean = sum(row["total_s"] for row in timed) / max(calls, 1)
    values: dict[str, dict[date, tuple[float, float, float]]] = {}
    for row in days:
        own = values.setdefault(row["agent_id"], {})
        if what == "answered":
            own[row["booked_day"]] = (row["answered"], 2 * math.sqrt(row["answered"] + 3 / 8), 1.0)
        elif what == "time" and row in timed:
            value = row["total_s"] / row["timed"]
            own[row["booked_day"]] = (value, math.log(value), within / mean**2 / row["timed"])
        elif what == "short_calls" and row["talked"] >= 10:
            share = (row["short"] + 3 / 8) / (row["talked"] + 3 / 4)
            shown = 100 * row["short"] / row["talked"]
            own[row["booked_day"]] = (shown, 2 * math.asin(math.sqrt(share)), 1 / (row["talked"] + 0.5))
    values = {agent: own for agent, own in values.items() if len(own) >= 8}
    centre = {agent: median(one[1] for one in own.values()) for agent, own in values.items()}
    common = {}
    for day in {day for own in values.values() for day in own}:
        offs = [own[day][1] - centre[agent] for agent, own in values.items() if day in own]
        common[day] = median(offs) if len(offs) >= 8 else 0.0
    distance = {
        agent: 1.4826 * median(abs(one[1] - centre[agent] - common[day]) for day, one in own.items())
        for agent, own in values.items()
    }
    group, found = median(distance.values()) if distance else 0.0, []
    for agent, own in values.items():
        weight = 0.37 * len(own)
        spread = (weight * distance[agent] ** 2 + 8 * group**2) / (weight + 8)
        for day, (value, scaled, noise) in own.items():
            middle = centre[agent] + common[day]
            off = (scaled - middle) / math.sqrt(max(spread, noise))
            if what == "answered":
                usual = max((max(middle, 0) / 2) ** 2 - 3 / 8, 0)
            else:
                usual = math.exp(middle) if what == "time" else 100 * math.sin(min(max(middle, 0), math.pi) / 2) ** 2
            found.append((2 * t.sf(abs(off), weight + 8), (agent, day, what), value, usual, off))
    return found
