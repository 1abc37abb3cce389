"""Masks: one caller has one mask, however the number is written, and a number that came masked never contradicts it."""

import re

import phonenumbers
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.standardise.masks import mask, mask_of_e164, mask_of_masked
from pipelines.standardise.numbers import keyed

KEY = b"an example key, not a secret"
E164, INTERNATIONAL, NATIONAL = (
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
)
COUNTRIES = ("CN", "US", "CA", "GB", "DE", "FR", "JP", "IN", "IT", "AR", "MX", "BR", "SG", "HK", "KR", "RU", "KZ", "AU")
ALL = sorted(phonenumbers.SUPPORTED_REGIONS)


def masks(*texts: str, country: str = "CN") -> list[str]:
    return keyed(pl.Series(texts, dtype=pl.String), "phone", country, KEY)["caller_mask"].to_list()


@st.composite
def valid(draw: st.DrawFn, country: str) -> phonenumbers.PhoneNumber:
    """A number that some line of the country has."""
    kind = draw(st.sampled_from([0, 1, 2, 3, 4, 6, 7]))
    number = phonenumbers.example_number_for_type(country, kind) or phonenumbers.example_number(country)
    assert number is not None
    digits = phonenumbers.national_significant_number(number)
    tail = draw(st.text("0123456789", min_size=3, max_size=3))
    other = phonenumbers.parse(f"+{number.country_code}{digits[:-3]}{tail}")
    return other if phonenumbers.is_valid_number_for_region(other, country) else number


def spellings(number: phonenumbers.PhoneNumber, country: str) -> list[str]:
    """As it is written at home and from abroad."""
    digits, code = phonenumbers.national_significant_number(number), number.country_code
    at_home = [digits, phonenumbers.format_number(number, NATIONAL), f"{code}{digits}"]
    if prefix := phonenumbers.ndd_prefix_for_region(country, strip_non_digits=True):
        at_home += [f"{prefix}{digits}", f"+{code} ({prefix}){digits}"]
    abroad = [f"00{code}{digits}", f"+{code}-{digits}", f"+{code} {digits}"]
    return [
        phonenumbers.format_number(number, E164),
        phonenumbers.format_number(number, INTERNATIONAL),
        *at_home,
        *abroad,
    ]


def hidden(text: str, first: int, last: int) -> str:
    """The text with all digits hidden but some at its start and some at its end."""
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    shown = {*places[:first], *places[len(places) - last :]} if last else set(places[:first])
    return "".join("*" if sign.isdigit() and place not in shown else sign for place, sign in enumerate(text))


def agree(one: str, other: str) -> bool:
    """Whether two masks show the same digits, where both show one: the first ones and the last ones."""
    pairs = [*zip(one[:3], other[:3], strict=False), *zip(one[-2:], other[-2:], strict=False)]
    return all(a == b or "*" in (a, b) for a, b in pairs)


def is_valid(text: str, country: str) -> bool:
    """Whether it is a number of some line, read in a country; numbers that no line has are masked as they stand."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return False


@settings(max_examples=80, deadline=None)
@given(st.data(), st.sampled_from(COUNTRIES) | st.sampled_from(ALL), st.sampled_from(COUNTRIES) | st.none())
def test_one_number_has_one_mask_however_it_is_written(data: st.DataObject, own: str, home: str | None) -> None:
    country = home or own
    number = data.draw(valid(country))
    texts = spellings(number, country)
    read = keyed(pl.Series(texts), "phone", own, KEY)
    whole = keyed(pl.Series([texts[0]]), "phone", own, KEY)
    same = read.filter(pl.col("caller_key") == whole["caller_key"][0])
    assert same.height >= 2
    assert same["caller_mask"].unique().to_list() == whole["caller_mask"].to_list()


@settings(max_examples=100, deadline=None)
@given(
    st.data(),
    st.sampled_from(COUNTRIES) | st.sampled_from(ALL),
    st.sampled_from(COUNTRIES) | st.none(),
    st.integers(0, 9),
    st.integers(0, 5),
)
def test_a_number_with_hidden_digits_contradicts_none_that_it_may_be(
    data: st.DataObject, own: str, home: str | None, first: int, last: int
) -> None:
    texts = [text for text in spellings(data.draw(valid(home or own)), home or own) if is_valid(text, own)]
    masked = [hidden(text, first, last) for text in texts]
    shown = masks(*texts, *masked, country=own)
    for text, of_whole, of_masked in zip(masked, shown[: len(texts)], shown[len(texts) :], strict=True):
        assert agree(of_whole, of_masked), (text, of_whole, of_masked)


@pytest.mark.parametrize(
    "text",
    ["138****1234", "+86138****1234", "+86 138 **** 1234", "0086138xxxx1234", "86-138-****-1234", "0138****1234"],
)
def test_a_masked_mobile_number_shows_what_the_whole_one_shows(text: str) -> None:
    assert masks(text, "+8613800001234", "13800001234") == ["138******34"] * 3


def test_a_masked_number_of_a_town_loses_the_prefix_before_it() -> None:
    assert masks("0755****5678", "+86 (0)755 ****5678", "075512345678") == ["755******78"] * 3
    assert masks("030****5678", "+49 30****5678", country="DE") == ["30******78"] * 2


def test_a_foreign_number_is_masked_with_its_code() -> None:
    assert masks("+44 20 7946 0123", "0044 20 **** 0123", "+44 20****0123") == ["442*******23"] * 3


def test_where_two_readings_are_open_the_first_digits_are_hidden() -> None:
    assert masks("+44 (0)20 **** 0123") == ["***********23"]  # 442 or 440: phonenumbers knows, given all digits
    assert masks("4922****56", country="DE") == ["********56"]  # Leer's 4922…, or 22… behind the country's code
    assert mask_of_masked("8************", "CN") == "*" * 13  # the country's code, or not


def test_a_mask_with_another_count_of_stars_still_shows_its_digits() -> None:
    assert masks("138***1234", "138*****1234") == ["138*****34", "138*******34"]


def test_a_country_that_is_none_has_no_numbers_of_its_own() -> None:
    assert masks("+8613800001234", "+86138****1234", "138****1234", country="XX") == [
        "861********34",
        "861********34",
        "138******34",
    ]


@example("+3906123456", "IT")
@given(st.from_regex(r"\+[1-9][0-9]{4,14}", fullmatch=True), st.sampled_from(ALL))
def test_a_mask_shows_three_and_two_digits_at_most(e164: str, country: str) -> None:
    shown = mask_of_e164(e164, country)
    assert len(re.sub(r"\D", "", shown)) <= 5
    assert re.fullmatch(r"[0-9]{0,3}\*+[0-9]{0,2}", shown)


def test_hidden_digits_are_stars_whatever_the_sender_writes() -> None:
    assert [mask(text) for text in ("138xxxx5678", "138****5678", "XXXXXXX5678")] == [
        "138******78",
        "138******78",
        "*********78",
    ]
