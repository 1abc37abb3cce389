"""Text of strangers, made fit to be shown: on one line, short, without signs that steer a terminal, without numbers.

What a file holds goes through here before it is printed. What is said about it stands in `told.py` and elsewhere.
"""

import unicodedata

from pipelines.errors import Fault
from pipelines.standardise.numbers import hide_numbers

CELL, SENTENCE = 120, 600
"""How long a cell and a sentence may be."""


def plain(text: str) -> str:
    """The text on one line, with every sign written out that steers a terminal or hides: `\\n`, `\\x1b`, `\\u202e`."""
    return "".join(
        sign if sign.isprintable() or unicodedata.category(sign) == "Zs" else ascii(sign)[1:-1] for sign in text
    )


def short(text: str, most: int) -> str:
    """The text, cut to `most` signs."""
    return text if len(text) <= most else text[: most - 1] + "…"


def clean(item: Fault) -> Fault:
    """A fault that may be shown: no number in what was found, every part on one line and of bearable length."""
    found, allowed = short(hide_numbers(item.found), SENTENCE), short(item.allowed, SENTENCE)
    return Fault(plain(item.where), plain(found), plain(allowed), plain(item.hint))
