"""Callers' numbers → keyed hash, mask and kind. Raw numbers end here; nothing behind this module sees one.

A number that is possible but not valid is keyed all the same; one that no line can have (too short or too long) is
unreadable. `13800001234.0` is what a program makes of a column with gaps: the digits before the point are the number.
Withheld, masked, unreadable and spreadsheet-damaged numbers (`6.02E+11`) get no key: strangers share them.

Whole columns are read at once: usual shapes by `number_shapes.py`, hashes by `keys.py`, masks by `masks.py`. What is
left is read text by text, each once, and phonenumbers has the last word on it.
"""

import re
from collections.abc import Callable
from functools import lru_cache

import phonenumbers
import polars as pl

from pipelines.standardise.keys import caller_key, caller_keys, key_id
from pipelines.standardise.masks import LONGEST, mask, mask_of_e164, mask_of_masked, masks_of_e164, masks_of_masked
from pipelines.standardise.number_shapes import to_e164
from pipelines.standardise.odd import spread

__all__ = ["caller_key", "hide_numbers", "key_id", "keyed", "mask"]

_BLANKS = ("", "0", "-", "--", ".", "none", "null", "n/a", "na")
_WORDS = ("anonymous", "unknown", "withheld", "private", "restricted", "unavailable", "blocked")
WITHHELD = frozenset([*_BLANKS, *_WORDS])
_DAMAGED = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")
_MASKED = re.compile(r"[+\d\s()./-]*\d?[*xX][+\d\s()./*xX-]*")
_NUMBER = re.compile(r"\+?[\d\s()./-]+")
_FLOAT = re.compile(r"\+?[0-9]{3,}\.0")
_KEYED = re.compile(r"[0-9a-fA-F]{16}")
_ZEROS = re.compile(r"[+0]+")
_WIDE = {0xFEE0 + code: chr(code) for code in range(0x21, 0x7F)}
_LONG_RUN = re.compile(r"\d(?:[\s()./\-\u2010-\u2015]{0,2}\d){6,}")
_NO_PHONE = re.compile(
    r"(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:19|20)\d{2})(?:\s\d{1,2}(?:\.\d{2}){0,2})?|0\.\d+",
    re.ASCII,
)

# The same shapes as columns are read: plain ASCII, so that blanks and digits mean the same to Polars and to Python.
_PLAIN = r"^ *\+?[0-9 ()./\-]+$"
_PLAIN_FLOAT = r"^( *\+?[0-9]{3,})\.0 *$"
_PLAIN_MASKED = r"^[+0-9 ()./*xX\-]*[*xX][+0-9 ()./*xX\-]*$"
_PLAIN_IDENTITY = r"^[!-~](?:[ -~]*[!-~])?$"

_Read = tuple[str | None, str, str]
"""What is hashed, the mask and the kind of one text."""


def hide_numbers(text: str) -> str:
    """The text with every run of digits masked that is as long as a phone number: cells slip into other columns.

    Signs between groups of digits make no difference, but a date stays, and a part of one.
    """
    return _LONG_RUN.sub(lambda run: run[0] if _NO_PHONE.fullmatch(run[0]) else mask(run[0]), text)


def keyed(texts: pl.Series, kind: str, country: str, key: bytes) -> pl.DataFrame:
    """One row per text, in order: caller_key (null without a usable number), caller_mask, caller_kind.

    `kind` is the contract's caller_kind (phone, customer, keyed); `country` (ISO code) reads numbers without a country
    code. A null is a withheld number. About 0.8 µs a row where the shape is usual, 15 µs where it is not.
    """
    columns, one = _KINDS[kind]
    usual = columns(texts, country)
    is_odd = usual["kind"].is_null() & texts.is_not_null()
    read = _one_by_one(texts.filter(is_odd), lambda text: one(text, country))
    hashed, masks, kinds = (
        pl.select(pl.coalesce(spread(read[name], is_odd), usual[name])).to_series() if len(read) else usual[name]
        for name in ("hashed", "mask", "kind")
    )
    keys = _decoded(hashed) if kind == "keyed" else caller_keys(hashed, key)
    return pl.DataFrame([keys.alias("caller_key"), masks.fill_null("").alias("caller_mask")]).with_columns(
        kinds.fill_null("withheld").alias("caller_kind")
    )


