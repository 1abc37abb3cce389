"""The linker against a slow one that tries everything, in worlds that nobody chose: one world a day, many at once."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.link.worlds import Call, best, legs, linked, moment, records

TOLERANCE_S = 30
DAY_S = 86_400
CALLERS = 100
"""Numbers that one day's callers have to themselves."""
CLOCK = [(10 + number, 40_000.0 + 600 * number) for number in range(25)]
"""Callers who ring once, far from all others: they show the day's offset."""

AT = st.integers(30_000, 30_120).map(float)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Call], list[Call], int]:
    """A day's records by the vendor's clock, the client's legs, and the seconds between the clocks.

    Of each leg the vendor reports none, one or two records, up to 45 s apart from it, some without the number.
    """
    inhouse = draw(st.lists(st.tuples(st.sampled_from([1, 1, 1, 2, 3, None]), AT), max_size=9))
    delivered = [
        (None if draw(st.integers(0, 9)) == 0 else caller, at + draw(st.integers(-45, 45)))
        for caller, at in inhouse
        for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2])))
    ]
    padded = draw(st.lists(st.tuples(st.sampled_from([1, 2, 4, None]), AT), max_size=4))
    offset = draw(st.sampled_from([0, 0, 137, -3600, 28_800]))
    vendor = [(caller, at + offset) for caller, at in (*delivered, *padded, *CLOCK)]
    return vendor, [*inhouse, *CLOCK], offset


def on_day(day: int, calls: Sequence[Call]) -> list[Call]:
    """The calls on a day of their own, by callers of its own."""
    return [(caller and caller + CALLERS * day, at + DAY_S * day) for caller, at in calls]


Numbered = list[tuple[int, int | None, float]]


def unrivalled(vendor: Numbered, inhouse: Numbered) -> set[tuple[int, int]]:
    """Pairs of which one side shows no number, where neither has anybody else within the tolerance."""
    near = [
        (ours, theirs)
        for ours, who, at in vendor
        for theirs, whose, when in inhouse
        if None in (who, whose) and abs(at - when) <= TOLERANCE_S
    ]
    options, rivals = Counter(ours for ours, _ in near), Counter(theirs for _, theirs in near)
    return {(ours, theirs) for ours, theirs in near if options[ours] == rivals[theirs] == 1}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(days=st.lists(worlds(), min_size=1, max_size=10))
def test_no_choice_of_pairs_is_better(tmp_path: Path, days: list[tuple[list[Call], list[Call], int]]) -> None:
    for old in tmp_path.rglob("*.parquet"):
        old.unlink()
    vendor = [call for day, (calls, _, _) in enumerate(days) for call in on_day(day, calls)]
    inhouse = [call for day, (_, calls, _) in enumerate(days) for call in on_day(day, calls)]
    found = linked(tmp_path, records(vendor), legs(inhouse), tolerance_s=TOLERANCE_S)
    links = found.links

    assert found.offsets.sort("day")["offset_s"].to_list() == [offset for _, _, offset in days]
    assert sorted(links.filter(pl.col("side") != "inhouse")["row"]) == list(range(1, len(vendor) + 1))
    assert sorted(links["inhouse_row"].drop_nulls()) == list(range(1, len(inhouse) + 1))

    for day, (calls, passed_on, offset) in enumerate(days):
        start = moment(DAY_S * day).date()
        ours = [(n, who, at - offset) for n, (who, at) in enumerate(vendor, 1) if moment(at).date() == start]
        theirs = [(n, who, at) for n, (who, at) in enumerate(inhouse, 1) if moment(at).date() == start]
        here = links.filter(pl.col("row").is_in([n for n, _, _ in ours]) & (pl.col("side") == "pair"))
        by_number, by_time = (here.filter(pl.col("match_class") == name) for name in ("number", "time"))
        ideal = best(calls, passed_on, offset, TOLERANCE_S)
        assert by_number.height == ideal.pairs
        assert round(float(by_number["delta_s"].abs().sum()) * 1_000_000) == ideal.apart_us
        for row in by_number.iter_rows(named=True):
            record, leg = vendor[row["row"] - 1], inhouse[row["inhouse_row"] - 1]
            assert record[0] == leg[0]
            assert record[1] - offset - leg[1] == float(row["delta_s"])
        taken, gone = set(by_number["row"]), set(by_number["inhouse_row"])
        left = [call for call in ours if call[0] not in taken], [call for call in theirs if call[0] not in gone]
        assert set(by_time.select("row", "inhouse_row").rows()) == unrivalled(*left)


def test_the_slow_linker_itself() -> None:
    assert best([(1, 20.0), (1, 45.0)], [(1, 0.0), (1, 21.0)], 0, 30).pairs == 2
    assert best([(1, 20.0), (1, 45.0)], [(1, 0.0), (1, 21.0)], 0, 30).apart_us == 44_000_000
    assert best([(1, 137.0), (None, 137.0)], [(1, 0.0), (None, 0.0)], 137, 30).pairs == 1
    assert best([(1, 31.0)], [(1, 0.0)], 0, 30).pairs == 0
