"""The words of `headers.yaml`, and how the head of a column is compared with them."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

WORDS: Mapping[str, Any] = yaml.safe_load((files("pipelines.draft") / "headers.yaml").read_text(encoding="utf-8"))

_UNITS = {"s", "sec", "secs", "seconds", "ms", "min", "mins", "minutes", "h", "hms", "秒", "秒数", "utc", "at"}
_BRACKETED = re.compile(r"[(\[【][^)\]】]*[)\]】]")
_SIMPLIFIED = str.maketrans(WORDS["simplified"])
_RANK = 0.0002
_TOKEN = re.compile(r"[^\W\d_]+|\d+")


@cache
def tokens(text: str) -> tuple[str, ...]:
    """The words of a head: without case, signs and units at the end; `callId` and `call_id` are two words each."""
    found = raw_tokens(_BRACKETED.sub(" ", unicodedata.normalize("NFKC", text)))
    return found[:-1] if len(found) > 1 and found[-1] in _UNITS else found


def raw_tokens(text: str) -> tuple[str, ...]:
    """The words of a head, units and all."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text.replace("%", " pct "))
    return tuple(_TOKEN.findall(parted.translate(_SIMPLIFIED).casefold()))


def covers(word: str, head: str) -> float:
    """Which share of a head the word covers, from 0 (not in it) to 1 (it is the head)."""
    own, looked = tokens(word), tokens(head)
    whole, part = "".join(looked), "".join(own)
    if not part or not whole:
        return 0.0
    if whole == part:
        return 1.0
    if word.isascii():
        places = range(len(looked) - len(own) + 1)
        inside = any(looked[place : place + len(own)] == own for place in places)
    else:
        inside = part in whole
    return len(part) / len(whole) * 0.99 if inside else 0.0


def best(head: str, words: Iterable[str]) -> float:
    """How well the best of the words covers a head; of equals the earlier ones count a little more."""
    return max(
        (covers(word, head) - place * _RANK for place, word in enumerate(words) if covers(word, head)), default=0.0
    )


_NOT = re.compile(r"[未无不没非]|\b(no|not|un\w+|non|failed)\b")


def coded(code: str, table: Mapping[str, Iterable[str]]) -> str | None:
    """The canonical value of a raw code, by the word that covers most of it; None where no word does."""
    scores = {value: best(code, words) for value, words in table.items()}
    value = max(scores, key=lambda name: scores[name])
    is_turned = scores[value] < 0.98 and value == "answered" and _NOT.search(code.casefold())  # `not answered` by parts
    return value if scores[value] >= 0.4 and not is_turned else None
