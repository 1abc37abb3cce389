"""Legs of one call are one contact: rows in, rows out, and a slow fold of its own that shares nothing with the SQL."""

from collections.abc import Iterable
from decimal import Decimal
from importlib.resources import files
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.tables import VENDOR_CALLS
from tests.link.worlds import moment, record

STEP = files("pipelines.link") / "whole_calls.sql"
HOUR = 3600
SHOWN = ("row", "outcome", "queue_s", "talk_s", "ended_utc", "agent_id")


def whole(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The records that stand for a call, in order of their rows."""
    frame = VENDOR_CALLS.fit(pl.DataFrame(list(records), schema_overrides=dict(VENDOR_CALLS.schema)))
    with Engine() as engine:
        engine.frame("vendor_calls", frame)
        found = engine.run(STEP)
    utc = pl.Datetime("us", "UTC")
    return found.sort("row").with_columns(ended_utc=pl.col("ended_us").cast(utc)).to_dicts()


def leg_of(call: str, leg: str | None, row: int, at: float, lasts: float = 60, **different: Any) -> dict[str, Any]:
    times = {"ended_utc": moment(at + lasts), "direction": "inbound"}
    return record(row, 1, at, call_id=call, leg=leg, **(times | different))


def seconds(**values: float) -> dict[str, Decimal]:
    return {f"{name}_s": Decimal(f"{value:.3f}") for name, value in values.items()}


def shown(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in SHOWN) for row in rows]


def test_a_requeued_and_transferred_call_is_one_contact() -> None:
    found = whole(
        [
            leg_of("c1", "1", 1, 0, 40, outcome="overflowed", **seconds(queue=40)),
            leg_of("c1", "2", 2, 40, 70, outcome="transferred", agent_id="ann", **seconds(queue=10, talk=60)),
            leg_of("c1", "3", 3, 110, 95, outcome="answered", agent_id="bob", **seconds(queue=5, talk=90)),
            leg_of("c1", "4", 4, 60, 20, direction="consult", agent_id="ann", **seconds(talk=20)),
        ]
    )
    assert shown(found) == [(1, "answered", Decimal("50.000"), Decimal("150.000"), moment(205), "ann")]


def test_a_call_that_was_passed_on_outside_stays_transferred() -> None:
    found = whole([leg_of("c1", "1", 1, 0, outcome="overflowed"), leg_of("c1", "2", 2, 60, outcome="transferred")])
    assert [row["outcome"] for row in found] == ["transferred"]


def test_a_call_that_nobody_answered_has_the_outcome_of_its_last_leg() -> None:
    found = whole([leg_of("c1", "1", 1, 0, outcome="overflowed"), leg_of("c1", "2", 2, 60, outcome="abandoned")])
    assert [row["outcome"] for row in found] == ["abandoned"]


def test_legs_in_two_files_are_one_contact() -> None:
    found = whole([leg_of("c1", "1", 1, 0, outcome="answered"), leg_of("c1", "2", 7, 60, file_id="g")])
    assert [(row["file_id"], row["row"]) for row in found] == [("f", 1)]


def test_an_id_that_is_used_again_is_another_call() -> None:
    found = whole([leg_of("7", "1", 1, 0), leg_of("7", "1", 2, 2 * HOUR)])
    assert [row["row"] for row in found] == [1, 2]


def test_the_same_leg_twice_stays_twice_because_it_is_evidence() -> None:
    found = whole([leg_of("c1", "1", 1, 0, **seconds(talk=30)), leg_of("c1", "1", 2, 0, **seconds(talk=30))])
    assert shown(found) == [(row, None, None, Decimal("30.000"), moment(60), None) for row in (1, 2)]


def test_calls_without_legs_and_of_other_directions() -> None:
    found = whole([leg_of("c1", None, 1, 0), leg_of("c1", None, 2, 0), leg_of("c2", None, 3, 0, direction="outbound")])
    assert [row["row"] for row in found] == [1, 2]


def test_a_transfer_of_a_dialled_call_is_no_contact() -> None:
    """Its own row may say no direction, where its first part lies in another file."""
    found = whole(
        [
            leg_of("c1", "1", 1, 0, direction="outbound"),
            leg_of("c1", "2", 2, 60, direction=None, outcome="answered"),
            leg_of("c2", "1", 3, 0, direction=None),
        ]
    )
    assert [row["row"] for row in found] == [3]


def slow_fold(records: list[dict[str, Any]]) -> dict[int, tuple[Any, ...]]:
    """Row → (outcome, talk) of each record that stands for a call, by loops."""
    first: dict[str, dict[str, Any]] = {}
    for row in sorted(
        records, key=lambda row: (row["offered_utc"], row["direction"] not in (None, "inbound"), row["row"])
    ):
        if row["leg"]:
            first.setdefault(row["call_id"], row)
    inbound = [
        row
        for row in records
        if row["direction"] == "inbound"
        or (row["direction"] is None and not (row["leg"] and first[row["call_id"]]["direction"] == "outbound"))
    ]
    found = {row["row"]: (row["outcome"], row["talk_s"]) for row in inbound if row["leg"] is None}
    for call in {row["call_id"] for row in inbound if row["leg"]}:
        contacts: list[list[dict[str, Any]]] = []
        end = None
        for row in sorted(
            (row for row in inbound if row["leg"] and row["call_id"] == call),
            key=lambda row: (row["offered_utc"], row["row"]),
        ):
            if end is None or (row["offered_utc"] - end).total_seconds() > HOUR:
                contacts.append([])
            contacts[-1].append(row)
            end = max(end or row["ended_utc"], row["ended_utc"])
        for contact in contacts:
            firsts: dict[str, dict[str, Any]] = {}
            for row in contact:
                firsts.setdefault(row["leg"], row)
            legs = list(firsts.values())
            outcomes = [row["outcome"] for row in legs]
            known = [name for name in ("answered", "transferred") if name in outcomes] or [outcomes[-1]]
            talks = [row["talk_s"] for row in legs if row["talk_s"] is not None]
            for row in contact:
                if row["leg"] == contact[0]["leg"]:
                    folded = (known[0], sum(talks) if talks else None)
                    found[row["row"]] = folded if len(legs) > 1 else (row["outcome"], row["talk_s"])
    return found


LEGS = st.builds(
    lambda call, leg, at, lasts, outcome, talk, direction: {
        "call": call,
        "leg": leg,
        "at": at * 300,
        "lasts": lasts,
        "outcome": outcome,
        "direction": direction,
        "talk_s": talk if talk is None else Decimal(talk),
    },
    st.sampled_from(["a", "b"]),
    st.sampled_from([None, "1", "2", "3"]),
    st.integers(0, 60),
    st.integers(1, 4000),
    st.sampled_from([None, "answered", "transferred", "abandoned", "overflowed"]),
    st.one_of(st.none(), st.integers(0, 500)),
    st.sampled_from([None, "inbound", "inbound", "consult", "outbound"]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LEGS, min_size=1, max_size=12))
def test_the_sql_agrees_with_a_slow_fold(drawn: list[dict[str, Any]]) -> None:
    records = [
        leg_of(item.pop("call"), item.pop("leg"), row, item.pop("at"), **item) for row, item in enumerate(drawn, 1)
    ]
    found = {row["row"]: (row["outcome"], row["talk_s"]) for row in whole(records)}
    assert found == slow_fold(records)
