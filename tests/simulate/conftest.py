"""One small world for all tests here, and its files as rows."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from data.simulate import TINY, World, write_world

Rows = list[dict[str, str]]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A week, seed 7. Nobody may change its files."""
    return write_world(tmp_path_factory.mktemp("world") / "tiny", seed=7, size=TINY)


@pytest.fixture(scope="session")
def read(world: World) -> Callable[[str], Rows]:
    """Reads one file of the world, named by its path in the workspace."""

    def rows(file: str, directory: Path = world.directory) -> Rows:
        with (directory / file).open(encoding="utf-8", newline="") as opened:
            return list(csv.DictReader(opened, delimiter=";" if "drop/vague" in file else ","))

    return rows
