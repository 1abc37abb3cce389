"""What is owed: the lines add up to the cent, no call is deducted twice, and only where the terms allow it."""

import json
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.contract.terms_model import TermsVersion
from pipelines.settle.waterfall import padding_amounts, settle
from pipelines.tables import FINDINGS

SECONDS = ("talk_s", "hold_s", "acw_s", "ring_s", "queue_s")


def terms(
    rate: str = "4.20",
    deduct: tuple[str, ...] = ("ghost", "duplicate"),
    clause: str | None = "7.3",
    other: dict[str, Any] | None = None,
    **settlement: Any,
) -> TermsVersion:
    """Terms paid per call; `settlement` is what differs in that form, `other` another form."""
    form = {"form": "per_call", "rate": rate, "minimum_talk_s": 0, "billable_time": "talk", "bill_legs": "first"}
    evidence: dict[str, Any] = {
        "binding_record": "client_log" if clause else "none",
        "clause": clause,
        "deduct": deduct,
    }
    raw = {
        "from": "2026-01-01",
        "settlement": other or {**form, **settlement},
        "evidence": evidence,
        "tolerance": {"count_pct": 0.5, "points": 0.5, "amount": "100.00"},
        "definitions": {"service_level": {"id": "SL2", "threshold_s": 20, "bound": "<="}},
    }
    return TermsVersion.model_validate_json(json.dumps(raw))


def billed(*talks: int, uncovered: tuple[int, ...] = ()) -> pl.DataFrame:
    """Billed calls with these talk times, rows 1, 2, 3 …"""
    rows = [
        {"file_id": "f", "row": row, **dict.fromkeys(SECONDS, Decimal(0)), "talk_s": Decimal(talk)}
        | {"is_covered": row not in uncovered}
        for row, talk in enumerate(talks, 1)
    ]
    kinds = {name: pl.Decimal(18, 3) for name in SECONDS}
    return pl.DataFrame(rows, schema={"file_id": pl.String, "row": pl.Int64, **kinds, "is_covered": pl.Boolean})


def found(*rows: tuple[int, str, str]) -> pl.DataFrame:
    """Findings: row, detector, certainty."""
    full = [{"file_id": "f", "row": row, "detector": name, "certainty": sure} for row, name, sure in rows]
    return FINDINGS.fit(
        pl.DataFrame(
            full, schema={"file_id": pl.String, "row": pl.Int64, "detector": pl.String, "certainty": pl.String}
        )
    )


def lines(frame: pl.DataFrame) -> dict[str, tuple[int, str, str]]:
    """Line → calls, lowest and highest amount."""
    assert frame["position"].to_list() == list(range(1, frame.height + 1))
    return {row["line"]: (row["calls"], str(row["amount_low"]), str(row["amount_high"])) for row in frame.to_dicts()}


def test_a_month_by_hand() -> None:
    calls = billed(100, 100, 100, 5, 100, 100, uncovered=(6,))
    named = found((1, "ghost", "proven"), (2, "duplicate", "proven"), (3, "ghost", "probable"), (4, "ghost", "proven"))
    assert lines(settle(calls, named, terms(minimum_talk_s=10))) == {
        "billed": (6, "25.20", "25.20"),
        "below_minimum": (1, "-4.20", "-4.20"),
        "duplicate": (1, "-4.20", "-4.20"),
        "ghost": (1, "-4.20", "-4.20"),
        "owed": (3, "12.60", "12.60"),
        "cannot_be_verified": (1, "4.20", "4.20"),
    }


def test_nothing_found_is_paid_in_full() -> None:
    assert lines(settle(billed(10, 20), found(), terms())) == {
        "billed": (2, "8.40", "8.40"),
        "owed": (2, "8.40", "8.40"),
    }


def test_nothing_billed_owes_nothing() -> None:
    assert lines(settle(billed(), found(), terms())) == {"billed": (0, "0.00", "0.00"), "owed": (0, "0.00", "0.00")}


def test_without_a_clause_proven_calls_are_withheld_only() -> None:
    named = found((1, "ghost", "proven"), (2, "duplicate", "proven"))
    assert lines(settle(billed(10, 20, 30), named, terms(deduct=(), clause=None))) == {
        "billed": (3, "12.60", "12.60"),
        "withheld": (2, "-8.40", "-8.40"),
        "owed": (1, "4.20", "12.60"),
    }


def test_what_the_clause_does_not_name_is_withheld() -> None:
    named = found((1, "ghost", "proven"), (2, "duplicate", "proven"))
    assert lines(settle(billed(10, 20, 30), named, terms(deduct=("duplicate",)))) == {
        "billed": (3, "12.60", "12.60"),
        "duplicate": (1, "-4.20", "-4.20"),
        "withheld": (1, "-4.20", "-4.20"),
        "owed": (1, "4.20", "8.40"),
    }


def test_a_call_that_two_detectors_prove_is_deducted_once_under_the_stronger() -> None:
    named = found((1, "ghost", "proven"), (1, "duplicate", "proven"))
    assert lines(settle(billed(10, 20), named, terms())) == {
        "billed": (2, "8.40", "8.40"),
        "duplicate": (1, "-4.20", "-4.20"),
        "owed": (1, "4.20", "4.20"),
    }


def test_a_proven_record_that_is_not_billed_takes_nothing_off() -> None:
    assert lines(settle(billed(10), found((7, "ghost", "proven")), terms()))["owed"] == (1, "4.20", "4.20")


