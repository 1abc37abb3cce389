"""The audited worlds that several tests here look at. Nobody may change their files."""

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from data.simulate import SMALL, TINY, write_world
from tests.reports.road import Audited, audit


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """October with every window closed: an honest, a padding and a vague vendor."""
    return audit(write_world(tmp_path_factory.mktemp("small") / "world", seed=7, size=SMALL).directory)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """The files of October's first week, for a test that changes them."""
    week = replace(TINY, first_day=date(2026, 10, 1), last_day=date(2026, 10, 7))
    return write_world(tmp_path / "tiny", seed=7, size=week).directory


@pytest.fixture(scope="session")
def disturbed(tmp_path_factory: pytest.TempPathFactory) -> Audited:
    """A week of an honest and a padding vendor, told in Chinese.

    The honest vendor's clock is an hour ahead from 15 October on. The padding vendor masks every fourth number.
    """
    folder = write_world(tmp_path_factory.mktemp("disturbed") / "world", seed=7, size=TINY).directory
    _rewrite(folder / "drop" / "honest" / "2026-10" / "calls.csv", _an_hour_ahead)
    _rewrite(folder / "drop" / "padding" / "2026-10" / "calls.csv", _masked)
    settings = folder / "tieout.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("language: en", "language: zh"), encoding="utf-8")
    return audit(folder, ["honest", "padding"])


Row = dict[str, str]


def _rewrite(file: Path, change: Callable[[int, Row], Row]) -> None:
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(rows[0]))
        writer.writeheader()
        writer.writerows(change(number, row) for number, row in enumerate(rows))


def _an_hour_ahead(_: int, row: Row) -> Row:
    late = {name: row[name] for name in ("queued_at", "connected_at", "ended_at") if row[name] >= "2026-10-15"}
    return row | {name: str(datetime.fromisoformat(text) + timedelta(hours=1)) for name, text in late.items()}


def _masked(number: int, row: Row) -> Row:
    bare = row["caller"].removeprefix("0086")
    return row | {"caller": f"{bare[:3]}******{bare[-2:]}"} if number % 4 == 0 and bare[-1:].isdigit() else row
