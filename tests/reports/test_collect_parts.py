"""The families' tables as they lie in the lake → the parts of a scorecard."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.lake import Lake
from pipelines.tables import (
    AGENT_DAYS,
    AGENTS,
    COMPARISONS,
    INTERVALS,
    QUALITY,
    REASONS,
    REGULARS,
    RETURNED,
    VOLUME,
    Table,
)
from reports import collect_parts
from reports.others import other_names

WHERE = {"vendor": "south", "month": "2026-10"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def put(lake: Lake, table: Table, *rows: dict[str, Any]) -> None:
    full = [{name: row.get(name) for name in table.schema} for row in rows]
    lake.write(table, pl.DataFrame(full, schema=table.schema), "stamp", **WHERE)


def test_an_empty_lake_has_nothing_to_tell(lake: Lake) -> None:
    assert collect_parts.comparisons(lake, **WHERE, others={}) == ()
    assert collect_parts.returns(lake, **WHERE) == ()
    assert (collect_parts.people(lake, **WHERE).agents, collect_parts.volume(lake, **WHERE).days_judged) == (0, 0)
    assert collect_parts.capacity(lake, **WHERE, time_zone="Asia/Shanghai").judged == 0


def test_our_own_staff_comes_first_then_months_then_vendors(lake: Lake) -> None:
    rows = [
        {"figure": "fcr_24h", "against": against, "reason": reason, "n": 1, "other_n": 1, "is_standardised": True,
         "verdict": "better"}
        for against, reason in (("2026-09", ""), ("inhouse", "card"), ("inhouse", ""), ("alpha", ""), ("beta", ""))
    ]  # fmt: skip
    put(lake, COMPARISONS, *rows)
    others = other_names(["beta", "alpha", "south"], "south")
    found = [(row.against, row.reason) for row in collect_parts.comparisons(lake, **WHERE, others=others)]
    assert found == [("inhouse", ""), ("inhouse", "card"), ("2026-09", ""), ("other:A", ""), ("other:B", "")]


def test_the_only_other_vendor_has_no_letter_and_the_27th_has_two() -> None:
    assert other_names(["alpha", "south"], "south") == {"alpha": "other"}
    assert list(other_names([f"v{n:02}" for n in range(28)], "v00").values())[-1] == "other:AA"
    assert other_names(["south"], "south") == {}


def test_resolution_stands_before_callbacks_to_our_own_staff(lake: Lake) -> None:
    rows = [
        {"figure": figure, "against": "alpha", "reason": "", "n": 1, "other_n": 1, "is_standardised": True,
         "verdict": "better"}
        for figure in ("callback_inhouse_24h", "fcr_24h")
    ]  # fmt: skip
    put(lake, COMPARISONS, *rows)
    assert [row.figure for row in collect_parts.comparisons(lake, **WHERE, others={})] == [
        "fcr_24h", "callback_inhouse_24h",
    ]  # fmt: skip


def test_without_a_roster_nobody_is_said_to_be_new_or_not(lake: Lake) -> None:
    put(lake, AGENTS, {"agent_id": "A", "answered": 9, "swings": 0})
    told = collect_parts.people(lake, **WHERE)
    assert (told.agents, told.new_agents) == (1, None)


def test_returns_come_the_most_frequent_first(lake: Lake) -> None:
    rows = [
        {
            "window": "24h",
            "reason": "card",
            "next_reason": "",
            "place": place,
            "calls": calls,
            "median_gap_s": Decimal("61.5"),
        }
        for place, calls in (("inhouse", 3), ("same_vendor", 8))
    ]
    put(lake, RETURNED, *rows)
    told = collect_parts.returns(lake, **WHERE)
    assert [(row.calls, row.median_gap_s) for row in told] == [(8, 61.5), (3, 61.5)]
    assert type(told[0].median_gap_s) is float


def test_only_agents_who_stand_out_are_kept_and_all_are_counted(lake: Lake) -> None:
    rows = [
        {"agent_id": "A", "answered": 9, "swings": 0, "is_new": True},
        {"agent_id": "B", "answered": 9, "swings": 0, "fcr_flag": "below", "fcr_shrunk_pct": 80.0},
        {"agent_id": "C", "answered": 9, "swings": 1, "is_new": False},
        {"agent_id": "D", "answered": 9, "swings": 0, "fcr_flag": "below", "fcr_shrunk_pct": 70.0},
    ]
    put(lake, AGENTS, *rows)
    put(
        lake,
        AGENT_DAYS,
        {"agent_id": "C", "day": date(2026, 10, 3), "what": "aht", "n": 5, "value": 9.0, "usual": 1.0, "far": -7.0},
    )
    put(lake, QUALITY, {"scored_by": "inhouse", "n": 5}, {"scored_by": "inhouse", "queue": "q1", "n": 2})
    told = collect_parts.people(lake, **WHERE)
    assert (told.agents, told.new_agents) == (4, 1)
    assert [agent.agent_id for agent in told.outstanding] == ["D", "B", "C"]
    assert [(day.day, day.far) for day in told.days] == [("2026-10-03", -7.0)]
    assert [row.n for row in told.monitored] == [5]


def test_half_hours_are_told_by_the_clients_clock_the_shortest_first(lake: Lake) -> None:
    hours = [
        {"start_utc": datetime(2026, 10, 1, hour, 30, tzinfo=UTC), "day": date(2026, 10, 1), "offered": 9,
         "needed_c": 5, "needed_a": needed_a, "gap": gap, "peak_calls": peak, "trunks": 4, "is_relieved": gap == 1.0}
        for hour, needed_a, gap, peak in ((1, 4, -1.0, 4), (2, None, -2.0, 3), (3, None, 1.0, 2), (4, None, None, 1))
    ]  # fmt: skip
    quiet = {**hours[0], "start_utc": datetime(2026, 10, 1, 9, tzinfo=UTC), "offered": 0, "gap": -50.0}
    put(lake, INTERVALS, *hours, quiet)
    told = collect_parts.capacity(lake, **WHERE, time_zone="Asia/Shanghai")
    assert (told.judged, told.short, told.relieved, told.full) == (3, 2, 1, 1)
    assert [(row.at, row.needed, row.gap) for row in told.worst] == [("10:30", 5, -2.0), ("09:30", 4, -1.0)]
    assert (told.peak_calls, told.peak_day, told.peak_at, told.trunks) == (4, "2026-10-01", "09:30", 4)


def test_days_that_nobody_could_judge_are_not_counted(lake: Lake) -> None:
    states = ("as_expected", "above", "too_few", "not_delivered")
    rows = [{"day": date(2026, 10, n), "state": state} for n, state in enumerate(states, start=1)]
    put(lake, VOLUME, *rows)
    put(lake, REGULARS, {"reason": "balance", "months": 3, "callers": 2, "calls": 9, "share_pct": 1.0})
    put(
        lake,
        REASONS,
        {"reason": "card", "calls": 9, "share_pct": 2.0, "change_points": 1.0, "has_swelled": True},
        {"reason": "loan", "calls": 9, "share_pct": 2.0, "change_points": 0.1, "has_swelled": False},
    )
    told = collect_parts.volume(lake, **WHERE)
    assert told.days_judged == 2
    assert [(row.day, row.state) for row in told.odd_days] == [("2026-10-02", "above")]
    assert ([row.reason for row in told.regulars], [row.reason for row in told.swelled]) == (["balance"], ["card"])