@pytest.mark.parametrize(
    ("time", "seconds", "calls"),
    [("talk", 20, 1), ("talk_hold", 20, 2), ("talk_hold_acw", 20, 3), ("leg", 20, 3)],
)
def test_the_minimum_looks_at_the_time_that_the_terms_name(time: str, seconds: int, calls: int) -> None:
    """Four calls: 20 s of talk; 15 and 5 on hold; 10, 5 and 5 after it; 10 and 10 of ringing."""
    times = [(20, 0, 0, 0), (15, 5, 0, 0), (10, 5, 5, 0), (10, 0, 0, 10)]
    frame = billed(0, 0, 0, 0).with_columns(
        pl.Series(name, [Decimal(each[place]) for each in times], dtype=pl.Decimal(18, 3))
        for place, name in enumerate(("talk_s", "hold_s", "acw_s", "ring_s"))
    )
    owed = lines(settle(frame, found(), terms(billable_time=time, minimum_talk_s=seconds)))["owed"]
    assert owed[0] == calls


def test_amounts_are_rounded_half_up() -> None:
    assert lines(settle(billed(1), found(), terms("0.125")))["owed"] == (1, "0.13", "0.13")
    assert lines(settle(billed(1), found(), terms("0.1249")))["owed"] == (1, "0.12", "0.12")


@pytest.mark.parametrize(
    "form",
    [
        {"form": "per_minute", "rate": "1.00", "rounding_s": 60, "billable_time": "talk", "bill_legs": "first"},
        {"form": "hours", "rate": "30.00"},
        {"form": "seats", "rate": "900.00"},
        {
            "form": "service_level_tiers",
            "base_fee": "1.00",
            "tiers": [{"at_least": 0, "pay_pct": 1}],
            "measured_per": "day",
        },
        {"cap": "5.00"},
        {"tax_pct": 6},
        {"minimum_volume": 10},
        {"volume_bands": [{"from_units": 1, "rate": "1.00"}]},
        {"malus": {"window": "24h", "below": 80, "amount_pct": 5}},
    ],
    ids=lambda form: form.get("form") or next(iter(form)),
)
def test_what_cannot_be_priced_says_so(form: dict[str, Any]) -> None:
    agreed = terms(other=form) if "form" in form else terms(**form)
    frame = settle(billed(10, 20), found(), agreed)
    assert lines(frame) == {"not_priced": (2, "0.00", "0.00")}
    assert (form.get("form") or next(iter(form))) in frame["note"][0]


def test_a_month_of_two_terms_is_not_priced() -> None:
    assert list(lines(settle(billed(10), found(), terms(), True))) == ["not_priced"]


RATES = st.integers(0, 99_999).map(lambda n: str(Decimal(n) / 10_000))
NAMED = st.tuples(
    st.integers(1, 14), st.sampled_from(["ghost", "duplicate", "replay"]), st.sampled_from(["proven", "probable"])
)


@settings(max_examples=150)
@given(
    st.lists(st.integers(0, 30), max_size=12),
    st.lists(NAMED, max_size=12, unique_by=lambda row: row[:2]),
    RATES,
    st.sampled_from([(), ("ghost",), ("duplicate", "replay"), ("ghost", "duplicate", "replay")]),
    st.sampled_from([None, "7.3"]),
    st.sets(st.integers(1, 12)),
)
def test_the_lines_always_add_up(
    talks: list[int],
    named: list[tuple[int, str, str]],
    rate: str,
    deduct: tuple[str, ...],
    clause: str | None,
    bare: set[int],
) -> None:
    frame = settle(
        billed(*talks, uncovered=tuple(bare)),
        found(*named),
        terms(rate, deduct if clause else (), clause, minimum_talk_s=10),
    )
    rows = {row["line"]: row for row in frame.to_dicts()}
    owed, top = rows.pop("owed"), rows["billed"]
    doubt = rows.pop("cannot_be_verified", None)
    assert sum(row["amount_low"] for row in rows.values()) == owed["amount_low"]
    off = sum(row["calls"] for name, row in rows.items() if name != "billed")
    assert owed["calls"] == top["calls"] - off == len(talks) - off
    assert all(row["amount_low"] <= 0 for name, row in rows.items() if name != "billed")
    assert 0 <= owed["amount_low"] <= owed["amount_high"] <= top["amount_low"]
    proven = {row for row, _, sure in named if sure == "proven" and row <= len(talks) and talks[row - 1] >= 10}
    short = sum(talk < 10 for talk in talks)
    assert owed["calls"] == len(talks) - short - len(proven)
    cents = (Decimal(rate) * owed["calls"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert owed["amount_low"] == cents
    if doubt is not None:
        assert doubt["calls"] <= owed["calls"]
    if clause is None:
        assert set(rows) <= {"billed", "below_minimum", "withheld"}


def test_what_each_detector_stands_for() -> None:
    calls = billed(100, 100, 100, 5)
    named = found(
        (1, "ghost", "proven"),
        (2, "ghost", "proven"),
        (3, "ghost", "probable"),
        (4, "duplicate", "proven"),
        (9, "duplicate", "probable"),
    )
    amounts = padding_amounts(calls, named, terms(minimum_talk_s=10)).rows()
    assert [(*row[:3], str(row[3]), str(row[4])) for row in amounts] == [
        ("duplicate", "probable", 1, "0.00", "0.00"),  # not billed
        ("duplicate", "proven", 1, "0.00", "0.00"),  # too short to be paid anyway
        ("ghost", "probable", 1, "0.00", "4.20"),
        ("ghost", "proven", 2, "8.40", "8.40"),
    ]


def test_no_price_no_amounts() -> None:
    amounts = padding_amounts(
        billed(100), found((1, "ghost", "proven")), terms(other={"form": "hours", "rate": "30.00"})
    )
    assert amounts.select("calls", "amount_high").rows() == [(1, Decimal("0.00"))]
