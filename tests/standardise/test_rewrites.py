"""Numbers as a switch delivers them, rewritten as the contract says before they are read."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contract.model import Rewrite
from pipelines.standardise.numbers import caller_key, keyed
from pipelines.standardise.rewrites import rewrite
from tests.intake.contracts import KEY, column, contract, schema, time
from tests.standardise.files import standardised, tally

RULES = (Rewrite("9", 12, ""), Rewrite("00", None, "+"), Rewrite("", 10, "0"), Rewrite("", 4, "+8621612"))


def one(text: str | None) -> str | None:
    texts: list[str | None] = rewrite(pl.Series([text], dtype=pl.String), RULES)[0].to_list()
    return texts[0]


@pytest.mark.parametrize(
    ("delivered", "read"),
    [
        ("913800001234", "13800001234"),
        ("9 138-0000-1234", "13800001234"),
        ("9138****1234", "138****1234"),
        ("9138xxxx1234", "138xxxx1234"),
        ("0044 20 7946 0123", "+442079460123"),
        ("2112345678", "02112345678"),
        ("8034", "+86216128034"),
        ("８０３４", "+86216128034"),
        ("913800001234.0", "13800001234"),
    ],
)
def test_the_first_rule_that_fits_is_applied(delivered: str, read: str) -> None:
    assert one(delivered) == read


@pytest.mark.parametrize(
    "text", ["13800001234", "+86 138 0000 1234", "9138000012345", "0", "0000", "", "anonymous", "9138000012E4", None]
)
def test_what_no_rule_is_for_stays_as_it_is_printed(text: str | None) -> None:
    assert one(text) == text


def slow(text: str, rules: tuple[Rewrite, ...]) -> str:
    """One number, one rule after the other."""
    signs = "".join(sign for sign in text if sign not in " ()./-")
    if not signs.removeprefix("+") or set(signs) <= {"+", "0"} or "+" in signs[1:]:
        return text
    for rule in rules:
        if rule.starts == "" and signs.startswith("+"):
            continue
        if signs.startswith(rule.starts) and rule.digits in (None, len(signs.removeprefix("+"))):
            return rule.replace + signs[len(rule.starts) :]
    return text


RULE = st.builds(
    Rewrite, st.sampled_from(["", "0", "00", "9", "86", "+", "+86"]), st.none() | st.integers(1, 13), st.just("+49")
)


@given(st.lists(st.from_regex(r"\+?[0-9][0-9 ()/*-]{0,14}", fullmatch=True)), st.lists(RULE, min_size=1, max_size=4))
def test_a_column_is_rewritten_as_each_number_alone(texts: list[str], rules: list[Rewrite]) -> None:
    done, counts = rewrite(pl.Series(texts, dtype=pl.String), rules)
    assert done.to_list() == [slow(text, tuple(rules)) for text in texts]
    assert sum(counts.values()) >= sum(a != b for a, b in zip(texts, done, strict=True))


def calls(*more: dict[str, Any]) -> Any:
    return schema(
        "calls", "calls", "calls.csv", column("id", role="call_id"), *more, time("start", "offered_utc"), zone="UTC"
    )


def test_both_spellings_of_a_number_meet_in_one_key_and_one_mask_and_the_manifest_counts_them(folder: Path) -> None:
    rules = [{"starts": "9", "digits": 12, "replace": ""}, {"digits": 3, "replace": "+4930555"}]
    south = contract(folder, calls(column("caller", role="caller", rewrite=rules)))
    result = standardised(
        folder,
        south,
        "id,caller,start",
        "1,903012345678,2026-10-01 05:00:00",
        "2,030 12345678,2026-10-01 05:01:00",
        "3,9030****5678,2026-10-01 05:02:00",
        "4,,2026-10-01 05:03:00",
    )
    number = caller_key("+493012345678", KEY.encode())
    assert result.frame.select("caller_key", "caller_mask", "caller_kind").rows() == [
        (number, "301*****78", "number"),
        (number, "301*****78", "number"),
        (None, "30******78", "masked"),
        (None, "", "withheld"),
    ]
    assert result.counts["rewritten"] == [
        {"column": "caller", "rule": '{starts: "9", digits: 12, replace: ""}', "rows": 2},
        {"column": "caller", "rule": '{digits: 3, replace: "+4930555"}', "rows": 0},
    ]
    assert tally(result) == {"rows_read": 4, "accepted": 4, "rejected": 0, "left_out": 0}


def test_the_number_that_was_dialled_is_rewritten_too(folder: Path) -> None:
    called = column("dialled", role="called", rewrite=[{"starts": "0049", "replace": "0"}])
    south = contract(folder, calls(column("caller", role="caller"), called))
    result = standardised(folder, south, "id,caller,dialled,start", "1,030 1234567,0049 800 123,2026-10-01 05:00:00")
    assert result.frame["called"].to_list() == ["0800123"]


def test_a_queue_log_from_a_database_has_the_callers_number_rewritten_where_he_enters(folder: Path) -> None:
    item = schema(
        "log",
        "queue_events",
        "log.csv",
        time("time", "event_utc"),
        *(column(name, role=name) for name in ("call_id", "event", "data1")),
        column("data2", role="data2", rewrite=[{"starts": "9", "replace": ""}]),
        zone="UTC",
    )
    result = standardised(
        folder,
        contract(folder, item),
        "time,call_id,event,data1,data2",
        "2026-10-01 05:00:00,1,ENTERQUEUE,,9030 12345678",
        "2026-10-01 05:00:09,1,CONNECT,9,912",
    )
    assert result.frame["caller_key"].to_list() == [caller_key("+493012345678", KEY.encode()), None]
    assert result.frame["data2"].to_list() == [None, "912"]
    assert [row["rows"] for row in result.counts["rewritten"]] == [1]


def test_without_rules_nothing_is_counted(folder: Path) -> None:
    result = standardised(folder, contract(folder, calls(column("caller", role="caller"))), "id,caller,start", "1,2,x")
    assert result.counts["rewritten"] == []


def test_an_extension_is_the_number_that_it_is_reached_under() -> None:
    rewritten, _ = rewrite(pl.Series(["8034", "021 6128 8034"]), (Rewrite("", 4, "+86216128"),))
    assert keyed(rewritten, "phone", "CN", KEY.encode())["caller_key"].n_unique() == 1
