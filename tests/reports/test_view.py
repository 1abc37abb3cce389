"""What the tables show: what is grouped, what is left out, and what is said instead."""

from dataclasses import replace

import pytest

from pipelines.measure.catalogue import CATALOGUE, stem_of
from reports.figure_tables import OTHER_NUMBERS
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


def test_figures_that_nobody_can_measure_are_listed_once_by_what_is_missing() -> None:
    lost = [
        figure("aht", "s", 301.0, None, status="not_measurable", reason="column_missing:hold_s, acw_s"),
        figure("hold_time", "s", None, None, status="not_measurable", reason="column_missing:hold_s"),
        figure("attendance", "%", None, None, status="not_measurable", reason="feed_missing:roster"),
        figure("queue_time", "s", None, None, status="not_measurable", reason="nothing_to_count"),
    ]
    view = view_of(figure("fcr_24h", "%", None, 84.0), *BACK, *lost)
    assert [row.id for row in view.rows(view.resolution())] == ["fcr_24h"]
    assert view.lacking() == (
        ("In the vendor’s records, the hold time of each call", "Handling time and Time on hold"),
        ("In the vendor’s records, the follow-up work after each call", "Handling time"),
        ("In our own log, how each call ended", "Rang us again within 2 hours, 24 hours and 7 days"),
        ("In our own log, which agent took it", "Rang us again within 2 hours, 24 hours and 7 days"),
        ("The vendor’s staff roster", "Attendance"),
        ("There was no call to count", "Time in the queue"),
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
        "FCR in 2 hours and 24 hours: answered calls without an end time are left out (1,042).",
    )


@pytest.mark.parametrize(
    ("reason", "printed"),
    [
        ("column_missing:hold_s, acw_s",
         "the delivered records lack the hold time of each call and the follow-up work after each call"),
        ("column_missing:SLOT_9", "the delivered records lack SLOT_9"),
        ("feed_missing:roster", "no delivery of the vendor’s staff roster"),
        ("numbers:070", "numbers that begin with 070"),
        ("own_column_missing:outcome or agent_id",
         "our own log does not say how each call ended or which agent took it"),
        ("target_out_of_reach:100", "no number of agents reaches a service level of 100%"),
        ("term_missing:seats", "the terms do not say the number of seats"),
        ("not_priced", "no price is agreed for the calls"),
        ("window_open:2026-11-07", "the time to wait for further calls runs until 7 November 2026"),
        ("nothing_to_count", "there was no call to count"),
        ("something else: 3", "something else: 3"),
        (None, ""),
    ],
)  # fmt: skip
def test_reasons_are_said_in_words(reason: str | None, printed: str) -> None:
    assert view_of().reason(reason) == printed


def test_the_glossary_has_each_figure_once_and_its_definition_where_there_are_several() -> None:
    rows = [figure(f"fcr_{window}", "%", None, 84.0, definition="FCR") for window in ("2h", "24h", "7d")]
    level = figure("service_level", "%", None, 80.0, definition="SL2 T=20 <=")
    assert dict(view_of(level, *rows).glossary()) == {
        "Service level": "Share of the calls answered within the agreed time, counted as the terms define it. "
        "Counted as: calls answered in time ÷ (answered + given up), within 20 s.",
        "FCR in 2 hours, 24 hours and 7 days": "First-contact resolution, the share of answered calls after which "
        "the caller rang nobody again within 2 hours, 24 hours and 7 days.",
    }


def test_figures_stand_in_groups_and_by_window() -> None:
    rows = [
        figure("csat", "points", None, 4.2), figure("fcr_7d", "%", None, 80.0), figure("fcr_24h", "%", None, 84.0),
        figure("callback_inhouse_7d", "%", None, 9.0), figure("offered", "calls", 12, 12),
        figure("net_diverted", "calls", None, 10), figure("peak_calls", "calls", None, 4),
    ]  # fmt: skip
    view = view_of(*rows)
    assert [(group, [row.id for row in found]) for group, found in view.groups()] == [
        ("service", ["offered"]),
        ("resolution", ["net_diverted"]),
        ("people", ["csat"]),
        ("capacity", ["peak_calls"]),
    ]
    assert view.windows() == ("24h", "7d")
    assert [(stem, [cell and cell.id for cell in cells]) for stem, cells in view.by_window()] == [
        ("fcr", ["fcr_24h", "fcr_7d"]),
        ("callback_inhouse", [None, "callback_inhouse_7d"]),
    ]


def test_a_window_that_is_still_open_is_told_once() -> None:
    late = {"status": "provisional", "reason": "window_open:2026-11-07"}
    rows = [figure(f"{name}_7d", "%", None, 80.0, **late) for name in ("fcr", "repeat_any")]
    assert view_of(*rows).window_notes() == (
        "Within 7 days, provisional: the time to wait for further calls runs until 7 November 2026.",
    )


