"""Months disturbed as real deliveries are: calls are matched as exactly as they can be known, and nobody is accused
because the client's own log was silent. `make match-bench` measures the same on more worlds.
"""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from data.simulate import SMALL
from tests.bench.disturb import Disturbance, Disturbed, Leg, Record, Row, Source, Truth, disturb, read
from tests.bench.disturbed_world import BANK, World, bank_world, simulated_world
from tests.bench.knowable import knowable
from tests.bench.match_report import LEAST_PRECISION, LEAST_RECALL, accused, accused_near, precision, recall, share
from tests.bench.match_score import Counts
from tests.bench.matching import KEY, walk

BEGIN = datetime.fromisoformat("2026-10-05")
NOON = BEGIN + timedelta(hours=12)


def check(world: World) -> Counts:
    """The targets hold, and the world was one in which they could fail."""
    counts = walk(world)
    (right, made), (found, known) = precision(counts), recall(counts)
    assert right >= LEAST_PRECISION * made > 0, counts.wrong
    assert found >= LEAST_RECALL * known > 0, counts.misses
    assert accused_near(counts) == 0
    assert accused(counts, "vouched", "ghost") > 0
    assert accused(counts, "not vouched", "ghost") > 0
    assert counts.findings["vouched", "honest near missing", "none"] > 5
    assert min(counts.known[kind] for kind in ("number", "mask", "time")) > 20
    return counts


def test_a_simulated_month_is_matched_as_exactly_as_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", KEY)
    check(simulated_world(tmp_path / "world", 1, SMALL, Disturbance()))


@pytest.mark.skipif(not BANK.is_dir(), reason="needs ../shared/data/bank, a bank's real month")
def test_a_real_month_is_matched_as_exactly_as_it_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_KEY", KEY)
    counts = check(bank_world(tmp_path / "bank", "1999-01", 1, Disturbance()))
    assert max(counts.clock) <= 2.0


