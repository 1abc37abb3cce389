"""Rules as Dagster asset checks: one check a rule, green, amber or red, with its counts, for every partition.

A check never blocks: the gate in the lake holds back just the partition whose data broke an error rule.
"""

import json
import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import product
from typing import Any

import dagster as dg
import polars as pl
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData as _Target,
)

from pipelines.contract.model import Rule

_NOTHING: dict[str, Any] = {
    "rows_checked": 0,
    "rows_failed": 0,
    "note": "nothing was delivered, or the contract has no such rule",
}
_PARTS = re.compile(r"[^A-Za-z0-9_]+")


def check_name(rule: str) -> str:
    """A rule's name as Dagster allows it."""
    return _PARTS.sub("__", rule)


def check_specs(
    asset: str, rules: Mapping[str, Rule], partitions: dg.PartitionsDefinition[Any]
) -> list[dg.AssetCheckSpec]:
    """One check per rule, with a state for each partition; `rules` are by name. Each says who answers for it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # partitioned checks are a preview feature of Dagster, and work
        return [
            dg.AssetCheckSpec(
                check_name(name),
                asset=asset,
                description=f"{rule.sentence} (owner: {rule.owner}; {rule.severity})",
                metadata={"owner": rule.owner, "severity": rule.severity},
                partitions_def=partitions,
            )
            for name, rule in sorted(rules.items())
        ]


def report_partitions(
    context: dg.AssetCheckExecutionContext,
    asset: str,
    rules: Iterable[str],
    answers: pl.DataFrame,
    keys: Mapping[str, str],
) -> None:
    """Reports every answer of table `rule_results` on its partition; `keys` maps ISO dates to partition keys.

    A rule without an answer on a day had nothing to look at there; Dagster would call it skipped, and the whole check.
    Each answer names the materialization that it is about, else Dagster takes it for an older one's.
    """
    about = context.instance.get_latest_storage_id_by_partition(
        dg.AssetKey(asset), dg.DagsterEventType.ASSET_MATERIALIZATION, set(keys.values())
    )
    rows = {(row["rule"], row["day"].isoformat()): row for row in answers.iter_rows(named=True)}
    now = datetime.now(UTC).timestamp()
    for rule, (day, key) in product(sorted(rules), keys.items()):
        row = rows.get((rule, day))
        event = dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey(asset),
            check_name=check_name(rule),
            passed=row is None or row["state"] == "pass",
            severity=_severity(row) if row else dg.AssetCheckSeverity.WARN,
            metadata=_metadata(row) if row else _NOTHING,
            target_materialization_data=_Target(storage_id=about[key], run_id=context.run.run_id, timestamp=now)
            if key in about
            else None,
            partition=key,
        )
        context.op_execution_context.log_event(event)  # type: ignore[arg-type]  # it takes evaluations, unsaid


def check_results(asset: str, rules: Iterable[str], answers: pl.DataFrame) -> list[dg.AssetCheckResult]:
    """One result per rule over all days of the run; a rule that no contract of the run has passes, and says so."""
    worst = answers.with_columns(place=pl.col("state").replace_strict({"broken": 0, "could_not_run": 1, "pass": 2}))
    by_rule = {
        rule: part.sort("place", "day")
        for (rule,), part in worst.partition_by("rule", as_dict=True, maintain_order=True).items()
    }
    return [_result(asset, rule, by_rule.get(rule)) for rule in sorted(rules)]


def _result(asset: str, rule: str, days: pl.DataFrame | None) -> dg.AssetCheckResult:
    name = check_name(rule)
    if days is None:
        return dg.AssetCheckResult(passed=True, asset_key=asset, check_name=name, metadata=_NOTHING)
    row = days.row(0, named=True)
    broken = [str(day) for day in days.filter(pl.col("state") != "pass")["day"].unique().sort()]
    sums = {"rows_checked": int(days["rows_checked"].sum()), "rows_failed": int(days["rows_failed"].sum())}
    metadata = {**_metadata(row), **sums, "days_not_passed": ", ".join(broken)}
    passed = row["state"] == "pass"
    return dg.AssetCheckResult(
        passed=passed, asset_key=asset, check_name=name, severity=_severity(row), metadata=metadata
    )


def _severity(row: Mapping[str, Any]) -> dg.AssetCheckSeverity:
    """Red only where the data broke an error rule; a rule that could not run is amber, for nobody is at fault."""
    is_error = row["severity"] == "error" and row["state"] == "broken"
    return dg.AssetCheckSeverity.ERROR if is_error else dg.AssetCheckSeverity.WARN


def _metadata(row: Mapping[str, Any]) -> dict[str, Any]:
    found = {"rows_checked": row["rows_checked"], "rows_failed": row["rows_failed"], "rule": row["sentence"]}
    samples = json.loads(row["samples"] or "[]")
    if samples:
        found["samples"] = dg.MetadataValue.json(samples)
    if row["state"] == "could_not_run":
        found["could_not_run"] = row["detail"] or ""
    return found
