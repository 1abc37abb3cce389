"""One file of a hand-made contract, standardised: what its lines become."""

from pathlib import Path
from typing import Any

from pipelines.contract import Contract
from pipelines.formats import READERS, Source
from pipelines.standardise.feeds import Origin
from tests.intake.contracts import KEY, put
from tests.standardise.whole import Standardised, standardise


def standardised(
    folder: Path, south: Contract, *lines: str, month: str | None = "2026-10", zone: str = "Europe/Berlin"
) -> Standardised:
    """The first object of the contract, from a file of these lines; the client sits in Germany."""
    item = south.objects[0]
    path = put(folder, "sent.csv", *lines, encoding=south.server.encoding)
    raw = READERS[item.format](Source(path, "drop/sent.csv", item, south.server, folder))
    origin = Origin(south.source, "f0", month, "DE", KEY.encode(), zone)
    return standardise(raw, item, origin, "drop/sent.csv", folder)


def tally(result: Standardised) -> dict[str, int]:
    """Rows read, accepted, rejected, left out."""
    return {name: result.counts[name] for name in ("rows_read", "accepted", "rejected", "left_out")}


def rejected(result: Standardised) -> list[tuple[Any, ...]]:
    return result.rejects.select("row", "line", "column", "reason", "text").rows()
