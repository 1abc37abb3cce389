"""Numbers that stand for one call each, and what resolution is among the others."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.measured import Measured
from pipelines.measure.resolution.singles import LEAST_CALLS, STEPS, single_kinds, split_figures

KINDS = {"kind": pl.String(), "calls": pl.Int64(), "callers": pl.Int64(), "again": pl.Int64()}


def kinds(*rows: tuple[str, int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=KINDS, orient="row")


def test_a_thousand_calls_of_a_thousand_numbers_are_no_callers_where_others_ring_twice() -> None:
    assert single_kinds(kinds(("700", 1000, 1000, 0), ("138", 900, 700, 200))) == ["700"]


def test_a_switchboard_that_rings_all_day_makes_no_other_callers_suspect() -> None:
    """5,000 of the calls are one number's; of the other 4,990 callers ten rang twice, so that 250 need none who did."""
    assert single_kinds(kinds(("188", 250, 250, 0), ("138", 10_000, 4_991, 11))) == []


@pytest.mark.parametrize(
    "rows",
    [
        [("700", LEAST_CALLS - 1, LEAST_CALLS - 1, 0), ("138", 900, 700, 200)],
        [("700", 1000, 999, 1), ("138", 900, 700, 200)],
        [("700", 1000, 1000, 0)],
        [("700", 1000, 1000, 0), ("138", 900, 900, 0)],
        [("700", 1000, 1000, 0), ("138", 100_000, 99_000, 1000)],
    ],
    ids=["too few calls", "one rang twice", "nobody to compare with", "nobody rings twice", "others hardly ever do"],
)
def test_nothing_is_said_without_need(rows: list[tuple[str, int, int, int]]) -> None:
    assert single_kinds(kinds(*rows)) == []


SPLIT = {"kind": pl.String(), "calls": pl.Int64(), "came_again": pl.Int64(), "still_open": pl.Int64(),
         "closed": pl.Int64(), "resolved": pl.Int64()}  # fmt: skip


def split(*rows: tuple[str | None, int, int, int, int, int]) -> tuple[list[Measured], list[Measured]]:
    return split_figures(pl.DataFrame(rows, schema=SPLIT, orient="row"), "24h", "window_open:2026-11-02")


def test_the_share_of_single_numbers_and_resolution_among_the_others() -> None:
    (share,), (others,) = split(("700", 300, 0, 0, 300, 300), (None, 700, 200, 0, 700, 560))
    assert (share.value, share.n, share.reason) == (30.0, 1000, "numbers:700")
    assert (others.id, others.value, others.n) == ("fcr_other_numbers_24h", 80.0, 700)
    assert (others.status, others.reason) == ("final", None)


def test_resolution_among_the_others_is_provisional_as_long_as_a_window_is_open() -> None:
    _, (others,) = split(("700", 300, 0, 0, 300, 300), (None, 700, 200, 50, 650, 520))
    assert (others.status, others.reason, others.n) == ("provisional", "window_open:2026-11-02", 650)


def test_numbers_that_come_again_elsewhere_are_callers_like_others() -> None:
    """Nobody of 700 rings this vendor twice, for whoever rings again is taken by our own staff."""
    assert split(("700", 300, 1, 0, 300, 299), (None, 700, 200, 0, 700, 560)) == ([], [])
    (share,), (others,) = split(("601", 50, 9, 0, 50, 41), ("700", 300, 0, 0, 300, 300), (None, 650, 0, 0, 650, 609))
    assert (share.value, others.value, others.n) == (30.0, pytest.approx(100 * 650 / 700), 700)


CALL = st.tuples(
    st.sampled_from(["700", "138"]), st.integers(0, 20), st.booleans(), st.sampled_from([None, 50, 100, 101, 400, 401])
)


@given(st.lists(CALL, max_size=25), st.sampled_from([99, 100, 1000]))
def test_the_split_is_that_of_a_plain_loop(drawn: list[tuple[str, int, bool, int | None]], end: int) -> None:
    """Ends at 0; windows of 100; the data end at `end`, the month at 401."""
    base = {"side": "v", "file_id": "f", "ends_us": 0}
    followed = pl.DataFrame(
        [
            {**base, "row": n, "caller_key": key, "is_handed_back": back, "next_us": after}
            for n, (_, key, back, after) in enumerate(drawn)
        ],
        schema={"side": pl.String(), "file_id": pl.String(), "ends_us": pl.Int64(), "row": pl.Int64(),
                "caller_key": pl.UInt64(), "is_handed_back": pl.Boolean(), "next_us": pl.Int64()},
    )  # fmt: skip
    masks = pl.DataFrame(
        [{"file_id": "f", "row": n, "caller_mask": f"{kind}*****12"} for n, (kind, *_) in enumerate(drawn)],
        schema={"file_id": pl.String(), "row": pl.Int64(), "caller_mask": pl.String()},
    )
    with Engine() as engine:
        engine.frame("followed", followed)
        engine.frame("vendor_calls", masks)
        engine.frame("single_kinds", pl.DataFrame({"kind": ["700"]}))
        spans = {"length_us": 100, "data_end_us": end, "month_end_us": 401}
        rows = engine.run(STEPS / "single_numbers.sql", vendor="v", **spans).to_dicts()
    found = {row["kind"]: [row[name] for name in list(SPLIT)[1:]] for row in rows}
    expected = {}
    for kind in {call[0] for call in drawn}:
        own = [call for call in drawn if call[0] == kind]
        resolved = [call for call in own if not call[2] and (call[3] is None or call[3] > 100)] if end >= 100 else []
        over = (0, len(own)) if end >= 100 else (len(own), 0)
        counts = [len(own), sum(call[3] is not None and call[3] < 401 for call in own), *over, len(resolved)]
        expected["700" if kind == "700" else None] = counts
    assert found == expected


def test_kinds_are_counted_in_the_audited_month_alone() -> None:
    rows = [("138", 1, "2026-10", "number"), ("138", 1, "2026-10", "number"), ("138", 2, "2026-10", "number")]
    rows += [("138", 3, "2026-11", "number"), ("138", 4, "2026-10", "masked"), ("139", 5, "2026-10", "number")]
    calls = pl.DataFrame(
        [
            {"caller_mask": f"{kind}*****12", "caller_key": key, "audit_month": month, "caller_kind": what}
            for kind, key, month, what in rows
        ],
        schema_overrides={"caller_key": pl.UInt64()},
    )
    with Engine() as engine:
        engine.frame("vendor_calls", calls)
        found = engine.run(STEPS / "number_kinds.sql", month="2026-10").sort("kind")
    assert found.rows() == [("138", 3, 2, 1), ("139", 1, 1, 0)]
