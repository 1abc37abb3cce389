"""What a caller's number is, one text at a time and by phonenumbers alone: the slow reading that columns must equal.

Masks of numbers that came masked are held against those of whole numbers, in `test_masks.py`.
"""

import hashlib
import hmac
import re

import phonenumbers

from pipelines.standardise.masks import mask_of_masked

WITHHELD = {"", "0", "-", "--", ".", "none", "null", "n/a", "na", "anonymous", "unknown", "withheld", "private"} | {
    "restricted",
    "unavailable",
    "blocked",
}


def read(text: str | None, kind: str, country: str, key: bytes) -> tuple[int | None, str, str]:
    """Key, mask and kind of one cell."""
    text = (text or "").strip()
    if text.lower() in WITHHELD or re.fullmatch(r"[+0]+", text):
        return None, "", "withheld"
    if kind == "customer":
        return hashed(text, key), "", "number"
    if kind == "keyed":
        found = re.fullmatch(r"[0-9a-fA-F]{16}", text)
        return (int(text, 16), "", "number") if found else (None, "", "unreadable")
    return phone(text, country, key)


def phone(text: str, country: str, key: bytes) -> tuple[int | None, str, str]:
    text = "".join(chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign for sign in text).strip()
    if re.fullmatch(r"\+?[0-9]{3,}[.]0", text):
        text = text.removesuffix(".0")
    if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", text):
        return None, "", "damaged"
    if re.fullmatch(r"[+\d\s()./*xX-]+", text) and re.search(r"[*xX]", text):
        return None, mask_of_masked(text, country), "masked"
    if not re.fullmatch(r"\+?[\d\s()./-]+", text):
        return None, "", "unreadable"
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None, "", "unreadable"
    if not phonenumbers.is_possible_number(number):
        return None, "", "unreadable"
    return (
        hashed(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), key),
        masked(national_or_whole(number, country)),
        "number",
    )


def hashed(text: str, key: bytes) -> int:
    return int.from_bytes(hmac.digest(key, text.encode(), hashlib.sha256)[:8])


def national_or_whole(number: phonenumbers.PhoneNumber, country: str) -> str:
    """The number as it is masked: without the code of the workspace's own country, a foreign one with its code."""
    national = phonenumbers.national_significant_number(number)
    own = number.country_code == phonenumbers.country_code_for_region(country)
    return national if own else f"{number.country_code}{national}"


def masked(kept: str) -> str:
    first, last = (3, 2) if len(kept) > 8 else (0, 2) if len(kept) > 5 else (0, 0)
    return "".join(char if place < first or place >= len(kept) - last else "*" for place, char in enumerate(kept))
