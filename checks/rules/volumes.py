"""Does a day hold about as many rows as its weekday usually does? Answered from the lake's row counts, without a scan.

A day is compared with the median of its weekday over the days around it, its own count among them. Days that a file of
another month only touches (clocks of other zones, a call over midnight) are not delivered days, and are not asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import median

import pyarrow.parquet as pq

from checks.rules.results import RuleOutcome
from checks.rules.thresholds import DAY_VOLUME_DAYS, DAY_VOLUME_REACH
from pipelines.calendar import span
from pipelines.contract.model import Rule

_REACH = timedelta(days=DAY_VOLUME_REACH.value)


@dataclass(frozen=True)
class _Volume:
    """Rows of one day; `is_delivered` is False where no row is of the day's own month."""

    rows: int
    is_delivered: bool


def volume_outcomes(rule: Rule, files: Mapping[date, Path], days: Iterable[date]) -> dict[str, RuleOutcome]:
    """The rule's answer by ISO date, for those of the days that have a file; `files` are all files of the table.

    Reads the metadata of files within the reach of the days asked, and of no other.
    """
    wanted = sorted(day for day in set(days) if day in files)
    if not wanted:
        return {}
    near = {day for day in span(wanted[0] - _REACH, wanted[-1] + _REACH) if day in files}
    volumes = {day: _volume(files[day], day) for day in sorted(near)}
    return {day.isoformat(): _outcome(rule, day, volumes) for day in wanted}


def _outcome(rule: Rule, day: date, volumes: Mapping[date, _Volume]) -> RuleOutcome:
    own = volumes[day]
    alike = [
        volume.rows
        for other, volume in volumes.items()
        if volume.is_delivered and other.weekday() == day.weekday() and abs(other - day) <= _REACH
    ]
    if not own.is_delivered:
        why = "no file of the day's own month was delivered; files of another month only touch it"
        return _answer(rule, day, "could_not_run", 0, why)
    if len(alike) < DAY_VOLUME_DAYS.value:
        why = (
            f"fewer than {DAY_VOLUME_DAYS.value:.0f} such weekdays were delivered within "
            f"{_REACH.days} days ({len(alike)})"
        )
        return _answer(rule, day, "could_not_run", 0, why)
    usual = median(alike)
    if rule.kwargs["least"] * usual <= own.rows <= rule.kwargs["most"] * usual:
        return _answer(rule, day, "pass", own.rows, None)
    seen = f"{own.rows:,} rows; the median of this weekday is {usual:,.0f} over {len(alike)} days"
    return _answer(rule, day, "broken", own.rows, seen)


def _answer(rule: Rule, day: date, state: str, rows: int, detail: str | None) -> RuleOutcome:
    return RuleOutcome(rule.name, rule.severity, rule.sentence, day.isoformat(), state, rows, 0, (), detail)  # type: ignore[arg-type]


def _volume(path: Path, day: date) -> _Volume:
    """Rows of a file; the months that it holds come from the statistics of column `audit_month`."""
    found = pq.read_metadata(path)
    place = found.schema.names.index("audit_month")
    groups = [found.row_group(number).column(place).statistics for number in range(found.num_row_groups)]
    limits = [(group.min, group.max) for group in groups if group is not None and group.has_min_max]
    month = f"{day:%Y-%m}"
    touched = bool(limits) and not any(low <= month <= high for low, high in limits)
    return _Volume(found.num_rows, not touched)
