"""The two detectors by plain loops over dicts, after the sentences that say which record is named and how surely."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from math import sqrt
from typing import Any

from tests.measure.worlds import Row, Small

ANSWERED = ("answered", "transferred")


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def where(row: Row) -> tuple[str, int]:
    return row["file_id"], row["row"]


Log = Sequence[Mapping[str, Any]]
"""What is known of the log: state, from_utc, to_utc."""


def judge(
    world: Small, log: Log, tolerance: timedelta = timedelta(seconds=30)
) -> dict[tuple[str, int], tuple[str, str]]:
    """Record → detector and certainty, without direct numbers."""
    links = {where(link): link for link in world.links if link["side"] != "inhouse"}
    mine = [row for row in world.calls if links[where(row)]["in_month"]]
    duplicates = {where(row): found for row in mine if (found := duplicate(world, mine, links, row, tolerance))}
    named = {key: ("duplicate", certainty) for key, certainty in duplicates.items()}
    for row in mine:
        key = where(row)
        certainty = None if duplicates.get(key) == "proven" else ghost(world, log, links, row, tolerance, duplicates)
        if certainty and (key not in named or (certainty == "proven" and named[key][1] == "probable")):
            named[key] = ("ghost", certainty)
    return named


def client_time(link: Row, row: Row) -> Any:
    """When it was on the client's clock."""
    return row["offered_utc"] - timedelta(seconds=int(link["offset_s"]))


def lone_legs(world: Small) -> list[tuple[Row, Row]]:
    """Legs passed on to this vendor that have no partner, with their links."""
    legs = {where(leg): leg for leg in world.legs}
    return [(link, legs[where(link)]) for link in world.links if link["side"] == "inhouse"]


def may_be_lost(log: Log, moment: Any) -> bool:
    """Whether a row of the log is lost as near to a moment as five minutes."""
    near = (
        span["from_utc"] <= moment + minutes(5) and span["to_utc"] > moment - minutes(5)
        for span in log
        if span["state"] == "lost"
    )
    return any(near)


def is_vouched(log: Log, moment: Any) -> bool:
    """Whether one span that is vouched for holds a moment and five minutes on both sides."""
    around = (
        span["from_utc"] <= moment - minutes(5) and span["to_utc"] >= moment + minutes(5)
        for span in log
        if span["state"] == "vouched"
    )
    return any(around)


def is_numbered(log: Log, moment: Any) -> bool:
    """Whether unbroken numbers vouch for that time."""
    return is_vouched([span for span in log if span.get("kind") == "numbered"], moment)


def duplicate(world: Small, mine: list[Row], links: dict[Any, Row], x: Row, tolerance: timedelta) -> str | None:
    link = links[where(x)]
    if link["side"] == "pair" or x.get("is_billed") is False:
        return None
    partners = [y for y in mine if y is not x and (is_same_id(x, y) or is_same_content(x, y))]
    partners = [y for y in partners if links[where(y)]["side"] == "pair" or where(y) < where(x)]
    if not partners:
        return None
    may_prove = any(links[where(y)]["side"] == "pair" and proves(x, y) for y in partners)
    moment = client_time(link, x)
    left_over = any(abs(leg["transferred_utc"] - moment) <= tolerance for _, leg in lone_legs(world))
    sure = may_prove and link["is_covered"] and x["direction"] == "inbound"
    return "proven" if sure and not left_over and link["match_class"] != "no_number" else "probable"


def is_same_id(x: Row, y: Row) -> bool:
    return bool(x["file_id"] == y["file_id"] and x["call_id"] == y["call_id"] and x.get("leg") == y.get("leg"))


