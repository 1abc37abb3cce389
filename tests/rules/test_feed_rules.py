"""The rules of every feed: what they catch, and what they let pass on purpose."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.rules import feed_rules, gate, run_rules
from pipelines.tables import CLAIMS, INHOUSE_CALLS
from tests.rules.deliveries import delivery

DAY = "2026-10-05"
NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)


def broken(files: dict[str, Path], table: str) -> set[str]:
    """Names of the feed's rules that the delivery breaks; every rule must have run."""
    outcomes = run_rules(feed_rules(table), files, table)
    assert "could_not_run" not in {item.state for item in outcomes}
    assert gate(outcomes) == {}
    return {item.rule.partition(".")[2] for item in outcomes if item.state == "broken"}


@pytest.mark.parametrize(
    ("different", "rules"),
    [
        ({}, set()),
        ({"answered_utc": datetime(2026, 10, 5, 0, 11, 56, tzinfo=UTC)}, set()),
        ({"ended_utc": None, "talk_s": None, "outcome": None}, set()),
        ({"offered_utc": NOON, "ended_utc": NOON}, set()),
        ({"offered_utc": NOON, "ended_utc": NOON - timedelta(microseconds=1)}, {"ended_utc_not_before_offered_utc"}),
        ({"talk_s": Decimal(-1)}, {"talk_s_not_negative"}),
        ({"queue_s": Decimal(-1), "acw_s": Decimal(-1)}, {"queue_s_not_negative", "acw_s_not_negative"}),
        ({"hold_s": Decimal("-0.001")}, {"hold_s_not_negative"}),
        ({"outcome": "unknown"}, {"outcome_known"}),
    ],
)
def test_vendor_calls(tmp_path: Path, different: dict[str, Any], rules: set[str]) -> None:
    assert broken(delivery(tmp_path, {DAY: [{}, different]}), "vendor_calls") == rules


@pytest.mark.parametrize(
    ("different", "rules"),
    [
        ({"transferred_utc": None, "leg_ended_utc": None}, set()),
        ({"ended_utc": NOON - timedelta(seconds=1)}, {"ended_utc_not_before_arrived_utc"}),
        ({"leg_ended_utc": NOON}, {"leg_ended_utc_not_before_transferred_utc"}),
        ({"outcome": "unknown"}, {"outcome_known"}),
    ],
)
def test_inhouse_calls(tmp_path: Path, different: dict[str, Any], rules: set[str]) -> None:
    ordinary = {
        "arrived_utc": NOON,
        "transferred_utc": NOON + timedelta(seconds=30),
        "leg_ended_utc": NOON + timedelta(seconds=200),
        "ended_utc": NOON + timedelta(seconds=200),
        "outcome": "transferred",
        "file_id": "f0",
        "row": 1,
        "day": NOON.date(),
    }
    file = tmp_path / "data.parquet"
    pl.DataFrame([ordinary | different], schema=INHOUSE_CALLS.schema).write_parquet(file)
    assert broken({DAY: file}, "inhouse_calls") == rules


def test_every_rule_reads_columns_that_its_table_has(tmp_path: Path) -> None:
    CLAIMS.empty().write_parquet(tmp_path / "data.parquet")
    assert broken({DAY: tmp_path / "data.parquet"}, "claims") == set()
    with pytest.raises(ValueError, match="there are some for claims, inhouse_calls, vendor_calls"):
        feed_rules("surveys")


def test_names_are_unique_over_all_tables_and_none_holds_a_day_back() -> None:
    rules = [rule for table in ("vendor_calls", "inhouse_calls", "claims") for rule in feed_rules(table)]
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.severity for rule in rules} == {"warning"}
