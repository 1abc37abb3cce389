"""What follows from outcomes: days held back, the month in one line per rule, the table of the lake."""

import json
import subprocess
import sys
from datetime import date

from checks.rules import RuleOutcome, RuleSummary, Sample, gate, month_summary, not_run, outcomes_frame
from pipelines.tables import RULE_RESULTS

BROKEN = RuleOutcome("ids", "error", "every call has an id", "2026-10-05", "broken", 100, 4, (Sample("f0", 7, "x=1"),))
THIN = RuleOutcome("rows", "error", "a day has calls", "2026-10-05", "broken", 0, 0, (), "observed 0")
MILD = RuleOutcome("talk", "warning", "nobody talks for hours", "2026-10-06", "broken", 100, 1)
SILENT = RuleOutcome("queue", "error", "the queue is named", "2026-10-06", "could_not_run", 0, 0, (), "no column queu")
FINE = RuleOutcome("ids", "error", "every call has an id", "2026-10-06", "pass", 90, 0)
ALL = [MILD, SILENT, FINE, BROKEN, THIN]


def test_only_a_broken_error_rule_holds_its_day_back() -> None:
    assert gate(ALL) == {
        "2026-10-05": ("every call has an id: not so in 4 of 100 rows", "a day has calls: not so (observed 0)"),
    }


def test_a_rule_that_could_not_run_is_listed_apart() -> None:
    assert not_run(ALL) == {"2026-10-06": ("queue (error): no column queu",)}


def test_the_month_has_one_line_per_rule() -> None:
    assert month_summary(ALL) == [
        RuleSummary("talk", "nobody talks for hours", "warning", "warning", 100, 1, ("2026-10-06",)),
        RuleSummary("queue", "the queue is named", "error", "could_not_run", 0, 0),
        RuleSummary("ids", "every call has an id", "error", "error", 190, 4, ("2026-10-05",)),
        RuleSummary("rows", "a day has calls", "error", "error", 0, 0, ("2026-10-05",)),
    ]


def test_a_day_without_an_answer_keeps_the_month_from_passing() -> None:
    silent = RuleOutcome("ids", "error", "every call has an id", "2026-10-07", "could_not_run", 0, 0, (), "why")
    assert [line.state for line in month_summary([FINE, silent])] == ["could_not_run"]
    assert [line.state for line in month_summary([FINE, silent, BROKEN])] == ["error"]


def test_the_frame_is_the_table_of_the_lake() -> None:
    frame = outcomes_frame(ALL)
    assert frame.schema == RULE_RESULTS.schema
    assert outcomes_frame([]).schema == RULE_RESULTS.schema
    row = frame.row(3, named=True)
    assert (row["rule"], row["day"], row["state"], row["detail"]) == ("ids", date(2026, 10, 5), "broken", None)
    assert json.loads(row["samples"]) == [{"file_id": "f0", "row": 7, "value": "x=1"}]


def test_importing_the_rules_leaves_great_expectations_alone() -> None:
    code = "import sys, checks.rules; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
