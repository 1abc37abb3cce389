"""What the short sections say: comparisons, what callers came back for, agents, half hours, days."""

from dataclasses import replace

import pytest

from reports.parts import Capacity, Comparison, Monitored, People, Return, Volume, VolumeDay
from reports.render import page
from reports.sections import most_by_chance
from reports.view import View
from tests.reports import example


def view_of(language: str = "en", **parts: object) -> View:
    return View(replace(example.padded(language), **parts))  # type: ignore[arg-type]


def beside(against: str, reason: str, difference: float | None, verdict: str) -> Comparison:
    value = None if difference is None else 80.0 + difference
    interval = (None, None) if difference is None else (difference - 1, difference + 1)
    return Comparison("fcr_24h", against, reason, value, 80.0, 900, 800, difference, *interval, True, verdict, None)


def test_comparisons_name_the_other_side_in_words_and_say_what_they_show() -> None:
    rows = (beside("inhouse", "", -5.6, "worse"), beside("2026-09", "", 0.4, "no_difference_shown"))
    assert [(row.name, row.cells, row.verdict) for row in view_of(comparisons=rows).compared()] == [
        ("FCR in 24 hours", ("our own staff", "74.4%", "80.0%", "−5.6", "−6.6 to −4.6"), "worse"),
        ("FCR in 24 hours", ("September 2026", "80.4%", "80.0%", "+0.4", "−0.6 to +1.4"), "no_difference_shown"),
    ]


def test_reasons_are_told_by_what_they_show_the_widest_gap_first() -> None:
    rows = (
        beside("inhouse", "card", -3.0, "worse"),
        beside("inhouse", "loan", -9.0, "worse"),
        beside("inhouse", "(none)", 2.0, "better"),
        beside("inhouse", "rare", None, "too_few"),
        beside("2026-09", "card", -20.0, "worse"),
    )
    view = view_of(comparisons=rows)
    assert view.reasons_compared() == (
        "Settled worse than by our own staff: “loan” (−9.0 points) and “card” (−3.0 points).",
        "Settled better than by our own staff: no reason given (+2.0 points).",
    )
    assert "“loan” and “card”" in view.compared_advice()


def test_without_a_worse_reason_nothing_is_advised() -> None:
    assert view_of(comparisons=(beside("inhouse", "", 1.0, "better"),)).compared_advice() == ""
    assert view_of(comparisons=(beside("2026-09", "", -9.0, "worse"),)).compared_advice() == ""
    assert view_of(comparisons=(beside("inhouse", "", -9.0, "worse"),)).compared_advice().startswith("Ask the vendor")


@pytest.mark.parametrize(("gap_s", "printed"), [(20.0, "1 min"), (1_860.0, "31 min"), (41_000.0, "11 h"), (None, "–")])
def test_what_callers_came_back_for_is_told_for_a_day(gap_s: float | None, printed: str) -> None:
    rows = (Return("24h", "card", "", "inhouse", 12, gap_s), Return("2h", "card", "", "inhouse", 99, 3.0))
    view = view_of(returns=rows)
    [line] = view.returned()
    assert (line.name, line.cells) == ("card", ("no reason given", "our own staff", "12", printed))
    assert view.returned_window() == "24 hours"


def test_agents_below_the_group_are_named_by_id_and_coached() -> None:
    view = view_of()
    assert [row.name for row in view.agents_below()] == ["A-0017"]
    assert view.people_advice().startswith("Have A-0017 coached")
    assert view.people()[0] == "96 agents answered calls; 14 with less than 60 days of service."
    assert view_of(people=People(agents=3)).people_advice() == ""
    assert view_of(people=People(agents=3)).people() == ("3 agents answered calls.",)


def test_no_more_agents_are_named_than_a_sentence_holds() -> None:
    many = tuple(example.agent(f"A{n}", (70.0, 60.0, 75.0), "below", "above", 0) for n in range(9))
    view = view_of(people=People(agents=40, outstanding=many))
    assert len(view.agents_below()) == 5
    assert "A0, A1, A2, A3, A4, A5 and 3 more" in view.people_advice()


def test_monitoring_says_only_what_is_known() -> None:
    bare = Monitored("client", 1, 77.0, *[None] * 11)
    other = replace(bare, scored_by="a third house")
    assert view_of(people=People(monitored=(bare, other))).people() == (
        "Monitoring by our own listeners: 1 call, mean score 77.0.",
        "Monitoring by a third house: 1 call, mean score 77.0.",
    )


def test_half_hours_that_lack_agents_are_listed_and_the_lines_told() -> None:
    view = view_of()
    assert view.short_half_hours()[0].cells == ("402", "96", "80", "77.5", "16")
    assert view.capacity()[2] == (
        "At most 212 calls stood at the vendor at once, on 8 Oct in the half hour from 10:00; 210 lines are there for "
        "them."
    )
    assert view.capacity_advice()
    assert view_of(capacity=Capacity()).capacity() == ()
    assert view_of(capacity=Capacity(judged=9)).capacity_advice() == ""


def test_days_outside_the_calendar_are_told_with_their_holiday() -> None:
    told = view_of("zh").volume()
    assert told[1] == "低于预期：10月1日（国庆节），进线 700 通，预期 1,010 至 1,400 通。"
    assert view_of(volume=Volume()).volume() == ()


@pytest.mark.parametrize(("days", "most"), [(1, 0), (2, 1), (14, 2), (28, 3), (31, 4), (0, 0)])
def test_chance_alone_brings_so_many_days_outside_their_range(days: int, most: int) -> None:
    assert most_by_chance(days) == most


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        (0, "All 30 days that could be judged against the calendar brought as many calls as was to be expected."),
        (3, "twenty: no more than chance alone may bring."),
        (5, "twenty: more than chance alone brings."),
    ],
)
def test_days_that_chance_brings_do_not_stand_out(odd: int, said: str) -> None:
    day = VolumeDay("2026-10-03", "above", 54, 40.0, 21.0, 53.0, None, None, None)
    lines = view_of(volume=Volume(days_judged=30, odd_days=(day,) * odd)).volume()
    assert lines[0].endswith(said)
    assert len(lines) == 1 + min(odd, 4)


def test_other_vendors_are_told_by_letter() -> None:
    rows = tuple(beside(against, "", 1.0, "better") for against in ("other", "other:B"))
    assert [row.cells[0] for row in view_of(comparisons=rows).compared()] == ["another vendor", "vendor B"]
    assert [row.cells[0] for row in view_of("zh", comparisons=rows).compared()] == ["另一外包商", "外包商 B"]


def test_comparisons_beyond_the_table_are_counted() -> None:
    view = view_of(comparisons=(beside("inhouse", "", 1.0, "better"),) * 10)
    assert (len(view.compared()), view.more_compared()) == (8, 2)
    assert "2 more comparisons are in figures.json." in page(view.card)


def test_no_half_hour_short_of_agents_is_said_in_words() -> None:
    [line] = view_of(capacity=Capacity(judged=9)).capacity()
    assert line.startswith("In each of the 9 half hours with calls")


def test_a_section_without_anything_to_say_is_left_out() -> None:
    card = replace(example.padded(), comparisons=(), returns=(), people=People(), capacity=Capacity(), volume=Volume())
    html = page(card)
    say = View(card).say
    headings = [say.t(f"{part}.heading", window="24 hours") for part in ("compared", "returned", "people", "capacity")]
    assert [heading for heading in headings if f"<h2>{heading}</h2>" in html] == []
    assert all(f"<h2>{heading}</h2>" in page(example.padded()) for heading in headings)
