"""Reported values of a long table → numbers, where one column holds counts, shares and durations alike.

Each cell brings its own unit: `1,234` is a count, `85.1%` is 85.1, `0:05:12` is 312 seconds. Where the contract names
one unit for the whole column, it is read as any other column of that unit (see `cells.py`).
"""

import polars as pl

from pipelines.standardise.printed_durations import durations
from pipelines.standardise.printed_numbers import numbers


def figures(text: pl.Series, decimal: str) -> pl.Series:
    """Float64: bare numbers as they stand, per cent as percentage points, h:mm:ss as seconds; null for other text."""
    plain = numbers(text, decimal, "pct")
    if plain.null_count() == text.null_count():
        return plain
    return plain.zip_with(plain.is_not_null(), durations(text, "hms", decimal).cast(pl.Float64))