def plain_month() -> Source:
    """Ten days with a call every three minutes from 9 to 17, each of a caller of its own, queued two seconds late."""
    calls: list[Row] = []
    log: list[Row] = []
    for place in range(10 * 160):
        at = BEGIN + timedelta(days=place // 160, hours=9, minutes=3 * (place % 160))
        caller = f"05{place:08d}"
        log.append({"call_id": f"y{place}", "caller": caller, "arrived": str(at), "transferred": str(at)})
        queued, connected, ended = (str(at + timedelta(seconds=late)) for late in (2, 9, 69))
        times = {"queued_at": queued, "connected_at": connected, "ended_at": ended, "queue_s": "7", "talk_s": "60"}
        calls.append({"record": str(place + 1), "caller": caller, **times})
    return Source(calls, log, [row["call_id"] for row in log], lambda row: True, lambda text: text * text.isdigit())


@pytest.fixture(name="disturbed", scope="module")
def a_disturbed_month() -> Disturbed:
    return disturb(plain_month(), "7", Disturbance(lost=0.01, ghosts=0.02))


def test_as_much_is_disturbed_as_was_asked(disturbed: Disturbed) -> None:
    truth = disturbed.truth
    shown = Counter("mask" if "*" in record.shown else bool(record.shown) for record in truth.records)
    assert len(disturbed.calls) == len(truth.records) == 1584 + 32
    assert sum(record.leg is None for record in truth.records) == 32
    assert (shown["mask"], shown[False]) == (round(0.05 * 1616), round(0.02 * 1616))
    assert len(truth.missing) == 2
    assert len({start.date() for start, _ in truth.missing}) == 2
    assert 36 <= len(truth.silenced) <= 42
    assert 1600 - 16 - len(truth.silenced) <= len(disturbed.log) <= 1600 - len(truth.silenced) - 14
    arrivals = [read(row["arrived"]) for row in disturbed.log]
    assert not [at for at in arrivals for start, end in truth.missing if start <= at < end]


def test_each_row_has_its_truth(disturbed: Disturbed) -> None:
    legs = {row["call_id"]: row for row in plain_month().log}
    for row, record in zip(disturbed.calls, disturbed.truth.records, strict=True):
        assert record.offset_s == pytest.approx(137 + 2 * (record.at - BEGIN).total_seconds() / 86_400)
        assert (read(row["queued_at"]) - record.at).total_seconds() == round(record.offset_s)
        if record.leg is not None:
            assert record.at == read(legs[record.leg]["transferred"]) + timedelta(seconds=2)
            assert all(a in ("*", b) for a, b in zip(record.shown, legs[record.leg]["caller"], strict=False))
        elif record.shown:
            assert record.is_answered
            assert record.shown[:3] == "050"


def test_the_same_seed_disturbs_alike_and_another_does_not(disturbed: Disturbed) -> None:
    by = Disturbance(lost=0.01, ghosts=0.02)
    assert disturb(plain_month(), "7", by) == disturbed
    assert disturb(plain_month(), "8", by) != disturbed


WHOLE, OTHER, MASKED, CONTRARY = "0521234567", "0549999999", "052***4567", "052***0000"


@pytest.mark.parametrize(
    ("records", "legs", "expected"),
    [
        pytest.param([(0, WHOLE, "a")], [(0, "a", WHOLE)], {1}, id="one call"),
        pytest.param([(31, WHOLE, "a")], [(0, "a", WHOLE)], set(), id="beyond the tolerance"),
        pytest.param([(0, WHOLE, "lost")], [(0, "a", WHOLE)], set(), id="its leg was not delivered"),
        pytest.param(
            [(0, WHOLE, "a"), (20, WHOLE, "b")], [(0, "a", WHOLE), (20, "b", WHOLE)], {1, 2}, id="twice, 20 s apart"
        ),
        pytest.param(
            [(1, WHOLE, "a"), (1, WHOLE, "b")], [(0, "a", WHOLE), (2, "b", WHOLE)], set(), id="twice, at one moment"
        ),
        pytest.param(
            [(12, WHOLE, "a")], [(0, "a", WHOLE), (20, "b", WHOLE)], set(), id="nearer to the leg of a lost record"
        ),
        pytest.param(
            [(0, WHOLE, "a"), (9, WHOLE, None)], [(0, "a", WHOLE)], {1}, id="a ghost of that number beside it"
        ),
        pytest.param([(0, MASKED, "a")], [(0, "a", WHOLE), (5, "b", OTHER)], {1}, id="the other leg's digits differ"),
        pytest.param(
            [(0, MASKED, "a"), (0, CONTRARY, "b")],
            [(0, "a", WHOLE), (5, "b", "0529990000")],
            {1, 2},
            id="two masks, each with its leg",
        ),
        pytest.param([(0, MASKED, "a")], [(0, "a", WHOLE), (9, "b", WHOLE)], set(), id="two legs that agree"),
        pytest.param(
            [(0, MASKED, "a"), (9, WHOLE, "b")],
            [(0, "a", WHOLE), (9, "b", WHOLE)],
            {1, 2},
            id="a caller's two calls, one masked",
        ),
        pytest.param([(0, "", "a")], [(0, "a", WHOLE)], {1}, id="withheld, alone"),
        pytest.param([(0, "", "a")], [(0, "a", WHOLE), (9, "b", OTHER)], set(), id="withheld, beside a lone leg"),
        pytest.param(
            [(0, "", "a"), (9, OTHER, "b")],
            [(0, "a", WHOLE), (9, "b", OTHER)],
            {1, 2},
            id="withheld, beside a call that is known",
        ),
        pytest.param([(0, "", "a"), (9, "", "b")], [(0, "a", WHOLE)], set(), id="two withheld records for one leg"),
        pytest.param([(0, WHOLE, "a")], [(0, "a", "")], {1}, id="withheld on the client's side"),
        pytest.param([(0, WHOLE, "a"), (9, OTHER, None)], [(0, "a", "")], set(), id="the same, a ghost beside it"),
    ],
)
def test_what_can_be_known(
    records: list[tuple[int, str, str | None]], legs: list[tuple[int, str, str]], expected: set[int]
) -> None:
    truth = Truth(
        records=tuple(
            Record(row, NOON + timedelta(seconds=late), 0.0, shown, leg, True)
            for row, (late, shown, leg) in enumerate(records, 1)
        ),
        legs=tuple(Leg(call_id, NOON + timedelta(seconds=late), number) for late, call_id, number in legs),
        missing=(),
        silenced=frozenset(),
    )
    assert knowable(truth, 30) == expected


def test_shares_carry_their_intervals() -> None:
    assert share(0, 0) == "-"
    assert share(95, 100) == "95.000 % (88.825 to 97.846), 95 of 100"  # Wilson's interval, as tables give it
