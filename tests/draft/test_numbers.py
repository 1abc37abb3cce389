"""What stands before callers' numbers in a sample → the rules that the draft suggests, and what it says of them."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contract.model import Rewrite
from pipelines.draft.numbers import found_in
from pipelines.standardise.numbers import keyed
from pipelines.standardise.rewrites import rewrite
from tests.draft.drafted import Drafted, Drafting

MOBILES = [f"138{number:08}" for number in range(0, 60_000_000, 1_000_003)]
TOWNS = [f"0755{number}" for number in range(20_000_001, 80_000_000, 3_000_007)]
LONDON = [f"442079460{number:03}" for number in range(20)]
OFFICES = [f"212555{number:04}" for number in range(40)]


def drafted(drafting: Drafting, numbers: Sequence[str], country: str | None = "CN") -> Drafted:
    lines = [f"c{place},{number},2026-10-01 08:00:00" for place, number in enumerate(numbers)]
    return drafting("\n".join(["call_id,caller,start", *lines, ""]), country=country)


def rules_of(made: Drafted) -> tuple[Rewrite, ...]:
    caller = made.item.role("caller")
    assert caller is not None
    return caller.rewrite


def test_a_nine_before_every_number_becomes_a_rule_and_says_what_speaks_for_it(drafting: Drafting) -> None:
    made = drafted(drafting, [f"9{number}" for number in MOBILES + TOWNS])
    assert rules_of(made) == (Rewrite("9", None, ""),)
    assert "? 80 of 80 numbers begin with 9 and are phone numbers only without it" in made.comment_above("caller")


def test_where_other_numbers_begin_so_the_count_of_digits_tells_them_apart(drafting: Drafting) -> None:
    towns = [f"9515{number}" for number in range(1_000_001, 2_000_000, 100_003)]  # eleven digits, as they are
    made = drafted(drafting, [f"9{number}" for number in MOBILES] + towns)
    assert rules_of(made) == (Rewrite("9", 12, ""),)


def test_a_rule_for_numbers_leaves_extensions_alone(drafting: Drafting) -> None:
    made = drafted(drafting, [*(f"9{number}" for number in MOBILES), "9001", "9002"])
    assert rules_of(made) == (Rewrite("9", 12, ""),)
    assert "60 of 62 numbers begin with 9, have 12 digits and are" in made.comment_above("caller")


def test_hidden_digits_do_not_hide_the_nine(drafting: Drafting) -> None:
    made = drafted(drafting, [f"9{number[:3]}****{number[-4:]}" for number in MOBILES])
    assert rules_of(made) == (Rewrite("9", None, ""),)
    assert "hidden digits" in made.comment_above("caller")


@pytest.mark.parametrize(
    ("numbers", "country", "rule"),
    [
        ([f"00{number}" for number in LONDON] + OFFICES, "US", Rewrite("00", None, "+")),
        ([f"9{number}" for number in OFFICES], "US", Rewrite("9", None, "")),
        ([f"0{number}" for number in TOWNS], "CN", Rewrite("0", 13, "")),
    ],
)
def test_other_beginnings(drafting: Drafting, numbers: list[str], country: str, rule: Rewrite) -> None:
    (found,) = rules_of(drafted(drafting, numbers, country))
    assert (found.starts, found.replace) == (rule.starts, rule.replace)


def test_numbers_that_are_read_as_they_stand_need_no_rule(drafting: Drafting) -> None:
    spelled = [*MOBILES, *TOWNS, *(f"+86 {number}" for number in MOBILES), *(f"0086{number}" for number in MOBILES)]
    made = drafted(drafting, [*spelled, *(number[1:] for number in TOWNS), *(f"00{number}" for number in LONDON)])
    assert rules_of(made) == ()
    assert made.comment_above("caller") == ""


def test_extensions_are_asked_about_and_never_guessed(drafting: Drafting) -> None:
    made = drafted(drafting, [*MOBILES, *map(str, range(8001, 8021))])
    assert rules_of(made) == ()
    assert "EDIT: 20 of 80 numbers have 4 digits: extensions? Ask the sender" in made.comment_above("caller")


def test_numbers_that_nothing_explains_are_asked_about(drafting: Drafting) -> None:
    made = drafted(drafting, [f"7777{number:09}" for number in range(20)])
    assert rules_of(made) == ()
    assert "EDIT: 20 of 20 numbers are none of CN, and no beginning explains it" in made.comment_above("caller")


def test_a_few_odd_numbers_are_chance(drafting: Drafting) -> None:
    made = drafted(drafting, [*MOBILES, *(f"9{number}" for number in MOBILES[:1]), "8001", "8002"])
    assert (rules_of(made), made.comment_above("caller")) == ((), "")


def test_without_a_country_nothing_is_said_of_numbers(drafting: Drafting) -> None:
    made = drafted(drafting, [f"9{number}" for number in MOBILES], country=None)
    assert (rules_of(made), made.comment_above("caller")) == ((), "")


def test_hashes_and_customers_are_no_numbers(drafting: Drafting) -> None:
    made = drafted(drafting, [f"{number:016x}" for number in range(10**18, 10**19, 10**18)])
    assert rules_of(made) == ()


@given(st.lists(st.sampled_from(MOBILES + TOWNS), min_size=10, unique=True), st.sampled_from(["9", "8", ""]))
def test_with_the_rules_every_number_is_read_as_the_one_that_was_dialled(dialled: list[str], trunk: str) -> None:
    delivered = [f"{trunk}{number}" for number in dialled]
    rules = found_in(delivered, "CN").rules
    texts = pl.Series(delivered)
    read = rewrite(texts, rules)[0] if rules else texts
    keys = [keyed(column, "phone", "CN", b"k")["caller_key"].to_list() for column in (read, pl.Series(dialled))]
    assert keys[0] == keys[1]


@given(st.lists(st.text("0123456789+*x -", max_size=15)), st.sampled_from(["CN", "US", "IT"]))
def test_whatever_the_cells_hold_the_rules_are_ones_that_a_contract_may_have(cells: list[str], country: str) -> None:
    for rule in found_in(cells, country).rules:
        assert rule.starts or rule.digits
        assert len(rule.starts) <= (rule.digits or 20)
