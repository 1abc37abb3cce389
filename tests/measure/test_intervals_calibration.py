"""A small run of `make calibrate`: intervals hold the truth about as often as they say, and bounds always."""

import pytest

from tests.bench.calibrate import SITUATIONS, Line, Situation, line, markdown
from tests.bench.calibrate_bounds import Held, held_by_bounds

QUICK = [of for of in SITUATIONS if max(of.calls) <= 600]


@pytest.mark.parametrize("situation", QUICK, ids=lambda of: of.name)
def test_intervals_hold_the_truth_about_as_often_as_they_say(situation: Situation) -> None:
    found = line(situation, simulations=80)
    assert found.made > 60
    assert 0.88 <= found.share <= 1.0  # 80 draws allow no more; their seeds are fixed


def test_bounds_hold_the_truth_where_the_value_misses_it() -> None:
    found = held_by_bounds(4)
    assert found.held == found.worlds == 4
    assert found.missed > 0


def test_what_does_not_hold_93_to_97_percent_is_not_honest() -> None:
    assert [Line("x", 1_000, held, 0.1).is_honest for held in (929, 930, 970, 971)] == [False, True, True, False]


def test_the_page_tells_each_situation_and_the_bounds() -> None:
    page = markdown([Line("60 calls each", 1_000, 950, 0.35)], Held(10, 10, 7))
    assert "| 60 calls each | 1,000 | 95.0 % ± 1.4 | 35.0 points |" in page
    assert "held the truth in 10 of" in page
