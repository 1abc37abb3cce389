"""Which rules a contract's source is asked: those of every feed that it delivers, and its own.

A contract's own rules are asked of the rows of their own object: a file that never promised a column breaks no promise
about it. Where two rules would share a name, the later one is told apart by the name of its object.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from checks.rules.feed_rules import Delivered, feed_rules
from checks.rules.promises import promise_rules
from pipelines.contract.model import Contract, FeedObject, Rule
from pipelines.tables import (
    AGENT_STATES,
    CLAIMS,
    DELIVERIES,
    FORECAST,
    INHOUSE_CALLS,
    QUALITY_SCORES,
    QUEUE_EVENTS,
    ROSTER,
    SURVEYS,
    TRUNKS,
    VENDOR_CALLS,
    Table,
)

_FEEDS = {
    "calls": VENDOR_CALLS,
    "inhouse_calls": INHOUSE_CALLS,
    "queue_events": QUEUE_EVENTS,
    "agent_states": AGENT_STATES,
    "roster": ROSTER,
    "trunks": TRUNKS,
    "forecast": FORECAST,
    "surveys": SURVEYS,
    "quality_scores": QUALITY_SCORES,
    "claims": CLAIMS,
}
_QUEUE_LOG: Mapping[Table, frozenset[str]] = {
    VENDOR_CALLS: frozenset(
        {"call_id", "caller", "queue", "agent_id", "offered_utc", "answered_utc", "ended_utc"}
        | {"queue_s", "talk_s", "outcome"}
    ),
    AGENT_STATES: frozenset({"agent_id", "state", "from_utc", "to_utc"}),
}
"""What the events of a queue fill beside their own table."""


@dataclass(frozen=True)
class Part:
    """Rules that are asked of the same rows: all of `table`, or those that came with one `object` of the contract."""

    table: Table
    rules: tuple[Rule, ...]
    object: str | None = None


def parts_of(contract: Contract) -> list[Part]:
    """Every rule of a source; names are unique over all parts."""
    fills = _fills(contract)
    parts = [
        Part(table, feed_rules(table.name, Delivered.by(list(own.values()), contract.objects)))
        for table, own in fills.items()
    ]
    taken = {rule.name for part in parts for rule in part.rules}
    for item in contract.objects:
        table = _FEEDS.get(item.feed)
        if table is not None and item.every_rule():
            rules = tuple(_named(rule, item.name, taken) for rule in item.every_rule())
            parts.append(Part(table, rules, item.name if len(fills[table]) > 1 else None))
    return parts


def rules_of(contract: Contract) -> dict[Table, list[Rule]]:
    """Every rule of a source by table: those that hold for every feed it delivers, and the contract's own."""
    found: dict[Table, list[Rule]] = {}
    for part in parts_of(contract):
        found.setdefault(part.table, []).extend(part.rules)
    if promised := promise_rules(contract):
        found[DELIVERIES] = list(promised)
    return found


def _fills(contract: Contract) -> dict[Table, dict[str, frozenset[str]]]:
    """By table, the objects that fill it and the roles that each of them delivers."""
    found: dict[Table, dict[str, frozenset[str]]] = {}
    has_calls = any(item.feed == "calls" for item in contract.objects)
    for item in contract.objects:
        if item.feed in _FEEDS:
            found.setdefault(_FEEDS[item.feed], {})[item.name] = _roles(item)
        if item.feed == "queue_events":
            for table, roles in _QUEUE_LOG.items():
                if not (has_calls and table is VENDOR_CALLS):  # then the log yields agents' states only
                    found.setdefault(table, {})[item.name] = roles
    return found


def _roles(item: FeedObject) -> frozenset[str]:
    return frozenset(column.role for column in item.columns if column.role)


def _named(rule: Rule, name: str, taken: set[str]) -> Rule:
    """The rule under a name that is not taken."""
    own, count = rule.name, 1
    while own in taken:
        own = f"{name}.{rule.name}" + (f"_{count}" if count > 1 else "")
        count += 1
    taken.add(own)
    return replace(rule, name=own)
