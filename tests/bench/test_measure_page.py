"""The measure step's section of the benchmark's page: it replaces itself and leaves the rest alone."""

import pytest

from tests.bench.link_told import OTHERS, Measured
from tests.bench.measure import as_markdown, bounds, with_section

SECTION = f"{OTHERS}\n\nnew\n"
LINKING = "# Benchmark of the link step\n\ntold\n"


@pytest.mark.parametrize(
    ("page", "written"),
    [
        (LINKING, f"{LINKING}\n{SECTION}"),
        (f"{LINKING}\n{OTHERS}\n\nold\n", f"{LINKING}\n{SECTION}"),
        (f"{LINKING}\n{OTHERS}\n\nold\n\n## Last\n\nword\n", f"{LINKING}\n{SECTION}\n## Last\n\nword\n"),
    ],
)
def test_the_section_takes_its_earlier_ones_place(page: str, written: str) -> None:
    assert with_section(page, SECTION) == written
    assert with_section(written, SECTION) == written


def taken(**seconds: float) -> list[Measured]:
    names = {name.replace("_", "-"): best for name, best in seconds.items()}
    return [Measured(name, [best], [best], [1024.0]) for name, best in names.items()]


@pytest.mark.parametrize(("figures", "holds"), [(24.0, True), (24.1, False)])
def test_all_sides_together_are_held_against_the_quicker_floor(figures: float, holds: bool) -> None:
    items = taken(floor_duckdb=11.0, floor_polars=10.0, contacts=10.0, figures=figures, comparisons=6.0)
    assert [bound.holds for bound in bounds(10_000_000, items)] == [holds, True]
    assert "**no**" in as_markdown(10_000_000, items) or holds


def test_a_small_world_is_asked_for_no_ratio() -> None:
    items = taken(floor_duckdb=0.4, figures=9.0)
    assert [bound.asked for bound in bounds(100_000, items)] == ["under 4 GB of memory"]