def is_same_content(x: Row, y: Row) -> bool:
    if x["outcome"] not in ANSWERED or y["outcome"] not in ANSWERED or not x["talk_s"]:
        return False
    if None not in (x["caller_key"], y["caller_key"]) and x["caller_key"] != y["caller_key"]:
        return False
    if x["file_id"] == y["file_id"] and x["call_id"] == y["call_id"] and x.get("leg") != y.get("leg"):
        return False
    agree = x["agent_id"] is not None and (x["agent_id"], x["talk_s"]) == (y["agent_id"], y["talk_s"])
    return bool(agree and abs(x["offered_utc"] - y["offered_utc"]) <= timedelta(seconds=10))


def proves(x: Row, y: Row) -> bool:
    """One call by caller, agent, talk and time, and no correction of a later file."""
    if x["file_id"] != y["file_id"] and x["call_id"] == y["call_id"]:
        return False
    if x["caller_key"] is None or x["caller_key"] != y["caller_key"]:
        return False
    if x["outcome"] not in ANSWERED or y["outcome"] not in ANSWERED or not x["talk_s"]:
        return False
    if (x["agent_id"], x["talk_s"]) != (y["agent_id"], y["talk_s"]):
        return False
    apart = abs(x["offered_utc"] - y["offered_utc"])
    overlap = x["offered_utc"] < y["ended_utc"] and y["offered_utc"] < x["ended_utc"]
    return bool(apart <= timedelta(seconds=10) or overlap)


def ghost(
    world: Small, log: Log, links: dict[Any, Row], x: Row, tolerance: timedelta, duplicates: Mapping[Any, str]
) -> str | None:
    link = links[where(x)]
    moment = client_time(link, x)
    if link["side"] == "pair" or not link["is_covered"]:
        return None
    if x["outcome"] not in ANSWERED or x.get("is_billed") is False:
        return None
    doubts = [
        x["caller_key"] is None,
        x["direction"] != "inbound",
        link["match_class"] == "no_number",
        other_record_of_the_caller(world, links, x),
        row_of_the_caller(world, link, x),
        leg_elsewhere(world, link, x),
        leg_at_that_time(world, link, x, tolerance),
        nameless_row_at_that_time(world, link, x, tolerance),
        half_of_the_legs(world, link, x),
        beside_a_shift(world, links, x),
        may_be_lost(log, moment),
        not is_vouched(log, moment),
        not is_numbered(log, moment) and many_alone(world, links, duplicates, x),
    ]
    return "probable" if any(doubts) else "proven"


def other_record_of_the_caller(world: Small, links: dict[Any, Row], x: Row) -> bool:
    for y in world.calls:
        if y is x or y["caller_key"] != x["caller_key"]:
            continue
        is_piece = y["agent_id"] is not None and y["agent_id"] == x["agent_id"] and y["offered_utc"] < x["offered_utc"]
        if is_piece and abs(y["ended_utc"] - x["offered_utc"]) <= timedelta(seconds=10):
            return True
        if links[where(y)]["side"] == "pair":
            if y["offered_utc"] - minutes(15) <= x["offered_utc"] <= y["ended_utc"] + minutes(15):
                return True
            if (y["file_id"], y["call_id"]) == (x["file_id"], x["call_id"]):
                return True
    return False


def row_of_the_caller(world: Small, link: Row, x: Row) -> bool:
    moment = client_time(link, x)
    for leg in world.legs:
        if leg["caller_key"] is None or leg["caller_key"] != x["caller_key"]:
            continue
        times = [
            leg[name] for name in ("arrived_utc", "transferred_utc", "leg_ended_utc", "ended_utc") if leg.get(name)
        ]
        unseen = leg["transferred_utc"] is None and not leg.get("agent_id") and leg.get("outcome") is None
        unseen = unseen or (leg["transferred_utc"] is None and leg["vendor_id"] is not None)
        ends_unknown = not any(leg.get(name) for name in ("leg_ended_utc", "returned_utc", "ended_utc"))
        slack = minutes(120 if unseen or ends_unknown else 15)
        if (
            min(leg["arrived_utc"], leg["transferred_utc"] or leg["arrived_utc"]) - slack
            <= moment
            <= max(times) + slack
        ):
            return True
    return False


