"""Monitored calls: rows of table `quality`, and the figures. Scores of different scorers are never pooled. Pure."""

from datetime import timedelta
from typing import Any

import polars as pl

from pipelines.calendar import Month
from pipelines.measure.catalogue import kpi
from pipelines.measure.intervals import wilson
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.people.samples import FEWEST_MONTHS, Mean, change, expectation, mean_of

_FAULTS = ("fault_a", "fault_b", "fault_c")


def of_months(rows: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Rows with `month` (the file's, else that of `at_utc` in `zone`) and a scorer: where none is told, the source.

    What one scorer says of one call at one moment counts once, however often it was delivered; a score that is no
    number is none.
    """
    own = pl.col("at_utc").dt.convert_time_zone(zone).dt.strftime("%Y-%m")
    told = rows.with_columns(
        pl.col("score").fill_nan(None),
        month=pl.coalesce("audit_month", own),
        scored_by=pl.coalesce("scored_by", "vendor_id"),
    ).drop_nulls("month")
    same = ["scored_by", "call_id", "at_utc", *(["agent_id"] if "agent_id" in rows.columns else [])]
    is_known = pl.col("call_id").is_not_null() & pl.col("at_utc").is_not_null()
    again = is_known & (pl.int_range(pl.len()).over(same) > 0)
    return told.sort("file_id", "row").filter(~again)


def quality_groups(scores: pl.DataFrame, queues: pl.DataFrame, month: Month) -> pl.DataFrame:
    """Rows of table `quality`: every scorer of the month as a whole (queue null), and by the queue of the agents.

    `scores` as of `of_months`; `queues` (agent_id, queue) says where an agent answers most.
    """
    told = scores.join(queues, on="agent_id", how="left", maintain_order="left")
    whole = told.with_columns(queue=pl.lit(None, pl.String))
    parts = pl.concat([whole, told.filter(pl.col("queue").is_not_null())])
    groups = parts.group_by("scored_by", "queue", "month").agg(
        n=pl.len(),
        scored=pl.col("score").count(),
        total=pl.col("score").sum(),
        square=(pl.col("score") ** 2).sum(),
        agents=pl.col("agent_id").drop_nulls().n_unique(),
        judged=pl.col("passed").count(),
        passed=pl.col("passed").sum(),
        **{name: pl.col(name).sum() for name in _FAULTS},
        **{f"{name}_told": pl.col(name).count() for name in _FAULTS},
    )
    by_group: dict[tuple[str, str | None], dict[str, Any]] = {}
    for row in groups.sort("month").to_dicts():
        by_group.setdefault((row["scored_by"], row["queue"]), {})[row["month"]] = row
    rows = [_row(*group, months, month) for group, months in by_group.items() if month.text in months]
    return pl.DataFrame(rows, schema=None if rows else {"scored_by": pl.String, "queue": pl.String})


def _row(scorer: str, queue: str | None, months: dict[str, Any], month: Month) -> dict[str, Any]:
    now, before = months[month.text], (month.first - timedelta(days=1)).strftime("%Y-%m")
    means = {name: mean_of(row["scored"], row["total"], row["square"]) for name, row in months.items() if row["scored"]}
    past = [means[name] for name in sorted(means) if name <= month.text]
    own, last = means.get(month.text), means.get(before)
    passed = wilson(now["passed"], now["judged"]) if now["judged"] else None
    faults = {name: now[name] if now[f"{name}_told"] else None for name in _FAULTS}
    return {
        "scored_by": scorer,
        "queue": queue,
        **{name: now[name] for name in ("n", "scored", "agents", "judged")},
        **_named(("score", "score_low", "score_high"), (own.value, own.low, own.high) if own else None),
        **_named(
            ("passed_pct", "passed_low_pct", "passed_high_pct"),
            (100 * passed.value, 100 * passed.low, 100 * passed.high) if passed else None,
        ),
        **faults,
        "last_n": last.n if last else None,
        "last_score": last.value if last else None,
        **_named(("change", "change_low", "change_high"), change(own, last) if own and last else None),
        **_expected(past if own else []),
    }


def _expected(past: list[Mean]) -> dict[str, Any]:
    """What to expect next month, or why nothing can be."""
    found = expectation(past)
    note = f"too_few_months:{len(past)}" if len(past) < FEWEST_MONTHS else None
    return {"months": len(past), **_named(("next_score", "next_low", "next_high"), found), "note": note}


def _named(names: tuple[str, ...], values: tuple[float | None, ...] | None) -> dict[str, float | None]:
    return dict(zip(names, values or (None,) * len(names), strict=True))


def quality_figures(groups: pl.DataFrame, agents: int | None) -> list[Measured]:
    """Mean score, pass rate and monitored calls per agent, by scorer and queue; `agents` answered calls in the month.

    The scope is `all` where there is one scorer; several are scopes `group:<scorer>`, and `all` then says so.
    """
    scorers = sorted(set(groups["scored_by"]))
    if not scorers:
        return [not_measurable(figure, "nothing_to_count") for figure in _FIGURES]
    found: list[Measured] = []
    if len(scorers) > 1:
        found = [not_measurable(figure, f"several_scorers:{len(scorers)}") for figure in _FIGURES]
    for row in groups.sort("scored_by", "queue", nulls_last=False).to_dicts():
        alone = len(scorers) == 1 and row["queue"] is None
        scope = "all" if alone else f"group:{row['scored_by']}" + (f"/{row['queue']}" if row["queue"] else "")
        found += [_score(row, scope), _passed(row, scope)]
        if row["queue"] is None:
            found.append(_monitored(row, scope, agents))
    return found


_FIGURES = ("quality_score", "quality_pass_rate", "monitored_per_agent")


def _score(row: dict[str, Any], scope: str) -> Measured:
    if row["score"] is None:
        return not_measurable("quality_score", "column_missing:score", scope)
    interval = {"ci_low": row["score_low"], "ci_high": row["score_high"]}
    return Measured(
        "quality_score", scope, row["score"], n=row["scored"], definition=_code("quality_score"), **interval
    )


def _passed(row: dict[str, Any], scope: str) -> Measured:
    figure = "quality_pass_rate"
    if row["passed_pct"] is None:
        return not_measurable(figure, "column_missing:passed", scope)
    interval = {"ci_low": row["passed_low_pct"], "ci_high": row["passed_high_pct"]}
    return Measured(figure, scope, row["passed_pct"], n=row["judged"], definition=_code(figure), **interval)


def _monitored(row: dict[str, Any], scope: str, agents: int | None) -> Measured:
    """Monitored calls ÷ agents who answered calls, whether anybody listened to them or not."""
    figure = "monitored_per_agent"
    if not agents:
        return not_measurable(figure, "column_missing:agent_id", scope)
    return Measured(figure, scope, row["n"] / agents, n=agents, definition=_code(figure))


def _code(figure: str) -> str:
    return kpi(figure).code
