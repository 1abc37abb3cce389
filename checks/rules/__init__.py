"""The rules that a delivery must meet: asked by Great Expectations inside DuckDB, one answer per rule and day.

`feed_rules.py` holds the rules of every feed and `thresholds.py` their numbers, the contract brings its own; `asked.py`
says which of them a source is asked, and `run.py` asks them, but for the one that compares days (`volumes.py`).
`results.py` holds the answers and what follows from them (which days are held back, the month in one line per rule).
How a rule becomes an expectation stands in `questions.py`, the private database that it is asked in in `views.py`,
`beside.py` (what it compares with) and `session.py`.

Rules judge a delivery. Which single call is padded is judged in `checks/padding`, what a reported figure means in
`checks/vague`; rows that cannot be read at all never come here (`pipelines/formats`, table `rejects`).
Great Expectations takes seconds to import, so it is imported when the first rule is asked, not here.
"""

from checks.rules.feed_rules import feed_rules
from checks.rules.results import (
    RuleOutcome,
    RuleSummary,
    Sample,
    gate,
    month_summary,
    not_run,
    outcomes_frame,
)
from checks.rules.run import run_rules

__all__ = [
    "RuleOutcome",
    "RuleSummary",
    "Sample",
    "feed_rules",
    "gate",
    "month_summary",
    "not_run",
    "outcomes_frame",
    "run_rules",
]
