"""Masks that compare: one caller has one mask, however the number was written and whoever hid the middle of it.

Of a number of the workspace's own country the national number is masked, of a foreign one its E.164 digits. From a
number that came masked the country's code and the prefix before a national number are taken off, too, where
`masked_numbers.py` finds them; where it cannot tell, the first digits are hidden. So two masks of one number agree in
every digit that both show, counted from the same end.
"""

import re

import phonenumbers
import polars as pl

from pipelines.standardise.masked_numbers import LOOKED_AT, signs_before

LONGEST = 40
"""Longer texts are not masked by columns."""
_STARS = pl.Series(["*" * length for length in range(LONGEST + 1)])
_STAR = str.maketrans("xX", "**")
_PLUS = r"^[ ()./\-]*\+"


def mask(text: str) -> str:
    """At most the first three and last two digits; short numbers show less, so that no mask gives a number away."""
    digits = "".join(char for char in text if char.isdigit() or char in "*xX").translate(_STAR)
    shown = (3, 2) if len(digits) >= 9 else (0, 2) if len(digits) >= 6 else (0, 0)
    middle = "*" * (len(digits) - sum(shown))
    return digits[: shown[0]] + middle + (digits[len(digits) - shown[1] :] if shown[1] else "")


def mask_of_e164(e164: str, country: str) -> str:
    """The mask of a whole number; `country` (ISO code) is the workspace's own."""
    return mask(e164.removeprefix(_own(country)))


def mask_of_masked(text: str, country: str) -> str:
    """The mask of a number whose digits are partly hidden behind `*` or `x`."""
    digits = "".join(char for char in text if char.isdigit() or char in "*xX").translate(_STAR)
    start = digits.partition("*")[0]
    before = signs_before(start[:LOOKED_AT], len(digits), re.match(r"[\s()./\-]*\+", text) is not None, country)
    return mask("***" + digits[3:] if before is None else digits[before:])


def masks_of_e164(e164: pl.Series, country: str) -> pl.Series:
    """`mask_of_e164` of a column."""
    national = pl.DataFrame({"digits": e164.str.strip_prefix(_own(country)).str.strip_prefix("+")})
    return national.select(_masks(pl.col("digits"))).to_series()


def masks_of_masked(texts: pl.Series, country: str) -> pl.Series:
    """`mask_of_masked` of a column of ASCII texts, none longer than `LONGEST`."""
    stars = pl.col("text").str.replace_all(r"[ +()./\-]", "").str.replace_all("[xX]", "*")
    frame = pl.DataFrame({"text": texts}).select(stars.alias("stars"), pl.col("text").str.contains(_PLUS).alias("plus"))
    shape = ("start", "length", "plus")
    frame = frame.with_columns(
        pl.col("stars").str.extract("^([0-9]*)").str.slice(0, LOOKED_AT).alias("start"),
        pl.col("stars").str.len_bytes().alias("length"),
    )
    shapes = frame.select(shape).unique()
    before = pl.Series("before", [signs_before(*row, country) for row in shapes.iter_rows()], pl.Int64)
    found = frame.join(shapes.with_columns(before), on=shape, how="left", maintain_order="left")
    hidden = pl.concat_str(pl.lit("***"), pl.col("stars").str.slice(3))
    digits = pl.when(pl.col("before").is_null()).then(hidden).otherwise(pl.col("stars").str.slice(pl.col("before")))
    return found.select(digits.alias("digits")).select(_masks(pl.col("digits"))).to_series()


def _own(country: str) -> str:
    """What E.164 numbers of the country begin with; a plus alone where there is no such country."""
    return f"+{phonenumbers.country_code_for_region(country) or ''}"


def _masks(digits: pl.Expr) -> pl.Expr:
    """`mask` of texts in which nothing but ASCII digits and stars is left."""
    length = digits.str.len_bytes().cast(pl.Int64).clip(0, LONGEST)
    stars = [pl.lit(_STARS).gather((length - shown).clip(0)) for shown in (0, 2, 5)]
    first, last = digits.str.slice(0, 3), digits.str.slice(-2)
    return (
        pl.when(length >= 9)
        .then(pl.concat_str(first, stars[2], last))
        .when(length >= 6)
        .then(pl.concat_str(stars[1], last))
        .otherwise(stars[0])
    )
