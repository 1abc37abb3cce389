"""First-contact resolution by plain loops over dicts: slow, obvious, and with no word of the SQL in it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from tests.measure.worlds import GRACE, ME, T0, WINDOWS, Row, Small, at

ANSWERED = ("answered", "transferred")
ABANDONED = ("abandoned", "short_abandoned")
OVERFLOWED = ("overflowed", "voicemail", "callback_requested")


def where(row: Row) -> tuple[str, int]:
    return row["file_id"], row["row"]


def contacts(world: Small) -> list[Row]:
    """Every time that a caller reached an agent or a queue, once, on the client's clock, and what came after it."""
    rows = [*_at_vendors(world), *_at_home(world)]
    for row in rows:
        row["attempts"] = 1
        before = row
        while before := _blocked_before(before, rows):
            row["attempts"] += 1
        row["handed_back"] = _is_handed_back(row, rows)
        row["late"], row["late_own"] = _came_back_late(row, rows)
    for row in rows:
        twins = [other for other in rows if other["base"] and other["side"] == row["side"] and is_one_call(row, other)]
        row["base"] = row["base"] and row is min(twins, key=_place)
    found = [row for row in rows if row["kind"] == "contact"]
    for row in found:
        row |= _after(row, found, [*rows, *_calls_out(world)])
    return found


def _at_vendors(world: Small) -> list[Row]:
    calls = {where(row): row for row in world.calls}
    legs = {where(row): row for row in world.legs}
    wrong = {where(row) for row in world.findings if row["certainty"] == "proven"}
    found = []
    for link in world.links:
        if link["side"] == "inhouse" or where(link) in wrong:
            continue
        call = calls[where(link)]
        leg = legs.get((link["inhouse_file_id"], link["inhouse_row"])) or {}
        back = timedelta(seconds=int(link["offset_s"]))
        answered = call.get("outcome") in ANSWERED
        found.append(
            {
                "who": where(call),
                "kind": "blocked" if call.get("outcome") == "blocked" else "contact",
                "caller": call["caller_key"] if call["caller_key"] is not None else leg.get("caller_key"),
                "side": call["vendor_id"],
                "place": call["vendor_id"],
                "id": call["call_id"],
                "same": leg.get("call_id"),
                "start": leg["arrived_utc"] if leg else call["offered_utc"] - back,
                "end": None if call["ended_utc"] is None else call["ended_utc"] - back,
                "answered": answered,
                "base": answered and link["in_month"],
                "by_client": False,
                "passed": leg.get("transferred_utc"),
                "returned": leg.get("returned_utc"),
                "own": None,
                "reason": call.get("reason") if leg.get("reason") is None else leg["reason"],
            }
        )
    return found


def _at_home(world: Small) -> list[Row]:
    paired = {(link["inhouse_file_id"], link["inhouse_row"]) for link in world.links if link["side"] == "pair"}
    found = []
    for leg in world.legs:
        has_agent, passed = leg.get("agent_id") is not None, leg["transferred_utc"] is not None
        outcome = leg.get("outcome")
        if where(leg) in paired or not (
            passed or has_agent or outcome in (*ANSWERED, *ABANDONED, *OVERFLOWED, "blocked")
        ):
            continue
        by_client = not passed and (outcome in ANSWERED or has_agent)
        found.append(
            {
                "who": where(leg),
                "kind": "blocked" if outcome == "blocked" and not has_agent else "contact",
                "caller": leg["caller_key"],
                "side": "inhouse",
                "place": (leg["vendor_id"] or "inhouse") if passed else "inhouse",
                "id": leg["call_id"],
                "same": leg["call_id"],
                "start": leg["arrived_utc"],
                "end": leg.get("ended_utc") or leg.get("leg_ended_utc"),
                "answered": by_client,
                "base": by_client and leg["audit_month"] == "2026-03",
                "by_client": by_client,
                "passed": None,
                "returned": None,
                "own": (leg.get("answered_utc") or leg["arrived_utc"]) if by_client else None,
                "reason": leg.get("reason"),
            }
        )
    return found


