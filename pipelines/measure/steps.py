"""The measure step on the lake: every figure of one vendor's month, family by family, beside the vendor's own.

What a family computes stands in its folder; the contacts of all sides are made once a month (`contacts/step.py`).
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from pipelines.calendar import Month, calls_of, data_end, held_back, legs_of, open_paths, span
from pipelines.contract.workspace import Workspace
from pipelines.lake import VERSION, Lake, laid_aside, sha
from pipelines.measure.capacity.family import capacity
from pipelines.measure.compare.family import compare
from pipelines.measure.fed import fed_paths
from pipelines.measure.figures import figures_frame
from pipelines.measure.matching import matching
from pipelines.measure.measured import Found, Measured
from pipelines.measure.people.family import people
from pipelines.measure.people.staff import NEW_DAYS
from pipelines.measure.reported import reported
from pipelines.measure.resolution.family import resolution
from pipelines.measure.scene import Scene, scene
from pipelines.measure.service.family import service
from pipelines.measure.volume.family import volume, volume_facts, volume_inputs
from pipelines.tables import (
    AGENT_DAYS,
    AGENT_STATES,
    AGENTS,
    CALLER_GROUPS,
    CLAIMS,
    CONTACTS,
    COVERAGE,
    DELIVERIES,
    FIGURES,
    FINDINGS,
    FORECAST,
    INTERVALS,
    LINKS,
    OFFSETS,
    PROFILES,
    QUALITY,
    QUALITY_SCORES,
    REASONS,
    REGULARS,
    RETURNED,
    ROSTER,
    SURVEYS,
    TRUNKS,
    VENDOR_CALLS,
    VOLUME,
    VOLUME_HOURS,
    Table,
)

FAMILIES: tuple[Callable[[Scene], Found], ...] = (service, resolution, people, capacity, volume, matching, compare)
"""In the order of the scorecard; a family may read the engine's tables of those before it."""
TABLES: tuple[Table, ...] = (
    RETURNED,
    *(AGENTS, AGENT_DAYS, QUALITY),
    INTERVALS,
    *(VOLUME, VOLUME_HOURS, REGULARS, REASONS),
    *(PROFILES, CALLER_GROUPS),
)
"""The families' own tables, one partition a vendor and month."""
_BY_FILE = (ROSTER, TRUNKS, FORECAST, SURVEYS, QUALITY_SCORES)


def write_figures(space: Workspace, lake: Lake, vendor: str, month: Month) -> pl.DataFrame:
    """Every figure of one vendor's month, reported and measured; table `figures`, and the families' own tables."""
    where = {"vendor": vendor, "month": month.text}
    stamp = _stamp(space, lake, vendor, month)
    if not all(lake.is_fresh(table, stamp, **where) for table in (FIGURES, *TABLES)):
        with laid_aside(lake) as folder, scene(space, lake, vendor, month, folder) as on:
            found = [family(on) for family in FAMILIES]
        rows = {table: frame for part in found for table, frame in part.tables.items()}
        for table in TABLES:
            lake.write(table, rows.get(table, table.empty()), stamp, **where)
        claims, unseen = _claims(lake, vendor, month)
        measured = [figure for part in found for figure in part.figures]
        as_of = data_end(lake, vendor, month) or month.last
        told = reported(claims, unseen, _by_day(measured))
        frame = figures_frame(measured, told, vendor, month.text, as_of, unseen)
        lake.write(FIGURES, frame, stamp, **where)
        lake.keep(FIGURES, "figures_history", stamp, **where)
    return lake.read(FIGURES, **where)


def _by_day(measured: list[Measured]) -> dict[date, float]:
    """Calls offered on each day that was measured."""
    days = [figure for figure in measured if figure.id == "offered" and figure.scope.startswith("day:")]
    return {date.fromisoformat(figure.scope.partition(":")[2]): figure.value or 0.0 for figure in days}


def _stamp(space: Workspace, lake: Lake, vendor: str, month: Month) -> str:
    """What the figures are made from: rows of both sides, contracts, terms, and the days that a rule holds back."""
    where = {"vendor": vendor, "month": month.text}
    terms, contract = space.vendors[vendor].terms.of_month(month.first, month.last), space.vendors[vendor].contract
    used = [
        *(path for table in (LINKS, FINDINGS, OFFSETS) for path in lake.paths(table, **where)),
        *(path for table in (CONTACTS, COVERAGE) for path in lake.paths(table, month=month.text)),
        *calls_of(lake, vendor, month),
        *legs_of(lake, month),
        *lake.paths(CLAIMS, vendor=vendor),
        *lake.paths(DELIVERIES, source=vendor, month=month.text),
        *(path for each in (contract, space.inhouse) for table in _BY_FILE for path in fed_paths(lake, each, table)),
        *_beyond(lake, vendor, month),
        *volume_inputs(lake, month),
    ]
    held = {table.name: held_back(lake, table, vendor) for table in (CLAIMS, VENDOR_CALLS)}
    facts = [
        terms.model_dump(),
        contract.sha,
        space.inhouse.sha,
        space.windows,
        space.time_zone,
        held,
        volume_facts(space),
        lake.values(VENDOR_CALLS, "day", vendor=vendor)[:1],  # how far back records reach, to say who is new
    ]
    return sha("figures", VERSION, lake.stamps(used), facts)


def _beyond(lake: Lake, vendor: str, month: Month) -> list[Path]:
    """Agents' states, and the records before the month in which an agent is new."""
    before = span(month.first - timedelta(days=NEW_DAYS), month.first - timedelta(days=2))
    states = open_paths(lake, AGENT_STATES, vendor, month.scope)
    return [*states, *open_paths(lake, VENDOR_CALLS, vendor, before)]


def _claims(lake: Lake, vendor: str, month: Month) -> tuple[pl.DataFrame, list[date]]:
    """The vendor's claims of the month, less the days that a rule holds back; and the days whose calls are held back.

    Those days are not measured, so no total of the month may hold them on one side only.
    """
    held, unseen = (
        [date.fromisoformat(day) for day in held_back(lake, table, vendor)] for table in (CLAIMS, VENDOR_CALLS)
    )
    claims = lake.read(CLAIMS, vendor=vendor)
    return claims.filter((pl.col("audit_month") == month.text) & ~pl.col("day").is_in(held)), unseen
