"""The same rows in a file of any format, read by a few records or at once; and a slow reading of its times."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import polars as pl
import pytest

from pipelines.contract import Contract
from pipelines.formats import READERS, Source, collect, parquet_file
from pipelines.formats.delimited import read_delimited
from pipelines.standardise.feeds import Origin, Standardising
from tests.intake.contracts import KEY

FORMATS = ("delimited", "json_lines", "parquet", "xlsx")
FILES = dict(zip(FORMATS, ("sent.csv", "sent.jsonl", "sent.parquet", "sent.xlsx"), strict=True))
Row = dict[str, str | None]


def written(folder: Path, form: str, names: Sequence[str], rows: Sequence[Row]) -> Path:
    """A file of these rows, all cells text."""
    path = folder / FILES[form]
    if form == "delimited":
        lines = [",".join(row[name] or "" for name in names) for row in rows]
        path.write_text("\n".join([",".join(names), *lines, ""]), encoding="utf-8")
    elif form == "json_lines":
        path.write_text("".join(json.dumps({name: row[name] for name in names}) + "\n" for row in rows))
    elif form == "parquet":
        pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").write_parquet(path)
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("calls")
        for cells in (names, *([row[name] for name in names] for row in rows)):
            sheet.append(list(cells))
        book.save(path)
    return path


@contextmanager
def batches_of(records: int) -> Iterator[None]:
    """Batches of at most so many records, whatever the format."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collect, "BATCH_RECORDS", records)
        patch.setattr(parquet_file, "SLICE_ROWS", records)
        yield


def work(folder: Path, south: Contract, path: Path, records: int | None, month: str | None = None) -> Standardising:
    """The work on one file of the contract's first object, to be done; `records` a batch, None for one batch."""
    item = south.objects[0]
    read = READERS[item.format]
    if item.format == "delimited" and records is not None:
        read = partial(read_delimited, chunk=40 * records)
    raw = read(Source(path, f"drop/{path.name}", item, south.server, folder))
    origin = Origin(south.source, "f0", month, "DE", KEY.encode(), "Europe/Berlin")
    return Standardising(raw, item, origin, f"drop/{path.name}", folder)


def told(one: Standardising) -> tuple[list[Any], list[Any], dict[str, Any], int]:
    """Rows, rejects and counts of a file, and in how many batches it came."""
    frames = list(one.frames())
    rows = [row for frame in frames for row in frame.rows()]
    return rows, one.rejects.rows(), one.counts, len(frames)


def slow_utc(clocks: Sequence[datetime | None], zone: str) -> tuple[list[datetime | None], dict[str, int]]:
    """What the clock times of a file are in UTC, one by one, with what the tz database says of each."""
    place = ZoneInfo(zone)
    readings = [clock and [moment(clock, place, fold) for fold in (0, 1)] for clock in clocks]
    utc = [reading and reading[0] for reading in readings]
    shifted = sum(bool(clock) and shown(utc[at], place) != clock for at, clock in enumerate(clocks))
    signs = [(b > a) - (b < a) for a, b in _pairs([time for time in utc if time])]
    in_time = list(range(len(clocks)))[:: -1 if sum(signs) < 0 else 1]
    nights: dict[tuple[int, int], list[int]] = {}
    for at in in_time:
        reading = readings[at]
        if reading and reading[0] < reading[1]:
            nights.setdefault((reading[0].year, reading[0].month), []).append(at)
    counts = {"resolved": 0, "unresolved": 0, "shifted": shifted}
    for places in nights.values():
        back = [readings[a][0] - readings[b][0] for a, b in _pairs(places)]
        width = readings[places[0]][1] - readings[places[0]][0]
        steps = [at for at, by in enumerate(back, 1) if by >= width / 2]
        counts["resolved" if len(steps) == 1 else "unresolved"] += len(places)
        for at in places[steps[0] :] if len(steps) == 1 else ():
            utc[at] = readings[at][1]
    return utc, counts


def moment(clock: datetime, place: ZoneInfo, fold: int) -> datetime:
    """A clock time in UTC; one that never was by the offset before the change, whatever the fold."""
    first, second = (clock.replace(tzinfo=place, fold=each).astimezone(UTC) for each in (0, 1))
    return second if fold and first < second else first


def shown(utc: datetime, place: ZoneInfo) -> datetime:
    """What a clock shows."""
    return utc.astimezone(place).replace(tzinfo=None)


def _pairs(items: Sequence[Any]) -> list[tuple[Any, Any]]:
    return list(pairwise(items))
