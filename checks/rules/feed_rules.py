"""Rules that hold for every feed, whatever its contract says. A vendor's own rules stand in its contract.

All of them warn and none holds a day back: a padded or careless delivery must still be judged. That `answered_utc`
lies before `offered_utc` by some seconds is no rule: two systems with two clocks write the two moments.
"""

from collections.abc import Mapping

from pipelines.contract.model import Rule

_OUTCOME_SENTENCE = "every result code is one that the contract's map names"


def _not_before(table: str, later: str, earlier: str, sentence: str) -> Rule:
    """`later` is not before `earlier`; a row without one of them is not asked."""
    kwargs = {"column_A": later, "column_B": earlier, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
    name = f"{table}.{later}_not_before_{earlier}"
    return Rule(name, "expect_column_pair_values_a_to_be_greater_than_b", kwargs, "warning", sentence)


def _not_negative(table: str, column: str, sentence: str) -> Rule:
    """A duration in seconds is zero or more; an empty one is not asked."""
    kwargs = {"column": column, "min_value": 0}
    return Rule(f"{table}.{column}_not_negative", "expect_column_values_to_be_between", kwargs, "warning", sentence)


def _outcome_known(table: str) -> Rule:
    """No outcome is `unknown`, which is what a value outside the contract's map becomes."""
    kwargs = {"column": "outcome", "value_set": ["unknown"]}
    name = f"{table}.outcome_known"
    return Rule(name, "expect_column_values_to_not_be_in_set", kwargs, "warning", _OUTCOME_SENTENCE)


_FEED_RULES: Mapping[str, tuple[Rule, ...]] = {
    "vendor_calls": (
        _not_before("vendor_calls", "ended_utc", "offered_utc", "no call ends before it is offered"),
        _not_negative("vendor_calls", "queue_s", "no wait in the queue is negative"),
        _not_negative("vendor_calls", "talk_s", "no talk time is negative"),
        _not_negative("vendor_calls", "hold_s", "no hold time is negative"),
        _not_negative("vendor_calls", "acw_s", "no after-call work is negative"),
        _outcome_known("vendor_calls"),
    ),
    "inhouse_calls": (
        _not_before("inhouse_calls", "ended_utc", "arrived_utc", "no call ends before it arrives"),
        _not_before("inhouse_calls", "leg_ended_utc", "transferred_utc", "no leg ends before it is passed on"),
        _outcome_known("inhouse_calls"),
    ),
    "claims": (),
}


def feed_rules(table: str) -> tuple[Rule, ...]:
    """The rules of a canonical table that holds a feed; ValueError where the table is none of those.

    `claims` has none: a figure can be wrong in no way that its row alone shows.
    """
    if table not in _FEED_RULES:
        raise ValueError(f"no feed rules for {table!r}; there are some for {', '.join(sorted(_FEED_RULES))}")
    return _FEED_RULES[table]