def _one_by_one(texts: pl.Series, read: Callable[[str], _Read]) -> pl.DataFrame:
    """One row per text, in order; each distinct text is read once."""
    distinct = texts.unique(maintain_order=True).alias("text")
    rows = [(None, "", "withheld") if _is_withheld(text) else read(text) for text in distinct.to_list()]
    table = pl.DataFrame(rows, schema={"hashed": pl.String, "mask": pl.String, "kind": pl.String}, orient="row")
    return texts.alias("text").to_frame().join(table.insert_column(0, distinct), on="text", maintain_order="left")


def _phones(texts: pl.Series, country: str) -> pl.DataFrame:
    """The usual shapes of numbers and of masked numbers; a null kind where it is neither."""
    text = pl.col("text")
    short = text.str.len_bytes() <= LONGEST
    if texts.str.contains(".0", literal=True).any():  # hardly ever, and the pattern costs more than all others
        texts = texts.str.replace(_PLAIN_FLOAT, "${1}")
    frame = pl.DataFrame({"text": texts}).with_columns(
        (short & text.str.contains(_PLAIN)).alias("is_number"),
        (short & text.str.contains(_PLAIN_MASKED)).alias("is_masked"),
        text.str.contains(r"^ *\+").alias("is_international"),
        text.str.strip_prefix("+").str.replace_all(r"[ +()./\-]", "").alias("digits"),
    )
    plain = frame.select(pl.when("is_number").then("digits")).to_series()
    e164 = to_e164(plain, frame["is_international"], country)
    is_number, is_masked = e164.is_not_null(), frame["is_masked"]
    masks = masks_of_e164(e164, country)
    if is_masked.any():
        masks = masks.zip_with(~is_masked, spread(masks_of_masked(texts.filter(is_masked), country), is_masked))
    kind = pl.when(is_number).then(pl.lit("number")).when(is_masked).then(pl.lit("masked"))
    return pl.select(kind.alias("kind"), e164.alias("hashed"), masks.alias("mask"))


def _customers(texts: pl.Series, country: str) -> pl.DataFrame:
    """Identities in plain ASCII, with no blanks around them."""
    return _taken(texts, _PLAIN_IDENTITY)


def _hashes(texts: pl.Series, country: str) -> pl.DataFrame:
    return _taken(texts, rf"^{_KEYED.pattern}$")


def _taken(texts: pl.Series, pattern: str) -> pl.DataFrame:
    """Texts of a pattern as they stand, unless they are words for a withheld number."""
    text = pl.col("text")
    is_withheld = text.str.to_lowercase().is_in(list(WITHHELD)) | text.str.contains(f"^{_ZEROS.pattern}$")
    usual = text.str.contains(pattern) & ~is_withheld
    return pl.DataFrame({"text": texts}).select(
        pl.when(usual).then(pl.lit("number")).alias("kind"),
        pl.when(usual).then(text).alias("hashed"),
        pl.lit("").alias("mask"),
    )


def _decoded(hexadecimal: pl.Series) -> pl.Series:
    return hexadecimal.str.decode("hex").bin.reinterpret(dtype=pl.UInt64, endianness="big")


def _is_withheld(text: str) -> bool:
    return text.strip().lower() in WITHHELD or _ZEROS.fullmatch(text.strip()) is not None


@lru_cache(maxsize=2**18)
def _phone(text: str, country: str) -> _Read:
    """One number as phonenumbers reads it; remembered, as odd spellings come again in every batch of a file."""
    text = text.translate(_WIDE).strip()
    if _FLOAT.fullmatch(text):
        text = text[:-2]
    if _DAMAGED.fullmatch(text):
        return None, "", "damaged"
    if _MASKED.fullmatch(text):
        return None, mask_of_masked(text, country), "masked"
    try:
        number = phonenumbers.parse(text if _NUMBER.fullmatch(text) else "", country)
    except phonenumbers.NumberParseException:
        return None, "", "unreadable"
    if not phonenumbers.is_possible_number(number):
        return None, "", "unreadable"
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, mask_of_e164(e164, country), "number"


def _customer(text: str, country: str) -> _Read:
    return text.strip(), "", "number"


def _hash(text: str, country: str) -> _Read:
    return (text.strip(), "", "number") if _KEYED.fullmatch(text.strip()) else (None, "", "unreadable")


_KINDS: dict[str, tuple[Callable[[pl.Series, str], pl.DataFrame], Callable[[str, str], _Read]]] = {
    "phone": (_phones, _phone),
    "customer": (_customers, _customer),
    "keyed": (_hashes, _hash),
}
