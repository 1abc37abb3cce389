"""Dagster's entry point: assets, checks, schedules and a sensor, in the order of the road.

Every asset is thin: it opens the workspace, calls the step, notes what came of it. A range of partitions is one run.
Which partition is stale is decided by the lake; Dagster's partition mappings are lineage for the eye.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial

import dagster as dg
import polars as pl

from checks.padding.steps import write_findings
from checks.rules.deliver import answers, judge, rules_of
from checks.vague.steps import write_vague_fields
from pipelines import tables
from pipelines.assets import (
    Desk,
    Step,
    by_day,
    by_vendor_day,
    by_vendor_month,
    day_key,
    day_metadata,
    days_of,
    listed,
    month_key,
    noted,
    schema_of,
    vendor_days,
    vendor_months,
    workspace_dir,
)
from pipelines.calendar import Month, gate_name
from pipelines.checked import check_results, check_specs, report_partitions
from pipelines.contract.model import Contract, Rule
from pipelines.contract.workspace import load_workspace
from pipelines.intake.deliveries import write_deliveries
from pipelines.intake.pull import pull, require
from pipelines.link.coverage.step import write_coverage
from pipelines.link.steps import link_month, link_nights
from pipelines.link.told import lake_clock
from pipelines.measure.steps import write_contacts, write_figures
from pipelines.schedules import new_vendors, schedules_of
from pipelines.settle.steps import write_settlement
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files
from reports.publish import publish

SPACE = load_workspace(workspace_dir())
"""The workspace as it was when Dagster loaded it: partitions and names of checks come from it, nothing else."""

DAY, VENDOR_DAY, VENDOR_MONTH = by_day(SPACE), by_vendor_day(SPACE), by_vendor_month(SPACE)

client_day = partial(dg.asset, partitions_def=DAY, backfill_policy=dg.BackfillPolicy.single_run())
vendor_day = partial(dg.asset, partitions_def=VENDOR_DAY, backfill_policy=dg.BackfillPolicy.single_run())
vendor_month = partial(dg.asset, partitions_def=VENDOR_MONTH, backfill_policy=dg.BackfillPolicy.single_run())


def _rules(*contracts: Contract) -> dict[str, Rule]:
    """Every rule of these contracts, by name."""
    return {rule.name: rule for contract in contracts for own in rules_of(contract).values() for rule in own}


INHOUSE_RULES = _rules(SPACE.inhouse)
CALLS = ("calls", "queue_events")
"""The feeds that calls come from: a queue log holds them where there are no records of single calls."""
VENDOR_RULES = _rules(*(vendor.contract for vendor in SPACE.vendors.values()))
MONTHS_FROM_DAYS = dg.MultiPartitionMapping(
    {
        "day": dg.DimensionPartitionMapping(
            "month", dg.TimeWindowPartitionMapping(allow_nonexistent_upstream_partitions=True)
        ),
        "vendor": dg.DimensionPartitionMapping("vendor", dg.IdentityPartitionMapping()),
    }
)


def _of_days(name: str) -> dg.AssetDep:
    """A monthly asset's dependence on a daily one of the same vendor."""
    return dg.AssetDep(name, partition_mapping=MONTHS_FROM_DAYS)


# 1 intake


@client_day(group_name="s1_intake", kinds={"file"})
def inhouse_received(context: dg.AssetExecutionContext) -> None:
    """The client's own log, as it lay there: copied, hashed, listed in a manifest."""
    desk = Desk.open()
    with desk.lake.writer():
        files = pull(desk.space.dir, desk.lake, desk.space.inhouse, days_of(context))
    context.log.info("received: %s", listed(file.file for file in files))


@vendor_day(group_name="s1_intake", kinds={"file"})
def received(context: dg.AssetExecutionContext) -> None:
    """Vendors' files, as they lay there: copied, hashed, listed in a manifest."""
    desk = Desk.open()
    for vendor, days in vendor_days(context).items():
        with desk.lake.writer():
            files = pull(desk.space.dir, desk.lake, desk.space.vendors[vendor].contract, days)
        context.log.info("%s: received %s", vendor, listed(file.file for file in files))


