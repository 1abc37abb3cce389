"""The detectors on the lake: a vendor's linked month → table `findings`."""

import polars as pl

from checks.padding.detect import Guards, detect
from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import FINDINGS, LINKS, LOG_SPANS


def write_findings(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Findings of one vendor's month."""
    where = {"vendor": vendor, "month": month.text}
    calls, legs, links = calls_of(lake, vendor, month), legs_of(lake, month), lake.paths(LINKS, **where)
    known = lake.paths(LOG_SPANS, month=month.text)
    match = space.vendors[vendor].terms.of_month(month.first, month.last).match
    stamp = sha("findings", VERSION, lake.stamps([*calls, *legs, *links, *known]), match)
    if not lake.is_fresh(FINDINGS, stamp, **where):
        spans = lake.read(LOG_SPANS, month=month.text)
        guards = Guards(spans, match.direct_numbers, match.tolerance_s)
        lake.write(FINDINGS, detect(calls, legs, links, vendor, guards), stamp, **where)
    return lake.read(FINDINGS, **where)
