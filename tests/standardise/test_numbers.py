"""Callers' numbers: one key for one caller however it is written, no key for what strangers share, little in a mask."""

import hmac
import re
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.standardise.numbers import caller_key, hide_numbers, key_id, mask
from pipelines.standardise.numbers import keyed as keyed_rows

KEY = b"an example key, not a secret"
PAGE = (Path(__file__).parents[2] / "docs" / "caller-key.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^\| `(.+?)` \| `(\+\d+)` \| `[0-9a-f]{16}` \| `(\d+)` \|$", PAGE, flags=re.MULTILINE)


def keyed(*texts: str, kind: str = "phone", country: str = "CN", key: bytes = KEY) -> list[tuple[int | None, str, str]]:
    """Key, mask and kind of each text."""
    return keyed_rows(pl.Series(texts, dtype=pl.String), kind, country, key).rows()


def test_the_published_examples_are_what_we_compute() -> None:
    assert len(EXAMPLES) == 2
    for secret, number, key in EXAMPLES:
        assert caller_key(number, secret.encode()) == int(key)
        assert keyed(number, key=secret.encode()) == [(int(key), mask(number[3:]), "number")]


def test_every_spelling_of_a_number_has_one_key() -> None:
    spellings = (
        "+8613812345678",
        "008613812345678",
        "13812345678",
        "+86 138-1234-5678",
        " 138 1234 5678",
        "(138)12345678",
    )
    assert {key for key, _, _ in keyed(*spellings)} == {caller_key("+8613812345678", KEY)}
    berlin = ("030 12345678", "+49 30 12345678", "0049-30-12345678", "030/12345678")
    assert {key for key, _, _ in keyed(*berlin, country="DE")} == {caller_key("+493012345678", KEY)}


def test_another_number_secret_or_country_is_another_key() -> None:
    keys = [*keyed("13812345678", "13812345679"), *keyed("13812345678", key=KEY + b"!")]
    keys += keyed("13812345678", country="DE")
    assert len({key for key, _, _ in keys}) == 4


def test_a_number_that_is_possible_but_not_valid_is_keyed() -> None:
    assert keyed("+8614000000000")[0][2] == "number"


@pytest.mark.parametrize("text", ["0", "-", "", " ", "Anonymous", "WITHHELD", "unknown", "n/a", "00000000", "+0"])
@pytest.mark.parametrize("kind", ["phone", "customer", "keyed"])
def test_a_withheld_number_has_no_key(text: str, kind: str) -> None:
    assert keyed(text, kind=kind) == [(None, "", "withheld")]


@pytest.mark.parametrize("text", ["138****5678", "138xxxx5678", "+86 138 **** 5678", "138*****", "XXXXXXX5678", "***"])
def test_a_masked_number_has_no_key(text: str) -> None:
    ((key, shown, kind),) = keyed(text)
    assert (key, kind) == (None, "masked")
    assert len(re.sub(r"\D", "", shown)) <= 5


@pytest.mark.parametrize("text", ["6.02E+11", "1,38E+10", "1.38e10", "8E+12"])
def test_a_number_that_a_spreadsheet_damaged_has_no_key(text: str) -> None:
    assert keyed(text) == [(None, "", "damaged")]


@pytest.mark.parametrize(
    "text", ["anna", "1-800-FLOWERS", "138 1234 5678 ext 5", "sip:138@x", "1", "12", "9" * 30, "1380E"]
)
def test_what_is_no_number_is_unreadable_and_shows_nothing(text: str) -> None:
    assert keyed(text) == [(None, "", "unreadable")]


def test_an_empty_cell_is_no_text() -> None:
    found = keyed_rows(pl.Series([None, "0", None], dtype=pl.String), "phone", "CN", KEY)
    assert found.rows() == [(None, "", "withheld")] * 3


def test_customers_are_keyed_as_they_are_written_and_hashes_are_taken_over() -> None:
    assert keyed("C-0042", " C-0042", kind="customer") == [(caller_key("C-0042", KEY), "", "number")] * 2
    assert keyed("b4e85e1936ae6a59", "B4E85E1936AE6A59", kind="keyed") == [(13035772583808494169, "", "number")] * 2
    assert keyed("b4e85e1936ae6a5", "13812345678", kind="keyed") == [(None, "", "unreadable")] * 2


def test_a_hash_that_a_vendor_made_is_the_key_of_the_number_in_the_clients_own_log() -> None:
    own = keyed("13800001234", "+86 138 0000 1234", "0086-13800001234")
    # as docs/caller-key.md tells the vendor to make it, with nothing of ours
    delivered = hmac.new(KEY, b"+8613800001234", "sha256").hexdigest()[:16]
    assert [key for key, _, _ in own] == [key for key, _, _ in keyed(delivered, kind="keyed")] * 3


def test_the_name_of_a_key_is_short_stable_and_its_own() -> None:
    assert (key_id(KEY), len(key_id(KEY))) == (key_id(KEY), 8)
    assert key_id(KEY) != key_id(KEY + b"!")
    assert key_id(KEY) not in KEY.hex()


def test_masks() -> None:
    assert [mask(text) for text in ("+86 138-1234-5678", "13812345678", "654321", "54321", "138****5678")] == [
        "861********78",
        "138******78",
        "****21",
        "*****",
        "138******78",
    ]


@given(st.text(st.sampled_from("0123456789+-() *xX") | st.characters(codec="utf-8"), max_size=24))
def test_no_mask_shows_more_than_three_and_two_digits_or_most_of_a_number(text: str) -> None:
    digits = re.sub(r"\D", "", text)
    for shown in (mask(text), *(masked for _, masked, _ in keyed(text))):
        visible = re.sub(r"\D", "", shown)
        assert len(visible) <= 5
        assert len(visible) < len(digits) or not digits or "*" in text or "x" in text.lower()
        assert re.fullmatch(r"\d{0,3}[*xX]*\d{0,2}|[\d*xX]{0,5}[*xX]*[\d*xX]{0,2}", shown)


@given(st.text(st.characters(codec="utf-8"), max_size=6), st.integers(10**6, 10**15 - 1), st.text("abc .:", max_size=6))
def test_a_number_that_slipped_into_another_cell_is_hidden(before: str, number: int, after: str) -> None:
    assert str(number) not in hide_numbers(f"{before}{number}{after}")


def test_times_and_short_numbers_are_not_hidden() -> None:
    assert hide_numbers("2026-13-45 25:00:00, 12345") == "2026-13-45 25:00:00, 12345"
