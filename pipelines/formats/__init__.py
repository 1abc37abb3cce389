"""Step 2: one reader for each export format: a received file → rows as text, each with its record number and line.

A reader types nothing and drops nothing: what it cannot read becomes a reject. `READERS` maps `tieout.format` to it.
"""

from collections.abc import Callable
from pathlib import Path

from pipelines.contract.model import FeedObject, Server
from pipelines.formats.delimited import read_delimited
from pipelines.formats.raw import Raw

READERS: dict[str, Callable[[Path, str, FeedObject, Server, Path], Raw]] = {"delimited": read_delimited}

__all__ = ["READERS", "Raw"]
