"""Rules that hold for every feed, whatever its contract says. A vendor's own rules stand in its contract.

All of them warn and none holds a day back: a padded or careless delivery must still be judged. A rule on a column that
the contract does not deliver is left out, for nobody promised it. That `answered_utc` lies before `offered_utc` by some
seconds is no rule: two systems with two clocks write the two moments. The numbers stand in `thresholds.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checks.rules.thresholds import CLOCK_AHEAD, DAY_VOLUME_LEAST, DAY_VOLUME_MOST, OWNER, TALK_BEYOND_CALL
from pipelines.contract.model import FeedObject, Rule

_OUTCOME_SENTENCE = "every result code is one that the contract's map names"
_SQL = "unexpected_rows_expectation"
DAY_VOLUME = "day_volume"
"""The expectation type of the one rule that compares days with each other; `volumes.py` answers it, not a query."""


@dataclass(frozen=True)
class Delivered:
    """What a contract delivers into one table: `roles` that an object fills, `everywhere` those that each one fills.

    `feeds` are all feeds of the contract: a rule may compare one feed with another.
    """

    roles: frozenset[str]
    everywhere: frozenset[str]
    feeds: frozenset[str]

    @classmethod
    def by(cls, fills: Sequence[frozenset[str]], objects: Sequence[FeedObject]) -> "Delivered":
        """From the roles of each object that fills the table, and all objects of the contract."""
        everywhere = frozenset.intersection(*fills) if fills else frozenset()
        return cls(frozenset().union(*fills), everywhere, frozenset(item.feed for item in objects))


@dataclass(frozen=True)
class _Feed:
    """A rule, and what must be delivered for it: `roles`, roles of every row (`everywhere`), another feed."""

    rule: Rule
    roles: tuple[str, ...] = ()
    everywhere: tuple[str, ...] = ()
    feed: str | None = None

    def fits(self, delivered: Delivered) -> bool:
        """Whether all that the rule compares is delivered."""
        feeds = {self.feed} - {None}
        return (
            delivered.roles.issuperset(self.roles)
            and delivered.everywhere.issuperset(self.everywhere)
            and delivered.feeds.issuperset(feeds)
        )


def _not_before(table: str, later: str, earlier: str, sentence: str) -> _Feed:
    """`later` is not before `earlier`; a row without one of them is not asked."""
    kwargs = {"column_A": later, "column_B": earlier, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    name = f"{table}.{later}_not_before_{earlier}"
    kind = "expect_column_pair_values_a_to_be_greater_than_b"
    return _Feed(Rule(name, kind, kwargs, "warning", sentence, OWNER), (later, earlier))


def _not_negative(table: str, column: str, sentence: str) -> _Feed:
    """A duration or a number of things is zero or more; an empty one is not asked."""
    kwargs = {"column": column, "min_value": 0}
    name = f"{table}.{column}_not_negative"
    return _Feed(Rule(name, "expect_column_values_to_be_between", kwargs, "warning", sentence, OWNER), (column,))


def _known(table: str, column: str, sentence: str) -> _Feed:
    """No value is `unknown`, which is what a value outside the contract's map becomes."""
    kwargs = {"column": column, "value_set": ["unknown"]}
    name = f"{table}.{column}_known"
    return _Feed(Rule(name, "expect_column_values_to_not_be_in_set", kwargs, "warning", sentence, OWNER), (column,))


def _row_rule(name: str, about: str, broken: str, sentence: str, *reads: str) -> Rule:
    """A rule about single rows in SQL: the rows that it looks at, and which of them break it."""
    kwargs = {"unexpected_rows_query": f"SELECT * FROM {{batch}} WHERE ({about}) AND ({broken})"}
    return Rule(name, _SQL, kwargs, CLOCK_AHEAD.effect, sentence, OWNER, about, reads)


def _not_in_future(table: str, *times: str) -> _Feed:
    """No moment lies after the reception of its file, with a margin for a clock that is fast."""
    filled = " OR ".join(f"{name} IS NOT NULL" for name in times)
    latest = f"greatest({', '.join(times)})" if len(times) > 1 else times[0]
    known = "(SELECT max(received_utc) FROM received WHERE known_file = file_id)"
    broken = f"{latest} > {known} + INTERVAL '{CLOCK_AHEAD.value:.0f}' DAY"
    sentence = "nothing is dated later than the day after its file was received"
    return _Feed(_row_rule(f"{table}.not_in_future", filled, broken, sentence, "received"))


def _talk_within_call() -> _Feed:
    """Talk and hold together fit between the first moment of the call and its end."""
    about = "talk_s IS NOT NULL AND offered_utc IS NOT NULL AND ended_utc IS NOT NULL"
    lasts = "epoch(ended_utc) - epoch(least(answered_utc, offered_utc))"
    broken = f"CAST(talk_s + coalesce(hold_s, 0) AS DOUBLE) > round({lasts}, 3) + {TALK_BEYOND_CALL.value}"
    sentence = "nobody talks for longer than the call lasts"
    rule = _row_rule("vendor_calls.talk_within_call", about, broken, sentence)
    return _Feed(rule, ("talk_s", "offered_utc", "ended_utc"))


def _answered_when() -> _Feed:
    """An answered call says when; objects that never say it are not asked, nor are their rows."""
    about = "outcome IN ('answered', 'transferred')"
    sentence = "every answered call says when it was answered"
    rule = _row_rule("vendor_calls.answered_has_time", about, "answered_utc IS NULL", sentence)
    return _Feed(rule, ("outcome",), ("answered_utc",))


