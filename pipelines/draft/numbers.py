"""Callers' numbers in a sample → the rules of `tieout.rewrite` that make them numbers, each with what speaks for it.

A number counts as one if phonenumbers knows it as valid in the country; one with hidden digits, if it can be. What is
no number as it stands, and is one without its beginning, was put before it by a switch. Extensions are asked about: no
sample shows the number that stands before them.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import phonenumbers

from pipelines.contract.model import Rewrite
from pipelines.contract.rewrites import covers
from pipelines.standardise.masked_numbers import may_be_national

_MOST = 2_000
_LEAST, _SHARE = 3, 0.03
"""A group of fewer numbers, or of a smaller share of them, is chance."""
_NEARLY_ALL = 0.95
_EXTENSION = range(3, 6)
_NUMBER = re.compile(r"\+?[0-9*]*[0-9][0-9*]*")


@dataclass(frozen=True)
class Found:
    """Rules in their order, and comments for people."""

    rules: tuple[Rewrite, ...] = ()
    notes: tuple[str, ...] = ()


def found_in(cells: Sequence[str], country: str) -> Found:
    """What the cells of the caller's column show; `country` is the ISO code by whose rules they are read."""
    numbers = _numbers(cells)
    least = max(_LEAST, _SHARE * len(numbers))
    odd = [number for number in numbers if not _is_number(number, country) and _count(number) not in _EXTENSION]
    rules: list[Rewrite] = []
    notes: list[str] = []
    for start, replace in _beginnings(country):
        for rule, taken in _rules(start, replace, odd, numbers, country):
            if len(taken) >= least and not any(covers(other, rule) for other in rules):
                rules.append(rule)
                notes.append(_said(rule, len(taken), len(numbers)))
                odd = [number for number in odd if number not in taken]
    if len(odd) > len(numbers) / 2 and len(odd) >= _LEAST:
        notes.append(
            f"EDIT: {len(odd):,} of {len(numbers):,} numbers are none of {country}, and no beginning explains it: "
            "ask how numbers are written"
        )
    return Found(tuple(rules), (*notes, *_extensions(numbers, least)))


def _numbers(cells: Sequence[str]) -> list[str]:
    """The different numbers, or as many of them from all over the sample, without blanks and signs between digits."""
    texts = dict.fromkeys(re.sub("[xX]", "*", re.sub(r"[\s()./\-]", "", cell)) for cell in cells)
    numbers = [text for text in texts if _NUMBER.fullmatch(text) and text.strip("+0")]
    return numbers[:: -(-len(numbers) // _MOST)] if numbers else []


def _beginnings(country: str) -> list[tuple[str, str]]:
    """What may stand before a number, and what in its place: the sign for abroad, a trunk's digit, a lost prefix."""
    prefix = phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True) or ""
    trunks = [*((digit, "") for digit in "9081234567"), *((f"{digit}{prefix}", prefix) for digit in "98" if prefix)]
    code = str(phonenumbers.country_code_for_region(country))
    return [("00", "+"), *trunks, (code, ""), *[("", prefix)] * bool(prefix)]


def _rules(
    start: str, replace: str, odd: Sequence[str], numbers: Sequence[str], country: str
) -> list[tuple[Rewrite, set[str]]]:
    """One rule where all numbers that begin so need it, else one for each count of digits of which all need it."""
    group = [number for number in odd if number.startswith(start) and (start or not number.startswith("+"))]
    whole = {number for number in group if _is_number(replace + number[len(start) :], country)}
    begun = [number for number in numbers if number.startswith(start)]
    if start and _nearly(whole, begun) and not any(_count(number) in _EXTENSION for number in begun):
        return [(Rewrite(start, None, replace), whole)]
    made = []
    for count in sorted({_count(number) for number in whole}):
        taken = {number for number in whole if _count(number) == count}
        if _nearly(taken, [number for number in begun if _count(number) == count]):
            made.append((Rewrite(start, count, replace), taken))
    return made


def _nearly(part: set[str], whole: Sequence[str]) -> bool:
    return bool(part) and len(part) >= _NEARLY_ALL * len(whole)


def _said(rule: Rewrite, taken: int, of: int) -> str:
    so_many, digits = f"? {taken:,} of {of:,} numbers", f"{rule.digits} digits"
    if not rule.starts:
        return f"{so_many} have {digits} and are phone numbers only with {rule.replace} before them"
    how = f"with {rule.replace} in its place" if rule.replace else "without it"
    counted = "" if rule.digits is None else f", have {digits}"
    return f"{so_many} begin with {rule.starts}{counted} and are phone numbers only {how}"


def _extensions(numbers: Sequence[str], least: float) -> list[str]:
    counts = Counter(_count(number) for number in numbers)
    return [
        f"EDIT: {counts[count]:,} of {len(numbers):,} numbers have {count} digits: extensions? Ask the sender which "
        f'digits stand before them, and write a rule: {{digits: {count}, replace: "+…"}}'
        for count in _EXTENSION
        if counts[count] >= least
    ]


def _count(number: str) -> int:
    return len(number.removeprefix("+"))


@cache
def _is_number(number: str, country: str) -> bool:
    if "*" in number:
        return number.startswith("+") or may_be_national(number, country)
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number, country))
    except phonenumbers.NumberParseException:
        return False
