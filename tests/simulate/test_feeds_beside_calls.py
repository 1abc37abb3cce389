"""Agents' states, rosters, scores, call-backs, forecast and survey agree with the calls, and with what was put in."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean

import pytest

from data.simulate.feeds import DELIVER_ALL
from data.simulate.staff import ABSENT_EVERY

MONTH = "2026-10"
AT_DESK = {"IDLE", "RINGING", "TALK", "HOLD", "WRAP_UP"}


def at(text):
    return datetime.fromisoformat(text)


def file(source, name):
    return f"drop/{source}/{MONTH}/{name}.csv"


def states_of(read, vendor):
    """By agent, in order of the file."""
    by_agent = defaultdict(list)
    for row in read(file(vendor, "agent_states")):
        by_agent[row["agent"]].append(row)
    return by_agent


def true_calls(read, vendor):
    """Answered records that were not padded."""
    padded = {line["row"] for line in read("truth/padded.csv") if line["vendor"] == vendor}
    rows = enumerate(read(file(vendor, "calls")), 1)
    return [row for n, row in rows if str(n) not in padded and row["result"] == "ANSWERED"]


def traits(read, vendor, what):
    return [line for line in read("truth/people.csv") if (line["vendor"], line["what"]) == (vendor, what)]


def test_only_the_vendors_that_deliver_them_do(world):
    names = {path.name for path in (world.directory / "drop/vague" / MONTH).iterdir()}
    assert names == {"calls.csv", "daily_report.csv"}


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_an_agents_states_follow_each_other_without_a_gap_and_end_logged_out(read, vendor):
    by_agent = states_of(read, vendor)
    assert set(by_agent) == {row["agent"] for row in true_calls(read, vendor)}
    for states in by_agent.values():
        assert all(one["until"] == next_one["since"] for one, next_one in pairwise(states))
        assert all(one["state"] != next_one["state"] for one, next_one in pairwise(states) if one["state"] != "TALK")
        assert all(at(one["since"]) < at(one["until"]) for one in states[:-1])
        assert (states[-1]["state"], states[-1]["until"]) == ("LOGGED_OUT", "")


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_agents_talk_exactly_while_they_are_on_a_call(read, vendor):
    talked = defaultdict(float)
    for agent, states in states_of(read, vendor).items():
        for one in states:
            if one["state"] in ("TALK", "HOLD"):
                talked[agent] += (at(one["until"]) - at(one["since"])).total_seconds()
    called = defaultdict(float)
    for row in true_calls(read, vendor):
        called[row["agent"]] += (at(row["ended_at"]) - at(row["connected_at"])).total_seconds()
    for row in read(file(vendor, "outbound")):
        called[row["agent"]] += int(row["talk_s"])
    assert talked == {agent: seconds for agent, seconds in called.items() if seconds}


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_each_call_lies_in_states_of_talk_and_hold_and_work_follows_it(read, vendor):
    by_agent = states_of(read, vendor)
    for row in true_calls(read, vendor):
        states = by_agent[row["agent"]]
        within = [one for one in states[:-1] if row["connected_at"] <= one["since"] < row["ended_at"]]
        assert {one["state"] for one in within} <= {"TALK", "HOLD"}
        assert (within[0]["since"], within[-1]["until"]) == (row["connected_at"], row["ended_at"])
        held = [at(one["until"]) - at(one["since"]) for one in within if one["state"] == "HOLD"]
        assert sum(held, timedelta()) == timedelta(seconds=int(row["hold_s"]))
        after = next(one for one in states if one["since"] == row["ended_at"])
        assert after["state"] == "WRAP_UP"


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_nobody_calls_back_who_is_not_free_and_no_ghost_is_in_the_states(read, vendor):
    free = states_of(read, vendor)
    backs = read(file(vendor, "outbound"))
    answered = {row["record"]: row for row in read(file(vendor, "calls"))}
    truth = [line for line in read("truth/call_backs.csv") if line["vendor"] == vendor]
    assert [row["record"] for row in backs] == [line["call_id"] for line in truth]
    assert truth
    for row, line in zip(backs, truth, strict=True):
        first = answered[line["after_call_id"]]
        assert (row["phone"], row["direction"]) == (first["caller"], "OUT")
        assert timedelta() < at(row["dialled_at"]) - at(first["ended_at"]) <= timedelta(days=1, hours=12)
        if row["result"] == "ANSWERED":
            (talk,) = [one for one in free[row["agent"]] if one["since"] == row["connected_at"]]
            assert (talk["state"], talk["until"]) == ("TALK", row["ended_at"])
        assert row["record"] not in answered


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_agents_are_at_their_desks_in_planned_shifts_only_and_somebody_may_not_come(read, vendor):
    planned = [row for row in read(file(vendor, "roster")) if row["shift_from"]]
    logged = states_of(read, vendor)
    missed = {(line["agent_id"], line["day"]) for line in traits(read, vendor, "did not come")}
    for row in planned:
        begins, ends = at(row["shift_from"]), at(row["shift_until"])
        there = [
            one
            for one in logged[row["agent"]]
            if one["state"] in AT_DESK and begins <= at(one["since"]) < ends and one["until"]
        ]
        assert bool(there) != ((row["agent"], row["shift_from"][:10]) in missed)
    shifts = defaultdict(list)
    for row in planned:
        shifts[row["agent"]].append((at(row["shift_from"]), at(row["shift_until"])))
    slack = timedelta(minutes=20)  # the last call of a shift is brought to its end
    for agent, states in logged.items():
        for one in (one for one in states if one["state"] in AT_DESK):
            assert any(start - slack <= at(one["since"]) <= end + slack for start, end in shifts[agent])
    assert bool(missed) == (vendor in ABSENT_EVERY)


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_everybody_who_answers_is_employed_and_some_are_new(read, vendor):
    people = {row["agent"]: row for row in read(file(vendor, "roster"))}
    first = min(row["queued_at"] for row in read(file(vendor, "calls")))[:10]
    answering = {row["agent"] for row in read(file(vendor, "calls")) if row["agent"]}
    assert all(people[agent]["hired"] < first and not people[agent]["left"] for agent in answering)
    young = {agent for agent in answering if (at(first) - at(people[agent]["hired"])).days < 60}
    assert young == {line["agent_id"] for line in traits(read, vendor, "new")}
    assert len(young) == 2
    (gone,) = traits(read, vendor, "left")
    assert people[gone["agent_id"]]["left"] == gone["day"]
    assert gone["agent_id"] not in answering


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_scores_are_of_true_answered_calls_and_show_the_weak_agent(read, vendor):
    calls = {row["record"]: row for row in true_calls(read, vendor)}
    scores, truth = read(file(vendor, "quality")), [r for r in read("truth/listened.csv") if r["vendor"] == vendor]
    assert [row["call"] for row in scores] == [line["call_id"] for line in truth]
    for row in scores:
        assert calls[row["call"]]["agent"] == row["agent"]
        assert at(row["listened_at"]) > at(calls[row["call"]]["ended_at"])
        assert 0 <= int(row["score"]) <= 100
        assert (row["passed"] == "Y") == (int(row["score"]) >= 80 and row["grave"] == "0")
    assert {row["scored_by"] for row in scores} == {"vendor", "client"}
    by_agent = defaultdict(list)
    for row in scores:
        by_agent[row["agent"]].append(int(row["score"]))
    (weak,) = traits(read, vendor, "weak")
    assert mean(by_agent.pop(weak["agent_id"])) < mean(score for own in by_agent.values() for score in own)


@pytest.mark.parametrize("vendor", DELIVER_ALL)
def test_the_agent_who_swings_takes_long_breaks_on_one_day(read, vendor):
    (line,) = traits(read, vendor, "swings")
    away = Counter()
    for one in states_of(read, vendor)[line["agent_id"]]:
        if one["state"] == "BREAK":
            away[one["since"][:10]] += (at(one["until"]) - at(one["since"])).total_seconds()
    others = [seconds for day, seconds in away.items() if day != line["day"]]
    assert away[line["day"]] > 3 * max([900, *others])


def test_the_client_asks_callers_of_answered_calls_wherever_they_were_answered(read):
    log = {row["call_id"]: row for row in read(file("inhouse", "inhouse"))}
    asked, truth = read(file("inhouse", "surveys")), read("truth/asked.csv")
    assert [row["call_id"] for row in asked] == [line["call_id"] for line in truth]
    assert {line["vendor"] for line in truth} == {"inhouse", "honest", "padding", "vague"}
    assert all(log[row["call_id"]]["outcome"] in ("AGENT", "PASSED_ON") for row in asked)
    assert all(at(row["asked_at"]) > at(log[row["call_id"]]["ended"]) for row in asked)
    assert {row["score"] for row in asked} <= {"", "1", "2", "3", "4", "5"}
    given = {
        settled: [int(row["score"]) for row, line in zip(asked, truth, strict=True)
                  if row["score"] and line["is_settled"] == settled]
        for settled in ("true", "false")
    }  # fmt: skip
    assert mean(given["true"]) > mean(given["false"]) + 1
    assert 0.2 < sum(map(len, given.values())) / len(asked) < 0.5


def test_the_forecast_was_issued_before_and_is_near_what_was_passed_on(read):
    rows = read(file("inhouse", "forecast"))
    assert {row["issued"] for row in rows} == {"2026-09-20 10:00:00"}
    assert len(rows) == 7 * 24 * 3
    passed = Counter(row["route"] for row in read(file("inhouse", "inhouse")) if row["route"])
    for route, count in passed.items():
        announced = sum(float(row["forecast_calls"]) for row in rows if row["route"] == route)
        assert 0.7 < announced / count < 1.3
