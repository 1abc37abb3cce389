"""Reading a column in two steps: all of it the usual way, and only what is left by the rules for oddly printed cells.

What those rules are stands in `printed_numbers.py`, `printed_durations.py` and `printed_times.py`.
"""

from collections.abc import Callable

import polars as pl

_WIDE = {chr(0xFEE0 + code): chr(code) for code in range(0x21, 0x7F)}
_BLANKS = dict.fromkeys("\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000", " ")
_SIGNS = {"\u2212": "-", "\u2019": "'", "：": ":"}
ASCII = {**_WIDE, **_BLANKS, **_SIGNS}
"""Full-width signs, the blanks of typesetters, and a true minus, as ASCII. Superscripts and the like are not digits."""


def spread(values: pl.Series, places: pl.Series) -> pl.Series:
    """`values` laid in order to where `places` is true; null elsewhere."""
    if len(values) == len(places):
        return values
    return values.gather(pl.select(pl.when(places).then(places.cum_sum().cast(pl.Int64) - 1)).to_series())


def in_two_steps(
    text: pl.Series, usual: Callable[[pl.Series], pl.Series], odd: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """`usual` of every cell; where that gives null from a text, `odd` of its text in ASCII, no blanks around it."""
    read = usual(text)
    left = read.is_null() & text.is_not_null()
    if not left.any():
        return read
    again = odd(text.filter(left).str.replace_many(ASCII).str.strip_chars()).cast(read.dtype)
    return read.zip_with(~left, spread(again, left))
