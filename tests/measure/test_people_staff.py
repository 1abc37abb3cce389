"""Roster, monitored calls and surveys: rows in, figures out."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from pipelines.calendar import Month
from pipelines.measure.measured import Measured
from pipelines.measure.people.quality import of_months, quality_figures, quality_groups
from pipelines.measure.people.samples import change, expectation, mean_of
from pipelines.measure.people.staff import new_agent_share, spells, turnover, with_hired
from pipelines.measure.people.surveys import survey_figures
from pipelines.tables import QUALITY_SCORES, ROSTER, SURVEYS
from pipelines.tables.people import QUALITY
from tests.measure.worlds import frame

MARCH = Month("2026-03")
SHIFT = datetime(2026, 3, 2, 8, tzinfo=UTC)


def roster(*rows: tuple[str, date | None, date | None]) -> pl.DataFrame:
    """Agent, first and last day of work."""
    return frame(ROSTER, [{"agent_id": agent, "hired": hired, "left": left} for agent, hired, left in rows])


def by_scope(figures: list[Measured]) -> dict[tuple[str, str], Measured]:
    return {(figure.id, figure.scope): figure for figure in figures}


# The roster


def test_a_spell_may_stand_in_several_rows_and_a_planned_shift_is_none() -> None:
    """Li's second row says that she left; Wang came twice; Zhao is only planned, Sun only named."""
    first, again = date(2025, 1, 1), date(2026, 2, 1)
    people = roster(
        ("Li", first, None), ("Li", first, date(2026, 3, 9)), ("Wang", first, date(2025, 6, 1)), ("Wang", again, None)
    )
    plans = frame(ROSTER, [{"agent_id": "Zhao", "planned_from_utc": SHIFT}, {"agent_id": "Sun"}])
    found = spells(pl.concat([people, plans])).rows()
    assert found == [
        ("Li", first, date(2026, 3, 9)),
        ("Sun", None, None),
        ("Wang", first, date(2025, 6, 1)),
        ("Wang", again, None),
    ]


def test_turnover_is_leavers_by_mean_headcount_as_a_years_worth() -> None:
    """Ten agents, one of whom works until 10 March: 9 + 10/31 heads; who leaves in April or came in April is none."""
    old = date(2020, 1, 1)
    rows = [(f"A{n}", old, None) for n in range(8)]
    found = turnover(
        spells(
            roster(
                *rows,
                ("Li", old, date(2026, 3, 10)),
                ("Wang", old, date(2026, 4, 1)),
                ("Zhao", date(2026, 4, 1), None),
            )
        ),
        MARCH,
    )
    assert found.value == pytest.approx(100 * 1 / (9 + 10 / 31) * 365 / 31)
    assert found.n == 9


def test_a_month_without_staff_has_no_turnover() -> None:
    assert turnover(spells(roster()), MARCH).reason == "nothing_to_count"


def test_new_agents_answer_a_share_of_the_calls() -> None:
    """Li is new until 1 March (59 days), Wang is not; Zhao is on no roster; two calls name no agent."""
    hired = date(2026, 1, 1)
    days = pl.DataFrame(
        {
            "agent_id": ["Li", "Li", "Wang", "Zhao"],
            "booked_day": [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 1), date(2026, 3, 1)],
            "answered": [10, 20, 30, 5],
            "open_answered": [1, 0, 0, 0],
        }
    )
    dated = with_hired(days, spells(roster(("Li", hired, None), ("Wang", hired - timedelta(days=1), None))))
    found = new_agent_share(dated, unnamed=2)
    assert (found.value, found.n) == (pytest.approx(100 * 10 / 60), 60)
    assert found.low == pytest.approx(100 * 9 / 66)
    assert found.high == pytest.approx(100 * 17 / 67)


