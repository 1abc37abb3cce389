"""The whole road on a simulated workspace, step by step as a nightly audit walks it, and what it published."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.padding.steps import write_findings
from checks.rules.deliver import judge
from checks.vague.steps import write_vague_fields
from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace, load_workspace
from pipelines.intake.pull import pull
from pipelines.lake import Lake
from pipelines.link.coverage.step import write_coverage
from pipelines.link.steps import link_month
from pipelines.measure.compare.step import write_comparisons
from pipelines.measure.contacts.step import write_contacts
from pipelines.measure.steps import write_figures
from pipelines.settle.steps import write_settlement
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files
from pipelines.tables import AGENT_STATES, CLAIMS, INHOUSE_CALLS, VENDOR_CALLS
from reports.publish import Published, publish

OCTOBER = Month("2026-10")


@dataclass(frozen=True)
class Audited:
    """A workspace after an audit of October, and what was published for each vendor."""

    space: Workspace
    lake: Lake
    published: dict[str, Published]


def audit(directory: Path, wanted: Sequence[str] = ("honest", "padding", "vague")) -> Audited:
    """Pulls, reads, judges, links, measures, settles and publishes October of the wanted vendors."""
    os.environ["TIEOUT_KEY"] = "0123456789abcdef0123"
    space = load_workspace(directory)
    lake, days = Lake(space.lake), OCTOBER.scope
    for contract in (space.inhouse, *(space.vendors[name].contract for name in wanted)):
        pull(space.dir, lake, contract, days)
        standardise_files(space, lake, contract, days)
    lay_days(lake, "inhouse", INHOUSE_CALLS, days)
    judge(lake, space.inhouse, days)
    for name in wanted:
        lay_days(lake, name, VENDOR_CALLS, days)
        lay_days(lake, name, CLAIMS, days)
        lay_days(lake, name, AGENT_STATES, days)
        judge(lake, space.vendors[name].contract, days)
    write_coverage(space, lake, OCTOBER)
    for name in wanted:
        link_month(space, lake, name, OCTOBER)
        write_findings(space, lake, name, OCTOBER)
    write_contacts(space, lake, OCTOBER)
    for name in wanted:
        write_figures(space, lake, name, OCTOBER)
    for name in wanted:
        write_comparisons(space, lake, name, OCTOBER)
        write_vague_fields(space, lake, name, OCTOBER)
        write_settlement(space, lake, name, OCTOBER)
    return Audited(space, lake, {name: publish(space, lake, name, OCTOBER) for name in wanted})
