"""When two codes are the same code: what a person cannot see, or sees as another width, makes no difference.

A contract's maps are checked by it, and cells are compared by it (`pipelines/standardise/outcomes.py`). Capitals and
small letters do make a difference: systems exist in which they do, and a code outside the map is a finding.
"""

import unicodedata

UNSEEN = tuple("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
"""Signs without width (joiners, directions, soft hyphens, byte order marks) that copying and spreadsheets leave."""


def same_code(code: str) -> str:
    """One spelling of a code: no unseen signs, full-width and other forms as the plain ones, no blanks around it."""
    seen = "".join(sign for sign in code if sign not in UNSEEN)
    return unicodedata.normalize("NFKC", seen).strip()
