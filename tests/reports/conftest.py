"""The audited worlds that several tests here look at. Nobody may change their files."""

from dataclasses import replace
from datetime import date
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
