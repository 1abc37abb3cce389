"""First-contact resolution and service by plain loops over dicts: slow, obvious, and with no word of the SQL in it."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from tests.measure.worlds import ME, WINDOWS, Row, Small, at

ANSWERED = ("answered", "transferred")
ABANDONED = ("abandoned", "short_abandoned")
OVERFLOWED = ("overflowed", "voicemail", "callback_requested")


def where(row: Row) -> tuple[str, int]:
    return row["file_id"], row["row"]


def contacts(world: Small) -> list[Row]:
    """Every time that a caller reached an agent or a queue, once, on the client's clock."""
    calls = {where(row): row for row in world.calls}
    legs = {where(row): row for row in world.legs}
    wrong = {where(row) for row in world.findings if row["certainty"] == "proven"}
    found, taken = [], set()
    for link in world.links:
        if link["side"] == "pair":
            taken.add((link["inhouse_file_id"], link["inhouse_row"]))
        if link["side"] == "inhouse" or where(link) in wrong:
            continue
        call = calls[where(link)]
        leg = legs.get((link["inhouse_file_id"], link["inhouse_row"]))
        if call.get("outcome") == "blocked":
            continue
        back = timedelta(seconds=int(link["offset_s"]))
        is_answered = call.get("outcome") in ANSWERED
        caller = call["caller_key"] if call["caller_key"] is not None else leg and leg["caller_key"]
        found.append(
            {
                "who": where(call),
                "caller": caller,
                "side": call["vendor_id"],
                "id": call["call_id"],
                "same": leg["call_id"] if leg else None,
                "start": leg["arrived_utc"] if leg else call["offered_utc"] - back,
                "end": None if call["ended_utc"] is None else call["ended_utc"] - back,
                "is_base": is_answered and link["in_month"] and call["vendor_id"] == ME,
                "was_handed_back": leg is not None and leg.get("returned_utc") is not None,
                "is_inhouse_handled": False,
            }
        )
    for leg in world.legs:
        reached = leg["transferred_utc"] is not None or leg.get("agent_id") is not None
        reached = reached or leg.get("outcome") in (*ANSWERED, *ABANDONED, *OVERFLOWED)
        if where(leg) in taken or not reached:
            continue
        by_client = leg["transferred_utc"] is None
        by_client = by_client and (leg.get("outcome") in ANSWERED or leg.get("agent_id") is not None)
        start = leg["arrived_utc"]
        found.append(
            {
                "who": where(leg),
                "caller": leg["caller_key"],
                "side": "inhouse",
                "id": leg["call_id"],
                "same": leg["call_id"],
            }
            | {"start": start, "end": None, "is_base": False, "was_handed_back": False, "is_inhouse_handled": by_client}
        )
    return found


def windows(world: Small, blind: list[tuple[int, int]], data_end: int) -> dict[str, dict[str, int]]:
    """For each window the counts that resolution and callback rate are made of."""
    every = contacts(world)
    names = ("closed", "resolved", "resolved_blind", "called_inhouse", "quiet_blind", "no_number", "still_open")
    counts = {name: dict.fromkeys(names, 0) for name in WINDOWS}
    for base in every:
        if not base["is_base"] or base["end"] is None:
            continue
        for name, length in WINDOWS.items():
            until: datetime = base["end"] + timedelta(seconds=length)
            count = counts[name]
            if until > at(data_end):  # type: ignore[operator]
                count["still_open"] += 1
                continue
            if base["caller"] is None:
                count["no_number"] += 1
                continue
            later = [other for other in every if is_further(base, other, until)]
            resolved = not later and not base["was_handed_back"]
            called = any(other["is_inhouse_handled"] for other in later)
            unseen = any(start <= until and end > base["end"] for start, end in ((at(a), at(b)) for a, b in blind))  # type: ignore[operator]
            count["closed"] += 1
            count["resolved"] += resolved
            count["resolved_blind"] += resolved and unseen
            count["called_inhouse"] += called
            count["quiet_blind"] += not called and unseen
    return counts


def is_further(base: Row, other: Row, until: datetime) -> bool:
    """Whether a contact is a further one: same caller, after the end, within the window, and not the same call."""
    if other is base or other["caller"] != base["caller"]:
        return False
    if other["same"] is not None and other["same"] == base["same"]:
        return False
    return bool(base["end"] < other["start"] <= until)


def followed_by(world: Small) -> dict[tuple[str, int], str]:
    """Each base call that is followed within the longest window → the id of the first further contact."""
    every, found = contacts(world), {}
    for base in every:
        if base["is_base"] and base["end"] is not None and base["caller"] is not None:
            until = base["end"] + timedelta(seconds=max(WINDOWS.values()))
            later = [other for other in every if is_further(base, other, until)]
            if later:
                first = min(later, key=lambda other: (other["start"], other["side"], *other["who"]))
                found[base["who"]] = first["id"]
    return found


def service(world: Small, threshold: int, bound: str, short: int, scope: str) -> dict[str, Fraction | None]:
    """Figure id → value, for the month (`all`) or a day; None where there is nothing to count. Percent as 0 to 100."""
    calls = {where(row): row for row in world.calls}
    legs = {where(row): row for row in world.legs}
    wrong = {where(row) for row in world.findings if row["certainty"] == "proven"}
    answered, abandoned, overflowed, lone = [], [], 0, 0
    for link in world.links:
        own: dict[str, Any] = (legs if link["side"] == "inhouse" else calls)[where(link)]
        if not link["in_month"] or scope not in ("all", f"day:{own['booked_day']}"):
            continue
        if link["side"] == "inhouse":
            is_sure = link["match_class"] == "inhouse_only" and link["is_covered"]
            lone += not link["is_absent"] and is_sure
        elif where(link) not in wrong:
            answered += [own] if own["outcome"] in ANSWERED else []
            abandoned += [own] if own["outcome"] in ABANDONED else []
            overflowed += own["outcome"] in OVERFLOWED
    n, a = len(answered), len(abandoned) + lone
    within = (
        (lambda w: w is not None and w <= threshold) if bound == "<=" else (lambda w: w is not None and w < threshold)
    )
    n_t = sum(within(row["queue_s"]) for row in answered)
    a_t = sum(within(row["queue_s"]) for row in abandoned)
    a_s = sum(
        row["outcome"] == "short_abandoned" or (row["queue_s"] is not None and row["queue_s"] <= short)
        for row in abandoned
    )
    offered = n + a + overflowed

    def share(part: int, base: int) -> Fraction | None:
        return Fraction(100 * part, base) if base > 0 else None

    def mean(*columns: str) -> Fraction | None:
        sums = [sum(row[c] for c in columns) for row in answered if all(row[c] is not None for c in columns)]
        return Fraction(sum(sums)) / len(sums) if sums else None

    return {
        "offered": Fraction(offered),
        "answered": Fraction(n),
        "abandoned": Fraction(len(abandoned)),
        "answered_pct": share(n, offered),
        "abandon_rate": share(a, offered),
        "SL1": share(n_t, n),
        "SL2": share(n_t, n + a),
        "SL3": share(n_t, n + a - a_t),
        "SL4": share(n_t + a_t, n + a),
        "SL5": share(n_t + a_s, n + a),
        "SL6": share(n_t, n + a - a_s),
        "SL8": share(n_t, offered),
        "asa": mean("queue_s"),
        "talk_time": mean("talk_s"),
        "aht": mean("talk_s", "hold_s", "acw_s"),
    }
