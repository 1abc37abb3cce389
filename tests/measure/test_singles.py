"""Numbers that stand for one call each, and what resolution is among the others."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.engine import Engine
from pipelines.measure.resolution.singles import LEAST_CALLS, STEPS, single_kinds

KINDS = {"kind": pl.String(), "calls": pl.Int64(), "callers": pl.Int64()}


def kinds(*rows: tuple[str, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=KINDS, orient="row")


def test_a_thousand_calls_of_a_thousand_numbers_are_no_callers_where_others_ring_twice() -> None:
    assert single_kinds(kinds(("700", 1000, 1000), ("138", 900, 700))) == ["700"]


@pytest.mark.parametrize(
    "rows",
    [
        [("700", LEAST_CALLS - 1, LEAST_CALLS - 1), ("138", 900, 700)],
        [("700", 1000, 999), ("138", 900, 700)],
        [("700", 1000, 1000)],
        [("700", 1000, 1000), ("138", 900, 900)],
        [("700", 1000, 1000), ("138", 100_000, 99_000)],
    ],
    ids=["too few calls", "one rang twice", "nobody to compare with", "nobody rings twice", "others hardly ever do"],
)
def test_nothing_is_said_without_need(rows: list[tuple[str, int, int]]) -> None:
    assert single_kinds(kinds(*rows)) == []


CALL = st.tuples(
    st.sampled_from(["700", "138"]), st.integers(0, 20), st.booleans(), st.sampled_from([None, 50, 100, 101, 400])
)


@given(st.lists(CALL, max_size=25), st.sampled_from([99, 100, 1000]))
def test_the_split_is_that_of_a_plain_loop(drawn: list[tuple[str, int, bool, int | None]], end: int) -> None:
    """Ends at 0; windows of 100; the data end at `end`."""
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
        row = engine.run(STEPS / "single_numbers.sql", vendor="v", length_us=100, data_end_us=end).row(0, named=True)
    others = [call for call in drawn if call[0] != "700"] if end >= 100 else []
    resolved = [call for call in others if not call[2] and (call[3] is None or call[3] > 100)]
    assert (row["calls"], row["singles"] or 0) == (len(drawn), sum(call[0] == "700" for call in drawn))
    assert (row["closed"] or 0, row["resolved"] or 0) == (len(others), len(resolved))


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
    assert found.rows() == [("138", 3, 2), ("139", 1, 1)]