def test_who_comes_back_is_new_again() -> None:
    days = pl.DataFrame({"agent_id": ["Li", "Li"], "booked_day": [date(2026, 2, 1), date(2026, 3, 1)]})
    people = roster(("Li", date(2024, 1, 1), date(2024, 9, 1)), ("Li", date(2026, 2, 20), None))
    assert with_hired(days, spells(people))["hired"].to_list() == [date(2024, 1, 1), date(2026, 2, 20)]


def test_who_answers_before_the_first_day_of_work_has_that_day_all_the_same() -> None:
    days = pl.DataFrame({"agent_id": ["Li"], "booked_day": [date(2026, 3, 1)], "answered": [4], "open_answered": [0]})
    dated = with_hired(days, spells(roster(("Li", date(2026, 3, 20), None))))
    assert dated["hired"].to_list() == [date(2026, 3, 20)]
    assert new_agent_share(dated, 0).value == 100.0


# Samples


def test_a_mean_and_its_interval_by_hand() -> None:
    """70, 80, 90: mean 80, standard error 5.774, Student's t with two degrees 4.303."""
    found = mean_of(3, 240, 70**2 + 80**2 + 90**2)
    assert (found.value, found.low, found.high) == (
        80,
        pytest.approx(80 - 4.3027 * 10 / 3**0.5, abs=1e-3),
        pytest.approx(80 + 4.3027 * 10 / 3**0.5, abs=1e-3),
    )
    assert (mean_of(1, 80, 6_400).low, mean_of(1, 80, 6_400).variance) == (None, None)


def test_welchs_interval_against_a_worked_example() -> None:
    """Ten of mean 20.1 (variance 1.2²) against twelve of mean 18.9 (variance 2.1²): 16.9 degrees, ± 1.51."""
    now = mean_of(10, 201, 9 * 1.2**2 + 10 * 20.1**2)
    last = mean_of(12, 12 * 18.9, 11 * 2.1**2 + 12 * 18.9**2)
    off, low, high = change(now, last)
    assert off == pytest.approx(1.2)
    freedom = (0.144 + 0.3675) ** 2 / (0.144**2 / 9 + 0.3675**2 / 11)
    assert freedom == pytest.approx(17.9, abs=0.1)
    assert low is not None
    assert high is not None
    assert (low, high) == (pytest.approx(1.2 - 2.102 * 0.7152, abs=5e-3), pytest.approx(1.2 + 2.102 * 0.7152, abs=5e-3))


def test_nothing_is_expected_from_two_months() -> None:
    assert expectation([mean_of(10, 800, 64_500)] * 2) is None


def test_months_that_are_alike_make_their_mean_expected() -> None:
    """Their differences are smaller than their samples explain: the last month counts like any other."""
    found = expectation([mean_of(10, 10 * mean, 10 * mean**2 + 900) for mean in (80.0, 81.0, 79.0, 82.0)])
    assert found is not None
    assert found[0] == pytest.approx(80.5)
    assert found[1] < 79 < 82 < found[2]


def test_months_that_differ_draw_towards_the_last() -> None:
    found = expectation([mean_of(100, 100 * mean, 100 * mean**2 + 900) for mean in (70.0, 80.0, 90.0)])
    assert found is not None
    assert 84.9 < found[0] < 85.0
    assert found[2] > 100


# Monitored calls


def score(agent: str, value: float | None, month: str = "2026-03", scorer: str | None = "client", **other: Any) -> Any:
    return {
        "vendor_id": "south",
        "scored_by": scorer,
        "agent_id": agent,
        "score": value,
        "audit_month": month,
        **other,
    }


QUEUES = pl.DataFrame({"agent_id": ["Li", "Wang"], "queue": ["cards", "loans"]})


def quality(*rows: Any) -> pl.DataFrame:
    """Table `quality` of March from rows of any month."""
    return QUALITY.fit(quality_groups(of_months(frame(QUALITY_SCORES, rows), "Asia/Shanghai"), QUEUES, MARCH))


