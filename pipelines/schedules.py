"""Schedules and the sensor: the client's log at two, vendors at three, provisional months at five, every night.

A vendor is a folder in the workspace; the sensor makes it a partition, so that a new one needs no restart.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.assets import VENDORS, Desk, day_key, month_key
from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake
from pipelines.tables import FIGURES

_SETTLES_ON = 3
"""Day of the month on which the month before is audited for the first time; later nights restate it."""


def schedules_of(space: Workspace, assets: Sequence[dg.AssetsDefinition]) -> list[dg.ScheduleDefinition]:
    """The nightly schedules and the monthly one, by the client's clock; all start switched off.

    They name assets, not jobs: of a job's range over vendors and days Dagster 1.13 runs one partition and marks all.
    """
    zone = space.time_zone
    client, vendors, months = (dg.AssetSelection.assets(*own) for own in _by_partitions(assets))

    @dg.schedule(cron_schedule="0 2 * * *", target=client, execution_timezone=zone)
    def nightly_inhouse(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """The client's log of yesterday."""
        return dg.RunRequest(partition_key=_yesterday(context, zone).isoformat())

    @dg.schedule(cron_schedule="0 3 * * *", target=vendors, execution_timezone=zone)
    def nightly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        """Every vendor's deliveries of yesterday, and provisional pairs."""
        day = _yesterday(context, zone)
        return [_request(day_key(vendor, day.isoformat()), day) for vendor in Desk.open().space.vendors]

    @dg.schedule(cron_schedule="0 5 * * *", target=months, execution_timezone=zone)
    def monthly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        """The month before, from its third day on; every night again while one of its figures is provisional."""
        desk, day = Desk.open(), _yesterday(context, zone)
        due = due_months(desk.lake, list(desk.space.vendors), day + timedelta(days=1))
        return [_request(month_key(vendor, month), day) for vendor, month in due]

    return [nightly_inhouse, nightly, monthly]


def _by_partitions(assets: Sequence[dg.AssetsDefinition]) -> tuple[list[dg.AssetsDefinition], ...]:
    """Assets by day, by vendor and day, by vendor and month."""
    groups: tuple[list[dg.AssetsDefinition], ...] = ([], [], [])
    for asset in assets:
        partitions = asset.partitions_def
        names = partitions.partition_dimension_names if isinstance(partitions, dg.MultiPartitionsDefinition) else []
        groups[2 if "month" in names else 1 if names else 0].append(asset)
    return groups


def due_months(lake: Lake, vendors: Sequence[str], today: date) -> list[tuple[str, Month]]:
    """(vendor, month) pairs to audit: last month on its day, and what is still provisional."""
    last = Month(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
    found = {(vendor, last.text) for vendor in vendors if today.day == _SETTLES_ON}
    for vendor in vendors:
        for month in lake.values(FIGURES, "month", vendor=vendor):
            if (lake.read(FIGURES, vendor=vendor, month=month)["status"] == "provisional").any():
                found.add((vendor, month))
    return [(vendor, Month(month)) for vendor, month in sorted(found, key=lambda pair: pair[::-1])]


def _request(key: str, night: date) -> dg.RunRequest:
    """One run; its key lets a month be asked for again the next night, and not twice in one."""
    return dg.RunRequest(partition_key=key, run_key=f"{key} {night}")


def _yesterday(context: dg.ScheduleEvaluationContext, zone: str) -> date:
    now: datetime = context.scheduled_execution_time
    return now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def new_vendors(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Makes every vendor's folder of the workspace a partition."""
    missing = [name for name in Desk.open().space.vendors if not context.instance.has_dynamic_partition("vendor", name)]
    return dg.SensorResult(dynamic_partitions_requests=[VENDORS.build_add_request(missing)] if missing else [])
