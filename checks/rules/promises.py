"""The delivery promises of a contract (`slaProperties`) as rules: each file comes, and by the day on which it is due.

What was due and what came stands in table `deliveries`; here it becomes answers, on the last day of each period.
Where nobody looked between the day on which a file was due and the pull that found it, nobody can say: then the rule
could not run.
"""

from collections.abc import Iterable
from datetime import date

import polars as pl

from checks.rules.results import RuleOutcome, Sample
from checks.rules.session import SAMPLES
from checks.rules.thresholds import OWNER
from pipelines.contract.model import Contract, Rule
from pipelines.lake import Lake
from pipelines.tables import DELIVERIES

PROMISE = "delivery_promise"
"""The expectation type of the rules about deliveries; no query answers them."""

_IN_TIME = Rule(
    "deliveries.in_time", PROMISE, {"broken": "late"}, "warning", "each file comes by the day on which it is due", OWNER
)
_COMPLETE = Rule(
    "deliveries.complete", PROMISE, {"broken": "missing"}, "warning", "each period has the file that is due", OWNER
)
_LOOKED_AT = {
    _IN_TIME.name: ("on_time", "late"),
    _COMPLETE.name: ("on_time", "late", "further", "not_measurable", "missing"),
}
_NOBODY_KNOWS = "nobody looked in time to say when it came: pull at least daily"


def promise_rules(contract: Contract) -> tuple[Rule, ...]:
    """The rules of what the contract promises: `latency` makes one, `frequency` the other."""
    return (*([_IN_TIME] if contract.latency else ()), *([_COMPLETE] if contract.frequency else ()))


def promise_outcomes(lake: Lake, contract: Contract, days: Iterable[date]) -> list[RuleOutcome]:
    """The answers for the days on which a period ends; `rows_checked` counts files, samples name them."""
    wanted = set(days)
    months = sorted({f"{day:%Y-%m}" for day in wanted})
    rules = promise_rules(contract)
    if not wanted or not rules:
        return []
    frames = [lake.read(DELIVERIES, source=contract.source, month=month) for month in months]
    rows = pl.concat(frames).unique(maintain_order=True).filter(pl.col("period_end").is_in(sorted(wanted)))
    return [
        outcome
        for (day,), part in rows.sort("period_end", "object", "file").partition_by("period_end", as_dict=True).items()
        for rule in rules
        if (outcome := _outcome(rule, day, part)) is not None
    ]


def _outcome(rule: Rule, day: date, rows: pl.DataFrame) -> RuleOutcome | None:
    """One rule on one day; None where nothing was due."""
    due = rows.filter(pl.col("due_utc").is_not_null()) if rule is _IN_TIME else rows
    looked_at = due.filter(pl.col("state").is_in(_LOOKED_AT[rule.name]))
    failed = looked_at.filter(state=rule.kwargs["broken"])
    said = (rule.name, rule.severity, rule.sentence, day.isoformat())
    if looked_at.is_empty():
        is_unknown = not due.filter(state="not_measurable").is_empty()
        return RuleOutcome(*said, "could_not_run", 0, 0, (), _NOBODY_KNOWS) if is_unknown else None
    samples = tuple(Sample(row["file_id"], None, _told(row)) for row in failed.head(SAMPLES).iter_rows(named=True))
    state = "broken" if failed.height else "pass"
    return RuleOutcome(*said, state, looked_at.height, failed.height, samples)  # type: ignore[arg-type]


def _told(row: dict[str, object]) -> str:
    period = f"{row['period_start']} to {row['period_end']}"
    return f"object={row['object']}, period={period}, file={row['file'] or '(none)'}"
