"""Rows in, outcomes out: what passes, what is broken, and what could not run, told apart."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from checks.rules import RuleOutcome, Sample, outcomes_frame, run_rules
from pipelines.contract.model import Rule
from tests.rules.deliveries import CALLED, CALLER_KEY, delivery, rule

MONDAY, TUESDAY = "2026-10-05", "2026-10-06"


def ask(folder: Path, asked: Rule, *rows: dict[str, Any]) -> RuleOutcome:
    """One rule of one day of calls."""
    (outcome,) = run_rules([asked], delivery(folder, {MONDAY: rows}), "vendor_calls")
    return outcome


def test_a_rule_is_answered_for_each_day_by_itself(tmp_path: Path) -> None:
    days = {MONDAY: [{}, {}], TUESDAY: [{}, {"talk_s": Decimal(14401)}, {}]}
    four_hours = rule("expect_column_values_to_be_between", column="talk_s", max_value=14400)
    outcomes = run_rules([four_hours], delivery(tmp_path, days), "vendor_calls")
    assert [(item.day, item.state, item.rows_checked, item.rows_failed) for item in outcomes] == [
        (MONDAY, "pass", 2, 0),
        (TUESDAY, "broken", 3, 1),
    ]
    assert outcomes[1].samples == (Sample("f0", 2, "talk_s=14401"),)


def test_decimal_seconds_are_compared_to_the_thousandth(tmp_path: Path) -> None:
    asked = rule("expect_column_values_to_be_between", column="queue_s", min_value=0)
    outcome = ask(tmp_path, asked, {"queue_s": Decimal("0.000")}, {"queue_s": Decimal("-0.001")})
    assert outcome.samples == (Sample("f0", 2, "queue_s=-0.001"),)


def test_a_moment_in_a_rule_is_utc_wherever_the_machine_stands(tmp_path: Path) -> None:
    moments = [datetime(2026, 10, 5, 7, 59, 59, tzinfo=UTC), datetime(2026, 10, 5, 8, tzinfo=UTC)]
    files = delivery(tmp_path, {MONDAY: [{"offered_utc": moment} for moment in moments]})
    # DuckDB reads the machine's zone once per process, so the question is asked from another one.
    code = f"""
