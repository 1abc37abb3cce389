"""Kinds and groups of callers: the SQL against plain loops over the contacts, on random worlds."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.compare.family import APART, MOST, counted
from pipelines.tables.compared import CALLER_GROUPS, PROFILES

ME, HOUR_US = "south", 3_600_000_000
FOLLOWED = pl.Schema(
    {
        "side": pl.String(),
        "caller_key": pl.UInt64(),
        "reason": pl.String(),
        "is_handed_back": pl.Boolean(),
        **dict.fromkeys(("ends_us", "next_us", "same_reason_us", "inhouse_us"), pl.Int64()),
    }
)
Row = dict[str, Any]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def run(engine: Engine, rows: list[Row], until_us: int, is_same: bool = False) -> tuple[list[Row], list[Row]]:
    """Rows of `profiles` and of `caller_groups`, by a window of two hours."""
    frame = pl.DataFrame(rows, schema=FOLLOWED, orient="row")
    engine.frame("followed", frame)
    engine.frame("contacts", frame.select("reason", is_base=pl.lit(value=True)))
    profiles, groups = counted(engine, ME, "2h", until_us, is_same)
    return profiles.sort(PROFILES.key).to_dicts(), groups.sort(CALLER_GROUPS.key).to_dicts()


def contact(side: str = ME, caller: int | None = 1, reason: str | None = "card", **other: Any) -> Row:
    """One contact that ends at the hour 0 and is followed by nothing, unless told otherwise."""
    return {"side": side, "caller_key": caller, "reason": reason, "ends_us": 0, **other}


def kept_apart(rows: list[Row]) -> set[str]:
    """The month's most frequent reasons; of those as frequent, the first by name."""
    counts = Counter(row["reason"] or "(none)" for row in rows)
    return set(sorted(counts, key=lambda reason: (-counts[reason], reason))[:APART])


def callers(rows: list[Row], until_us: int, is_same: bool) -> dict[int, dict[tuple[str, str], list[int]]]:
    """Caller → side and reason → contacts, resolved, called in-house."""
    apart, found = kept_apart(rows), defaultdict[int, dict[tuple[str, str], list[int]]](dict)
    for row in rows:
        ends, caller = row["ends_us"], row["caller_key"]
        if ends is None or caller is None or ends + 2 * HOUR_US > until_us or (is_same and row["reason"] is None):
            continue
        reason = row["reason"] or "(none)"
        next_us = row.get("same_reason_us") if is_same else row.get("next_us")
        again = next_us is not None and next_us <= ends + 2 * HOUR_US
        called = row.get("inhouse_us") is not None and row["inhouse_us"] <= ends + 2 * HOUR_US
        cell = found[caller].setdefault((row["side"], reason if reason in apart else "(other)"), [0, 0, 0])
        for at, counts in enumerate((True, not again and not row.get("is_handed_back"), called)):
            cell[at] += counts
    return dict(found)


MOMENT = st.sampled_from([None, None, 1, HOUR_US, 2 * HOUR_US, 2 * HOUR_US + 1, 30 * HOUR_US])
REASON = st.sampled_from([None, *(f"reason {n}" for n in range(14))])


@st.composite
def worlds(draw: st.DrawFn) -> list[Row]:
    """Contacts of few callers, some with dozens of them, next contacts on the bound of the window and beside it."""
    rows = []
    for _ in range(draw(st.integers(0, 12))):
        ends = draw(st.sampled_from([None, 0, 5 * HOUR_US, 9 * HOUR_US]))
        gaps = {name: draw(MOMENT) for name in ("next_us", "same_reason_us", "inhouse_us")}
        row = contact(
            draw(st.sampled_from([ME, ME, "inhouse"])),
            draw(st.sampled_from([None, 1, 2, 3, 4, 2**64 - 1])),
            draw(REASON),
            is_handed_back=draw(st.sampled_from([None, False, False, True])),
            **{name: None if gap is None or ends is None else ends + gap for name, gap in gaps.items()},
        )
        rows += [{**row, "ends_us": ends}] * draw(st.sampled_from([1, 1, 1, 2, MOST, MOST + 5]))
    return rows


@settings(max_examples=120, deadline=None)
@given(
    rows=worlds(),
    until=st.sampled_from([2 * HOUR_US - 1, 2 * HOUR_US, 7 * HOUR_US, 40 * HOUR_US]),
    is_same=st.booleans(),
)
def test_kinds_and_groups_say_what_plain_loops_say(engine: Engine, rows: list[Row], until: int, is_same: bool) -> None:
    expected = callers(rows, until, is_same)
    profiles, groups = run(engine, rows, until, is_same)
    kinds: dict[int, list[Any]] = defaultdict(lambda: [0, {}])
    for row in profiles:
        kinds[row["profile"]][0] = row["callers"]
        kinds[row["profile"]][1][row["side"], row["reason"]] = (row["contacts"], row["resolved"])
    found = Counter[frozenset[Any]]()
    for number, did in kinds.values():
        found[frozenset(did.items())] += number
    did_so = [frozenset((at, (n, k)) for at, (n, k, _) in did.items()) for did in expected.values()]
    assert found == Counter(did_so)

    sums = Counter[tuple[Any, ...]]()
    for caller, did in expected.items():
        for (side, reason), (contacts, resolved, called) in did.items():
            sums["fcr_2h", caller % 256, side, reason, "contacts"] += contacts
            sums["fcr_2h", caller % 256, side, reason, "counted"] += resolved
            if side != "inhouse":
                sums["callback_inhouse_2h", caller % 256, side, reason, "contacts"] += contacts
                sums["callback_inhouse_2h", caller % 256, side, reason, "counted"] += called
    told = {
        (row["figure"], row["part"], row["side"], row["reason"], name): row[name]
        for row in groups
        for name in ("contacts", "counted")
    }
    assert told == dict(sums)


def test_callers_who_did_the_same_are_one_kind(engine: Engine) -> None:
    """Callers 1 and 2 rang once about their card and not again; caller 3 rang twice, and after the first call again."""
    rows = [contact(caller=1), contact(caller=2), contact(caller=3, next_us=HOUR_US), contact(caller=3)]
    profiles, _ = run(engine, rows, 40 * HOUR_US)
    assert [(row["callers"], row["contacts"], row["resolved"]) for row in profiles] == [(2, 1, 1), (1, 2, 1)]


def test_a_window_that_ends_with_the_data_is_closed(engine: Engine) -> None:
    for until, kinds in ((2 * HOUR_US, 1), (2 * HOUR_US - 1, 0)):
        assert len(run(engine, [contact()], until)[0]) == kinds


def test_the_same_contacts_in_any_order_give_the_same_table(engine: Engine) -> None:
    rows = [contact(caller=n % 7, reason=f"r{n % 5}", next_us=n % 3 or None) for n in range(60)]
    assert run(engine, rows, 40 * HOUR_US) == run(engine, rows[::-1], 40 * HOUR_US)


def test_a_reason_that_is_called_as_the_rest_is_counted_once(engine: Engine) -> None:
    """A list of reasons may have one called (other): its contacts are among the rest, not there and among the rest."""
    rows = [contact(caller=caller, reason=reason) for caller, reason in enumerate(["(other)", "card", "(none)", None])]
    profiles, groups = run(engine, rows, 10**18)
    assert sum(row["callers"] * row["contacts"] for row in profiles) == len(rows)
    assert sum(row["contacts"] for row in groups if row["figure"].startswith("fcr")) == len(rows)
