"""Dagster's entry point: assets, checks, schedules and a sensor, in the order of the road.

Every asset is thin: it opens the workspace, calls the step, notes what came of it. A range of partitions is one run.
Which partition is stale is decided by the lake; Dagster's partition mappings are lineage for the eye. What holds for
single days stands in `days.py`, for months in `months.py`; what both take from the workspace in `space.py`.
"""

import dagster as dg

from pipelines.definitions.days import (
    OPTIONAL,
    claims,
    inhouse_answers,
    inhouse_calls,
    inhouse_received,
    inhouse_rules,
    night_links,
    received,
    rules,
    vendor_answers,
    vendor_calls,
)
from pipelines.definitions.months import (
    comparisons,
    contacts,
    coverage,
    figures,
    findings,
    links,
    scorecard,
    settlement,
    vague_fields,
)
from pipelines.definitions.space import SPACE
from pipelines.schedules import new_vendors, schedules_of

ASSETS = [
    *(inhouse_received, received),
    *(inhouse_calls, vendor_calls, claims, *OPTIONAL),
    *(inhouse_rules, rules),
    *(night_links, coverage, links),
    findings,
    *(contacts, figures, comparisons),
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
