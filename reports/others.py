"""What other vendors are called in anything that goes to one vendor: "another vendor", with a letter where several are.

A statement is sent to its vendor with its figures and its evidence, so no other vendor's name, id or call id may stand
in it. The letters follow the order of the workspace's vendors, so that they stay the same from month to month.
"""

from collections.abc import Iterable, Mapping
from string import ascii_uppercase

import polars as pl

OTHER = "other"
"""The only other vendor; one of several is `other:A`, `other:B`, …"""


def other_names(vendors: Iterable[str], vendor: str) -> dict[str, str]:
    """Id of each other vendor → what it is called in the statement of `vendor`."""
    others = sorted(other for other in vendors if other != vendor)
    if len(others) == 1:
        return {others[0]: OTHER}
    return {other: f"{OTHER}:{_letter(place)}" for place, other in enumerate(others)}


def without_names(repeats: pl.DataFrame, others: Mapping[str, str]) -> pl.DataFrame:
    """Table `repeats` as it may be sent: other vendors by their letters, and their calls without an id."""
    is_other = pl.col("next_side").is_in(list(others))
    return repeats.with_columns(
        next_call_id=pl.when(is_other).then(pl.lit(None, pl.String)).otherwise("next_call_id"),
        next_side=pl.col("next_side").replace(dict(others)),
    )


def _letter(place: int) -> str:
    """A, B, … Z, AA, AB, …"""
    before, own = divmod(place, len(ascii_uppercase))
    return (_letter(before - 1) if before else "") + ascii_uppercase[own]