# 2 formats and 3 standardise


@client_day(
    group_name="s2_standardise",
    deps=[inhouse_received],
    metadata=schema_of(tables.INHOUSE_CALLS),
    kinds={"polars"},
)
def inhouse_calls(context: dg.AssetExecutionContext) -> None:
    """The client's log as canonical rows: numbers keyed, clocks in UTC, one vocabulary of outcomes."""
    desk, days = Desk.open(), days_of(context)
    with desk.lake.writer():
        standardise_files(desk.space, desk.lake, desk.space.inhouse, days)
        lay_days(desk.lake, "inhouse", tables.INHOUSE_CALLS, days)
    keys = {day.isoformat(): day.isoformat() for day in days}
    day_metadata(context, desk.lake, tables.INHOUSE_CALLS, "inhouse", keys)


@vendor_day(
    group_name="s2_standardise",
    deps=[received],
    metadata=schema_of(tables.VENDOR_CALLS),
    kinds={"polars"},
)
def vendor_calls(context: dg.AssetExecutionContext) -> None:
    """Vendors' call records as canonical rows; what cannot be read stands in `rejects`, with file, line and reason."""
    _standardised(context, tables.VENDOR_CALLS)


@vendor_day(
    group_name="s2_standardise",
    deps=[received],
    metadata=schema_of(tables.CLAIMS),
    kinds={"polars"},
)
def claims(context: dg.AssetExecutionContext) -> None:
    """The figures that vendors report, one row a figure and period, as printed."""
    _standardised(context, tables.CLAIMS)


@vendor_day(
    group_name="s2_standardise",
    deps=[vendor_calls],
    metadata=schema_of(tables.QUEUE_EVENTS),
    kinds={"polars"},
)
def queue_events(context: dg.AssetExecutionContext) -> None:
    """Events of vendors' queue logs, from which their calls and their agents' states are put together."""
    _standardised(context, tables.QUEUE_EVENTS)


@vendor_day(
    group_name="s2_standardise",
    deps=[received],
    metadata=schema_of(tables.AGENT_STATES),
    kinds={"polars"},
)
def agent_states(context: dg.AssetExecutionContext) -> None:
    """Which agent was in which state, from when to when."""
    _standardised(context, tables.AGENT_STATES)


def _standardised(context: dg.AssetExecutionContext, table: tables.Table) -> None:
    desk = Desk.open()
    for vendor, days in vendor_days(context).items():
        with desk.lake.writer():
            standardise_files(desk.space, desk.lake, desk.space.vendors[vendor].contract, days)
            lay_days(desk.lake, vendor, table, days)
        keys = {day.isoformat(): day_key(vendor, day.isoformat()) for day in days}
        day_metadata(context, desk.lake, table, vendor, keys)


FEEDS = {item.feed for vendor in SPACE.vendors.values() for item in vendor.contract.objects}
OPTIONAL = [
    *([queue_events] if "queue_events" in FEEDS else []),
    *([agent_states] if FEEDS & {"agent_states", "queue_events"} else []),
]
"""Assets that stand in the graph only where a contract delivers for them: every partition of an asset costs time."""


# 6 judge: the rules, a gate


def _deliveries(desk: Desk, source: str, days: list[date]) -> None:
    """Which files were due and which came; some rules are about that."""
    for month in sorted({f"{day:%Y-%m}" for day in days}):
        write_deliveries(desk.space, desk.lake, source, Month(month))


@client_day(
    group_name="s3_rules",
    deps=[inhouse_calls],
    metadata=schema_of(tables.RULE_RESULTS),
    kinds={"duckdb"},
)
def inhouse_rules(context: dg.AssetExecutionContext) -> None:
    """The rules that the client's log must meet. A broken error rule holds back its day, and nothing else."""
    desk, days = Desk.open(), days_of(context)
    with desk.lake.writer():
        _deliveries(desk, desk.space.inhouse.source, days)
        judge(desk.lake, desk.space.inhouse, days)