def _calls_out(world: Small) -> list[Row]:
    return [
        {"kind": "out", "who": where(call), "caller": call["caller_key"], "same": None}
        | {"side": call["vendor_id"], "place": call["vendor_id"]}
        | {"start": call["offered_utc"], "by_client": False, "reason": None}
        for call in world.calls
        if call["direction"] == "outbound"
    ]


def _place(row: Row) -> tuple[Any, ...]:
    return row["start"], row["side"], *row["who"]


def _blocked_before(row: Row, rows: list[Row]) -> Row | None:
    """The attempt just before, where it met busy and this one follows within a minute."""
    earlier = [
        o for o in rows if row["caller"] is not None and o["caller"] == row["caller"] and _place(o) < _place(row)
    ]
    last = max(earlier, key=_place, default=None)
    if last is None or last["kind"] != "blocked":
        return None
    over = max(last["end"] or last["start"], last["start"])
    return last if row["start"] - over <= timedelta(minutes=1) else None


def is_one_call(row: Row, other: Row) -> bool:
    """Whether two rows are of one call of one caller."""
    known = row["same"] is not None and (row["same"], row["caller"]) == (other["same"], other["caller"])
    return row is other or known


def _is_handed_back(row: Row, rows: list[Row]) -> bool:
    if not row["answered"] or row["side"] == "inhouse":
        return False
    until = row["end"] and row["end"] + timedelta(seconds=GRACE)
    if row["returned"] and (until is None or row["returned"] <= until):
        return True
    own = [o["own"] for o in rows if o["by_client"] and is_one_call(row, o)]
    return any(row["passed"] and until and row["passed"] < moment <= until for moment in own)


def _came_back_late(row: Row, rows: list[Row]) -> tuple[datetime | None, datetime | None]:
    """When the call itself came back later than the grace, and when an agent of the client took it so late."""
    if not row["answered"] or row["side"] == "inhouse" or row["end"] is None or row["handed_back"]:
        return None, None
    until = row["end"] + timedelta(seconds=GRACE)
    own = [o["own"] for o in rows if o["by_client"] and is_one_call(row, o) and row["passed"]]
    taken = [moment for moment in own if moment > until and moment > row["passed"]]
    returned = [row["returned"]] if row["returned"] and row["returned"] > until else []
    return min([*taken, *returned], default=None), min(taken, default=None)


def _after(row: Row, contacts: list[Row], everything: list[Row]) -> Row:
    """When the caller came again, in each way that counts, within the longest window."""

    def first(rows: list[Row]) -> Row | None:
        later = [
            other
            for other in rows
            if row["end"] is not None
            and row["caller"] is not None
            and other["caller"] == row["caller"]
            and not is_one_call(row, other)
            and row["end"] < other["start"] <= row["end"] + timedelta(seconds=max(WINDOWS.values()))
        ]
        return min(later, key=_place, default=None)

    def start(rows: list[Row]) -> datetime | None:
        found = first(rows)
        return found and found["start"]

    at_vendors = [other for other in contacts if other["place"] != "inhouse"]
    mine = [other for other in at_vendors if other["place"] == row["place"]]
    out = [other for other in everything if other["kind"] == "out" and other["place"] == row["place"]]
    following = first(contacts)
    found = {
        "next_call_id": following and following["id"],
        "next_side": following and following["side"],
        "next_reason": following and following["reason"],
        "next_utc": following and following["start"],
        "same_reason_utc": start([o for o in contacts if row["reason"] is not None and o["reason"] == row["reason"]]),
        "unknown_reason_utc": start([other for other in contacts if other["reason"] is None]),
        "same_vendor_utc": start(mine),
        "other_vendor_utc": start([other for other in at_vendors if other["place"] != row["place"]]),
        "inhouse_utc": start([other for other in contacts if other["by_client"]]),
        "agent_callback_utc": start(out),
    }
    return found | _later_return(row, found)