def leg_elsewhere(world: Small, link: Row, x: Row, within: timedelta | None = None) -> bool:
    """A leg of this caller without a partner, anywhere; one that is not delivered yet, within 14 hours."""
    moment, near = client_time(link, x), timedelta(hours=14)
    for lone, leg in lone_legs(world):
        if x["caller_key"] is not None and leg["caller_key"] == x["caller_key"]:
            apart = abs(leg["transferred_utc"] - moment)
            if (not lone["is_absent"] or apart <= near) and (within is None or apart <= within):
                return True
    return False


def leg_at_that_time(world: Small, link: Row, x: Row, tolerance: timedelta) -> bool:
    moment = client_time(link, x)
    return any(
        abs(leg["transferred_utc"] - moment) <= (4 * tolerance if leg["caller_key"] is not None else minutes(15))
        for _, leg in lone_legs(world)
    )


def nameless_row_at_that_time(world: Small, link: Row, x: Row, tolerance: timedelta) -> bool:
    moment = client_time(link, x)
    taken = {(item["inhouse_file_id"], item["inhouse_row"]) for item in world.links if item["side"] == "pair"}
    return any(
        leg["caller_key"] is None
        and where(leg) not in taken
        and abs((leg.get("transferred_utc") or leg["arrived_utc"]) - moment) <= tolerance
        for leg in world.legs
    )


def half_of_the_legs(world: Small, link: Row, x: Row) -> bool:
    moment = client_time(link, x)
    lone = sum(abs(leg["transferred_utc"] - moment) <= minutes(30) for _, leg in lone_legs(world))
    pairs = {(item["inhouse_file_id"], item["inhouse_row"]) for item in world.links if item["side"] == "pair"}
    paired = sum(where(leg) in pairs and abs(leg["transferred_utc"] - moment) <= minutes(30) for leg in world.legs)
    return lone >= 3 and lone >= paired


def many_alone(world: Small, links: dict[Any, Row], duplicates: Mapping[Any, str], x: Row) -> bool:
    """Three or more records, a quarter, have no leg around that time, or in that ten minutes of all days.

    And they are more than the vendor's usual share of such records explains.
    """
    near: list[bool] = []
    of_day: list[bool] = []
    in_all: list[bool] = []
    here = ten_minutes(client_time(links[where(x)], x))
    for y in world.calls:
        link = links[where(y)]
        is_billed = y["outcome"] in ANSWERED and y.get("is_billed") is not False
        is_judged = link["in_month"] and link["is_covered"] and duplicates.get(where(y)) != "proven"
        if link["side"] == "pair" or (is_judged and is_billed):
            there = ten_minutes(client_time(link, y))
            in_all.append(link["side"] != "pair")
            near += [link["side"] != "pair"] if abs(there - here) <= 3 else []
            of_day += [link["side"] != "pair"] if (there - here) % 144 == 0 else []
    usual = sum(in_all) / len(in_all)
    return any(
        sum(alone) >= max(3, len(alone) / 4, usual * len(alone) + 4 * sqrt(usual * len(alone)))
        for alone in (near, of_day)
    )


def ten_minutes(moment: Any) -> int:
    """Which ten minutes since 1970."""
    return int(moment.timestamp()) // 600


def beside_a_shift(world: Small, links: dict[Any, Row], x: Row) -> bool:
    """Another accusable record within half an hour has its leg at another time of that day."""
    moment = client_time(links[where(x)], x)
    for y in world.calls:
        link = links[where(y)]
        is_bare = link["side"] == "vendor" and link["is_covered"] and link["in_month"] and y["outcome"] in ANSWERED
        is_near = y.get("is_billed") is not False and abs(client_time(link, y) - moment) <= minutes(30)
        if is_bare and is_near and leg_elsewhere(world, link, y, timedelta(hours=14)):
            return True
    return False
