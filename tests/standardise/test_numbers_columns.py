"""Whole columns of callers' numbers read as each number alone would be, in every country, however it is written."""

from typing import Any

import phonenumbers
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.standardise.keys import caller_key, caller_keys
from pipelines.standardise.number_shapes import to_e164
from pipelines.standardise.numbers import keyed
from tests.standardise import number_oracle

KEY = b"an example key, not a secret"
COUNTRIES = ("CN", "US", "CA", "GB", "DE", "FR", "JP", "IN", "IL", "IT", "AR", "MX", "BR", "SG", "HK", "KR", "RU", "KZ")
OTHERS = (*sorted(phonenumbers.SUPPORTED_REGIONS), "XX", "cn")


def facts(country: str) -> tuple[str, str, list[int]]:
    """Calling code, national prefix and possible lengths; those of China where there is no such country."""
    known = country if country in phonenumbers.SUPPORTED_REGIONS else "CN"
    meta: Any = phonenumbers.PhoneMetadata.metadata_for_region(known)
    lengths = [*meta.general_desc.possible_length, *meta.general_desc.possible_length_local_only]
    return str(meta.country_code), meta.national_prefix or "0", lengths


@st.composite
def national(draw: st.DrawFn, country: str) -> str:
    """A number of the country's plan, or any digits of about its length."""
    known = country if country in phonenumbers.SUPPORTED_REGIONS else "CN"
    sample = phonenumbers.example_number_for_type(known, draw(st.sampled_from([0, 1, 2, 3, 4, 7])))
    if sample is not None and draw(st.booleans()):
        digits = phonenumbers.national_significant_number(sample)
        tail = draw(st.integers(0, 4))
        return digits[: len(digits) - tail] + draw(st.text("0123456789", min_size=tail, max_size=tail))
    length = draw(st.sampled_from([*facts(country)[2], 1, 2, 17, 18]))
    return draw(st.text("0123456789", min_size=length, max_size=length))


@st.composite
def spelling(draw: st.DrawFn, country: str) -> str:
    """A number as somebody might write it, in the country or from abroad."""
    home = draw(st.sampled_from([country, country, *COUNTRIES]))
    code, prefix, _ = facts(home)
    starts = ["", "", prefix, code, f"+{code}", f"+{code}", f"+{code}{prefix}", f"00{code}", f"011{code}", "+", "00"]
    text = draw(st.sampled_from(starts)) + draw(national(home))
    for _ in range(draw(st.sampled_from([0, 0, 1, 3]))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(" -().//  *xX+３٣\u3000\tEe0#")) + text[place:]
    return text


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from(COUNTRIES) | st.sampled_from(OTHERS))
def test_a_column_is_read_as_each_number_alone(data: st.DataObject, country: str) -> None:
    texts = data.draw(st.lists(st.none() | spelling(country), max_size=12))
    found = keyed(pl.Series("any name", texts, pl.String), "phone", country, KEY)
    assert found.rows() == [number_oracle.read(text, "phone", country, KEY) for text in texts]


WORD = st.sampled_from(["Anonymous", " n/a ", "0000", "C-0042", "b4e85e1936ae6a59", "0" * 16, "客户 7", "\x1c0", "K/A"])
ANY = st.none() | WORD | st.text(st.sampled_from("0123456789abcdefAB+-.* xX") | st.characters(codec="utf-8"))


@given(st.lists(ANY), st.sampled_from(["phone", "customer", "keyed"]))
def test_any_text_is_read_as_it_would_be_alone(texts: list[str | None], kind: str) -> None:
    found = keyed(pl.Series(texts, dtype=pl.String), kind, "CN", KEY)
    assert found.rows() == [number_oracle.read(text, kind, "CN", KEY) for text in texts]


@given(st.lists(st.none() | st.text()), st.binary(min_size=1, max_size=80))
@example(["+8613912345678"], b"k" * 64)
@example(["+8613912345678"], b"k" * 65)
def test_the_keys_of_a_column_are_the_keys_of_its_texts(texts: list[str | None], key: bytes) -> None:
    expected = [None if text is None else caller_key(text, key) for text in texts]
    assert caller_keys(pl.Series(texts, dtype=pl.String), key).to_list() == expected


@pytest.mark.parametrize(
    ("country", "digits", "e164"),
    [
        ("CN", "13900001234", "+8613900001234"),
        ("CN", "008613900001234", "+8613900001234"),
        ("CN", "8613900001234", "+8613900001234"),
        ("CN", "075512345678", "+8675512345678"),
        ("US", "5550101234", "+15550101234"),
        ("US", "12125550123", "+12125550123"),
        ("US", "011442079460123", "+442079460123"),
        ("GB", "02079460123", "+442079460123"),
        ("GB", "+4402079460123", "+442079460123"),
        ("IT", "0612345678", "+390612345678"),
        ("JP", "0312345678", "+81312345678"),
    ],
)
def test_usual_shapes_never_reach_phonenumbers(country: str, digits: str, e164: str) -> None:
    plus = pl.Series([digits.startswith("+")])
    assert to_e164(pl.Series([digits.removeprefix("+")]), plus, country).to_list() == [e164]


@pytest.mark.parametrize(
    ("country", "digits"), [("AR", "01115551234"), ("GB", "1800201234567"), ("CN", "1795113900001234")]
)
def test_what_a_country_has_more_to_say_about_is_left_to_phonenumbers(country: str, digits: str) -> None:
    assert to_e164(pl.Series([digits]), pl.Series([False]), country).to_list() == [None]


def test_rows_keep_their_order_and_repeat() -> None:
    texts = pl.Series(["+44 (0)20 7946 0123", None, "139****1234", "13900001234", "+44 (0)20 7946 0123"])
    number, mobile = caller_key("+442079460123", KEY), caller_key("+8613900001234", KEY)
    assert keyed(texts, "phone", "CN", KEY).rows() == [
        (number, "442*******23", "number"),
        (None, "", "withheld"),
        (None, "139******34", "masked"),
        (mobile, "139******34", "number"),
        (number, "442*******23", "number"),
    ]


def test_a_column_of_nothing_has_the_same_columns() -> None:
    empty = keyed(pl.Series([], dtype=pl.String), "phone", "CN", KEY)
    assert (empty.height, empty.schema) == (0, keyed(pl.Series(["0"]), "phone", "CN", KEY).schema)
