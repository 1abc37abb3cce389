"""The monthly assets, in the order of the road: which call is which, findings, figures, what is owed, the scorecard."""

import dagster as dg
import polars as pl

from checks.padding.steps import write_findings
from checks.vague.steps import write_vague_fields
from pipelines import tables
from pipelines.assets import Desk, Step, month_key, noted, schema_of, vendor_months
from pipelines.definitions.days import inhouse_rules
from pipelines.definitions.space import CALLS, of_days, vendor_month
from pipelines.intake.pull import require
from pipelines.link.coverage.step import write_coverage
from pipelines.link.steps import link_month
from pipelines.link.told import lake_clock
from pipelines.measure.compare.step import write_comparisons
from pipelines.measure.contacts.step import write_contacts
from pipelines.measure.steps import write_figures
from pipelines.settle.steps import write_settlement
from reports.publish import publish

# 4 link


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
    deps=[coverage, of_days("rules")],
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
    deps=[contacts, of_days("claims")],
    metadata=schema_of(tables.FIGURES),
    kinds={"duckdb"},
)
def figures(context: dg.AssetExecutionContext) -> None:
    """Every figure, reported and measured, with its base, bounds and status."""
    _monthly(context, write_figures)


@vendor_month(
    group_name="s6_measure",
    deps=[figures],
    metadata=schema_of(tables.COMPARISONS),
    kinds={"python"},
)
def comparisons(context: dg.AssetExecutionContext) -> None:
    """The vendor beside the client's own staff, the other vendors and its own last month, reason by reason."""
    _monthly(context, write_comparisons)


# 6 judge: vague fields


@vendor_month(
    group_name="s5_judge",
    deps=[of_days("claims")],
    metadata=schema_of(tables.VAGUE_FIELDS),
    kinds={"python"},
)
def vague_fields(context: dg.AssetExecutionContext) -> None:
    """Reported figures that the contract leaves undefined, and what to ask the vendor."""
    _monthly(context, write_vague_fields)


# 7 settle


@vendor_month(
    group_name="s7_settle",
    deps=[findings, figures],
    metadata=schema_of(tables.SETTLEMENT),
    kinds={"duckdb"},
)
def settlement(context: dg.AssetExecutionContext) -> None:
    """What is owed, line by line, under the terms in force."""
    _monthly(context, write_settlement)


# 8 report


@vendor_month(
    group_name="s8_report",
    deps=[figures, comparisons, vague_fields, settlement, of_days("rules")],
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
