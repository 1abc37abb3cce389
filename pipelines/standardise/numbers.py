"""Callers' numbers → keyed hash, mask and kind. Raw numbers end here; nothing behind this module sees one.

A number is read by phonenumbers, once per distinct text. One that is possible but not valid is keyed all the same; one
that no line can have (too short or too long) is unreadable. Withheld, masked, unreadable and spreadsheet-damaged
numbers (`6.02E+11`) get no key: strangers share them.
"""

import hashlib
import hmac
import re

import phonenumbers
import polars as pl

SCHEMA = {"text": pl.String, "caller_key": pl.UInt64, "caller_mask": pl.String, "caller_kind": pl.String}

_BLANKS = ("", "0", "-", "--", ".", "none", "null", "n/a", "na")
_WORDS = ("anonymous", "unknown", "withheld", "private", "restricted", "unavailable", "blocked")
WITHHELD = frozenset([*_BLANKS, *_WORDS])
_DAMAGED = re.compile(r"\d+([.,]\d+)?[eE]\+?\d+")
_MASKED = re.compile(r"[+\d\s()./-]*\d?[*xX][+\d\s()./*xX-]*")
_NUMBER = re.compile(r"\+?[\d\s()./-]+")
_KEYED = re.compile(r"[0-9a-fA-F]{16}")
_ZEROS = re.compile(r"[+0]+")
_LONG_RUN = re.compile(r"\d{7,}")


def key_id(key: bytes) -> str:
    """A short name of the key that gives nothing of it away; manifests carry it."""
    return hmac.new(key, b"tieout key id", hashlib.sha256).hexdigest()[:8]


def caller_key(e164: str, key: bytes) -> int:
    """HMAC-SHA-256 over the ASCII number (with `+`), its first 16 hex digits as an unsigned 64-bit integer."""
    return int(hmac.new(key, e164.encode(), hashlib.sha256).hexdigest()[:16], 16)


def mask(text: str) -> str:
    """At most the first three and last two digits; short numbers show less, so that no mask gives a number away."""
    digits = "".join(char for char in text if char.isdigit() or char in "*xX")
    shown = (3, 2) if len(digits) >= 9 else (0, 2) if len(digits) >= 6 else (0, 0)
    middle = "*" * (len(digits) - sum(shown))
    return digits[: shown[0]] + middle + (digits[len(digits) - shown[1] :] if shown[1] else "")


def hide_numbers(text: str) -> str:
    """The text with every run of digits masked that is as long as a phone number: cells slip into other columns."""
    return _LONG_RUN.sub(lambda run: mask(run[0]), text)


def key_numbers(texts: pl.Series, kind: str, country: str, key: bytes) -> pl.DataFrame:
    """One row per distinct text: text, caller_key (null without a usable number), caller_mask, caller_kind.

    `kind` is the contract's caller_kind (phone, customer, keyed); `country` reads numbers without a country code.
    """
    read = {"phone": _phone, "customer": _customer, "keyed": _keyed}[kind]
    distinct = texts.drop_nulls().unique(maintain_order=True).to_list()
    rows = [
        (text, None, "", "withheld") if _is_withheld(text.strip()) else (text, *read(text.strip(), country, key))
        for text in distinct
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _is_withheld(text: str) -> bool:
    return text.lower() in WITHHELD or _ZEROS.fullmatch(text) is not None


def _phone(text: str, country: str, key: bytes) -> tuple[int | None, str, str]:
    if _DAMAGED.fullmatch(text):
        return None, "", "damaged"
    if _MASKED.fullmatch(text):
        return None, mask(text), "masked"
    try:
        number = phonenumbers.parse(text if _NUMBER.fullmatch(text) else "", country)
    except phonenumbers.NumberParseException:
        return None, "", "unreadable"
    if not phonenumbers.is_possible_number(number):
        return None, "", "unreadable"
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return caller_key(e164, key), mask(text), "number"


def _customer(text: str, country: str, key: bytes) -> tuple[int | None, str, str]:
    return caller_key(text, key), "", "number"


def _keyed(text: str, country: str, key: bytes) -> tuple[int | None, str, str]:
    return (int(text, 16), "", "number") if _KEYED.fullmatch(text) else (None, "", "unreadable")
