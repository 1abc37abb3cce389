"""How callers are dealt and how time is cut changes nothing but the names of the parts."""

from pathlib import Path
from random import Random
from typing import Any

import polars as pl
import pytest

from pipelines.link import aside, deal
from tests.link.worlds import Linked, leg, linked, record

HOUR = 3600
MASKS = ["138******34", "138******35", "139******34", "******34", None]


def crowded_day() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Two hundred callers ring four hundred times in six hours; a fifth show digits only, a tenth nothing."""
    random = Random(4)
    vendor, inhouse = [], []
    for number in range(1, 401):
        caller, at = random.randrange(1, 201), 8 * HOUR + random.randrange(6 * HOUR)
        mask = MASKS[caller % 4]
        inhouse.append(leg(number, caller * 2**56, at, caller_mask=mask))
        shown = random.random()
        key = caller * 2**56  # as even over all keys as hashes are
        told = (key, mask) if shown < 0.7 else (None, mask) if shown < 0.9 else (None, None)
        vendor.append(record(number, told[0], at + random.choice([0, 1, 2]), caller_mask=told[1]))
    return vendor, inhouse


def rows(found: Linked) -> pl.DataFrame:
    return found.links.sort("side", "file_id", "row")


@pytest.mark.parametrize(("of_a_part", "of_a_slice"), [(37, 10**6), (10**6, 3), (50, 11)])
def test_the_same_links_come_out_of_any_number_of_parts_and_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, of_a_part: int, of_a_slice: int
) -> None:
    vendor, inhouse = crowded_day()
    whole = rows(linked(tmp_path / "whole", vendor, inhouse))
    classes = set(whole["match_class"])
    assert classes >= {"number", "mask", "time", "no_number"}
    monkeypatch.setattr(deal, "ROWS_OF_A_PART", of_a_part)
    monkeypatch.setattr(aside, "ROWS_OF_A_SLICE", of_a_slice)
    cut = rows(linked(tmp_path / "cut", vendor, inhouse))
    partner = ["inhouse_file_id", "inhouse_row"]
    seen = ["side", "file_id", "row", *partner, "match_class", "reason", "options", "is_covered"]
    assert cut.select(seen).equals(whole.select(seen))
