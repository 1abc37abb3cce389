"""The simulation itself: nobody talks twice at once, nobody waits beyond patience, calls end where they should."""

from collections import defaultdict
from itertools import pairwise
from random import Random

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from data.simulate import TINY, people
from data.simulate.calls import Hall, live, next_open_second
from data.simulate.people import Agent
from data.simulate.world import CLOSES_S, DAY_S, INHOUSE, OPENS_S


@pytest.fixture(scope="module")
def switch():
    return live(7, TINY, people.population(7, TINY))


def legs(switch):
    return [leg for call in switch.calls for leg in (call.passed, call.inhouse) if leg]


def wait_in_a_hall(patience_s, limit_s, agent_comes_at):
    """One caller in an empty hall, one agent who starts work later."""
    env = simpy.Environment()
    hall = Hall(env, INHOUSE, limit_s)
    caller = env.process(hall.answer("repair", patience_s))
    env.process(hall.work(Agent("A1", 1.0, 1.0, Random("agent")), agent_comes_at, agent_comes_at + 3600))
    return env.run(until=caller)


def test_a_caller_who_waits_long_enough_is_answered():
    leg = wait_in_a_hall(patience_s=100, limit_s=300, agent_comes_at=40)
    assert (leg.outcome, leg.agent.id) == ("answered", "A1")
    assert 40 <= leg.wait_s <= 49
    assert leg.ended == leg.answered + leg.talk_s + leg.hold_s


def test_a_caller_out_of_patience_hangs_up_then():
    leg = wait_in_a_hall(patience_s=30, limit_s=300, agent_comes_at=40)
    assert (leg.outcome, leg.agent, leg.wait_s) == ("abandoned", None, 30)


def test_a_vendor_without_agents_gives_the_call_back():
    leg = wait_in_a_hall(patience_s=900, limit_s=300, agent_comes_at=1000)
    assert (leg.outcome, leg.wait_s) == ("given_back", 300)


def test_no_agent_is_on_two_calls_at_once(switch):
    work = defaultdict(list)
    for leg in legs(switch):
        if leg.agent:
            work[leg.agent.id].append((leg.answered, leg.ended + leg.acw_s))
    assert len(work) == 4 * TINY.agents
    for spans in work.values():
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_every_leg_has_ended_one_way_or_the_other(switch):
    assert {leg.outcome for leg in legs(switch)} == {"answered", "abandoned", "given_back"}
    for leg in legs(switch):
        assert leg.ended is not None
        assert (leg.answered is None) == (leg.outcome != "answered")


def test_a_call_given_back_ends_with_the_clients_own_agents(switch):
    returned = [call for call in switch.calls if call.passed and call.inhouse]
    assert returned
    assert {call.passed.outcome for call in returned} == {"given_back"}
    assert all(call.inhouse.offered == call.passed.ended for call in returned)


def test_calls_arrive_in_order_and_while_the_line_is_open(switch):
    arrivals = [call.arrived for call in switch.calls]
    assert arrivals == sorted(arrivals)
    assert all(OPENS_S <= second % DAY_S <= CLOSES_S + 90 for second in arrivals)


@given(second=st.integers(0, 40 * DAY_S), seed=st.integers(0, 99))
def test_who_rings_back_does_so_at_an_open_hour_and_never_earlier(second, seed):
    again = next_open_second(second, Random(seed))
    assert again >= second
    assert OPENS_S <= again % DAY_S < CLOSES_S
    assert again == second or again - second < DAY_S


def test_one_caller_more_leaves_the_others_as_they_are():
    names = [people.agents(7, INHOUSE, count)[0].pace for count in (1, 5)]
    assert names[0] == names[1]