def test_scores_of_one_side_by_hand() -> None:
    """Four calls of two agents, one without a score; one fails, for a grave fault."""
    table = quality(
        score("Li", 90.0, passed=True, fault_a=0, fault_c=2),
        score("Li", 80.0, passed=True, fault_a=0, fault_c=1),
        score("Wang", 40.0, passed=False, fault_a=1, fault_c=0),
        score("Wang", None, passed=True, fault_a=0, fault_c=0),
    )
    whole = table.filter(pl.col("queue").is_null()).to_dicts()[0]
    assert (whole["n"], whole["scored"], whole["agents"], whole["score"]) == (4, 3, 2, 70.0)
    assert (whole["fault_a"], whole["fault_b"], whole["fault_c"]) == (1, None, 3)
    assert (whole["months"], whole["note"]) == (1, "too_few_months:1")
    found = by_scope(quality_figures(table, agents=8))
    assert found["quality_score", "all"].value == 70.0
    assert found["quality_score", "group:client/cards"].value == 85.0
    assert (found["quality_pass_rate", "all"].value, found["quality_pass_rate", "all"].n) == (75.0, 4)
    assert found["monitored_per_agent", "all"].value == 0.5


def test_scores_of_two_sides_are_never_pooled() -> None:
    """The vendor's own listeners are kinder; where a row names no scorer, who delivered it counts as one."""
    table = quality(score("Li", 60.0), score("Li", 70.0), score("Wang", 99.0, scorer=None))
    found = by_scope(quality_figures(table, agents=2))
    assert found["quality_score", "group:client"].value == 65.0
    assert found["quality_score", "group:south"].value == 99.0
    whole = found["quality_score", "all"]
    assert (whole.value, whole.status, whole.reason) == (None, "not_measurable", "several_scorers:2")


def test_scores_against_last_month_and_for_the_next() -> None:
    months = {"2025-12": 70.0, "2026-01": 72.0, "2026-02": 74.0, "2026-03": 78.0, "2026-04": 10.0}
    rows = [score("Li", mean + off, month) for month, mean in months.items() for off in (-5.0, 0.0, 5.0)]
    whole = quality(*rows).filter(pl.col("queue").is_null()).to_dicts()[0]
    assert (whole["last_score"], whole["last_n"], whole["change"]) == (74.0, 3, 4.0)
    assert whole["change_low"] < 0 < whole["change_high"]
    assert (whole["months"], whole["note"]) == (4, None)
    assert whole["next_low"] < 73.5 <= whole["next_score"] < 78 < whole["next_high"]


def test_a_score_without_a_month_in_its_file_belongs_to_its_local_day() -> None:
    """Five in the afternoon of 28 February in UTC is 1 March in Shanghai."""
    late = score("Li", 50.0, at_utc=datetime(2026, 2, 28, 17, tzinfo=UTC)) | {"audit_month": None}
    nowhere = score("Li", 60.0) | {"audit_month": None}
    found = quality(late, nowhere)
    assert found["n"].to_list() == [1, 1]
    assert found["score"].to_list() == [50.0, 50.0]


def test_no_scores_of_the_month() -> None:
    table = quality(score("Li", 50.0, "2026-02"))
    assert table.is_empty()
    assert {figure.reason for figure in quality_figures(table, 3)} == {"nothing_to_count"}


# Surveys


def asked(*rows: Any) -> pl.DataFrame:
    """Scorer, scale, score, invited."""
    columns = ("scored_by", "scale", "score", "invited")
    return frame(SURVEYS, [dict(zip(columns, row, strict=True)) for row in rows]).select(columns)


def test_a_score_above_the_scale_is_no_answer() -> None:
    """Fifty of five would make any mean look well; it is left open like a caller who said nothing."""
    found = by_scope(survey_figures(asked(("client", 5.0, 4.0, True), ("client", 5.0, 50.0, True))))
    assert (found["csat", "all"].value, found["csat", "all"].n) == (4.0, 1)
    assert (found["csat_top_two", "all"].low, found["csat_top_two", "all"].high) == (50.0, 100.0)