def _later_return(row: Row, found: Row) -> Row:
    """What a call adds that came back later than the grace: a further contact with the client, for the same reason."""
    late, own = (
        moment and (moment if moment <= row["end"] + timedelta(seconds=max(WINDOWS.values())) else None)
        for moment in (row["late"], row["late_own"])
    )
    changes: Row = {}
    if late:
        kind = "unknown_reason_utc" if row["reason"] is None else "same_reason_utc"
        changes[kind] = min(late, found[kind] or late)
        if found["next_utc"] is None or late < found["next_utc"]:
            changes |= {"next_utc": late, "next_side": "inhouse", "next_call_id": row["same"]}
            changes["next_reason"] = row["reason"]
    if own:
        changes["inhouse_utc"] = min(own, found["inhouse_utc"] or own)
    return changes


COUNTED = {
    "next": "next_utc",
    "same_vendor": "same_vendor_utc",
    "other_vendor": "other_vendor_utc",
    "inhouse": "inhouse_utc",
    "agent_callback": "agent_callback_utc",
}


def windows(every: list[Row], blind: list[tuple[int, int]], data_end: int, is_same: bool) -> dict[str, dict[str, int]]:
    """For each window the counts of calls that resolution and callback rates are made of."""
    found = {}
    for name, length in WINDOWS.items():
        count: Counter[str] = Counter()
        for base in [row for row in every if row["base"] and row["side"] == ME and row["end"] is not None]:
            if base["end"] + timedelta(seconds=length) > at(data_end):  # type: ignore[operator]
                count["still_open"] += 1
                continue
            can_be_judged = base["caller"] is not None and not (is_same and base["reason"] is None)
            count["closed" if can_be_judged else "unknown"] += 1
            if can_be_judged:
                resolved, unsure, called = judged(base, length, blind, is_same)
                count["resolved"] += resolved
                count["resolved_unsure"] += resolved and unsure
                count["strict"] += resolved and not called
                count["strict_unsure"] += resolved and not called and unsure
            count["unnumbered" if base["caller"] is None else "numbered"] += 1
            for place, column in COUNTED.items() if base["caller"] is not None else ():
                is_there = _is_within(base, base[column], length)
                count[place] += is_there
                count[f"{place}_unsure"] += not is_there and _is_blind(base, length, blind)
        found[name] = count
    return found


def customers(
    every: list[Row], blind: list[tuple[int, int]], data_end: int, is_same: bool
) -> dict[str, dict[str, int]]:
    """The same for callers: one is resolved if none of the month's answered calls was followed."""
    found = {}
    for name, length in WINDOWS.items():
        by_caller: dict[int, list[Row]] = {}
        for base in [row for row in every if row["base"] and row["side"] == ME and row["end"] is not None]:
            if base["caller"] is not None and not (is_same and base["reason"] is None):
                by_caller.setdefault(base["caller"], []).append(base)
        count: Counter[str] = Counter()
        for own in by_caller.values():
            if any(base["end"] + timedelta(seconds=length) > at(data_end) for base in own):  # type: ignore[operator]
                continue
            facts = [judged(base, length, blind, is_same) for base in own]
            resolved, unsure = all(fact[0] for fact in facts), any(fact[1] for fact in facts)
            is_strict = resolved and not any(fact[2] for fact in facts)
            count["closed"] += 1
            count["resolved"] += resolved
            count["resolved_unsure"] += resolved and unsure
            count["strict"] += is_strict
            count["strict_unsure"] += is_strict and unsure
        found[name] = count
    return found


def judged(base: Row, length: int, blind: list[tuple[int, int]], is_same: bool) -> tuple[bool, bool, bool]:
    """Whether the window shows no further contact, whether one may be unseen, whether the vendor called back."""
    again = base["same_reason_utc" if is_same else "next_utc"]
    unsure = _is_blind(base, length, blind) or (is_same and _is_within(base, base["unknown_reason_utc"], length))
    is_resolved = not base["handed_back"] and not _is_within(base, again, length)
    return is_resolved, unsure, _is_within(base, base["agent_callback_utc"], length)


def _is_within(base: Row, moment: datetime | None, length: int) -> bool:
    return moment is not None and moment <= base["end"] + timedelta(seconds=length)


def _is_blind(base: Row, length: int, blind: list[tuple[int, int]]) -> bool:
    until = base["end"] + timedelta(seconds=length)
    spans = [(T0 + timedelta(seconds=start), T0 + timedelta(seconds=end)) for start, end in blind]
    return any(start <= until and end > base["end"] for start, end in spans)