from pathlib import Path
from checks.rules import run_rules
from tests.rules.deliveries import rule
asked = rule("expect_column_values_to_be_between", column="offered_utc", min_value="2026-10-05 08:00:00")
(outcome,) = run_rules([asked], {{"{MONDAY}": Path({str(files[MONDAY])!r})}}, "vendor_calls")
print(outcome.samples)
"""
    root = Path(__file__).parents[2]
    environment = os.environ | {"TZ": "Asia/Shanghai", "PYTHONPATH": str(root)}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str((Sample("f0", 1, "offered_utc=2026-10-05T07:59:59+00:00"),))


def test_empty_cells_are_not_checked_unless_the_rule_is_about_them(tmp_path: Path) -> None:
    rows = [{"agent_id": None}, {"agent_id": "bo"}]
    known = rule("expect_column_values_to_be_in_set", column="agent_id", value_set=["anna", "bo"])
    assert ask(tmp_path, known, *rows).rows_checked == 1
    filled = ask(tmp_path, rule("expect_column_values_to_not_be_null", column="agent_id"), *rows)
    assert (filled.rows_checked, filled.rows_failed) == (2, 1)
    assert filled.samples == (Sample("f0", 1, "agent_id=(empty)"),)


def test_a_rule_that_found_nothing_to_check_says_so(tmp_path: Path) -> None:
    outcome = ask(tmp_path, rule("expect_column_values_to_be_between", column="acw_s", min_value=0), {}, {})
    assert (outcome.state, outcome.rows_checked, outcome.detail) == ("pass", 0, "there was no value to check")


def test_at_most_five_of_many_rows_are_shown_and_all_are_counted(tmp_path: Path) -> None:
    outcome = ask(tmp_path, rule("expect_column_values_to_be_unique", column="call_id"), *[{"call_id": "twice"}] * 8)
    assert (outcome.rows_failed, len(outcome.samples)) == (8, 5)


def test_a_share_that_may_fail_is_judged_on_each_day(tmp_path: Path) -> None:
    days = {MONDAY: [{"agent_id": None}, {}], TUESDAY: [{}] * 8}
    mostly = rule("expect_column_values_to_not_be_null", column="agent_id", mostly=0.9)
    outcomes = run_rules([mostly], delivery(tmp_path, days), "vendor_calls")
    assert [(item.state, item.rows_failed) for item in outcomes] == [("broken", 1), ("pass", 0)]


def test_a_call_id_may_come_again_on_another_day(tmp_path: Path) -> None:
    days = {MONDAY: [{"call_id": "c1"}], TUESDAY: [{"call_id": "c1"}]}
    unique = rule("expect_column_values_to_be_unique", column="call_id")
    assert {item.state for item in run_rules([unique], delivery(tmp_path, days), "vendor_calls")} == {"pass"}


def test_a_rule_about_the_day_as_a_whole_accuses_no_row_and_says_what_it_saw(tmp_path: Path) -> None:
    days = {MONDAY: [{}] * 3, TUESDAY: []}
    some = rule("expect_table_row_count_to_be_between", min_value=1)
    full, empty = run_rules([some], delivery(tmp_path, days), "vendor_calls")
    assert full.state == "pass"
    assert (empty.state, empty.rows_failed, empty.samples, empty.detail) == ("broken", 0, (), "observed 0")


def test_rows_may_be_chosen_by_a_condition(tmp_path: Path) -> None:
    asked = rule(
        "expect_column_values_to_be_between",
        column="talk_s",
        min_value=1,
        row_condition={
            "type": "comparison",
            "column": {"name": "outcome"},
            "operator": "==",
            "parameter": "answered",
        },
    )
    zero = {"talk_s": Decimal(0)}
    outcome = ask(tmp_path, asked, {}, zero, zero | {"outcome": "abandoned"})
    assert (outcome.state, outcome.rows_checked, outcome.rows_failed) == ("broken", 2, 1)


def test_a_mean_over_no_values_is_not_the_data_breaking_the_rule(tmp_path: Path) -> None:
    mean = rule("expect_column_mean_to_be_between", column="acw_s", min_value=1)
    outcome = ask(tmp_path, mean, {}, {})
    assert (outcome.state, outcome.detail) == ("could_not_run", "no row has a value in acw_s on this day")


SQL = "SELECT * FROM {batch} WHERE talk_s > queue_s * 100"


@pytest.mark.parametrize("name", ["unexpected_rows_expectation", "UnexpectedRowsExpectation"])
def test_a_rule_in_sql_shows_the_columns_that_it_names(tmp_path: Path, name: str) -> None:
    outcome = ask(tmp_path, rule(name, unexpected_rows_query=SQL), {}, {"queue_s": Decimal(1)})
    assert (outcome.state, outcome.rows_checked, outcome.rows_failed) == ("broken", 2, 1)
    assert outcome.samples == (Sample("f0", 2, "queue_s=1, talk_s=180"),)


def test_a_rule_in_sql_about_groups_points_at_no_row(tmp_path: Path) -> None:
    query = "SELECT agent_id, count(*) AS calls FROM {batch} GROUP BY agent_id HAVING count(*) > 1"
    outcome = ask(tmp_path, rule("unexpected_rows_expectation", unexpected_rows_query=query), {}, {})
    assert outcome.samples == (Sample(None, None, "agent_id=anna, calls=2"),)


NEVER = [
    (rule("expect_column_values_to_be_shiny", column="talk_s"), "there is no expectation named"),
    (rule("expect_column_values_to_be_between", colum="talk_s", max_value=1), "colum: extra fields not permitted"),
    (rule("expect_column_values_to_be_between", column="talk_s"), "min_value and max_value cannot both be None"),
    (rule("expect_column_values_to_be_in_set", column="outcome", value_set=["a"], mostly=7), "mostly: "),
    (rule("expect_column_values_to_not_be_null", column="agent"), "the table has no column agent; it has vendor_id, "),
    (rule("expect_column_values_to_match_regex", column="call_id", regex="^c"), "unexpected_rows_expectation with SQL"),
    (
        rule("expect_column_values_to_be_between", column="outcome", min_value=5),
        "reading outcome: Binder Error: Cannot ",
    ),
    (rule("unexpected_rows_expectation", unexpected_rows_query="SELECT 1"), "must read FROM {batch}"),
    (rule("unexpected_rows_expectation", unexpected_rows_query="SELECT * FROM {batch} WHERE tlk_s > 1"), '"tlk_s" not'),
]


@pytest.mark.parametrize(("asked", "why"), NEVER, ids=[why for _, why in NEVER])
def test_a_rule_that_cannot_be_asked_is_neither_passed_nor_broken_and_says_why(
    tmp_path: Path, asked: Rule, why: str
) -> None:
    outcome = ask(tmp_path, asked, {}, {"talk_s": Decimal(-1)})
    assert (outcome.state, outcome.rows_checked, outcome.rows_failed, outcome.samples) == ("could_not_run", 0, 0, ())
    assert outcome.detail is not None
    assert why in outcome.detail
    assert len(outcome.detail) < 700
    for engine_talk in ("\n", "LINE 1", "[SQL", "sqlalche.me", "_duckdb", "Traceback", "0x"):
        assert engine_talk not in outcome.detail


def test_a_reason_quotes_no_cell(tmp_path: Path) -> None:
    asked = rule("unexpected_rows_expectation", unexpected_rows_query="SELECT CAST(agent_id AS INTEGER) FROM {batch}")
    outcome = ask(tmp_path, asked, {"agent_id": "138 1234 5678"})
    assert outcome.detail is not None
    assert "Could not convert string … to INT32" in outcome.detail


def test_one_rule_that_cannot_run_leaves_the_others_alone(tmp_path: Path) -> None:
    rules = [asked for asked, _ in NEVER] + [rule("expect_column_values_to_be_between", column="talk_s", min_value=0)]
    named = [Rule(f"r{place}", *_rest(asked)) for place, asked in enumerate(rules)]
    days = {MONDAY: [{}, {"talk_s": Decimal(-1)}], TUESDAY: [{}]}
    states = [item.state for item in run_rules(named, delivery(tmp_path, days), "vendor_calls")]
    silent = ["could_not_run"] * len(NEVER)
    assert states == [*silent, "broken", *silent, "pass"]


def _rest(asked: Rule) -> tuple[Any, ...]:
    return asked.expectation_type, asked.kwargs, asked.severity, asked.sentence


def test_a_day_whose_file_lacks_a_column_does_not_borrow_it_from_its_neighbours(tmp_path: Path) -> None:
    files = delivery(tmp_path, {MONDAY: [{}], TUESDAY: [{}], "2026-10-07": [{}]})
    pl.read_parquet(files[TUESDAY], hive_partitioning=False).drop("talk_s").write_parquet(files[TUESDAY])
    asked = rule("expect_column_values_to_be_between", column="talk_s", min_value=0)
    assert [item.state for item in run_rules([asked], files, "vendor_calls")] == ["pass", "could_not_run", "pass"]


def test_a_day_keeps_its_own_types(tmp_path: Path) -> None:
    files = delivery(tmp_path, {MONDAY: [{}], TUESDAY: [{"talk_s": Decimal("-0.400")}]})
    whole = pl.read_parquet(files[MONDAY], hive_partitioning=False).with_columns(pl.col("talk_s").cast(pl.Int64))
    whole.write_parquet(files[MONDAY])
    asked = rule("expect_column_values_to_be_between", column="talk_s", min_value=0)
    assert [item.state for item in run_rules([asked], files, "vendor_calls")] == ["pass", "broken"]


def test_folders_of_the_lake_are_no_columns(tmp_path: Path) -> None:
    assert ask(tmp_path, rule("expect_column_to_exist", column="vendor"), {}).state == "broken"


def test_a_missing_column_breaks_the_rule_that_it_must_exist(tmp_path: Path) -> None:
    assert ask(tmp_path, rule("expect_column_to_exist", column="shoe_size"), {}).state == "broken"
    assert ask(tmp_path, rule("expect_column_to_exist", column="talk_s"), {}).state == "pass"


ABOUT_NUMBERS = [
    rule("expect_column_values_to_be_null", column="caller_key"),
    rule("expect_column_values_to_be_null", column="called"),
    rule("expect_column_values_to_be_in_set", column="caller_mask", value_set=["x"]),
    rule("expect_column_max_to_be_between", column="caller_key", max_value=1),
    rule("expect_column_distinct_values_to_be_in_set", column="called", value_set=["x"]),
    rule("expect_column_pair_values_to_be_equal", column_A="caller_mask", column_B="called"),
    rule("expect_column_values_to_be_between", column="called", max_value=5),
    rule("unexpected_rows_expectation", unexpected_rows_query="SELECT *, called AS talk FROM {batch}"),
    rule("unexpected_rows_expectation", unexpected_rows_query="SELECT * FROM {batch} WHERE talk_s > 1"),
    rule("unexpected_rows_expectation", unexpected_rows_query="SELECT CAST(called AS DATE) FROM {batch}"),
]


@pytest.mark.parametrize("asked", ABOUT_NUMBERS, ids=lambda asked: f"{asked.expectation_type}")
def test_no_outcome_shows_who_called_or_was_called(tmp_path: Path, asked: Rule) -> None:
    outcome = ask(tmp_path, asked, {})
    assert outcome.state != "pass"
    shown = f"{outcome.samples} {outcome.detail} {outcomes_frame([outcome]).write_json()}"
    for number in (str(CALLER_KEY), CALLED, CALLED[3:], "138*"):
        assert number not in shown


def test_sql_in_a_contract_reads_the_delivery_and_harms_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("word\nopensesame\n")
    target = tmp_path / "leak.csv"
    hostile = [
        f"SELECT * FROM {{batch}}, read_csv('{secret}')",
        f"COPY (SELECT * FROM {{batch}}) TO '{target}'",
        "SET enable_external_access = true; SELECT * FROM {batch}",
        "SET TimeZone = 'Asia/Shanghai' /* {batch} */",
        'DROP VIEW "vendor_calls_2026_10_06" /* {batch} */',
    ]
    innocent = "SELECT * FROM {batch} WHERE current_setting('TimeZone') <> 'UTC'"
    rules = [rule("unexpected_rows_expectation", name=sql, unexpected_rows_query=sql) for sql in [*hostile, innocent]]
    files = delivery(tmp_path, {MONDAY: [{}], TUESDAY: [{}]})
    states = [item.state for item in run_rules(rules, files, "vendor_calls")]
    assert states == [*["could_not_run"] * len(hostile), "pass"] * 2
    assert not target.exists()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    files = delivery(tmp_path, {MONDAY: [{}], TUESDAY: [{}]})
    asked = rule("expect_column_values_to_be_between", column="talk_s", min_value=0)
    run_rules([asked], files, "vendor_calls")
    assert list(temporary.iterdir()) == []
    opened = [str(link.resolve()) for link in Path("/proc/self/fd").iterdir()]
    assert not [name for name in opened if "tieout-rules-" in name]


def test_names_are_unique_and_nothing_asked_is_nothing_answered(tmp_path: Path) -> None:
    files = delivery(tmp_path, {MONDAY: [{}]})
    asked = rule("expect_column_values_to_not_be_null", column="call_id")
    with pytest.raises(ValueError, match="more than one is called the rule"):
        run_rules([asked, asked], files, "vendor_calls")
    assert run_rules([], files, "vendor_calls") == []
    assert run_rules([asked], {}, "vendor_calls") == []


def test_the_same_question_under_two_names_has_two_answers(tmp_path: Path) -> None:
    one = rule("expect_column_values_to_not_be_null", name="one", column="agent_id")
    two = rule("expect_column_values_to_not_be_null", name="two", severity="warning", column="agent_id")
    outcomes = run_rules([one, two], delivery(tmp_path, {MONDAY: [{"agent_id": None}]}), "vendor_calls")
    assert [(item.rule, item.severity, item.state) for item in outcomes] == [
        ("one", "error", "broken"),
        ("two", "warning", "broken"),
    ]


def test_days_come_in_order_whatever_the_order_of_the_files(tmp_path: Path) -> None:
    files = delivery(tmp_path, {TUESDAY: [{}], MONDAY: [{}]})
    outcomes = run_rules([rule("expect_table_row_count_to_be_between", min_value=1)], files, "vendor_calls")
    assert [date.fromisoformat(item.day).day for item in outcomes] == [5, 6]
