"""The usual shapes of phone numbers → E.164, over whole columns: what phonenumbers says, without asking it each time.

Lengths, prefixes and patterns are phonenumbers' own metadata, and the rules are those of its `parse` and
`is_possible_number`. A shape is rewritten only where they leave one outcome: `+86 138…`, `0086 138…`, `86138…`,
`0755…`, `138…`, `+86 (0)755…`. Where a country has more to say (a carrier's code, an inserted 9) the answer is null,
and `numbers.py` asks phonenumbers. Nothing here decides that a number is bad.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import phonenumbers
import polars as pl

from pipelines.standardise.odd import spread

_NSN_LENGTHS = range(3, 18)  # longer ones phonenumbers refuses, shorter ones by how they are punctuated
_ALL_ZEROS = "^0*$"
_NEVER = "[^0-9]"


@dataclass(frozen=True)
class _Plan:
    """One country's rules. `prefix` is dialled before a national number, `abroad` before a country code.

    `any_…` are patterns for whatever may stand there, carriers' codes included.
    """

    code: str
    prefix: str
    abroad: str
    any_prefix: str
    any_abroad: str
    any_start: str
    groups: int
    pattern: str
    lengths: tuple[int, ...]
    longest: int
    is_main: bool


def to_e164(digits: pl.Series, is_international: pl.Series, country: str) -> pl.Series:
    """E.164 text, or null where phonenumbers must be asked.

    `digits` are ASCII digits only (blanks and `-./()` removed); `is_international` says that a plus stood before them.
    `country` is the ISO code by whose rules a number without a plus is read.
    """
    possible, prefixed = _world()
    full = pl.select(pl.when(is_international).then(digits)).to_series()
    plan = _plan(country)
    if plan is not None:
        is_open = digits.is_not_null() & ~is_international
        inland = spread(_national(digits.filter(is_open), plan), is_open)
        full = _without_zero(full, plan).zip_with(~is_open, inland)
    known = full.str.contains(possible) & ~full.str.contains(prefixed)
    return pl.select(pl.when(known).then(pl.lit("+") + full)).to_series()


def _without_zero(full: pl.Series, plan: _Plan) -> pl.Series:
    """Drops the prefix from `+49 (0)30 …`, where the country is the code's main one, so that its rules are in force."""
    doubled = full.str.starts_with(plan.code + plan.prefix).fill_null(value=False)
    if not (plan.prefix and plan.is_main and doubled.any()):
        return full
    rest = pl.col("rest")
    stripped, fits = rest.str.slice(len(plan.prefix)), rest.str.contains(plan.pattern)
    short = pl.when(_is_plain_prefix(plan, rest, stripped, fits)).then(pl.lit(plan.code) + stripped)
    frame = pl.DataFrame({"rest": full.filter(doubled).str.slice(len(plan.code))})
    return full.zip_with(~doubled, spread(frame.select(short).to_series(), doubled))


def _national(digits: pl.Series, plan: _Plan) -> pl.Series:
    """Numbers without a plus as digits with a country's code before them; null where another reading is open."""
    is_bare = ~digits.str.contains(plan.any_start)
    bare = pl.select(pl.when(is_bare).then(pl.lit(plan.code) + digits)).to_series()
    if is_bare.all():
        return bare
    started = pl.DataFrame({"digits": digits.filter(~is_bare)}).select(_started(plan)).to_series()
    return bare.zip_with(is_bare, spread(started, ~is_bare))


