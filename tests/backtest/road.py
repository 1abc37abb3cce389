"""The whole road over one month of a workspace on disk, in the order in which data flows, without the reports."""

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
from pipelines.measure.contacts.step import write_contacts
from pipelines.measure.steps import write_figures
from pipelines.settle.steps import write_settlement
from pipelines.standardise.days import lay_days
from pipelines.standardise.files import standardise_files
from pipelines.tables import AGENT_STATES, CLAIMS, INHOUSE_CALLS, VENDOR_CALLS


def audit(directory: Path, text: str) -> tuple[Workspace, Lake, Month]:
    """Audits month `text` of all vendors; the results stand in the lake that is returned. Needs TIEOUT_KEY."""
    space, lake, month = accuse(directory, text)
    write_contacts(space, lake, month)
    for vendor in space.vendors:
        write_figures(space, lake, vendor, month)
        write_vague_fields(space, lake, vendor, month)
        write_settlement(space, lake, vendor, month)
    return space, lake, month


def accuse(directory: Path, text: str, has_rules: bool = True) -> tuple[Workspace, Lake, Month]:
    """The road as far as the detectors; without the rules it takes a third of the time, and nothing is held back."""
    space, month = load_workspace(directory), Month(text)
    lake = Lake(space.lake)
    receive(space, lake, month, has_rules)
    write_coverage(space, lake, month)
    for vendor in space.vendors:
        link_month(space, lake, vendor, month)
        write_findings(space, lake, vendor, month)
    return space, lake, month


def receive(space: Workspace, lake: Lake, month: Month, has_rules: bool) -> None:
    """From the drop folders to day partitions, judged by the rules."""
    contracts = [space.inhouse, *(vendor.contract for vendor in space.vendors.values())]
    for contract in contracts:
        pull(space.dir, lake, contract, month.scope)
        standardise_files(space, lake, contract, month.scope)
    lay_days(lake, "inhouse", INHOUSE_CALLS, month.scope)
    for vendor in space.vendors:
        lay_days(lake, vendor, VENDOR_CALLS, month.scope)
        lay_days(lake, vendor, CLAIMS, month.scope)
        lay_days(lake, vendor, AGENT_STATES, month.scope)
    for contract in contracts if has_rules else ():
        judge(lake, contract, month.scope)
