"""What a drafted contract says of a kind of file as a whole: feed, format, zone, direction, period, lines above.

Its columns are written down in `properties.py`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pipelines.contract.systems import known_properties, systems
from pipelines.contract.times import ZONED
from pipelines.draft.feeds import Purpose, period_of
from pipelines.draft.properties import Said, clock_beside
from pipelines.draft.samples import Sample
from pipelines.draft.types import Profile

ZONE_TO_SAY = "EDIT"
"""Stands for a time zone that nobody has said: loading the contract refuses it, so that none is guessed."""
_ASK_ZONE = "EDIT: the zone whose clock the file shows, such as Asia/Shanghai; ask the sender, no file says it"


def said_of(sample: Sample, purpose: Purpose, columns: Sequence[Profile], zone: str | None) -> list[Said]:
    """The object's `tieout.*` names; what only a human knows is marked EDIT. `zone`: as the user said it."""
    grid, feed = sample.grid, purpose.feed
    said = [Said("feed", feed), Said("format", sample.format), *_zone(sample, purpose, zone)]
    if feed == "calls" and "direction" not in {*purpose.roles, *_known_roles(sample, feed)}:
        note = "EDIT: no column says the direction: take off the # if only inbound calls are in the file"
        said.append(Said("direction", "inbound", note, is_hidden=True))
    if grid is None:
        return said
    if feed == "claims":
        said.append(_period(grid.rows, purpose, columns))
    if sample.format in ("delimited", "xlsx"):
        said += [Said("header", grid.header_rows or False)] * (grid.header_rows != 1)
        said += [Said("skip_rows", grid.skip_rows, "titles above the header")] * bool(grid.skip_rows)
        said += [Said("trailer", grid.trailer or "", "the closing line with totals begins so")] * bool(grid.trailer)
        said += [Said("sheet", sample.sheet or "", "* is every sheet with these columns")] * bool(sample.sheet)
        said += _decimal(purpose)
    return said


def _decimal(purpose: Purpose) -> list[Said]:
    used = [match.column for match in (*purpose.roles.values(), *purpose.figures)]
    signs = {column.numbers.decimal for column in used if column.numbers and not column.numbers.is_whole}
    if "," not in signs:
        return []
    return [Said("decimal", ",", "EDIT: other columns have points: ask for one of the two" if len(signs) > 1 else "")]


def _zone(sample: Sample, purpose: Purpose, zone: str | None) -> list[Said]:
    known = known_properties(sample.format, purpose.feed) if sample.format in systems() else []
    formats = [str((node.get("logicalTypeOptions") or {}).get("format")) for node in known if _is_moment(node)]
    if known and all("%z" in text or text in ZONED for text in formats):
        return []
    times = [match.column for role, match in purpose.roles.items() if role.endswith("_utc")]
    if times and all(_is_zoned(column) for column in times):
        return []
    if zone is not None:
        return [Said("time_zone", zone, "as said when drafting; no file says it")]
    if times or sample.grid is None:
        return [Said("time_zone", ZONE_TO_SAY, _ASK_ZONE)]
    return [
        Said(
            "time_zone", "Asia/Shanghai", "in which zone are the periods? Every figure is vague without", is_hidden=True
        )
    ]


def _known_roles(sample: Sample, feed: str) -> set[str]:
    """The roles that a known system's format fills by itself."""
    nodes = known_properties(sample.format, feed) if sample.format in systems() else []
    items = [item for node in nodes for item in node["customProperties"]]
    return {str(item["value"]) for item in items if item["property"] == "tieout.role"}


def _is_moment(node: Mapping[str, Any]) -> bool:
    return node.get("logicalType") == "timestamp"


def _is_zoned(column: Profile) -> bool:
    return "%z" in column.time.format if column.time else column.number_time in ZONED


def _period(rows: Sequence[Sequence[str]], purpose: Purpose, columns: Sequence[Profile]) -> Said:
    start = purpose.roles.get("period_start")
    time = start.column.time if start else None
    if start is None or time is None or "period_end" in purpose.roles:
        return Said("period", "day", "? a guess: day, hour, week, month or interval:1800")
    clock = start.column if time.kind == "clock" else clock_beside(start, columns)
    if clock is not None:
        gaps = [_clock(row[clock.place].strip()) for row in rows]
        starts = [datetime(2000, 1, 1) + gap for gap in gaps if gap is not None]  # noqa: DTZ001 (only distances count)
    else:
        found = [_moment(row[start.column.place].strip(), time.format) for row in rows]
        starts = [moment for moment in found if moment is not None]
    period, note = period_of(starts, has_clock=time.kind != "date" or clock is not None)
    return Said("period", period, note)


def _moment(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 (only distances between them count)
    except ValueError:
        return None


def _clock(text: str) -> timedelta | None:
    match = re.match(r"(\d{1,2}):(\d\d)(?::(\d\d))?", text)
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3] or 0)) if match else None


def repeated(columns: Sequence[Profile]) -> list[str]:
    """A comment for each head that several columns have."""
    heads = [column.head for column in columns if column.head]
    twice = sorted({head for head in heads if heads.count(head) > 1})
    said = "stands twice in the header: the file is refused until each column has its own name"
    return [f"EDIT: the column {head!r} {said}" for head in twice]


def missing(purpose: Purpose) -> list[str]:
    """A comment for each indispensable column that was not found."""
    said = [f"EDIT: no column found for {role}, which {purpose.feed} cannot do without" for role in purpose.missing]
    has_columns = bool(purpose.roles or purpose.missing)  # else the format knows its own
    if purpose.feed in ("calls", "inhouse_calls") and has_columns and "call_id" not in purpose.roles:
        said.append(
            "EDIT: no column found for call_id. If the sender has none: {name: call_id, logicalType: string, "
            "transformLogic: \"concat_ws('-', caller, time)\"} over two columns that together tell calls apart"
        )
    return said
