"""Days and half hours that met the service level: on the client's clock, through nights and clock changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.measured import Measured
from pipelines.measure.scene import STEPS
from pipelines.measure.service.levels import SERVICE_LEVELS, Rules
from pipelines.measure.service.met import half_hours, half_hours_met, met
from tests.measure import service_oracle as oracle
from tests.measure.test_service import counted
from tests.measure.worlds import T0, Small

RULES = Rules("SL2", 20, "<=", 5)
BERLIN = "Europe/Berlin"
SPRING, AUTUMN = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)
"""When Berlin's clock goes from 2 to 3, and from 3 to 2."""


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine() as shared:
        shared._con.execute("SET threads = 1")
        yield shared


def of_halves(
    engine: Engine, world: Small, zone: str, target: float = 80, days: tuple[str, ...] = ()
) -> list[Measured]:
    """`sl_halfhours_met` of a world."""
    counted(engine, world, RULES)
    return half_hours_met(engine.run(STEPS / "service" / "service_quarters.sql"), zone, RULES, target, days)


def call(world: Small, moment: datetime, wait: int) -> None:
    """One call that both sides have, offered at that moment."""
    start = int((moment - T0).total_seconds())
    world.link(world.call(start, start + 60, 1, queue_s=Decimal(wait)), world.leg(start, start, 1))


def test_half_hours_of_a_day_with_25_hours() -> None:
    quarters = [int(AUTUMN.timestamp()) // 900 + n for n in range(-4, 4)]
    found = half_hours(pl.DataFrame({"quarter": quarters}), BERLIN)
    assert found["half"].n_unique() == 4  # 2:00 and 2:30, each twice
    assert {str(day) for day in found["day"]} == {"2026-10-25"}


def test_half_hours_of_a_zone_off_by_a_quarter() -> None:
    noon = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("Asia/Kathmandu")).timestamp()
    found = half_hours(pl.DataFrame({"quarter": [int(noon) // 900 + n for n in range(4)]}), "Asia/Kathmandu")
    assert [half - int(noon) for half in found["half"]] == [0, 0, 1800, 1800]


def test_a_call_on_the_bound_belongs_to_the_half_hour_that_begins(engine: Engine) -> None:
    world, noon = Small(), datetime(2026, 3, 10, 12, tzinfo=UTC)
    call(world, noon - timedelta(microseconds=0, seconds=1), 5)
    call(world, noon, 50)
    (found, day) = of_halves(engine, world, "UTC", days=("2026-03-10",))
    assert (found.value, found.n, found.definition) == (50.0, 2, "SL2 T=20 <= >= 80 %")
    assert (day.scope, day.value) == ("day:2026-03-10", 50.0)


def test_the_target_itself_is_met() -> None:
    world = [oracle_share(4, 5), oracle_share(3, 5)]
    assert met("sl_days_met", "all", world, RULES, 80).value == 50.0


def oracle_share(part: int, base: int):  # type: ignore[no-untyped-def]
    from pipelines.measure.service.tally import Share

    return Share(part, base, None, None, can_be_none=False)


MOMENTS = st.tuples(
    st.sampled_from([SPRING, AUTUMN]), st.sampled_from([-5400, -3600, -1800, -1, 0, 900, 1799, 1800, 3600])
)


@st.composite
def worlds(draw: st.DrawFn) -> Small:
    """Up to nine calls about a clock change, at most three of them without a leg or with no wait."""
    world, left = Small(), 3
    for _ in range(draw(st.integers(1, 9))):
        change, seconds = draw(MOMENTS)
        start = int((change - T0).total_seconds()) + seconds
        is_alone = left > 0 and draw(st.integers(0, 3)) == 0
        left -= is_alone
        outcome, wait = draw(st.sampled_from(["answered", "answered", "abandoned"])), draw(st.sampled_from([5, 20, 21]))
        made = world.call(start, start + 60, 1, outcome=outcome, queue_s=Decimal(wait), ring_s=Decimal(1))
        world.link(made, None if is_alone else world.leg(start, start, 1))
    return world


@settings(max_examples=60)
@given(world=worlds(), target=st.sampled_from([50.0, 66.7, 80.0, 100.0]))
def test_half_hours_are_those_of_plain_loops(engine: Engine, world: Small, target: float) -> None:
    agreed = oracle.Agreed()
    known = oracle.cases(world, "all", agreed)
    own = [[oracle.adds("SL2", fate, agreed) for fate in case.fates] for case in known]
    found = {_share_met(known, way, target) for way in product(*(sorted(set(pairs)) for pairs in own))} - {None}
    told = _share_met(known, [oracle.adds("SL2", case.told, agreed) for case in known], target)
    (figure, *_) = of_halves(engine, world, BERLIN, target)
    assert told is not None
    assert figure.value == pytest.approx(float(told))
    ends = (figure.value, figure.value) if figure.low is None else (figure.low, figure.high)
    assert ends == pytest.approx((float(min(found)), float(max(found))))  # type: ignore[type-var, arg-type]


def _share_met(known: list[oracle.Case], way: object, target: float) -> Fraction | None:
    """Percent of half hours on Berlin's wall clock that met the target."""
    halves: dict[object, list[oracle.Pair]] = {}
    for case, pair in zip(known, way, strict=True):  # type: ignore[call-overload]
        local = case.start.astimezone(ZoneInfo(BERLIN))
        halves.setdefault((local.date(), local.hour, local.minute // 30, local.fold), []).append(pair)
    levels = [level for pairs in halves.values() if (level := oracle.ratio(pairs)) is not None]
    return (
        Fraction(100 * sum(100 * level >= Fraction(str(target)) for level in levels), len(levels)) if levels else None
    )


def test_the_level_is_the_agreed_one() -> None:
    assert set(SERVICE_LEVELS) == {f"SL{n}" for n in range(1, 11)}
