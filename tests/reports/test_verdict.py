"""The verdict and the asks: the first level that applies, and a sentence that says what and how much."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.scorecard import ClockMove, Deliveries, Figure, Matching, Padding, SettlementLine, VagueField, Verdict
from reports.verdict import decide, in_question, open_points
from tests.reports.example import figure

MATCHED = Matching(100, 0, 0, 0, 0, 0.0, 100.0)
NOTHING_MATCHED = Matching(0, 100, 100, 0, 0, None, 100.0)
RIGHT = (figure("offered", "calls", 1000, 1000), figure("service_level", "%", 80.2, 80.0))
WRONG = (figure("offered", "calls", 1200, 1000), figure("service_level", "%", 90.0, 80.0))
BILL = (SettlementLine("billed", 1000, "1500.00", "1500.00"), SettlementLine("owed", 1000, "1500.00", "1500.00"))
GHOSTS = (Padding("ghost", "proven", 100, "150.00", "150.00"),)
OVERLAPS = (Padding("agent_overlap", "probable", 90, "0.00", "135.00"),)
PATTERN = (Padding("short_call", "suspected", 900, "0.00", "1350.00"),)
HELD = (
    *BILL[:1],
    SettlementLine("withheld", 100, "-150.00", "-150.00"),
    SettlementLine("owed", 900, "1350.00", "1350.00"),
)


def verdict(
    figures: tuple[Figure, ...] = RIGHT, settlement: tuple[SettlementLine, ...] = BILL,
    padding: tuple[Padding, ...] = (),
    matching: Matching = MATCHED, missing: tuple[str, ...] = (), language: str = "en", amount: str = "100",
) -> Verdict:  # fmt: skip
    return decide(
        figures, matching, settlement, padding, count_pct=Decimal(1), points=Decimal("0.5"), amount=Decimal(amount),
        required_missing=missing, vendor_name="Acme", month="2026-10", currency="CNY", language=language,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given_", "level", "said"),
    [
        ({}, "agreed", ["all 2 figures", "no money"]),
        ({"figures": ()}, "agreed", ["contradict nothing", "no figure that could be compared"]),
        ({"figures": RIGHT[:1]}, "agreed", ["the one figure"]),
        ({"padding": PATTERN}, "agreed", ["no money"]),  # a pattern accuses no call
        ({"padding": OVERLAPS, "amount": "135"}, "agreed", ["CN¥135.00 is in question", "limit of CN¥135.00"]),
        ({"figures": WRONG}, "corrected",
         ["“Service level” was 80.0% by our records, not 90.0%", "1 more figure differs"]),
        ({"figures": WRONG[:1]}, "corrected", ["“Calls offered” was 1,000 by our records, not 1,200."]),
        ({"padding": OVERLAPS}, "disputed", ["90 calls worth up to CN¥135.00 are to be explained"]),
        ({"padding": GHOSTS, "figures": WRONG, "settlement": HELD}, "disputed",
         ["100 billed calls worth CN¥150.00 are contradicted by records",
          "Of CN¥1,500.00 billed, CN¥1,350.00 is payable now."]),
        ({"settlement": HELD}, "disputed", ["CN¥150.00 of it is in question"]),
        ({"settlement": (*BILL, SettlementLine("below_minimum", 80, "-120.00", "-120.00"))}, "disputed",
         ["80 billed calls worth CN¥120.00 are too short to be billable"]),
        ({"settlement": (*BILL, SettlementLine("cannot_be_verified", 900, "1350.00", "1350.00"))}, "agreed", []),
        ({"padding": GHOSTS, "missing": ("inhouse_calls",)}, "cannot_be_judged", ["did not receive our own call log"]),
        ({"missing": ("calls", "claims")}, "cannot_be_judged",
         ["the vendor’s call records and the vendor’s reported figures"]),
        ({"padding": GHOSTS, "matching": NOTHING_MATCHED}, "cannot_be_judged", ["not one of its calls"]),
    ],
)  # fmt: skip
def test_the_first_level_that_applies(given_: dict[str, Any], level: str, said: list[str]) -> None:
    found = verdict(**given_)
    assert found.level == level
    assert [part for part in said if part not in found.sentence] == []


def test_a_difference_inside_a_queue_or_in_house_does_not_decide() -> None:
    queue = figure("offered", "calls", 1200, 1000, scope="queue:sales")
    inhouse = Figure("offered", "offered", "calls", "2026-10", side="inhouse", reported=1200, measured=1000)
    assert verdict(figures=(*RIGHT, queue, inhouse)).level == "agreed"


def test_the_same_calls_in_settlement_and_padding_count_once() -> None:
    assert in_question(HELD, GHOSTS) == Decimal("150.00")
    assert in_question(BILL, GHOSTS + OVERLAPS) == Decimal("285.00")


def test_the_chinese_sentence() -> None:
    assert verdict(padding=GHOSTS, settlement=HELD, language="zh").sentence == (
        "Acme 2026年10月的账单不应全额支付：100 通计费通话（金额 ¥150.00）与记录不符。"
        "账单金额 ¥1,500.00，目前应付 ¥1,350.00。"
    )


@given(st.decimals(0, 10_000, places=2), st.decimals(0, 10_000, places=2))
def test_disputed_exactly_beyond_the_amount(money: Decimal, limit: Decimal) -> None:
    found = verdict(padding=(Padding("ghost", "proven", 1, str(money), str(money)),), amount=str(limit))
    assert (found.level == "disputed") is (money > limit)


def asks(**parts: Any) -> list[tuple[str, str, str]]:
    given_: dict[str, Any] = {"padding": (), "vague_fields": (), "deliveries": Deliveries()} | parts
    points = open_points(
        **given_, vendor_name="Acme", client="Bank", currency="CNY", as_of="2026-11-03", dispute_days=10
    )
    assert {point.due for point in points} <= {"2026-11-13"}
    return [(point.id, point.ask, point.owner) for point in points]


def test_nothing_open_asks_for_nothing() -> None:
    assert asks(padding=PATTERN) == []


def test_at_most_three_asks_and_the_weightiest_first() -> None:
    found = asks(
        padding=GHOSTS + OVERLAPS, vague_fields=(VagueField("SL", ("unit",), "?"),), missing=("agent_states",),
        deliveries=Deliveries(("2026-10-18", "2026-10-19"), ("2026-10-24",)),
    )  # fmt: skip
    assert found == [
        ("answer_contradicted", "Explain or credit 100 billed calls (CN¥150.00) that our records contradict.", "Acme"),
        ("deliver_missing",
         "Deliver what is missing: call records for 2 days (18 Oct and 19 Oct) and the agents’ log-in "
         "records.", "Acme"),
        ("explain_calls", "Explain 90 calls (up to CN¥135.00): each has an innocent reading, but an unlikely one.",
         "Acme"),
    ]  # fmt: skip


def test_a_clock_that_moved_is_asked_about_beside_the_three() -> None:
    moved = (
        ClockMove("zone", "2026-10-25", "2026-10-31", 7, 3600.0),
        ClockMove("step", "2026-10-12", "2026-10-12", 1, -40.0, "15:01"),
    )
    three = {"padding": GHOSTS + OVERLAPS, "missing": ("claims",), "vague_fields": (VagueField("SL", ("unit",), "?"),)}
    assert [point for point, _, _ in asks(**three)] == ["answer_contradicted", "deliver_missing", "explain_calls"]
    *first, clock = asks(**three, clock_moved=moved)
    assert first == asks(**three)
    assert clock == (
        "set_clock",
        "Set the clock of the telephone system by network time: "
        "from 25 Oct to 31 Oct it stood 1:00:00 ahead of ours and on 12 Oct it jumped by −40.0\u00a0s.",
        "Acme",
    )


def test_a_gap_in_our_own_log_is_asked_of_the_client() -> None:
    [(point, ask, owner)] = asks(deliveries=Deliveries(inhouse_days_missing=("2026-10-24",)))
    assert (point, owner) == ("own_log_days", "Bank")
    assert "24 Oct" in ask


def test_many_missing_days_are_shortened() -> None:
    days = tuple(f"2026-10-{day:02d}" for day in range(1, 32))
    [(_, ask, _)] = asks(deliveries=Deliveries(vendor_days_missing=days))
    assert "31 days (1 Oct, 2 Oct, 3 Oct, 4 Oct and 27 more)" in ask
