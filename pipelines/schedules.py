"""Jobs, schedules and the sensor: the client's log at two, vendors at three, provisional months at five, every night.

A vendor is a folder in the workspace; the sensor makes it a partition, so that a new one needs no restart.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.assets import VENDORS, Desk, day_key, month_key
from pipelines.calendar import Month
from pipelines.contract.workspace import Workspace
from pipelines.lake import Lake
from pipelines.tables import FIGURES

JOB_NAMES = ("inhouse_night", "vendor_night", "month")
_SETTLES_ON = 3
"""Day of the month on which the month before is audited for the first time; later nights restate it."""


def jobs_of(assets: Sequence[dg.AssetsDefinition]) -> list[Any]:
    """One job for each way of partitioning: by day, by vendor and day, by vendor and month."""
    groups: dict[str, list[dg.AssetsDefinition]] = {name: [] for name in JOB_NAMES}
    for asset in assets:
        groups[_job_of(asset)].append(asset)
    return [
        dg.define_asset_job(name, selection=dg.AssetSelection.assets(*own), executor_def=dg.in_process_executor)
        for name, own in groups.items()
    ]


def _job_of(asset: dg.AssetsDefinition) -> str:
    partitions = asset.partitions_def
    if not isinstance(partitions, dg.MultiPartitionsDefinition):
        return "inhouse_night"
    return "month" if "month" in partitions.partition_dimension_names else "vendor_night"


def schedules_of(space: Workspace, jobs: Sequence[Any]) -> list[dg.ScheduleDefinition]:
    """The nightly schedules and the monthly one, by the client's clock; all start switched off."""
    by_name, zone = {job.name: job for job in jobs}, space.time_zone

    @dg.schedule(cron_schedule="0 2 * * *", job=by_name["inhouse_night"], execution_timezone=zone)
    def nightly_inhouse(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        """The client's log of yesterday."""
        return dg.RunRequest(partition_key=_yesterday(context, zone).isoformat())

    @dg.schedule(cron_schedule="0 3 * * *", job=by_name["vendor_night"], execution_timezone=zone)
    def nightly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        """Every vendor's deliveries of yesterday, and provisional pairs."""
        day = _yesterday(context, zone).isoformat()
        return [dg.RunRequest(partition_key=day_key(vendor, day)) for vendor in Desk.open().space.vendors]

    @dg.schedule(cron_schedule="0 5 * * *", job=by_name["month"], execution_timezone=zone)
    def monthly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
        """The month before, from its third day on; every night again while one of its figures is provisional."""
        desk, day = Desk.open(), _yesterday(context, zone)
        months = due_months(desk.lake, list(desk.space.vendors), day + timedelta(days=1))
        return [dg.RunRequest(partition_key=month_key(vendor, month)) for vendor, month in months]

    return [nightly_inhouse, nightly, monthly]


def due_months(lake: Lake, vendors: Sequence[str], today: date) -> list[tuple[str, Month]]:
    """(vendor, month) pairs to audit: last month on its day, and what is still provisional."""
    last = Month(f"{today.replace(day=1) - timedelta(days=1):%Y-%m}")
    found = {(vendor, last.text) for vendor in vendors if today.day == _SETTLES_ON}
    for vendor in vendors:
        for month in lake.values(FIGURES, "month", vendor=vendor):
            if (lake.read(FIGURES, vendor=vendor, month=month)["status"] == "provisional").any():
                found.add((vendor, month))
    return [(vendor, Month(month)) for vendor, month in sorted(found, key=lambda pair: pair[::-1])]


def _yesterday(context: dg.ScheduleEvaluationContext, zone: str) -> date:
    now: datetime = context.scheduled_execution_time
    return now.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def new_vendors(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Makes every vendor's folder of the workspace a partition."""
    missing = [name for name in Desk.open().space.vendors if not context.instance.has_dynamic_partition("vendor", name)]
    return dg.SensorResult(dynamic_partitions_requests=[VENDORS.build_add_request(missing)] if missing else [])
