"""A vendor beside in-house, other vendors and its last month: worked cases, and the step on a lake."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.calendar import Month
from pipelines.contract.workspace import Vendor, Workspace, load_workspace
from pipelines.lake import Lake
from pipelines.measure.compare.beside import Question, beside, shared_reasons, sides, verdict
from pipelines.measure.compare.step import write_comparisons
from pipelines.tables.compared import CALLER_GROUPS, COMPARISONS, PROFILES

ME, OCTOBER, SEPTEMBER = "south", Month("2026-10"), "2026-09"
WORKSPACE = Path(__file__).parents[1] / "contract" / "workspace"
Row = dict[str, Any]
Counts = dict[str, tuple[int, int]]
"""Reason → calls, and those resolved."""


def asked(own: Counts, other: Counts, figure: str = "fcr_24h") -> list[Row]:
    """The comparison of callers who called once each."""
    rows = []
    for place, counts in enumerate((own, other)):
        for reason, (calls, resolved) in counts.items():
            for callers, counted in ((resolved, 1), (calls - resolved, 0)):
                unit = f"{place} {reason} {counted}"
                rows.append(
                    {
                        "unit": unit,
                        "callers": callers,
                        "place": place,
                        "reason": reason,
                        "contacts": 1,
                        "counted": counted,
                    }
                )
    both = shared_reasons(pl.DataFrame(rows).filter(pl.col("callers") > 0))
    reasons = tuple(sorted(both["reason"].unique()))
    return beside(Question(ME, "2026-10", figure, "inhouse"), sides(both, reasons), reasons)


def by_reason(rows: list[Row]) -> dict[str, str]:
    return {row["reason"]: row["verdict"] for row in rows if row["reason"]}


def test_a_vendor_that_gets_the_hard_calls_is_worse_raw_and_as_good_by_reason() -> None:
    """Both settle 95 % of the balance calls and 70 % of the complaints; the vendor gets most of the complaints.

    Raw: 750 of 1,000 against 900 of 1,000. With the vendor's reasons in-house would reach 75 %, too.
    """
    rows = asked(
        {"balance": (200, 190), "complaint": (800, 560)},
        {"balance": (800, 760), "complaint": (200, 140)},
    )
    whole = rows[0]
    assert whole["raw_difference"] == pytest.approx(-15.0)
    assert (whole["value"], whole["other_value"]) == pytest.approx((75.0, 75.0))
    assert (whole["is_standardised"], whole["verdict"]) == (True, "no_difference_shown")
    assert whole["ci_low"] < 0 < whole["ci_high"]
    assert whole["note"] == "standardised_to:own_mix"
    assert by_reason(rows) == {"balance": "no_difference_shown", "complaint": "no_difference_shown"}


def test_without_reasons_the_comparison_is_raw_and_says_so() -> None:
    rows = asked({"(none)": (1_000, 750)}, {"(none)": (1_000, 900)})
    assert len(rows) == 1
    assert (rows[0]["is_standardised"], rows[0]["verdict"]) == (False, "worse")
    assert rows[0]["note"] == "mix_not_allowed_for:reasons_missing"
    assert rows[0]["difference"] == rows[0]["raw_difference"] == pytest.approx(-15.0)


def test_which_reasons_the_vendor_handles_as_well_and_which_not() -> None:
    own = {"balance": (500, 480), "card": (500, 350), "loan": (500, 400)}
    rows = asked(own, {"balance": (500, 478), "card": (500, 450), "loan": (500, 402)})
    assert by_reason(rows) == {"balance": "no_difference_shown", "card": "worse", "loan": "no_difference_shown"}
    assert rows[0]["verdict"] == "worse"
    assert (rows[0]["n"], rows[0]["other_n"]) == (1_500, 1_500)


def test_one_small_difference_among_many_reasons_is_no_difference() -> None:
    """Alone it would be one: its interval leaves 0 out. Among ten reasons one such is to be expected by chance."""
    even = {f"reason {n}": (300, 240) for n in range(9)}
    rows = asked({**even, "card": (300, 219)}, {**even, "card": (300, 243)})
    (card,) = [row for row in rows if row["reason"] == "card"]
    assert card["ci_high"] < 0
    assert (card["verdict"], card["note"]) == ("no_difference_shown", "one_of_many_reasons")


def test_a_handful_of_callers_allows_no_claim() -> None:
    (whole, _) = asked({"card": (12, 3)}, {"card": (500, 450)})
    assert (whole["verdict"], whole["ci_low"], whole["ci_high"]) == ("too_few", None, None)
    assert whole["value"] == 25.0


def test_a_reason_that_few_have_is_left_out_and_named() -> None:
    rows = asked({"card": (900, 800), "rare": (60, 10)}, {"card": (900, 800), "rare": (5, 5)})
    assert rows[0]["note"] == "standardised_to:own_mix;left_out:rare"
    assert (rows[0]["n"], rows[0]["difference"]) == (900, 0.0)
    assert by_reason(rows)["rare"] == "too_few"


def test_where_most_calls_have_no_like_the_mix_is_not_allowed_for() -> None:
    rows = asked({"card": (100, 90), "loan": (900, 700)}, {"card": (900, 800), "loan": (9, 9)})
    assert (rows[0]["is_standardised"], rows[0]["note"]) == (False, "mix_not_allowed_for:too_few_by_reason")


def test_reasons_that_one_side_alone_keeps_apart_are_compared_as_the_rare_ones() -> None:
    rows = asked({"card": (400, 300), "loan": (400, 300)}, {"card": (400, 300), "(other)": (400, 320)})
    assert {row["reason"] for row in rows} == {"", "card", "(other)"}


@pytest.mark.parametrize(
    ("own", "other", "why"),
    [
        ({"card": (900, 800)}, {"(none)": (900, 800)}, "reasons_missing"),
        ({"card": (900, 800)}, {"tarjeta": (900, 800)}, "too_few_by_reason"),
        ({"card": (900, 800), "(other)": (50, 40)}, {"tarjeta": (900, 800), "(other)": (50, 40)}, "too_few_by_reason"),
    ],
)
def test_where_the_sides_name_no_reason_alike_the_comparison_is_raw(own: Counts, other: Counts, why: str) -> None:
    (whole, *_) = asked(own, other)
    assert (whole["is_standardised"], whole["note"]) == (False, f"mix_not_allowed_for:{why}")


def test_a_reason_that_the_other_side_never_has_is_left_out_by_its_name() -> None:
    rows = asked({"card": (900, 800), "claims": (40, 10)}, {"card": (900, 800)})
    assert rows[0]["note"] == "standardised_to:own_mix;left_out:claims"
    assert {row["reason"] for row in rows} == {"", "card"}


@pytest.mark.parametrize(
    ("figure", "low", "high", "said"),
    [
        ("fcr_24h", 0.01, 0.05, "better"),
        ("fcr_24h", -0.05, -0.01, "worse"),
        ("callback_inhouse_24h", 0.01, 0.05, "worse"),
        ("callback_inhouse_24h", -0.05, -0.01, "better"),
        ("fcr_24h", 0.0, 0.05, "no_difference_shown"),
    ],
)
def test_more_callbacks_are_worse_and_an_interval_that_touches_0_says_nothing(
    figure: str, low: float, high: float, said: str
) -> None:
    assert verdict(figure, low, high) == said


def groups(side: str, share: float, calls: int = 8, figure: str = "fcr_24h") -> pl.DataFrame:
    """256 groups of callers with so many calls each about one reason."""
    counted = [round(share * calls * (part + 1)) - round(share * calls * part) for part in range(256)]
    frame = pl.DataFrame({"part": range(256), "counted": counted})
    text = {"figure": figure, "side": side, "reason": "card"}
    return CALLER_GROUPS.fit(frame.with_columns(contacts=pl.lit(calls), **{k: pl.lit(v) for k, v in text.items()}))


def kinds(own: float, inhouse: float) -> pl.DataFrame:
    """A thousand callers a side with one call each about a card, resolved so often."""
    rows = []
    for at, (side, share) in enumerate(((ME, own), ("inhouse", inhouse))):
        for resolved, callers in ((1, round(1_000 * share)), (0, round(1_000 * (1 - share)))):
            told = {"window": "24h", "side": side, "reason": "card", "contacts": 1, "resolved": resolved}
            rows.append({**told, "profile": 2 * at + resolved, "callers": callers})
    return PROFILES.fit(pl.DataFrame(rows))


@pytest.fixture
def space() -> Workspace:
    """A workspace with the vendors south and north."""
    loaded = load_workspace(WORKSPACE)
    return replace(loaded, vendors={ME: loaded.vendors[ME], "north": loaded.vendors[ME]})


def filled(root: Path) -> Lake:
    """South resolves 90 % this month, 80 % in the last; north 90 %, in-house 95 %."""
    lake = Lake(root)
    lake.write(PROFILES, kinds(0.90, 0.95), "a", vendor=ME, month="2026-10")
    lake.write(CALLER_GROUPS, pl.concat([groups(ME, 0.9), groups("inhouse", 0.95)]), "a", vendor=ME, month="2026-10")
    lake.write(CALLER_GROUPS, groups("north", 0.9), "b", vendor="north", month="2026-10")
    lake.write(CALLER_GROUPS, pl.concat([groups(ME, 0.8), groups("inhouse", 0.1)]), "c", vendor=ME, month=SEPTEMBER)
    return lake


def test_the_step_compares_with_in_house_other_vendors_and_the_last_month(tmp_path: Path, space: Workspace) -> None:
    rows = write_comparisons(space, filled(tmp_path), ME, OCTOBER).filter(pl.col("reason") == "")
    found = {row["against"]: (row["verdict"], round(row["difference"], 1)) for row in rows.to_dicts()}
    assert found == {"inhouse": ("worse", -5.0), "north": ("no_difference_shown", 0.0), SEPTEMBER: ("better", 10.0)}
    assert all(row["ci_low"] < row["difference"] < row["ci_high"] for row in rows.to_dicts())


def test_a_comparison_is_made_anew_only_when_what_it_rests_on_changes(tmp_path: Path, space: Workspace) -> None:
    lake = filled(tmp_path)
    write_comparisons(space, lake, ME, OCTOBER)
    path = lake.path(COMPARISONS, vendor=ME, month="2026-10")
    before, made = path.read_bytes(), path.stat().st_mtime_ns
    write_comparisons(space, lake, ME, OCTOBER)
    assert path.stat().st_mtime_ns == made
    lake.write(CALLER_GROUPS, groups("north", 0.7), "d", vendor="north", month="2026-10")
    changed = write_comparisons(space, lake, ME, OCTOBER).filter(pl.col("against") == "north")
    assert changed["verdict"].to_list() == ["better", "better"]
    lake.write(CALLER_GROUPS, groups("north", 0.9), "b", vendor="north", month="2026-10")
    write_comparisons(space, lake, ME, OCTOBER)
    assert path.read_bytes() == before


def test_a_vendor_alone_in_its_first_month_is_compared_with_in_house_only(tmp_path: Path, space: Workspace) -> None:
    lake = filled(tmp_path)
    lake.drop(CALLER_GROUPS, vendor="north", month="2026-10")
    lake.drop(CALLER_GROUPS, vendor=ME, month=SEPTEMBER)
    assert set(write_comparisons(space, lake, ME, OCTOBER)["against"]) == {"inhouse"}
    lake.drop(PROFILES, vendor=ME, month="2026-10")
    lake.drop(CALLER_GROUPS, vendor=ME, month="2026-10")
    assert write_comparisons(space, lake, ME, OCTOBER).is_empty()


def test_a_unit_of_customers_is_told_beside_what_counts_calls(tmp_path: Path, space: Workspace) -> None:
    terms = space.vendors[ME].terms
    agreed = terms.of_month(OCTOBER.first, OCTOBER.last)
    by_customer = agreed.definitions.fcr.model_copy(update={"unit": "customers"})
    other = agreed.model_copy(update={"definitions": agreed.definitions.model_copy(update={"fcr": by_customer})})
    customers = replace(space.vendors[ME], terms=replace(terms, versions=(other,)))
    rows = write_comparisons(replace(space, vendors={ME: customers}), filled(tmp_path), ME, OCTOBER)
    assert rows.filter(pl.col("reason") == "")["note"].str.starts_with("counts_calls_not:customers;").all()


@pytest.mark.parametrize(
    ("update", "left"),
    [
        ({}, {"inhouse", "north", SEPTEMBER}),
        ({"reason": "same"}, {"inhouse", SEPTEMBER}),
        ({"transfer_grace_s": 0}, {"inhouse", SEPTEMBER}),
    ],
)
def test_figures_that_count_something_else_at_the_other_are_not_compared(
    tmp_path: Path, space: Workspace, update: dict[str, Any], left: set[str]
) -> None:
    """North's FCR takes only calls about the same for further ones: 90 % against 70 % would be no better a vendor."""
    lake = filled(tmp_path)
    lake.write(CALLER_GROUPS, groups("north", 0.7), "b", vendor="north", month="2026-10")
    assert set(write_comparisons(space, lake, ME, OCTOBER)["against"]) == {"inhouse", "north", SEPTEMBER}
    north = replace(space, vendors={ME: space.vendors[ME], "north": counting(space, **update)})
    assert set(write_comparisons(north, lake, ME, OCTOBER)["against"]) == left


def test_a_last_month_under_other_terms_is_not_compared(tmp_path: Path, space: Workspace) -> None:
    old, new = counting(space, reason="same").terms.versions[-1], counting(space).terms.versions[-1]
    versions = (old.model_copy(update={"since": date(2026, 1, 1)}), new.model_copy(update={"since": OCTOBER.first}))
    changed = replace(space.vendors[ME], terms=replace(space.vendors[ME].terms, versions=versions))
    found = write_comparisons(replace(space, vendors={ME: changed}), filled(tmp_path), ME, OCTOBER)
    assert set(found["against"]) == {"inhouse"}


def counting(space: Workspace, **update: Any) -> Vendor:
    """The vendor with other rules of first-contact resolution from the start."""
    terms = space.vendors[ME].terms
    agreed = terms.of_month(OCTOBER.first, OCTOBER.last)
    fcr = agreed.definitions.fcr.model_copy(update=update)
    other = agreed.model_copy(
        update={"definitions": agreed.definitions.model_copy(update={"fcr": fcr}), "since": date(2026, 1, 1)}
    )
    return replace(space.vendors[ME], terms=replace(terms, versions=(other,)))