def _started(plan: _Plan) -> pl.Expr:
    """Numbers that begin with something that may be no part of the national number."""
    digits = pl.col("digits")
    is_abroad = digits.str.starts_with(plan.abroad) if plan.abroad else pl.lit(value=False)
    has_code, has_prefix = digits.str.starts_with(plan.code), digits.str.contains(plan.any_prefix)
    fits, too_long = digits.str.contains(plan.pattern), digits.str.len_bytes() > plan.longest
    rest, stripped = digits.str.slice(len(plan.code)), digits.str.slice(len(plan.prefix))
    is_coded = ((~fits & rest.str.contains(plan.pattern)) | too_long) & ~rest.str.contains(plan.any_prefix)
    is_plain_prefix = ~has_code & _is_plain_prefix(plan, digits, stripped, fits)
    return (
        pl.when(is_abroad)
        .then(digits.str.slice(len(plan.abroad)))
        .when(digits.str.contains(plan.any_abroad) | digits.str.contains(_ALL_ZEROS))
        .then(pl.lit(None, pl.String))
        .when(has_code & is_coded)
        .then(digits)
        .when(has_prefix & is_plain_prefix)
        .then(pl.lit(plan.code) + stripped)
        .when(~has_prefix & fits & ~too_long)
        .then(pl.lit(plan.code) + digits)
    )


def _is_plain_prefix(plan: _Plan, digits: pl.Expr, stripped: pl.Expr, fits: pl.Expr) -> pl.Expr:
    """The prefix is the country's own, not longer, transforms nothing, and is dropped by phonenumbers too."""
    if not plan.prefix:
        return pl.lit(value=False)
    if plan.any_prefix == _anchored([plan.prefix]):
        plain = pl.lit(value=True)  # the usual case, and no search for groups
    else:
        plain = digits.str.extract(plan.any_prefix, 0) == plan.prefix
    for group in range(1, plan.groups + 1):
        plain &= digits.str.extract(plan.any_prefix, group).is_null()
    kept = ~fits | stripped.str.contains(plan.pattern)
    return plain & kept & stripped.str.len_bytes().is_in(plan.lengths)


@cache
def _plan(country: str) -> _Plan | None:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        return None
    facts = facts_of(country)
    prefix = facts.national_prefix or ""
    abroad = (facts.international_prefix or "").split("|")[0]
    any_prefix = facts.national_prefix_for_parsing
    desc, code = facts.general_desc, str(facts.country_code)
    starts = [start for start in (facts.international_prefix, any_prefix, code, "0*$") if start]
    return _Plan(
        code=code,
        prefix=prefix if prefix.isdecimal() else "",
        abroad=abroad if abroad.isdecimal() else "",
        any_prefix=_anchored([any_prefix]) if any_prefix else _NEVER,
        any_abroad=_anchored([facts.international_prefix]) if facts.international_prefix else _NEVER,
        any_start=_anchored(starts),
        groups=re.compile(any_prefix).groups if any_prefix else 0,
        pattern=_anchored([desc.national_number_pattern], "$") if desc.national_number_pattern else _NEVER,
        lengths=tuple(desc.possible_length),
        longest=max(desc.possible_length),
        is_main=phonenumbers.region_code_for_country_code(facts.country_code) == country,
    )


def prefixed_abroad() -> str:
    """A pattern for digits that begin with a calling code and a prefix, which E.164 has not."""
    return _world()[1]


@cache
def _world() -> tuple[str, str]:
    """All calling codes at once: numbers of a possible length; and numbers with a prefix after the code."""
    plans = {code: facts_of(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE}
    possible = (f"{code}(?:{_lengths(facts)})" for code, facts in plans.items())
    prefixed = (
        f"{code}(?:{facts.national_prefix_for_parsing})"
        for code, facts in plans.items()
        if facts.national_prefix_for_parsing
    )
    return _anchored(possible, "$"), _anchored(prefixed)


def facts_of(country: str | int) -> Any:
    """The metadata of a country, or of the main country of a calling code."""
    if isinstance(country, str):
        return phonenumbers.PhoneMetadata.metadata_for_region(country)
    region = phonenumbers.region_code_for_country_code(country)
    return phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(country, region)


def _lengths(facts: Any) -> str:
    lengths = {*facts.general_desc.possible_length, *facts.general_desc.possible_length_local_only}
    return "|".join(f"[0-9]{{{length}}}" for length in sorted(lengths.intersection(_NSN_LENGTHS)))


def _anchored(patterns: Iterable[str], end: str = "") -> str:
    """Matches at the start. A digit is an ASCII one: the engine of Polars takes `\\d` for those of all scripts."""
    return f"^(?:{'|'.join(patterns)}){end}".replace(r"\d", "[0-9]")
