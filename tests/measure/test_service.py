"""Offered to handling time: the worked case, rows in and figures out, and the SQL against plain loops."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.measured import Measured
from pipelines.measure.scene import STEPS
from pipelines.measure.service.family import doubted, tallied
from pipelines.measure.service.figures import Told, service_figures
from pipelines.measure.service.levels import ABANDON_RATES, SERVICE_LEVELS, TWINS, Rules, average
from pipelines.measure.service.means import Doubts, means, rings
from pipelines.measure.service.tally import Tally
from tests.measure import service_oracle as oracle
from tests.measure.worlds import Small

ROLES = frozenset({"outcome", "queue_s", "talk_s", "hold_s", "acw_s", "ring_s", "transfer_to"})
TOLD = Told(ROLES, transfers=True)
SL2 = Rules("SL2", 20, "<=", 5)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")  # a handful of rows is soonest done by one
        yield shared


def counted(engine: Engine, world: Small, rules: Rules, queues: int = 20) -> tuple[list[Tally], dict[str, Doubts]]:
    """Tallies by scope, and doubtful values, of a world."""
    world.put(engine)
    thresholds = {"short_abandon_s": rules.short_abandon_s, "threshold_s": rules.threshold_s}
    engine.keep(STEPS / "files.sql")
    engine.keep(STEPS / "calls.sql", **thresholds, is_inclusive=rules.bound == "<=")
    engine.keep(STEPS / "service" / "service_cells.sql")
    tallies = tallied(engine.run(STEPS / "service" / "service_scopes.sql", queues=queues))
    return tallies, doubted(engine.run(STEPS / "service" / "service_doubts.sql"))


def figures(tally: Tally, rules: Rules, doubts: Doubts) -> dict[str, Measured]:
    """Every figure of one scope."""
    every = [*service_figures(tally, rules, TOLD), *means(tally, rules, ROLES, doubts)]
    return {each.id: each for each in (*every, rings(tally, 5.0, "CN", ROLES, doubts))}


def measured(engine: Engine, world: Small, rules: Rules = SL2) -> dict[str, Measured]:
    """Every figure of the month."""
    tallies, doubts = counted(engine, world, rules)
    return figures(tallies[0], rules, doubts.get("all", {}))


def paired(world: Small, count: int, **told: Any) -> None:
    """So many calls that both sides have."""
    for _ in range(count):
        start = 100 + len(world.calls)
        call = world.call(start, start + 60, 1, **{name: _decimal(value) for name, value in told.items()})
        world.link(call, world.leg(start, start, 1))


def _decimal(value: Any) -> Any:
    return Decimal(value) if isinstance(value, int) else value


def worked() -> Small:
    """The worked case: n=1000, a=60, of these within 20 s 860 and 20, and 10 of the abandoned within 5 s."""
    world = Small()
    paired(world, 860, queue_s=20)
    paired(world, 140, queue_s=21)
    paired(world, 10, outcome="abandoned", queue_s=5)
    paired(world, 10, outcome="abandoned", queue_s=6)
    paired(world, 40, outcome="abandoned", queue_s=21)
    return world


def test_the_worked_case_of_the_definitions(engine: Engine) -> None:
    tallies, _ = counted(engine, worked(), SL2)
    printed = {name: 100 * (tallies[0].share(ratio).value or 0) for name, ratio in SERVICE_LEVELS.items()}
    six = ("SL1", "SL2", "SL3", "SL4", "SL5", "SL6")
    assert [f"{float(printed[name]):.2f}" for name in six] == ["86.00", "81.13", "82.69", "83.02", "82.08", "81.90"]
    assert len({f"{float(printed[name]):.1f}" for name in six}) == 6
    whole = {name: f"{float(printed[name]):.0f}" for name in six}
    assert whole["SL3"] == whole["SL4"] == "83"
    assert whole["SL5"] == whole["SL6"] == "82"
    assert len(set(whole.values())) == 4


def test_twins_are_one_where_short_is_the_threshold(engine: Engine) -> None:
    tallies, _ = counted(engine, worked(), Rules("SL2", 20, "<=", 20))
    for one, other in TWINS:
        assert tallies[0].share(SERVICE_LEVELS[one]).value == tallies[0].share(SERVICE_LEVELS[other]).value


def test_abandon_rates_of_the_worked_case(engine: Engine) -> None:
    tallies, _ = counted(engine, worked(), SL2)
    found = {name: round(100 * float(tallies[0].share(ratio).value or 0), 3) for name, ratio in ABANDON_RATES.items()}
    assert found == {"AB1": 5.66, "AB2": 6.0, "AB3": 4.762, "AB4": 3.774}


@pytest.mark.parametrize(("asa", "value"), [("ASA1", 30.0), ("ASA2", 25.0), ("ASA3", 37.5)])
def test_three_speeds_of_answer(engine: Engine, asa: str, value: float) -> None:
    world = Small()
    paired(world, 2, queue_s=30)
    paired(world, 1, outcome="abandoned", queue_s=15)
    found = measured(engine, world, Rules("SL2", 20, "<=", 5, asa=asa))["asa"]
    assert (found.value, found.definition) == (value, asa)


def test_definitions_are_written_with_their_thresholds() -> None:
    assert Rules("SL2", 20, "<=", 5).code == "SL2 T=20 <="
    assert Rules("SL5", 20, "<", 5).code == "SL5 T=20 < t=5"
    codes = [Rules("SL2", 20, "<=", 5, abandon_rate=name).abandon_code for name in ABANDON_RATES]
    assert codes == ["AB1", "AB2", "AB3 t=5", "AB4 T=20 <="]


def test_empty_intervals_count_for_sl11_only() -> None:
    assert average([80.0, None, 60.0]) == 70.0
    assert average([80.0, None, 60.0], empty=100) == 80.0
    assert average([None]) is None


def test_leaving_out_abandoned_calls_does_not_pay(engine: Engine) -> None:
    """Ten calls were passed on, two were abandoned; the vendor leaves those two out."""
    world = Small()
    for n in range(10):
        leg = world.leg(n * 100, n * 100 + 10, n)
        call = None if n < 2 else world.call(n * 100 + 10, n * 100 + 90, n, queue_s=Decimal(5))
        world.link(call, leg)
    found = measured(engine, world)
    assert found["offered"].value == 10
    assert found["answered_pct"].value == 80
    assert found["abandon_rate"].value == 20
    assert found["service_level"].value == 80
    assert (found["answered_pct"].low, found["answered_pct"].high) == (80, 100)


@pytest.mark.parametrize(("bound", "value"), [("<=", 100.0), ("<", 0.0)])
def test_a_wait_of_exactly_the_threshold(engine: Engine, bound: str, value: float) -> None:
    world = Small()
    world.link(world.call(10, 90, 1, queue_s=Decimal(20)), world.leg(0, 10, 1))
    assert measured(engine, world, Rules("SL2", 20, bound, 5))["service_level"].value == value


def test_waits_that_were_not_delivered_are_left_open(engine: Engine) -> None:
    world = Small()
    paired(world, 6, queue_s=5)
    paired(world, 2, queue_s=50)
    paired(world, 2)
    some = measured(engine, world)["service_level"]
    assert (some.value, some.low, some.high) == (60.0, 60.0, 80.0)
    bare = Small()
    paired(bare, 10)
    none = measured(engine, bare)
    assert none["service_level"].reason == none["queued_pct"].reason == "column_missing:queue_s"


def test_what_was_not_delivered_is_not_measured(engine: Engine) -> None:
    world = Small()
    paired(world, 5, talk_s=100)
    tallies, _ = counted(engine, world, SL2)
    told = {each.id: each for each in means(tallies[0], SL2, ("outcome", "talk_s"), {})}
    assert (told["aht"].value, told["aht"].reason) == (None, "column_missing:hold_s, acw_s")
    assert told["talk_time"].value == 100.0
    shares = {each.id: each for each in service_figures(tallies[0], SL2, Told(frozenset(), transfers=False))}
    assert shares["transfer_rate"].reason == "column_missing:transfer_to"
    assert rings(tallies[0], 5.0, "CN", (), {}).reason == "column_missing:ring_s"
    assert rings(tallies[0], None, "AQ", (), {}).reason == "no_ring_cadence:AQ"
    silent = Small()
    paired(silent, 3, outcome=None)
    (tally, *_), _ = counted(engine, silent, SL2)
    assert {each.reason for each in service_figures(tally, SL2, Told(frozenset(), transfers=False))} == {
        "column_missing:outcome"
    }


def test_records_that_never_tell_their_outcome_are_not_counted_as_none(engine: Engine) -> None:
    """The column is there, its codes stand for nothing that is known: 0 calls offered would contradict every report."""
    world = Small()
    paired(world, 3, outcome="unknown", queue_s=4)
    found = measured(engine, world)
    assert {found[name].reason for name in ("attempts", "offered", "answered", "abandoned")} == {
        "column_missing:outcome"
    }
    assert found["offered"].value is None


def test_a_month_without_any_delivery_has_no_zeros(engine: Engine) -> None:
    tallies, _ = counted(engine, Small(), SL2)
    came = {each.id: each for each in service_figures(tallies[0], SL2, Told(ROLES, transfers=True))}
    assert (came["offered"].value, came["answered"].value) == (0, 0)
    none = service_figures(tallies[0], SL2, Told(ROLES, transfers=True, is_delivered=False))
    assert {(each.value, each.reason) for each in none} == {(None, "feed_missing:calls")}


def test_a_level_that_needs_ringing_says_so(engine: Engine) -> None:
    world = Small()
    paired(world, 8, queue_s=5, ring_s=3)
    paired(world, 2, outcome="abandoned", queue_s=30)
    assert measured(engine, world, Rules("SL10", 20, "<=", 5))["service_level"].reason == "column_missing:ring_s"
    paired(world, 2, outcome="abandoned", queue_s=30, ring_s=12)
    found = measured(engine, world, Rules("SL10", 20, "<=", 5))["service_level"]
    assert (found.value, found.low, found.high) == (80.0, 80.0, 100.0)


def test_a_call_of_unknown_outcome_may_be_an_answered_one(engine: Engine) -> None:
    world = Small()
    paired(world, 1, queue_s=10)
    paired(world, 1, queue_s=50, outcome="unknown")
    found = measured(engine, world)
    assert (found["asa"].value, found["asa"].low, found["asa"].high) == (10, 10, 30)
    assert (found["answered"].value, found["answered"].low, found["answered"].high) == (1, 1, 2)


def test_holds_and_rings(engine: Engine) -> None:
    world = Small()
    paired(world, 1, hold_s=40, ring_s=10)
    paired(world, 3, hold_s=0, ring_s=20)
    found = measured(engine, world)
    assert (found["hold_time"].value, found["hold_time"].n) == (40.0, 1)
    assert (found["hold_per_call"].value, found["hold_per_call"].n) == (10.0, 4)
    assert (found["rings"].value, found["rings"].definition) == (3.5, "RINGS 5 s")


def test_the_largest_queues_have_figures_and_a_leg_may_belong_to_each(engine: Engine) -> None:
    world = Small()
    paired(world, 3, queue="a", queue_s=5)
    paired(world, 2, queue="b", queue_s=5)
    paired(world, 1, queue="c", queue_s=5)
    world.link(None, world.leg(0, 1, 1))
    tallies, _ = counted(engine, world, SL2, queues=2)
    assert [tally.scope for tally in tallies] == ["all", "day:2026-03-10", "queue:a", "queue:b"]
    offered = {tally.scope: service_figures(tally, SL2, TOLD)[1] for tally in tallies}
    assert (offered["all"].value, offered["all"].low) == (7, None)
    assert (offered["queue:a"].value, offered["queue:a"].low, offered["queue:a"].high) == (3, 3, 4)


OUTCOMES = (
    *("answered", "answered", "answered", "transferred", "abandoned", "abandoned", "short_abandoned"),
    *("overflowed", "voicemail", "callback_requested", "blocked", "unknown", None),
)
SECONDS = st.sampled_from([0, 4, 5, 6, 19, 20, 21, 95, None]).map(lambda n: None if n is None else Decimal(n))
TIMES = ("queue_s", "talk_s", "hold_s", "acw_s", "ring_s")


@st.composite
def worlds(draw: st.DrawFn, most: int = 6, open_at_most: int = 3) -> Small:
    """A handful of links of two days and two queues, in every state, with a few that leave something open."""
    world, left = Small(), open_at_most
    for _ in range(draw(st.integers(1, most))):
        start, kind = draw(st.integers(0, 172_000)), draw(st.sampled_from(["pair", "pair", "vendor", "leg"]))
        kind = kind if left else "pair"
        state = {"in_month": draw(st.integers(0, 5)) > 0, "is_covered": draw(st.integers(0, 5)) > 0}
        leg = None if kind == "vendor" else world.leg(start, start, 1)
        call = None
        if kind == "leg":
            state |= {"is_absent": draw(st.integers(0, 5)) == 0}
            state |= {"match_class": draw(st.sampled_from(["inhouse_only", "inhouse_only", "no_number"]))}
        else:
            times = {name: draw(SECONDS) for name in TIMES}
            outcome = draw(st.sampled_from(OUTCOMES))
            is_loose = None in (times["queue_s"], times["ring_s"], outcome) or outcome == "unknown"
            if is_loose and not left:
                times, outcome = {name: times[name] or Decimal(7) for name in TIMES}, outcome or "answered"
                outcome = "abandoned" if outcome == "unknown" else outcome
            left -= is_loose and left > 0 and kind == "pair"
            queue, to = draw(st.sampled_from(["a", "b"])), draw(st.sampled_from([None, None, "8899"]))
            call = world.call(start, start + 60, 1, outcome=outcome, queue=queue, transfer_to=to, **times)
            if draw(st.integers(0, 9)) == 0:
                world.proven(call)
        left -= kind != "pair"
        world.link(call, leg, **state)
    return world


AGREED = [oracle.Agreed(20, "<=", 5), oracle.Agreed(20, "<", 5), oracle.Agreed(5, "<=", 5), oracle.Agreed(6, "<", 20)]


@settings(max_examples=40)
@given(world=worlds(), agreed=st.sampled_from(AGREED))
def test_every_share_and_its_bounds_are_those_of_all_completions(
    engine: Engine, world: Small, agreed: oracle.Agreed
) -> None:
    thresholds = (agreed.threshold, agreed.bound, agreed.short)
    tallies, _ = counted(engine, world, Rules("SL2", *thresholds))
    for tally in tallies:
        known = oracle.cases(world, tally.scope, agreed)
        for level in SERVICE_LEVELS:
            found = figures(tally, Rules(level, *thresholds), {})
            agrees(found["service_level"], level, known, agreed)
        for rate in ABANDON_RATES:
            agrees(
                figures(tally, Rules("SL2", *thresholds, abandon_rate=rate), {})["abandon_rate"], rate, known, agreed
            )
        found = figures(tally, Rules("SL2", *thresholds), {})
        for name in ("answered_pct", "short_abandon_rate"):
            agrees(found[name], name, known, agreed)
        records = [case for case in known if case.is_record]
        for name in ("queued_pct", "transfer_rate"):
            agrees(found[name], name, records, agreed)


def agrees(figure: Measured, name: str, known: Sequence[oracle.Case], agreed: oracle.Agreed) -> None:
    """Value and bounds are those of plain loops; what lacks a column is none of them."""
    if (figure.reason or "").startswith("column_missing"):
        return
    expected = oracle.ratio([oracle.adds(name, case.told, agreed) for case in known])
    low, high = oracle.ends([[oracle.adds(name, fate, agreed) for fate in case.fates] for case in known])
    same(figure, expected, low, high)


def same(figure: Measured, value: Fraction | None, low: Fraction | None, high: Fraction | None, per: int = 100) -> None:
    assert (figure.value is None) == (value is None), figure
    if value is None:
        return
    assert figure.value == pytest.approx(float(per * value)), figure
    assert (figure.low is None, figure.high is None) == (low is None, high is None), (figure, low, high)
    if low is not None and high is not None:
        assert (figure.low, figure.high) == pytest.approx((float(per * low), float(per * high))), figure


@settings(max_examples=30)
@given(world=worlds(), agreed=st.sampled_from(AGREED))
def test_counts_and_their_bounds(engine: Engine, world: Small, agreed: oracle.Agreed) -> None:
    rules = Rules("SL2", agreed.threshold, agreed.bound, agreed.short)
    for tally in counted(engine, world, rules)[0]:
        known = oracle.cases(world, tally.scope, agreed)
        records = [case for case in known if case.is_record]
        found = figures(tally, rules, {})
        if found["offered"].reason is not None:
            continue
        for name in ("attempts", "offered", "answered", "abandoned"):
            told = records if name in ("answered", "abandoned") else known
            may = records if name == "answered" else known
            value = sum(int(oracle.adds(name, case.told, agreed)[0]) for case in told)
            ways = [[int(oracle.adds(name, fate, agreed)[0]) for fate in case.fates] for case in may]
            ends = (sum(map(min, ways)), sum(map(max, ways)))
            bounds = (None, None) if ends == (value, value) else ends
            assert (found[name].value, found[name].low, found[name].high) == (value, *bounds), (name, tally.scope)


@settings(max_examples=60)
@given(world=worlds(), asa=st.sampled_from(["ASA1", "ASA2", "ASA3"]))
def test_every_mean_and_its_bounds_are_those_of_all_completions(engine: Engine, world: Small, asa: str) -> None:
    agreed, rules = oracle.Agreed(), Rules("SL2", 20, "<=", 5, asa=asa)
    tallies, doubts = counted(engine, world, rules)
    for tally in tallies:
        records = [case for case in oracle.cases(world, tally.scope, agreed) if case.is_record]
        found = figures(tally, rules, doubts.get(tally.scope, {}))
        for name in (*oracle.MEANS, "ASA3"):
            if name.startswith("ASA") and name != asa:
                continue
            fates = [[_as_told(case, fate) for fate in case.fates] for case in records]
            ways = [[oracle.adds_to_mean(name, fate) for fate in own] for own in fates]
            told = oracle.ratio([oracle.adds_to_mean(name, case.told) for case in records])
            figure, per = found["asa" if name.startswith("ASA") else name], Fraction(1, 5 if name == "rings" else 1)
            same(figure, told, *oracle.ends(ways), per=per)  # type: ignore[arg-type]


def _as_told(case: oracle.Case, fate: oracle.Fate) -> oracle.Fate:
    """The fate with no time that was not told: a mean is over calls whose time is known."""
    if fate is None:
        return None
    named = next(own for own in case.fates if own is not None)
    told = case.told or named
    is_wait_told = len({own["wait"] for own in case.fates if own is not None}) == 1
    is_ring_told = len({own["ring"] for own in case.fates if own is not None}) == 1
    return {
        **{name: told[name] for name in ("talk_s", "hold_s", "acw_s")},
        "class": fate["class"],
        "wait": fate["wait"] if is_wait_told else None,
        "ring": fate["ring"] if is_ring_told else None,
    }