@dg.multi_asset_check(specs=check_specs("inhouse_rules", INHOUSE_RULES, DAY))
def inhouse_answers(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """What the rules said of the client's log, on each day."""
    desk, days = Desk.open(), days_of(context.op_execution_context)
    found = answers(desk.lake, "inhouse", days)
    keys = {day.isoformat(): day.isoformat() for day in days}
    report_partitions(context, "inhouse_rules", INHOUSE_RULES, found, keys)
    yield from check_results("inhouse_rules", INHOUSE_RULES, found)


@vendor_day(
    group_name="s3_rules",
    deps=[vendor_calls, claims, *OPTIONAL],
    metadata=schema_of(tables.RULE_RESULTS),
    kinds={"duckdb"},
)
def rules(context: dg.AssetExecutionContext) -> None:
    """The rules that deliveries must meet. A broken error rule holds back its vendor's day, and nothing else."""
    desk = Desk.open()
    for vendor, days in vendor_days(context).items():
        with desk.lake.writer():
            _deliveries(desk, vendor, days)
            judge(desk.lake, desk.space.vendors[vendor].contract, days)
        for day in days:
            held = desk.lake.read_json(gate_name(tables.VENDOR_CALLS, vendor, day.isoformat()))
            if held:
                context.log.warning("%s, %s is held back: %s", vendor, day, "; ".join(held["held_back"]))


@dg.multi_asset_check(specs=check_specs("rules", VENDOR_RULES, VENDOR_DAY))
def vendor_answers(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """What the rules said of each vendor, on each day."""
    desk, found = Desk.open(), []
    for vendor, days in vendor_days(context.op_execution_context).items():
        found.append(answers(desk.lake, vendor, days))
        keys = {day.isoformat(): day_key(vendor, day.isoformat()) for day in days}
        report_partitions(context, "rules", VENDOR_RULES, found[-1], keys)
    yield from check_results("rules", VENDOR_RULES, pl.concat(found))


# 4 link


@vendor_day(
    group_name="s4_link",
    deps=[rules, inhouse_rules],
    metadata=schema_of(tables.NIGHT_LINKS),
    kinds={"duckdb"},
)
def night_links(context: dg.AssetExecutionContext) -> None:
    """Provisional pairs of single days; the month's audit links the month whole and is the authority."""
    desk = Desk.open()
    for vendor, days in vendor_days(context).items():
        with desk.lake.writer():
            pairs = link_nights(desk.space, desk.lake, vendor, days)
        for day, count in pairs.items():
            context.add_asset_metadata({"pairs": count}, partition_key=day_key(vendor, day))


@vendor_month(
    group_name="s4_link",
    deps=[dg.AssetDep(inhouse_rules, partition_mapping=dg.AllPartitionMapping())],
    metadata=schema_of(tables.COVERAGE),
    kinds={"polars"},
)
def coverage(context: dg.AssetExecutionContext) -> None:
    """For which hours the client's own log is whole; the same for all vendors. No claim is stronger than that."""
    desk = Desk.open()
    for vendor, month in vendor_months(context):
        with desk.lake.writer():
            require(desk.space.dir, desk.lake, desk.space.inhouse, month.text, "inhouse_calls")
            hours = write_coverage(desk.space, desk.lake, month).filter(pl.col("route") == "")
        bare = hours.filter(~pl.col("is_covered")).height
        context.add_asset_metadata({**noted(hours), "hours_uncovered": bare}, partition_key=month_key(vendor, month))


@vendor_month(
    group_name="s4_link",
    deps=[coverage, _of_days("rules")],
    metadata=schema_of(tables.LINKS),
    kinds={"duckdb"},
)
def links(context: dg.AssetExecutionContext) -> None:
    """Which call is which: pairs of vendor calls and in-house legs, and for what has no pair, why."""
    desk = Desk.open()
    for vendor, month in vendor_months(context):
        with desk.lake.writer():
            require(desk.space.dir, desk.lake, desk.space.vendors[vendor].contract, month.text, *CALLS)
            found = link_month(desk.space, desk.lake, vendor, month)
            moved = lake_clock(desk.lake, vendor, month)
        classes = dict(found.iter_rows())
        told = {**noted(found), "dagster/row_count": sum(classes.values()), **classes, **moved}
        context.add_asset_metadata(told, partition_key=month_key(vendor, month))


# 6 judge: detectors


@vendor_month(
    group_name="s5_judge",
    deps=[links],
    metadata=schema_of(tables.FINDINGS),
    kinds={"duckdb"},
)
def findings(context: dg.AssetExecutionContext) -> None:
    """Records that a detector names, how sure it is, and the innocent reading."""
    _monthly(context, write_findings)


# 5 measure


@vendor_month(
    group_name="s6_measure",
    deps=[links, findings],
    metadata=schema_of(tables.CONTACTS),
    kinds={"duckdb"},
)
def contacts(context: dg.AssetExecutionContext) -> None:
    """Every contact of every caller, at all vendors and in-house: a leg and its record are one contact."""
    desk = Desk.open()
    for vendor, month in vendor_months(context):
        with desk.lake.writer():
            found = write_contacts(desk.space, desk.lake, month)
        context.add_asset_metadata(noted(found), partition_key=month_key(vendor, month))


@vendor_month(
    group_name="s6_measure",
    deps=[contacts, _of_days("claims")],
    metadata=schema_of(tables.FIGURES),
    kinds={"duckdb"},
)
def figures(context: dg.AssetExecutionContext) -> None:
    """Every figure, reported and measured, with its base, bounds and status."""
    _monthly(context, write_figures)


# 6 judge: vague fields


@vendor_month(
    group_name="s5_judge",
    deps=[_of_days("claims")],
    metadata=schema_of(tables.VAGUE_FIELDS),
    kinds={"python"},
)
def vague_fields(context: dg.AssetExecutionContext) -> None:
    """Reported figures that the contract leaves undefined, and what to ask the vendor."""
    _monthly(context, write_vague_fields)


# 7 settle


@vendor_month(
    group_name="s7_settle",
    deps=[findings],
    metadata=schema_of(tables.SETTLEMENT),
    kinds={"duckdb"},
)
def settlement(context: dg.AssetExecutionContext) -> None:
    """What is owed, line by line, under the terms in force."""
    _monthly(context, write_settlement)


# 8 report


@vendor_month(
    group_name="s8_report",
    deps=[figures, vague_fields, settlement, _of_days("rules")],
    kinds={"pdf"},
)
def scorecard(context: dg.AssetExecutionContext) -> None:
    """The scorecard as PDF and HTML, figures.json, and the evidence that the vendor can re-run."""
    desk = Desk.open()
    for vendor, month in vendor_months(context):
        with desk.lake.writer():
            made = publish(desk.space, desk.lake, vendor, month)
        note = {
            "verdict": f"{made.card.verdict.level}: {made.card.verdict.sentence}",
            "pdf": dg.MetadataValue.path(made.pdf),
            "figures": dg.MetadataValue.path(made.folder / "figures.json"),
        }
        context.add_asset_metadata(note, partition_key=month_key(vendor, month))


def _monthly(context: dg.AssetExecutionContext, step: Step) -> None:
    """Runs a step for each vendor and month of the run, and notes rows and preview."""
    desk = Desk.open()
    for vendor, month in vendor_months(context):
        with desk.lake.writer():
            found = step(desk.space, desk.lake, vendor, month)
        context.add_asset_metadata(noted(found), partition_key=month_key(vendor, month))


ASSETS = [
    *(inhouse_received, received),
    *(inhouse_calls, vendor_calls, claims, *OPTIONAL),
    *(inhouse_rules, rules),
    *(night_links, coverage, links),
    findings,
    *(contacts, figures),
    vague_fields,
    settlement,
    scorecard,
]

CHECKS = [inhouse_answers, vendor_answers]

defs = dg.Definitions(
    assets=ASSETS,
    asset_checks=CHECKS,
    schedules=schedules_of(SPACE, ASSETS),
    sensors=[new_vendors],
    executor=dg.in_process_executor,
)
