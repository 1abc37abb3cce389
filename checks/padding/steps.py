"""The detectors on the lake: a vendor's linked month → table `findings`."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from checks.padding.detect import Guards, detect
from checks.padding.silence import Span, lost_rows, silences
from pipelines.calendar import Month, calls_of, legs_of
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import COVERAGE, FINDINGS, INHOUSE_CALLS, LINKS, REJECTS

_LOG = ["file_id", "row", "arrived_utc"]


def write_findings(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Findings of one vendor's month."""
    where = {"vendor": vendor, "month": month.text}
    calls, legs, links = calls_of(lake, vendor, month), legs_of(lake, month), lake.paths(LINKS, **where)
    guards = _guards(space, lake, vendor, month)
    stamp = sha("findings", VERSION, lake.stamps([*calls, *legs, *links]), guards)
    if not lake.is_fresh(FINDINGS, stamp, **where):
        lake.write(FINDINGS, detect(calls, legs, links, vendor, guards), stamp, **where)
    return lake.read(FINDINGS, **where)


def _guards(space: Workspace, lake: Lake, vendor: str, month: Month) -> Guards:
    match = space.vendors[vendor].terms.of_month(month.first, month.last).match
    rows = [pl.read_parquet(path, columns=_LOG) for path in legs_of(lake, month)]
    log = pl.concat(rows) if rows else INHOUSE_CALLS.empty().select(_LOG)
    return Guards(
        _vouched(space),
        match.direct_numbers,
        match.tolerance_s,
        gaps=silences(log["arrived_utc"], lake.read(COVERAGE, month=month.text)),
        lost=lost_rows(log, lake.read(REJECTS, source=space.inhouse.source)),
    )


def _vouched(space: Workspace) -> list[Span]:
    """The local days for which the client vouches that its log is complete, as one span."""
    log = space.log_complete
    if log is None:
        return []
    zone = ZoneInfo(space.time_zone)
    after = log.until + timedelta(days=1)
    return [(datetime.combine(log.since, time(), zone), datetime.combine(after, time(), zone))]
