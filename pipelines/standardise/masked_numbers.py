"""Where the national number begins in a number whose digits are partly hidden: `+86138****1234`, `0138****1234`.

The patterns are phonenumbers' own, with a star allowed wherever a digit is, and the rules those of its `parse`. Where
the digits that show and the count of signs leave two readings, none is chosen. What a mask shows stands in `masks.py`.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers

from pipelines.standardise.number_shapes import facts_of, prefixed_abroad

LOOKED_AT = 8
"""Digits before the first star that are looked at; more of them hardly ever tell two readings apart."""
_TOKEN = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\\d|\d")
_Ways = list[tuple[str | None, int | None]]
"""What may be the national number, and how many signs stand before it; None where one of them is not known."""


@dataclass(frozen=True)
class _Plan:
    """One country's rules. `prefix` is dialled before a national number, `abroad` before a country code.

    `rewrites`: behind some prefixes the number itself is another one.
    """

    code: str
    prefix: str
    abroad: str
    any_code: re.Pattern[str]
    any_prefix: re.Pattern[str]
    any_abroad: re.Pattern[str]
    number: re.Pattern[str]
    rewrites: bool


@lru_cache(maxsize=2**16)
def signs_before(start: str, length: int, is_international: bool, country: str) -> int | None:
    """How many signs stand before the national number, or before the country code of a foreign one; None where open.

    `start` are the digits before the first star, `length` counts all digits and stars; a plus is not counted.
    """
    text, plan = start[:LOOKED_AT].ljust(length, "*"), _plan(country)
    if plan is None:
        return None if is_international and _foreign().match(text) else 0
    if is_international:
        return _after_plus(text, plan)
    if not plan.any_abroad.match(text):
        return _one(_national(text, plan))
    after = _after_plus(text[len(plan.abroad) :], plan) if plan.abroad and text.startswith(plan.abroad) else None
    return None if after is None else len(plan.abroad) + after


def may_be_national(text: str, country: str) -> bool:
    """Whether digits and stars can be a number of the country, as it is written there, with or without its code."""
    plan = _plan(country)
    return plan is not None and any(rest and plan.number.fullmatch(rest) for rest, _ in _national(text, plan))


def _after_plus(text: str, plan: _Plan) -> int | None:
    """Of a number with a country code."""
    if text.startswith(plan.code):
        before = _one(_fitting(_without_prefix(text[len(plan.code) :], plan), plan))
        return None if before is None else len(plan.code) + before
    return None if plan.any_code.match(text) or _foreign().match(text) else 0


def _national(text: str, plan: _Plan) -> _Ways:
    """Of a number without a plus: it may begin with the country's code all the same."""
    ways = _without_prefix(text, plan)
    coded: _Ways = []
    if plan.any_code.match(text):
        is_shown = text.startswith(plan.code)
        for rest, before in _without_prefix(text[len(plan.code) :], plan):
            coded.append((rest, len(plan.code) + before if is_shown and before is not None else None))
    return _fitting([*ways, *coded], plan, otherwise=ways)


def _without_prefix(text: str, plan: _Plan) -> _Ways:
    """The text as it stands, and what stays of it behind a prefix: the country's own, or a carrier's or the like."""
    found = plan.any_prefix.match(text)
    if found is None or not found[0]:
        return [(text, 0)]
    ways: _Ways = [(text, 0)]
    if plan.prefix and text.startswith(plan.prefix):
        ways.append((text[len(plan.prefix) :], len(plan.prefix)))
    if plan.rewrites and found[found.re.groups]:
        ways.append((None, None))
    elif found[0] != plan.prefix:
        ways.append((text[len(found[0]) :], None))
    return ways


def _fitting(ways: _Ways, plan: _Plan, otherwise: _Ways | None = None) -> _Ways:
    return [way for way in ways if way[0] is None or plan.number.fullmatch(way[0])] or otherwise or ways


def _one(ways: _Ways) -> int | None:
    """What all readings agree upon."""
    counts = {before for _, before in ways}
    return counts.pop() if len(counts) == 1 else None


@cache
def _plan(country: str) -> _Plan | None:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    facts = facts_of(country)
    prefix, code = facts.national_prefix or "", str(facts.country_code)
    abroad = (facts.international_prefix or "").split("|")[0]
    return _Plan(
        code=code,
        prefix=prefix,
        abroad=abroad if abroad.isdecimal() else "",
        any_code=_starred(code),
        any_prefix=_starred(facts.national_prefix_for_parsing),
        any_abroad=_starred(facts.international_prefix),
        number=_starred(facts.general_desc.national_number_pattern),
        rewrites=bool(facts.national_prefix_transform_rule),
    )


@cache
def _foreign() -> re.Pattern[str]:
    """Numbers of any country, with its code, that may have a prefix behind the code, which E.164 has not."""
    return _starred(prefixed_abroad())


def _starred(pattern: str | None) -> re.Pattern[str]:
    """A pattern of digits that takes a star for any digit that it takes; nothing fits where there is none."""
    if not pattern:
        return re.compile(r"(?!)")
    return re.compile(f"(?:{_TOKEN.sub(_with_star, pattern)})")


def _with_star(token: re.Match[str]) -> str:
    text = token[0]
    if text.startswith("{"):
        return text
    return f"{text[:-1]}*]" if text.startswith("[") else f"[{text}*]"
