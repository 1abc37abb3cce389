"""What was due and what came: one row a period and file, kept as table `deliveries`.

A file is late where its place was looked at after the end of the last day on which it is due, on the client's calendar,
and it was not there yet. Where nobody looked between that end and the pull that found it, nobody can say: whoever pulls
once a month must not blame a sender for it. A correction is as timely as what it corrects. What has not come is missing
as soon as anything of the source, or of the client's own log, was received after it was due, and its place was looked
at after that end too: never by the clock on the wall. How it is told stands in `pipelines/deliveries_told.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from pipelines.calendar import Month, midnight_after, span
from pipelines.contract.model import Contract, FeedObject, Frequency
from pipelines.contract.vocabulary import FEEDS_READ, INHOUSE
from pipelines.contract.workspace import Workspace
from pipelines.intake.manifest import Received, pulls, received, tally
from pipelines.intake.periods import Period, expected, frequency_of_path, period_of, span_of_rows
from pipelines.intake.renames import day_of, template
from pipelines.lake import VERSION, Lake, sha
from pipelines.tables import DELIVERIES

_COUNTS = ("rows_read", "accepted", "rejected", "left_out")


@dataclass(frozen=True)
class _File:
    """A received file, the days that it tells of, and the first delivery that it stands in the place of."""

    item: Received
    span: Period | None
    first: Received
    replaces: tuple[str, ...]
    counts: Mapping[str, Any]


@dataclass(frozen=True)
class _Promise:
    """What is due of an object: how often, how many days after a period's end, and on whose calendar."""

    frequency: Frequency | None
    latency_days: int | None
    zone: str

    def due(self, period: Period | None) -> datetime | None:
        """End of the last day on which a period's file is on time."""
        if period is None or self.latency_days is None:
            return None
        return midnight_after(period.last + timedelta(days=self.latency_days), self.zone)

    def own(self, file: _File) -> Period | None:
        """The period for which a file was sent: the last that it tells of."""
        if file.span is None:
            return None
        return period_of(file.span.last, self.frequency) if self.frequency else file.span


@dataclass(frozen=True)
class _Look:
    """How far the data has come, and when a period's places were all looked at last; empty where one never was."""

    horizon: str
    looked_utc: str


@dataclass(frozen=True)
class _Seen:
    """How far the data of a source, or of the client's own log, has come; when each place was looked at last."""

    horizon: str
    looked_utc: Mapping[str, str]

    def of(self, path: str, period: Period) -> _Look:
        """The last time at which a file for the period would have been found, wherever it might lie."""
        days = span(period.first, period.last)
        patterns = {path.replace("{month}", f"{day:%Y-%m}").replace("{day}", day.isoformat()) for day in days}
        return _Look(self.horizon, min(self.looked_utc.get(pattern, "") for pattern in patterns))


def write_deliveries(space: Workspace, lake: Lake, source: str, month: Month) -> pl.DataFrame:
    """The deliveries of one source (a vendor, or the client) for a month, kept as `deliveries`."""
    contract = space.inhouse if source == INHOUSE else space.vendors[source].contract
    items = [*received(lake, source), *received(lake, INHOUSE)]
    seen = _Seen(max((item.received_utc for item in items), default=""), pulls(lake, source).looked_utc)
    rows = [row for item in _read(contract) for row in _object_rows(space, lake, contract, item, month, seen)]
    stamp = sha("deliveries", VERSION, [list(row.items()) for row in rows])  # a look that found nothing new is no news
    where = {"source": source, "month": month.text}
    if not lake.is_fresh(DELIVERIES, stamp, **where):
        lake.write(DELIVERIES, DELIVERIES.fit(_frame(rows)), stamp, **where)
    return lake.read(DELIVERIES, **where)


def _read(contract: Contract) -> list[FeedObject]:
    return [item for item in contract.objects if item.feed in FEEDS_READ]


def _frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=DELIVERIES.schema, orient="row")


def _object_rows(
    space: Workspace, lake: Lake, contract: Contract, item: FeedObject, month: Month, seen: _Seen
) -> Iterator[dict[str, Any]]:
    """The rows of one object: what was due, then what else came."""
    path = template(contract, item)
    frequency = contract.frequency_of(item.name) or frequency_of_path(path)
    promise = _Promise(frequency, contract.latency_of(item.name), space.time_zone)
    known = [file for file in received(lake, contract.source, item.name) if not file.is_retired]
    files = [_file(lake, file, known, path, frequency) for file in known]
    counting = [file for file in files if file.item.superseded_by is None]
    periods = expected(frequency, month, space.first_day) if frequency else []
    taken: set[tuple[str, Period | None]] = set()
    for period in periods:
        row = _due_row(item.name, period, promise, counting, seen.of(path, period))
        taken.add((str(row["file_id"]), period))
        yield row
    for file in files:
        own = promise.own(file)
        if _in_month(file, own, month) and (file.item.file_id, own) not in taken:
            yield _other_row(item.name, file, own, promise, own in periods)
        yield from _repeated_rows(item.name, file, own, month)


