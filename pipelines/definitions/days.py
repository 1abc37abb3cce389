"""The daily assets, in the order of the road: what came, as rows, whether it meets the rules, the nights' pairs."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import polars as pl

from checks.rules.deliver import answers, judge
from pipelines import tables
from pipelines.assets import Desk, day_key, day_metadata, days_of, listed, schema_of, vendor_days
from pipelines.calendar import Month, gate_name
from pipelines.checked import check_results, check_specs, report_partitions
from pipelines.definitions.space import DAY, INHOUSE_RULES, SPACE, VENDOR_DAY, VENDOR_RULES, client_day, vendor_day
from pipelines.intake.deliveries import write_deliveries
from pipelines.intake.pull import pull
from pipelines.link.steps import link_nights
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files

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