def _agent_on_roster() -> _Feed:
    """Who answered was on the vendor's roster on that day, by the vendor's own calendar."""
    about = "outcome IN ('answered', 'transferred') AND agent_id IS NOT NULL"
    day = "coalesce(booked_day, day)"
    employed = f"coalesce(hired, {day}) <= {day} AND coalesce(last_day, {day}) >= {day}"
    broken = f"NOT EXISTS (SELECT 1 FROM roster WHERE known_agent = agent_id AND {employed})"
    sentence = "every agent who answers is on the roster of that day"
    rule = _row_rule("vendor_calls.agent_on_roster", about, broken, sentence, "roster")
    return _Feed(rule, ("outcome", "agent_id"), (), "roster")


def _score_within_scale() -> _Feed:
    """A score is not above the highest that could be given; what nobody answered is not asked."""
    about = "score IS NOT NULL AND scale IS NOT NULL"
    rule = _row_rule("surveys.score_within_scale", about, "score > scale", "no score is above its scale")
    return _Feed(rule, ("score", "scale"))


def _issued_in_advance() -> _Feed:
    """What was announced was announced before its period began; later it is no forecast any more."""
    about = "issued_utc IS NOT NULL AND period_start_utc IS NOT NULL"
    sentence = "no forecast is issued after its period has begun"
    rule = _row_rule("forecast.issued_in_advance", about, "issued_utc > period_start_utc", sentence)
    return _Feed(rule, ("issued_at", "period_start"))


def _day_volume(table: str) -> _Feed:
    """A day's rows lie in the range of its weekday."""
    limits = {"least": DAY_VOLUME_LEAST.value, "most": DAY_VOLUME_MOST.value}
    sentence = "each day holds about as many rows as that weekday usually does"
    return _Feed(Rule(f"{table}.{DAY_VOLUME}", DAY_VOLUME, limits, DAY_VOLUME_LEAST.effect, sentence, OWNER))


_INHOUSE_TIMES = (
    *("arrived_utc", "transferred_utc", "leg_answered_utc", "leg_ended_utc"),
    *("returned_utc", "answered_utc", "ended_utc"),
)
_FEED_RULES: Mapping[str, tuple[_Feed, ...]] = {
    "vendor_calls": (
        _not_before("vendor_calls", "ended_utc", "offered_utc", "no call ends before it is offered"),
        _talk_within_call(),
        _answered_when(),
        _not_in_future("vendor_calls", "offered_utc", "ringing_utc", "answered_utc", "ended_utc"),
        _not_negative("vendor_calls", "queue_s", "no wait in the queue is negative"),
        _not_negative("vendor_calls", "talk_s", "no talk time is negative"),
        _not_negative("vendor_calls", "hold_s", "no hold time is negative"),
        _not_negative("vendor_calls", "acw_s", "no after-call work is negative"),
        _known("vendor_calls", "outcome", _OUTCOME_SENTENCE),
        _agent_on_roster(),
        _day_volume("vendor_calls"),
    ),
    "inhouse_calls": (
        _not_before("inhouse_calls", "ended_utc", "arrived_utc", "no call ends before it arrives"),
        _not_before("inhouse_calls", "leg_ended_utc", "transferred_utc", "no leg ends before it is passed on"),
        _not_in_future("inhouse_calls", *_INHOUSE_TIMES),
        _known("inhouse_calls", "outcome", _OUTCOME_SENTENCE),
        _day_volume("inhouse_calls"),
    ),
    "queue_events": (_not_in_future("queue_events", "event_utc"),),
    "agent_states": (
        _not_before("agent_states", "to_utc", "from_utc", "no state ends before it begins"),
        _not_in_future("agent_states", "from_utc", "to_utc"),
        _known("agent_states", "state", "every state of an agent is one that the contract's map names"),
    ),
    "roster": (
        _not_before("roster", "left", "hired", "nobody leaves before the first day of work"),
        _not_before("roster", "planned_to_utc", "planned_from_utc", "no planned shift ends before it begins"),
    ),
    "trunks": (_not_negative("trunks", "capacity", "no number of lines is negative"),),
    "forecast": (
        _not_negative("forecast", "calls", "no number of announced calls is negative"),
        _not_negative("forecast", "aht_s", "no announced handling time is negative"),
        _issued_in_advance(),
    ),
    "surveys": (
        _not_negative("surveys", "score", "no score is negative"),
        _score_within_scale(),
        _not_in_future("surveys", "at_utc"),
    ),
    "quality_scores": (
        _not_negative("quality_scores", "score", "no score is negative"),
        _not_negative("quality_scores", "fault_a", "no number of faults is negative"),
        _not_negative("quality_scores", "fault_b", "no number of faults is negative"),
        _not_negative("quality_scores", "fault_c", "no number of faults is negative"),
        _not_in_future("quality_scores", "at_utc"),
    ),
    "claims": (_not_in_future("claims", "period_start_utc"),),
}


def feed_rules(table: str, delivered: Delivered | None = None) -> tuple[Rule, ...]:
    """The rules of a canonical table that holds a feed, as far as their columns are delivered; without it all of them.

    ValueError where the table is none of those.
    """
    if table not in _FEED_RULES:
        raise ValueError(f"no feed rules for {table!r}; there are some for {', '.join(sorted(_FEED_RULES))}")
    return tuple(item.rule for item in _FEED_RULES[table] if delivered is None or item.fits(delivered))
