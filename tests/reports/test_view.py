"""What the tables show: what is grouped, what is left out, and what is said instead."""

from dataclasses import replace

import pytest

from reports.scorecard import Deliveries, Figure, OpenPoint, RuleResult, Scorecard, SettlementLine, VagueField, Verdict
from reports.view import View
from tests.reports import example
from tests.reports.example import figure


def view_of(*figures: Figure, language: str = "en", **more: object) -> View:
    return View(replace(example.honest(language), figures=figures, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("low", "high", "printed"),
    [
        (None, None, "–"),
        (79.0, 82.0, "79.0% to 82.0%"),
        (80.0, 80.0, "–"),
        (79.96, 80.04, "–"),  # nothing that shows in print
        (79.96, 80.06, "80.0% to 80.1%"),
        (81.96, 82.04, "82.0%"),  # the value itself lies outside
    ],
)
def test_a_range_that_prints_as_the_value_is_a_dash(low: float | None, high: float | None, printed: str) -> None:
    row = figure("service_level", "%", None, 80.0, low=low, high=high)
    assert view_of(row).bounds(row) == printed


LOST = {"status": "not_measurable", "reason": "own_column_missing:outcome, agent_id"}
BACK = [figure(f"callback_inhouse_{window}", "%", None, None, **LOST) for window in ("2h", "24h", "7d")]


def test_figures_that_nobody_can_measure_share_one_line_under_the_table() -> None:
    view = view_of(figure("fcr_24h", "%", None, 84.0), *BACK)
    assert [row.id for row in view.rows(view.resolution())] == ["fcr_24h"]
    assert view.footnotes(view.resolution()) == (
        "Not measurable: Rang us again within 2 hours, Rang us again within 24 hours and Rang us again within 7 days. "
        "Reason: our own log does not say how each call ended and which agent took it.",
    )


def test_a_figure_that_is_reported_or_has_a_target_keeps_its_row() -> None:
    reported = figure("occupancy", "%", 91.0, None, status="not_measurable", reason="feed_missing:agent_states")
    aimed = figure("aht", "s", None, None, status="not_measurable", reason="column_missing:hold_s", target=300.0)
    view = view_of(reported, aimed)
    assert [row.id for row in view.rows(view.kpis())] == ["aht", "occupancy"]
    assert view.footnotes(view.kpis()) == ()


def test_what_a_final_figure_leaves_out_stands_under_the_table_once() -> None:
    rows = [figure(f"fcr_{window}", "%", None, 84.0, reason="unended:1042") for window in ("2h", "24h")]
    assert view_of(*rows).footnotes(rows) == (
        "Settled within 2 hours and Settled within 24 hours: answered calls without an end time are left out (1,042).",
    )


@pytest.mark.parametrize(
    ("reason", "printed"),
    [
        ("column_missing:hold_s, acw_s",
         "the delivered records lack the hold time of each call and the follow-up work after each call"),
        ("column_missing:SLOT_9", "the delivered records lack SLOT_9"),
        ("feed_missing:roster", "no delivery of the vendor’s staff roster"),
        ("window_open:2026-11-07", "the time to wait for further calls runs until 7 November 2026"),
        ("nothing_to_count", "there was no call to count"),
        ("something else: 3", "something else: 3"),
        (None, ""),
    ],
)  # fmt: skip
def test_reasons_are_said_in_words(reason: str | None, printed: str) -> None:
    assert view_of().reason(reason) == printed


def test_one_line_for_each_definition() -> None:
    rows = [figure(f"fcr_{window}", "%", None, 84.0, definition="FCR") for window in ("2h", "24h", "7d")]
    view = view_of(figure("aht", "s", None, 300.0, definition="AHT"), *rows, language="zh")
    names = [names for names, _ in view.glossary()]
    assert names == ["平均处理时长", "2 小时一次解决率、24 小时一次解决率和 7 天一次解决率"]


def test_fields_with_the_same_question_share_it_and_no_question_is_lost() -> None:
    view = View(example.padded())
    asked = view.questions()
    assert asked.more == 0
    assert [(row.fields, row.text, row.missing) for row in asked.rows] == [
        ((("Handling time", "ACD_HANDLE_AVG"),), "Does “ACD_HANDLE_AVG” include hold and follow-up work?", ()),
        ((("Service level", "SL_20"), ("Average wait", "WAIT")), "Please define “SL_20” and “WAIT”.", ()),
        ((("KPI_7", ""),), "What is the seventh figure of the report?", ("unit",)),
    ]


def test_fields_that_lack_different_things_are_asked_apart() -> None:
    fields = (
        VagueField("asa", ("unit",), "“A”: the unit.", "A"),
        VagueField("aht", ("window",), "“B”: the unit.", "B"),
    )
    assert [row.text for row in view_of(vague_fields=fields).questions().rows] == ["“A”: the unit.", "“B”: the unit."]


def test_faults_of_the_rows_are_told_with_their_counts() -> None:
    assert View(example.padded()).fault_sentences() == (
        "12 rows of the vendor’s call records could not be used: “START_TS” is empty or unreadable in them.",
        "1 line of the vendor’s call records could not be read as a row of its table.",
        "31 rows of the vendor’s call records say “<b>77</b>” under “DISP”, a code that the agreement does not "
        "explain; their result counts as unknown.",
        "1 day is held back because its data broke a rule: 29 Oct. 1,402 records of the vendor stand there; they and "
        "the vendor’s own daily figures are left out of the totals.",
    )
    assert view_of().fault_sentences() == ()


def test_rules_of_every_feed_are_told_in_the_language_and_others_as_the_contract_words_them() -> None:
    view = view_of(language="zh")
    known = RuleResult("vendor_calls.queue_s_not_negative", "no wait in the queue is negative", "warning", "pass", 1, 0)
    own = RuleResult("talk_s_values_to_be_between", "nobody talks for more than four hours", "warning", "pass", 1, 0)
    assert (view.rule(known), view.rule(own)) == ("排队时长不为负数", "Nobody talks for more than four hours")


OWED = (SettlementLine("billed", 10, "42.00", "42.00"), SettlementLine("owed", 8, "33.60", "42.00"))
ASK = OpenPoint("explain_calls", "Explain 2 calls.", "Acme", "2026-11-13")


@pytest.mark.parametrize(
    ("level", "settlement", "asks", "printed"),
    [
        ("agreed", OWED, (), "Accept the report and pay CN¥33.60."),
        ("agreed", (), (), "Accept the report."),
        ("corrected", OWED, (), "in place of the reported ones, and pay CN¥33.60."),
        ("disputed", OWED, (ASK,),
         "Pay CN¥33.60 and no more for now. Send this statement with its evidence to the vendor. "
         "Put the request below; its answer is due by 13 November 2026."),
        ("cannot_be_judged", OWED, (), "Accept no figure and pay nothing on this report"),
    ],
)  # fmt: skip
def test_the_first_page_says_what_to_do_now(
    level: str, settlement: tuple[SettlementLine, ...], asks: tuple[OpenPoint, ...], printed: str
) -> None:
    verdict = Verdict(level, "")  # type: ignore[arg-type]
    step = view_of(verdict=verdict, settlement=settlement, open_points=asks).next_step()
    assert printed in step
    assert ("below" in step) is bool(asks)


def test_without_a_held_back_day_nothing_is_said_about_one() -> None:
    card: Scorecard = replace(example.padded(), deliveries=Deliveries())
    assert not [line for line in View(card).fault_sentences() if "held back" in line]
