"""The detectors on the lake: a vendor's linked month → table `findings`."""

from datetime import date

import polars as pl

from checks.padding.detect import STEPS, Guards, detect
from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import FINDINGS, LINKS


def write_findings(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Findings of one vendor's month."""
    where = {"vendor": vendor, "month": month.text}
    calls, legs, links = calls_of(lake, vendor, month), legs_of(lake, month), lake.paths(LINKS, **where)
    guards = _guards(space, vendor, month)
    sql = [step.read_text(encoding="utf-8") for step in sorted(STEPS.iterdir(), key=str) if step.name.endswith(".sql")]
    stamp = sha("findings", VERSION, sql, lake.stamps([*calls, *legs, *links]), guards)
    if not lake.is_fresh(FINDINGS, stamp, **where):
        lake.write(FINDINGS, detect(calls, legs, links, vendor, guards), stamp, **where)
    return lake.read(FINDINGS, **where)


def _guards(space: Workspace, vendor: str, month: Month) -> Guards:
    match = space.vendors[vendor].terms.on(month.first).match
    return Guards(_whole_days(space, month), match.direct_numbers, match.tolerance_s)


def _whole_days(space: Workspace, month: Month) -> list[date]:
    """Days for which the client vouches that its log is complete."""
    log = space.log_complete
    return [day for day in month.scope if log and log.since <= day <= log.until]