def test_a_score_that_is_delivered_twice_counts_once() -> None:
    """The same call, scorer and moment in two files; a second hearing of the call counts, and so does one unnamed."""
    heard: dict[str, Any] = {"call_id": "c1", "at_utc": datetime(2026, 3, 5, tzinfo=UTC)}
    later: dict[str, Any] = {"call_id": "c1", "at_utc": datetime(2026, 3, 6, tzinfo=UTC)}
    nan = score("Li", float("nan"), call_id="c2", at_utc=datetime(2026, 3, 7, tzinfo=UTC))
    table = quality(score("Li", 90.0, **heard), score("Li", 90.0, **heard), score("Li", 60.0, **later), nan)
    assert table.filter(pl.col("queue").is_null()).select("n", "scored", "score").rows() == [(3, 2, 75.0)]


def test_a_hire_long_after_the_call_makes_nobody_new() -> None:
    """Wang answers in March and is hired in the roster from next January on: since when is not known."""
    days = pl.DataFrame(
        {"agent_id": ["Wang"], "booked_day": [date(2026, 3, 20)], "answered": [1], "open_answered": [0]}
    )
    dated = with_hired(days, spells(roster(("Wang", date(2027, 1, 1), None))))
    assert dated["hired"].to_list() == [None]
    assert new_agent_share(dated, 0).reason == "nothing_to_count"


def test_a_survey_by_hand() -> None:
    """Ten asked, five answered 5, 5, 4, 3, 1 of five: three of them within the two best."""
    rows = [("ivr", 5.0, score, True) for score in (5.0, 5.0, 4.0, 3.0, 1.0)] + [("ivr", 5.0, None, True)] * 5
    found = by_scope(survey_figures(asked(*rows)))
    mean, top, response = (found[name, "all"] for name in ("csat", "csat_top_two", "survey_response"))
    assert (mean.value, mean.n, mean.reason) == (3.6, 5, None)
    assert (top.value, top.low, top.high) == (60.0, 30.0, 80.0)
    assert top.ci_low == pytest.approx(23.07, abs=0.01)
    assert top.ci_high == pytest.approx(88.24, abs=0.01)
    assert (response.value, response.n) == (50.0, 10)


def test_few_answers_carry_a_caution() -> None:
    rows = [("ivr", 5.0, 5.0, True)] * 2 + [("ivr", 5.0, None, True)] * 30
    assert by_scope(survey_figures(asked(*rows)))["csat", "all"].reason == "low_response:6.2"


def test_who_asks_and_on_which_scale_is_kept_apart() -> None:
    rows = [("client", 5.0, 4.0, None), ("vendor", 5.0, 5.0, None), ("vendor", 10.0, 2.0, None)]
    found = by_scope(survey_figures(asked(*rows)))
    assert found["csat", "all"].reason == "several_scorers:2"
    assert found["csat", "group:client"].value == 4.0
    assert found["csat", "group:vendor"].reason == "several_scales:5, 10"
    assert found["csat", "group:vendor/of 10"].value == 2.0
    assert found["csat_top_two", "group:vendor/of 5"].value == 100.0
    assert found["survey_response", "group:client"].reason == "column_missing:invited"


def test_a_file_of_answers_only_says_nothing_of_the_response() -> None:
    rows = [("ivr", 5.0, 4.0, True)] * 3
    assert by_scope(survey_figures(asked(*rows)))["survey_response", "all"].reason == "answers_only"


def test_without_a_scale_there_are_no_two_best() -> None:
    found = by_scope(survey_figures(asked(("ivr", None, 4.0, None), ("ivr", None, None, True))))
    assert found["csat", "all"].value == 4.0
    assert found["csat_top_two", "all"].reason == "column_missing:scale"
