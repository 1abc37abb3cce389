"""Runs Dagster's assets in this process: a month, or one night, stage by stage, one run a stage and vendor.

A vendor whose input cannot be used stops there; the others go on. Which assets there are is told by the caller.
"""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.assets import day_key, month_key
from pipelines.calendar import Month
from pipelines.contract.model import Contract
from pipelines.contract.workspace import Workspace
from pipelines.errors import Fault, TieoutError, fault

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
_START, _END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"

Assets = Sequence[dg.AssetsDefinition | dg.AssetChecksDefinition]


@dataclass(frozen=True)
class Stage:
    """One run: what the user is told, which assets, which partitions; `vendor` is None for the client's log."""

    title: str
    assets: tuple[str, ...]
    first: str
    last: str
    vendor: str | None = None


@dataclass
class Outcome:
    """What could not be used, by vendor."""

    faults: dict[str, list[Fault]] = field(default_factory=dict)


def home(directory: Path) -> Path:
    """Dagster's home of a workspace, made with the settings of `dagster_home/` where there is none; set for Dagster."""
    folder = directory.resolve() / ".dagster"
    folder.mkdir(exist_ok=True)
    settings = folder / "dagster.yaml"
    if not settings.exists():
        settings.write_text((files("dagster_home") / "dagster.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["TIEOUT_DIR"] = str(directory.resolve())
    return folder


@contextmanager
def instance(directory: Path, vendors: Sequence[str]) -> Iterator[dg.DagsterInstance]:
    """Dagster's record of a workspace, with its vendors as partitions."""
    home(directory)
    with dg.DagsterInstance.get() as found:
        missing = [name for name in vendors if not found.has_dynamic_partition("vendor", name)]
        found.add_dynamic_partitions("vendor", missing)
        yield found


def month_stages(space: Workspace, month: Month, vendors: Sequence[str]) -> list[Stage]:
    """The stages of a month's audit.

    All vendors are linked before any is measured, for contacts need them all; and measured before any is compared.
    """
    today = datetime.now(ZoneInfo(space.time_zone)).date()
    days = [day for day in month.scope if space.first_day <= day <= today]
    if month.last < space.first_day or month.first > today:
        allowed = f"a month from {space.first_day:%Y-%m} to {today:%Y-%m}"
        raise fault(f"--month {month.text}", "a month outside the workspace", allowed, "correct --month or first_day")
    return [
        *_deliveries(space, days),
        *(Stage(f"{v}: which call is which", _LINK, *_month(v, month), v) for v in space.vendors),
        *(Stage(f"{v}: what really happened", _MEASURE, *_month(v, month), v) for v in space.vendors),
        *(Stage(f"{v}: comparison and scorecard", _REPORT, *_month(v, month), v) for v in vendors),
    ]


def night_stages(space: Workspace, day: date, vendors: Sequence[str]) -> list[Stage]:
    """The stages of one night: the client's day, then each vendor's."""
    return [stage for stage in _deliveries(space, [day]) if stage.vendor is None or stage.vendor in vendors]


_INHOUSE = ("inhouse_received", "inhouse_calls", "inhouse_rules")
_VENDOR = ("received", "vendor_calls", "claims", "rules", "night_links")
_LINK = ("coverage", "links", "findings")
_MEASURE = ("contacts", "figures")
_REPORT = ("comparisons", "vague_fields", "settlement", "scorecard")


def _deliveries(space: Workspace, days: Sequence[date]) -> list[Stage]:
    first, last = days[0].isoformat(), days[-1].isoformat()
    return [
        Stage("the client's own log", _INHOUSE, first, last),
        *(
            Stage(f"{v}: deliveries", (*_VENDOR, *_optional(vendor.contract)), day_key(v, first), day_key(v, last), v)
            for v, vendor in space.vendors.items()
        ),
    ]


def _optional(contract: Contract) -> tuple[str, ...]:
    """The assets that only some vendors deliver for (see OPTIONAL in definitions/)."""
    feeds = {item.feed for item in contract.objects}
    states = ("agent_states",) if feeds & {"queue_events", "agent_states"} else ()
    return ("queue_events", *states) if "queue_events" in feeds else states


def _month(vendor: str, month: Month) -> tuple[str, str]:
    key = month_key(vendor, month)
    return key, key


def run_stages(
    stages: Sequence[Stage], assets: Assets, record: dg.DagsterInstance, told: Callable[[Stage], None]
) -> Outcome:
    """Runs the stages in order. A fault in the client's log is raised; a vendor's fault ends that vendor's stages."""
    outcome = Outcome()
    for stage in stages:
        if stage.vendor in outcome.faults:
            continue
        told(stage)
        try:
            _run(stage, assets, record)
        except TieoutError as error:
            if stage.vendor is None:
                raise
            outcome.faults[stage.vendor] = error.faults
    return outcome


def _run(stage: Stage, assets: Assets, record: dg.DagsterInstance) -> None:
    """One run in this process; what a step raises comes out as it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Dagster's beta and preview notices are for developers
        dg.materialize(
            list(assets),
            instance=record,
            selection=list(stage.assets),
            tags={_START: stage.first, _END: stage.last, "tieout/stage": _tag(stage.title)},
            run_config=_QUIET,
        )


def _tag(title: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in title)[:60]