def test_what_callers_without_a_number_leave_open_is_one_sentence() -> None:
    share = figure("no_number_share", "%", None, 12.5, n=1000)
    resolved = figure("fcr_24h", "%", None, 84.6, low=71.0, high=86.3)
    assert view_of(share, resolved).no_number() == (
        "12.5% of the answered calls carry no usable number. Had all of those callers rung again, FCR in 24 hours "
        "would be 71.0%; had none, 86.3%."
    )
    assert view_of(resolved).no_number() == ""
    assert share.id not in {row.id for row in view_of(share).kpis()}


def test_numbers_that_never_come_twice_are_told_with_what_is_left_without_them() -> None:
    rows = [figure("single_number_share", "%", None, 31.0), figure("fcr_24h", "%", None, 90.0),
            figure("fcr_other_numbers_24h", "%", None, 85.5)]  # fmt: skip
    view = view_of(*rows)
    assert view.single_numbers() == (
        "31.0% of the answered calls come under a number that never rings twice: such calls always look resolved. "
        "Without them FCR in 24 hours is 85.5%."
    )
    assert [stem for stem, _ in view.by_window()] == ["fcr"]
    assert view_of(rows[1], rows[2]).single_numbers() == ""


def test_every_figure_with_windows_has_its_row() -> None:
    stems = {stem_of(entry.id) for entry in CATALOGUE if stem_of(entry.id) != entry.id} - {OTHER_NUMBERS}
    assert sorted(stem for stem in stems if not view_of().say.has(f"resolution.row.{stem}")) == []


def test_what_is_usual_is_a_hint_where_the_terms_have_no_target() -> None:
    bare, aimed = figure("aht", "s", None, 300.0), figure("aht", "s", None, 300.0, target=310.0)
    view = view_of(bare)
    assert [view.usual(row) for row in (bare, aimed, figure("offered", "calls", None, 3.0))] == [
        "usual: 180\u00a0s to 600\u00a0s", "", "",
    ]  # fmt: skip
    assert view.usual(figure("abandon_time", "s", None, 40.0)) == "usual: 60\u00a0s"
    assert view.usual(figure("answered_pct", "%", None, 99.0)) == "usual: at least 98%"


def test_queues_have_a_line_each_the_largest_first() -> None:
    rows = [
        figure("offered", "calls", 9, 10, scope="queue:small"), figure("offered", "calls", None, 900, scope="queue:b"),
        figure("aht", "s", None, 300.0, scope="queue:b"), figure("asa", "s", None, 3.0, scope="queue:b"),
        figure("aht", "s", None, None, scope="queue:none", status="not_measurable"),
    ]  # fmt: skip
    view = view_of(*rows)
    assert view.queue_figures() == ("offered", "aht")
    assert [(queue, [cell and cell.measured for cell in cells]) for queue, cells in view.queues().rows] == [
        ("b", [900, 300.0]),
        ("small", [10, None]),
    ]


def test_what_only_our_own_log_tells_stands_in_the_table_too() -> None:
    busy = replace(figure("busy_rate", "%", None, 0.6), side="inhouse")
    row, own = figure("aht", "s", None, 300.0), replace(figure("aht", "s", None, 310.0), side="inhouse")
    view = view_of(row, own, busy)
    assert [(item.id, item.side) for item in view.kpis()] == [("aht", "vendor"), ("busy_rate", "inhouse")]
    assert view.any_inhouse(view.kpis())
    assert not view_of(busy).any_inhouse([busy])


def test_a_sample_has_its_interval_where_a_count_has_bounds() -> None:
    row = figure("csat", "points", None, 4.2, ci_low=4.0, ci_high=4.4)
    assert view_of(row).bounds(row) == "4.0 to 4.4 *"


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


def test_what_our_log_says_of_the_vendors_lines_is_no_figure_of_our_own_staff() -> None:
    own = [figure(name, "calls", None, 4.0, side="inhouse") for name in ("peak_calls", "offered")]
    view = view_of(figure("peak_calls", "calls", None, 4.0), figure("offered", "calls", None, 9.0), *own)
    assert (view.inhouse("peak_calls"), view.inhouse("offered")) == (None, own[1])


def test_a_column_in_which_nothing_is_measured_is_left_out() -> None:
    lost = figure("asa", "s", None, None, side="inhouse", status="not_measurable", reason="own_column_missing:outcome")
    rows = [figure("asa", "s", None, 9.0)]
    assert not view_of(*rows, lost).any_inhouse(rows)
    assert view_of(*rows, replace(lost, measured=8.0)).any_inhouse(rows)


def test_what_a_call_taken_off_us_costs_stands_beside_what_it_took_off_us() -> None:
    cost = figure("cost_per_net_call", "CNY", None, 4.386, low=4.386, high=4.482, n=1_874)
    view = view_of(figure("net_diverted", "calls", None, 1_874.0), cost)
    [(group, rows)] = view.groups()
    assert (group, [row.id for row in rows]) == ("resolution", ["net_diverted", "cost_per_net_call"])
    assert (view.fig(cost.id, "measured"), view.bounds(cost)) == ("CN¥4.39", "CN¥4.39 to CN¥4.48")