def _file(lake: Lake, item: Received, known: list[Received], path: str, frequency: Frequency | None) -> _File:
    counts = tally(lake, item) or {}
    earlier = _earlier(item, known)
    first = min([item, *earlier], key=lambda one: one.received_utc)
    replaces = tuple(other.file_id for other in known if other.superseded_by == item.file_id)
    return _File(item, _span(item, counts, path, frequency), first, replaces, counts)


def _earlier(item: Received, known: list[Received]) -> list[Received]:
    """Everything that a content has taken the place of, step by step."""
    found: dict[str, Received] = {}
    ahead = [item.file_id]
    while ahead:
        successor = ahead.pop()
        new = {one.file_id: one for one in known if one.superseded_by == successor and one.file_id not in found}
        found |= new
        ahead += new
    return list(found.values())


def _span(item: Received, counts: Mapping[str, Any], path: str, frequency: Frequency | None) -> Period | None:
    """The days that a file tells of: those that its path names as exactly as it is due, else those of its rows."""
    day = day_of(path, item.file)
    if day is not None:
        return Period(day, day)
    if item.month is not None and (frequency is None or frequency.every == "month"):
        return period_of(date.fromisoformat(f"{item.month}-01"), Frequency(1, "month"))
    return span_of_rows(counts.get("days", {}), item.month)


def _in_month(file: _File, own: Period | None, month: Month) -> bool:
    if own is not None:
        return f"{own.first:%Y-%m}" == month.text
    return file.item.month in (month.text, None)


def _due_row(name: str, period: Period, promise: _Promise, files: list[_File], seen: _Look) -> dict[str, Any]:
    """What was due for a period: the file that told of it first, or that none has come, as far as anybody looked."""
    telling = [file for file in files if file.span is not None and file.span.meets(period)]
    if telling:
        file = min(telling, key=lambda one: (one.first.received_utc, one.item.file))
        return _row(name, file, period, promise.due(period), _timeliness(file, promise.due(period)))
    due = promise.due(period)
    if due is None:
        later = [file.first.received_utc for file in files if file.span is not None and file.span.first > period.last]
        state = "missing" if later and seen.looked_utc >= min(later) else "not_measurable"
    elif not seen.horizon or _moment(seen.horizon) <= due:
        state = "not_due_yet"
    else:
        state = "missing" if seen.looked_utc and _moment(seen.looked_utc) > due else "not_measurable"
    return {**_period(name, period, due), "state": state}


def _other_row(name: str, file: _File, own: Period | None, promise: _Promise, is_filled: bool) -> dict[str, Any]:
    """A file beside the one that filled its period first: one more part, a wider export, an earlier content."""
    due = promise.due(own)
    state = _timeliness(file, due)
    if file.item.superseded_by is not None:
        state = "superseded"
    elif state == "late" and is_filled:
        state = "further"
    return _row(name, file, own, due, state)


def _repeated_rows(name: str, file: _File, own: Period | None, month: Month) -> Iterator[dict[str, Any]]:
    """The other paths under which the same content lies; they fill no period."""
    for path, named in zip(file.item.also_seen, file.item.also_months, strict=True):
        seen = replace(file, item=replace(file.item, file=path, month=named))
        period = None if named is None else period_of(date.fromisoformat(f"{named}-01"), Frequency(1, "month"))
        if _in_month(seen, period or own, month):
            yield _row(name, seen, period or own, None, "repeated")


def _timeliness(file: _File, due: datetime | None) -> str:
    if due is None:
        return "not_measurable"
    if _moment(file.first.received_utc) <= due:
        return "on_time"
    before = file.first.earlier_pull_utc
    return "late" if before is not None and _moment(before) >= due else "not_measurable"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _period(name: str, period: Period | None, due: datetime | None) -> dict[str, Any]:
    first, last = (period.first, period.last) if period else (None, None)
    return {"object": name, "period_start": first, "period_end": last, "due_utc": due, "file_id": None}


def _row(name: str, file: _File, period: Period | None, due: datetime | None, state: str) -> dict[str, Any]:
    item = file.item
    return {
        **_period(name, period, due),
        "file": item.file,
        "file_id": item.file_id,
        "received_utc": _moment(item.received_utc),
        "arrived_utc": _moment(file.first.received_utc),
        "state": state,
        "replaces": ",".join(file.replaces) or None,
        "superseded_by": item.superseded_by,
        "earlier_pull_utc": _moment(file.first.earlier_pull_utc) if file.first.earlier_pull_utc else None,
        **{count: _number(file.counts.get(count)) for count in _COUNTS},
    }


def _number(value: Any) -> int | None:
    """A count, or the sum of counts by reason."""
    return sum(value.values()) if isinstance(value, Mapping) else value
